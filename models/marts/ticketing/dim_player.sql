-- Grain: one row per version of a player; each moment has one. Unknown and not applicable members included.
{{ slowly_changing_dimension(
    type=6,
    key='player_hk',
    version_key='player_version_key',
    hub=ref('hub_player'),
    business_keys=['player_id'],
    satellites=[
        {
            'relation': ref('sat_player'),
            'payload': [
                'mlb_name', 'mlb_pos', 'mlb_team', 'mlb_team_long', 'bats', 'throws',
            ],
            'position': ['change_order'],
        },
        {'relation': ref('sat_player_status'), 'payload': ['is_deleted'], 'position': ['change_order']},
    ],
) }}
