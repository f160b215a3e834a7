{{ config(materialized='view', contract={'enforced': false}) }}
{{ satellite_versions(ref('sat_customer_class'), 'customer_hk', ['is_first_class'], ['log_partition', 'log_offset'], where="rule_version = '" ~ var('class_rule', '1') ~ "'") }}
