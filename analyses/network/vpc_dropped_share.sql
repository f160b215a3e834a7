-- Which share of the traffic was dropped, day by day: of the flows and of the bytes. Records without data are counted and in no share.
with

hours as (

    select * from {{ ref('agg_vpc_interface_hours') }}

)

select
    cast(started_hour as date) as started_on,
    sum(flows) as flows,
    sum(rejected_flows) as rejected_flows,
    {{ share_of('sum(rejected_flows)', 'sum(flows)') }} as rejected_flow_share,
    sum(bytes) as bytes,
    sum(rejected_bytes) as rejected_bytes,
    {{ share_of('sum(rejected_bytes)', 'sum(bytes)') }} as rejected_byte_share,
    sum(no_data_records) as no_data_records,
    sum(skipped_records) as skipped_records
from hours
group by cast(started_hour as date)
order by started_on
