{{ config(tags=['hourly']) }}
-- Grain: one row per change of a player, with the time it was valid.
{{ change_history(
    feed='mlb_data',
    changes=ref('stg_dms__mlb_data'),
) }}
