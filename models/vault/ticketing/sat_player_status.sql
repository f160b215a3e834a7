-- Grain: one row per change of a player between there and deleted.
{{ status_tracking_satellite(
    key='player_hk',
    business_keys=['mlb_id'],
    source=ref('stg_dms__mlb_data'),
    position=['change_order'],
) }}
