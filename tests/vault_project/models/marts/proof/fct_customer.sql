{{ config(materialized='view', contract={'enforced': false}) }}
{{ satellite_versions(ref('sat_customer'), 'customer_hk', ['state', 'is_active', 'changed_at', 'customer_version_key'], ['log_partition', 'log_offset']) }}
