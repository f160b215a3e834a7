{{ config(materialized='view', contract={'enforced': false}) }}
{{ relationship_sets(ref('sat_basket'), 'basket_hk', ['customer_hk'], ['product_hk'], ['log_partition', 'log_offset']) }}
