-- Grain: one row per version of a sporting event; each moment has one. Unknown and not applicable members included.
{{ slowly_changing_dimension(
    type=2,
    key='sporting_event_hk',
    version_key='sporting_event_version_key',
    hub=ref('hub_sporting_event'),
    business_keys=['sporting_event_id'],
    satellites=[
        {
            'relation': ref('sat_sporting_event'),
            'payload': [
                'sport_type_name', 'home_team_id', 'away_team_id', 'location_id',
                'start_date_time', 'sold_out',
            ],
            'position': ['change_order'],
        },
        {'relation': ref('sat_sporting_event_status'), 'payload': ['is_deleted'], 'position': ['change_order']},
    ],
) }}
