{{ config(materialized='view', contract={'enforced': false}) }}
{{ satellite_versions(ref('sat_offer'), 'offer_hk', ['customer_hk', 'country_hk', 'product_hk', 'is_effective'], ['log_partition', 'log_offset']) }}
