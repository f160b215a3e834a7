-- Grain: one row per change of a sporting event between there and deleted.
{{ status_tracking_satellite(
    key='sporting_event_hk',
    business_keys=['id'],
    source=ref('stg_dms__sporting_event'),
    position=['change_order'],
) }}
