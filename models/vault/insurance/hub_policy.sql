-- Grain: one row per policy ever named, and the zero key.
{{ hub(
    key='policy_hk',
    business_keys=['policy_id'],
    sources=[{'relation': ref('stg_dms__policies')}],
) }}
