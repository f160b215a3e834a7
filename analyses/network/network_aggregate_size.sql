-- How small the table of attacks is against the samples that it is made of: rows, and values (rows by columns), as shares of the samples of attacks.
with

samples as (

    select cast(count(*) as bigint) as samples
    from {{ ref('fct_packet_samples') }}
    where attack_id is not null

),

days as (

    select cast(count(*) as bigint) as attack_days
    from {{ ref('agg_network_attack_days') }}

),

attacks as (

    select cast(count(*) as bigint) as attacks
    from {{ ref('agg_network_attacks') }}

)

-- of the first table 19 columns, of the second one 39
select
    samples.samples,
    days.attack_days,
    attacks.attacks,
    {{ share_of('days.attack_days', 'samples.samples') }} as attack_day_row_share,
    {{ share_of('days.attack_days * 39', 'samples.samples * 19') }} as attack_day_value_share
from samples
cross join days
cross join attacks
