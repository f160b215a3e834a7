{{ config(materialized='view', contract={'enforced': false}) }}
{{ satellite_versions(ref('sat_favourite'), 'favourite_hk', ['customer_hk', 'product_hk', 'is_effective'], ['log_partition', 'log_offset']) }}
