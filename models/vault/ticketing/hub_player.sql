-- Grain: one row per player ever named, and the zero key.
{{ hub(
    key='player_hk',
    business_keys=['player_id'],
    sources=[{'relation': ref('stg_dms__mlb_data'), 'business_keys': ['mlb_id']}],
) }}
