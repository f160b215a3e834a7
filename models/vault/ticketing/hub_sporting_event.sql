-- Grain: one row per sporting event ever named, and the zero key.
{{ hub(
    key='sporting_event_hk',
    business_keys=['sporting_event_id'],
    sources=[{'relation': ref('stg_dms__sporting_event'), 'business_keys': ['id']}],
) }}
