{{ config(materialized='view', contract={'enforced': false}) }}
{{ satellite_versions(ref('sat_customer_status'), 'customer_hk', ['is_deleted'], ['log_partition', 'log_offset']) }}
