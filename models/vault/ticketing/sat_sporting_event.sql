-- Grain: one row per version of a sporting event.
{{ satellite(
    key='sporting_event_hk',
    business_keys=['id'],
    payload=[
        'sport_type_name', 'home_team_id', 'away_team_id', 'location_id', 'start_date_time',
        'sold_out',
    ],
    source=ref('stg_dms__sporting_event'),
    position=['change_order'],
    timestamps=['start_date_time'],
) }}
