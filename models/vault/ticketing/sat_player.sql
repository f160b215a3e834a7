-- Grain: one row per version of a player.
{{ satellite(
    key='player_hk',
    business_keys=['mlb_id'],
    payload=[
        'mlb_name', 'mlb_pos', 'mlb_team', 'mlb_team_long', 'bats', 'throws',
    ],
    source=ref('stg_dms__mlb_data'),
    position=['change_order'],
) }}
