{{ config(tags=['hourly']) }}
-- Grain: one row per change of an object, each accepted once.
{{ accepted_changes(
    feed='object',
    delivered=ref('delivered_dms__object'),
) }}
