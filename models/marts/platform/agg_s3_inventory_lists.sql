{{ config(
    materialized='incremental',
    incremental_strategy=current_state_strategy(),
    unique_key=['bucket_name', 'inventory_on', 'configuration'],
    meta={'removal_flag': 'is_removed'},
    dist='all',
    sort='inventory_on',
    tags=['daily'],
) }}
{%- do current_state_conditions('is_removed') %}
-- Grain: one row per bucket, day with an inventory and configuration whose list counts on that day: its own of that day, else its last one of the month
-- before (what no fresher list covers is still there), else its first one of the week behind. covered_prefix is what the list covers: the filter of
-- ref_s3_inventory_filters, else what all keys that the configuration has listed so far begin with, for its filter is no longer than that. All lists
-- are compared with what the table has, which is a row for each; loaded_at says when a list of the day was another one last.
{%- set measures = [
    'delivery', 'listed_on', 'days_off', 'covered_prefix', 'is_declared', 'lists_versions', 'listed_objects', 'lists', 'list_loaded_at',
    'has_one_list',
] %}
with

ordered as (

    select
        deliveries.*,
        case when lists_versions then 1 else 0 end as has_versions,
        row_number() over (partition by bucket_name, inventory_on, configuration order by delivery desc) as deliveries_back
    from {{ ref('agg_s3_inventory_deliveries') }} as deliveries

),

lists as (

    select
        bucket_name,
        inventory_on,
        configuration,
        delivery,
        loaded_at as list_loaded_at,
        listed_objects,
        min(first_key) over (partition by bucket_name, configuration order by inventory_on rows between unbounded preceding and current row) as first_key,
        max(last_key) over (partition by bucket_name, configuration order by inventory_on rows between unbounded preceding and current row) as last_key,
        max(has_versions) over (
            partition by bucket_name, configuration order by inventory_on rows between unbounded preceding and current row
        ) as lists_versions
    from ordered
    where deliveries_back = 1

),

-- keys have at most 1,024 bytes
digits as (
    {% for digit in range(32) %}
    select {{ digit }} as digit
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

lengths as (

    select 32 * highs.digit + lows.digit + 1 as key_length
    from digits as highs
    cross join digits as lows

),

key_ranges as (

    select distinct
        first_key,
        last_key
    from lists

),

common_prefixes as (

    select
        key_ranges.first_key,
        key_ranges.last_key,
        max(lengths.key_length) as common_length
    from key_ranges
    inner join lengths
        on
            lengths.key_length <= length(key_ranges.first_key)
            and substring(key_ranges.first_key, 1, lengths.key_length) = substring(key_ranges.last_key, 1, lengths.key_length)
    group by key_ranges.first_key, key_ranges.last_key

),

filtered as (

    select
        lists.bucket_name,
        lists.inventory_on,
        lists.configuration,
        lists.delivery,
        lists.list_loaded_at,
        lists.listed_objects,
        lists.lists_versions,
        case when filters.bucket_name is null then 0 else 1 end as is_declared,
        filters.valid_to,
        case
            when filters.bucket_name is not null then coalesce(filters.prefix, '')
            else substring(lists.first_key, 1, coalesce(common_prefixes.common_length, 0))
        end as covered_prefix
    from lists
    left join common_prefixes
        on lists.first_key = common_prefixes.first_key and lists.last_key = common_prefixes.last_key
    left join {{ ref('ref_s3_inventory_filters') }} as filters
        on
            lists.bucket_name = filters.bucket_name
            and lists.configuration = filters.configuration
            and lists.inventory_on >= filters.valid_from
            and (filters.valid_to is null or lists.inventory_on < filters.valid_to)

),

days as (

    select distinct
        bucket_name,
        inventory_on
    from filtered

),

near as (

    select
        days.bucket_name,
        days.inventory_on,
        filtered.configuration,
        filtered.delivery,
        filtered.inventory_on as listed_on,
        filtered.list_loaded_at,
        filtered.listed_objects,
        filtered.lists_versions,
        filtered.is_declared,
        filtered.covered_prefix,
        greatest(
            {{ elapsed_days('filtered.inventory_on', 'days.inventory_on') | indent(12) }},
            {{ elapsed_days('days.inventory_on', 'filtered.inventory_on') | indent(12) }}
        ) as days_off
    from days
    inner join filtered
        on
            days.bucket_name = filtered.bucket_name
            and filtered.inventory_on between {{ add_days('days.inventory_on', -31) }} and {{ add_days('days.inventory_on', 7) }}
            and (filtered.valid_to is null or days.inventory_on < filtered.valid_to)

),

nearest as (

    select
        near.*,
        row_number() over (
            partition by bucket_name, inventory_on, configuration
            order by case when listed_on <= inventory_on then 0 else 1 end asc, days_off asc
        ) as place
    from near

),

current_lists as (

    select
        bucket_name,
        inventory_on,
        configuration,
        delivery,
        listed_on,
        cast(days_off as integer) as days_off,
        cast(covered_prefix as {{ text_type(1024) }}) as covered_prefix,
        is_declared = 1 as is_declared,
        lists_versions = 1 as lists_versions,
        cast(listed_objects as bigint) as listed_objects,
        cast(count(*) over (partition by bucket_name, inventory_on) as bigint) as lists,
        list_loaded_at
    from nearest
    where place = 1

),

-- a bucket that one configuration lists is covered on all days alike
coverages as (

    select
        bucket_name,
        count(distinct configuration || case when is_declared then ':' || covered_prefix else '' end) = 1 as has_one_list
    from current_lists
    group by bucket_name

),

described_lists as (

    select
        current_lists.*,
        coverages.has_one_list,
        false as is_removed
    from current_lists
    inner join coverages
        on current_lists.bucket_name = coverages.bucket_name

)
{%- if is_incremental() %},

compared as (

    select
        described_lists.*,
        case
            when
                {%- for column in measures %}
                described_lists.{{ column }} = stored.{{ column }}{{ ' and' if not loop.last }}
                {%- endfor %}
                then 0
            else 1
        end as is_changed
    from described_lists
    left join {{ this }} as stored
        on
            described_lists.bucket_name = stored.bucket_name
            and described_lists.inventory_on = stored.inventory_on
            and described_lists.configuration = stored.configuration

    union all

    select
        stored.bucket_name,
        stored.inventory_on,
        stored.configuration,
        {%- for column in measures %}
        stored.{{ column }},
        {%- endfor %}
        true as is_removed,
        1 as is_changed
    from {{ this }} as stored
    left join current_lists
        on
            stored.bucket_name = current_lists.bucket_name
            and stored.inventory_on = current_lists.inventory_on
            and stored.configuration = current_lists.configuration
    where current_lists.bucket_name is null

),

-- all lists of a day with another one are of this load: what reads them works the day out as a whole
moved as (

    select
        compared.*,
        max(is_changed) over (partition by bucket_name, inventory_on) as is_changed_day
    from compared

)
{%- endif %}

select
    bucket_name,
    inventory_on,
    configuration,
    {{ measures | join(',\n    ') }},
    is_removed,
    {{ load_columns() }}
from {{ 'moved' if is_incremental() else 'described_lists' }}
{%- if is_incremental() %}
where is_changed_day = 1
{%- endif %}
