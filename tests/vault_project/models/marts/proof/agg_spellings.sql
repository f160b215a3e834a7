-- Grain: client as others spell it.
{{ config(contract={'enforced': false}) }}
{{ incremental_aggregate(
    key='spelling_hk',
    group_by={'client': 'client'},
    measures={'records': 'cast(count(distinct log_offset) as bigint)'},
    columns=['log_offset'],
    source=ref('stg_proof__others'),
) }}
