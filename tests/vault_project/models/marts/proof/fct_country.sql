{{ config(materialized='view', contract={'enforced': false}) }}
{{ satellite_versions(ref('sat_country'), 'country', ['state'], ['log_partition', 'log_offset']) }}
