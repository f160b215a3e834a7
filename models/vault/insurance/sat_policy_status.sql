-- Grain: one row per change of a policy between there and deleted.
{{ status_tracking_satellite(
    key='policy_hk',
    business_keys=['policy_id'],
    source=ref('stg_dms__policies'),
    position=['change_order'],
) }}
