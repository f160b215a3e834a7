{{ config(tags=['hourly']) }}
-- Grain: one row per change of a player, each accepted once.
{{ accepted_changes(
    feed='mlb_data',
    delivered=ref('delivered_dms__mlb_data'),
) }}
