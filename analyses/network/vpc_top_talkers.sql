-- The twenty pairs of source and destination with most bytes. Where both ends of a pair are logged, each packet is in two records: what counts is the
-- interface that saw most of the pair.
with

flows as (

    select * from {{ ref('fct_vpc_flows') }}
    where is_flow

),

seen as (

    select
        interface_id,
        source_ip,
        destination_ip,
        count(*) as flows,
        sum(packets) as packets,
        sum(bytes_transferred) as bytes_transferred,
        sum(case when is_rejected then bytes_transferred else 0 end) as rejected_bytes,
        row_number() over (
            partition by source_ip, destination_ip order by sum(bytes_transferred) desc, interface_id asc
        ) as interface_rank
    from flows
    group by interface_id, source_ip, destination_ip

),

ranked as (

    select
        seen.*,
        row_number() over (order by bytes_transferred desc, source_ip asc, destination_ip asc) as pair_rank
    from seen
    where interface_rank = 1

)

select
    pair_rank,
    source_ip,
    destination_ip,
    interface_id,
    flows,
    packets,
    bytes_transferred,
    {{ share_of('rejected_bytes', 'bytes_transferred') }} as rejected_byte_share
from ranked
where pair_rank <= 20
order by pair_rank
