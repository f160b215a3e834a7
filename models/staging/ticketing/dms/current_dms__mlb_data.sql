{{ config(tags=['hourly']) }}
-- Grain: one row per player as it is now.
{{ current_state(
    feed='mlb_data',
    history=ref('history_dms__mlb_data'),
) }}
