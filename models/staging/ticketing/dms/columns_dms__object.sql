{{ config(tags=['hourly']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='object',
    delivered=ref('delivered_dms__object'),
) }}
