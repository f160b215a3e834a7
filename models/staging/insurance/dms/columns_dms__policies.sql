{{ config(tags=['daily']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='policies',
    delivered=ref('delivered_dms__policies'),
) }}
