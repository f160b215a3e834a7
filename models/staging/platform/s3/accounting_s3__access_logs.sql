{{ config(tags=['daily']) }}
-- Grain: one row per load of access logs; requests are what is counted.
{{ load_accounting(
    landing=ref('copy_s3_access_logs'),
    delivered=ref('delivered_s3__access_logs'),
    counted_by='requests',
) }}
