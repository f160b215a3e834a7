{{ config(materialized='view', contract={'enforced': false}) }}
{{ satellite_versions(ref('sat_region'), 'region_hk', ['amount'], ['log_partition', 'log_offset']) }}
