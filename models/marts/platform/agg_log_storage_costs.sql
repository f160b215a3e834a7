-- Grain: one row per way to keep logs (ref_log_scenarios) and type of data node (ref_log_nodes): nodes, and dollars a year by part.
{%- set rules = log_costs() %}
with

scenarios as (

    select
        scenario,
        pricing,
        copies,
        {%- for days in ('hot_days', 'warm_days', 'cold_days', 'object_days') %}
        cast({{ days }} as {{ float_type() }}) as {{ days }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('ref_log_scenarios') }}

),

nodes as (

    select
        node_type,
        tier,
        cast(storage_gb as {{ float_type() }}) as storage_gb,
        cast(on_demand_per_hour as {{ float_type() }}) * 8760 as on_demand_dollars,
        cast(reserved_upfront as {{ float_type() }}) / reserved_years as reserved_dollars,
        cast(block_storage_gb_month as {{ float_type() }}) * 12 as block_storage_gb_year,
        cast(object_storage_gb_month as {{ float_type() }}) * 12 as object_storage_gb_year
    from {{ ref('ref_log_nodes') }}

),

-- gigabytes: an index is larger than its source; data nodes keep room free, S3 does not
sized as (

    select
        scenarios.scenario,
        data_nodes.node_type,
        scenarios.copies,
        scenarios.pricing,
        data_nodes.storage_gb,
        data_nodes.block_storage_gb_year,
        data_nodes.object_storage_gb_year,
        case when scenarios.pricing = 'reserved' then data_nodes.reserved_dollars else data_nodes.on_demand_dollars end as node_dollars,
        warm_nodes.storage_gb as warm_storage_gb,
        warm_nodes.on_demand_dollars as warm_node_dollars,
        warm_nodes.object_storage_gb_year as warm_gb_year,
        {{ rules.index_gb_per_day }} * scenarios.hot_days as hot_index_gb,
        {{ rules.index_gb_per_day }} * {{ 1 + rules.free_space }} * scenarios.hot_days * scenarios.copies as hot_gb,
        {{ rules.index_gb_per_day }} * scenarios.warm_days as warm_gb,
        {{ rules.index_gb_per_day }} * scenarios.cold_days as cold_gb,
        {{ rules.source_gb_per_day }} * {{ rules.parquet_share }} * scenarios.object_days as parquet_gb
    from scenarios
    cross join nodes as data_nodes
    cross join nodes as warm_nodes
    where data_nodes.tier = 'data' and warm_nodes.tier = 'warm'

),

-- data nodes come in as many as there are zones
counted as (

    select
        sized.*,
        {{ rules.zones }} * cast(ceil(hot_gb / ({{ rules.zones }} * storage_gb)) as bigint) as data_nodes,
        cast(ceil(warm_gb / warm_storage_gb) as bigint) as warm_nodes
    from sized

),

priced as (

    select
        counted.*,
        data_nodes * node_dollars + hot_gb * block_storage_gb_year as hot_dollars,
        warm_nodes * warm_node_dollars as warm_dollars,
        hot_index_gb * object_storage_gb_year + warm_gb * warm_gb_year as object_storage_dollars,
        cold_gb * warm_gb_year as cold_dollars,
        parquet_gb * {{ rules.parquet_gb_month }} * 12 as parquet_dollars,
        case when parquet_gb > 0 then {{ rules.direct_query_per_year }} else 0 end as direct_query_dollars
    from counted

),

totals as (

    select
        priced.*,
        hot_dollars + warm_dollars + object_storage_dollars + cold_dollars + parquet_dollars + direct_query_dollars as total_dollars
    from priced

)

select
    cast(scenario as {{ text_type(256) }}) as scenario,
    cast(node_type as {{ text_type(256) }}) as node_type,
    copies,
    hot_gb,
    data_nodes,
    warm_nodes,
    hot_dollars,
    warm_dollars,
    object_storage_dollars,
    cold_dollars,
    parquet_dollars,
    cast(direct_query_dollars as {{ float_type() }}) as direct_query_dollars,
    total_dollars,
    max(total_dollars) over () / total_dollars as times_cheaper,
    1 - total_dollars / max(total_dollars) over () as reduction
from totals
