-- How small the table of attacks is against the samples that it is made of: rows, and values (rows by columns), as shares of the samples of attacks.
with

sizes as (

    select
        (select count(*) from {{ ref('fct_packet_samples') }} where attack_id is not null) as samples,
        (select count(*) from {{ ref('agg_network_attack_days') }}) as attack_days,
        (select count(*) from {{ ref('agg_network_attacks') }}) as attacks

)

select
    samples,
    attack_days,
    attacks,
    {{ share_of('attack_days', 'samples') }} as attack_day_row_share,
    {{ share_of('attack_days * ' ~ (4 + 10 + 3 * attack_descriptors() | length + 1), 'samples * 19') }} as attack_day_value_share
from sizes
