{{ config(materialized='view', contract={'enforced': false}) }}
{{ multi_active_versions(ref('sat_customer_phones'), 'customer_hk', ['phone'], ['phone_kind'], ['log_partition', 'log_offset']) }}
