{{ config(materialized='view', contract={'enforced': false}, pre_hook=[], post_hook=[]) }}
{{ satellite_versions(ref('sat_customer_status'), 'customer_hk', ['is_deleted'], ['log_partition', 'log_offset']) }}
