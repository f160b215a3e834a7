{{ config(materialized='view', contract={'enforced': false}) }}
{{ satellite_versions(ref('sat_district'), ['customer_id', 'country'], ['state'], ['log_partition', 'log_offset']) }}
