{{ config(tags=['daily']) }}
-- Grain: one row per sold item as it is now.
{{ current_state(
    feed='store_sales',
    history=ref('history_s3__store_sales'),
) }}
