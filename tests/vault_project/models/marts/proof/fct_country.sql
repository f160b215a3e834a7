{{ config(materialized='view', contract={'enforced': false}, pre_hook=[], post_hook=[]) }}
{{ satellite_versions(ref('sat_country'), 'country', ['state'], ['log_partition', 'log_offset']) }}
