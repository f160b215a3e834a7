-- Promise 7: money of each file and month as it landed is what staging has of it, accepted, twice there or refused, and what is accepted of the files in
-- use is the bill. An amount that is none is no money: its line is in quarantine with its text.
{%- set landings = {
    'copy_cur_line_items': ['line_item_unblended_cost', 'bill_billing_period_start_date'],
    'copy_cur2_line_items': ['line_item_unblended_cost', 'bill_billing_period_start_date'],
    'copy_focus_line_items': ['billedcost', 'billingperiodstart'],
} %}
with

landed_lines as (
    {% for landing, columns in landings.items() %}
    select
        '{{ landing }}' as landing,
        coalesce(landing_file, '') as landing_file,
        refresh_time,
        coalesce(cast({{ to_timestamp_utc(clean_text(columns[1])) }} as date), cast('1900-01-01' as date)) as billing_period_starts_on,
        coalesce({{ to_money(clean_text(columns[0])) }}, 0) as cost_amount
    from {{ ref(landing) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

landed as (

    select
        landing,
        landing_file,
        refresh_time,
        billing_period_starts_on,
        sum(cost_amount) as cost_amount
    from landed_lines
    group by landing, landing_file, refresh_time, billing_period_starts_on

),

delivered_lines as (
    {% for name in ['cur', 'focus'] %}
    select
        landing,
        landing_file,
        refresh_time,
        coalesce(billing_period_starts_on, cast('1900-01-01' as date)) as billing_period_starts_on,
        coalesce(unblended_cost, 0) as cost_amount,
        case when outcome = 'accepted' then unblended_cost else 0 end as accepted_amount
    from {{ ref('delivered_' ~ name ~ '__line_items') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

delivered as (

    select
        landing,
        landing_file,
        refresh_time,
        billing_period_starts_on,
        sum(cost_amount) as cost_amount,
        sum(accepted_amount) as accepted_amount
    from delivered_lines
    group by landing, landing_file, refresh_time, billing_period_starts_on

),

staged as (
    {% for name in ['cur', 'focus'] %}
    select
        landing,
        landing_file,
        arrived_at,
        billing_period_starts_on,
        sum(unblended_cost) as cost_amount
    from {{ ref('stg_' ~ name ~ '__line_items') }}
    group by landing, landing_file, arrived_at, billing_period_starts_on
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

files_in_use as (
    {% for name in ['cur', 'focus'] %}
    select
        landing,
        landing_file,
        refresh_time,
        billing_period_starts_on
    from {{ ref('stg_' ~ name ~ '__bill_files') }}
    where is_in_use
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    'landed' as level,
    coalesce(landed.landing_file, delivered.landing_file) as landing_file,
    coalesce(landed.billing_period_starts_on, delivered.billing_period_starts_on) as billing_period_starts_on,
    landed.cost_amount as expected_amount,
    delivered.cost_amount as found_amount
from landed
full outer join delivered
    on
        landed.landing = delivered.landing
        and landed.landing_file = delivered.landing_file
        and landed.refresh_time = delivered.refresh_time
        and landed.billing_period_starts_on = delivered.billing_period_starts_on
where coalesce(landed.cost_amount, 0) <> coalesce(delivered.cost_amount, 0)

union all

select
    'in use' as level,
    coalesce(files_in_use.landing_file, staged.landing_file) as landing_file,
    coalesce(files_in_use.billing_period_starts_on, staged.billing_period_starts_on) as billing_period_starts_on,
    delivered.accepted_amount as expected_amount,
    staged.cost_amount as found_amount
from files_in_use
inner join delivered
    on
        files_in_use.landing = delivered.landing
        and files_in_use.landing_file = delivered.landing_file
        and files_in_use.refresh_time = delivered.refresh_time
        and files_in_use.billing_period_starts_on = delivered.billing_period_starts_on
full outer join staged
    on
        files_in_use.landing = staged.landing
        and files_in_use.landing_file = staged.landing_file
        and files_in_use.refresh_time = staged.arrived_at
        and files_in_use.billing_period_starts_on = staged.billing_period_starts_on
where coalesce(delivered.accepted_amount, 0) <> coalesce(staged.cost_amount, 0)
