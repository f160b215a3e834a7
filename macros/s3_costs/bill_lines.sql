{#
    What every delivered_ model of a bill does with its lines: places, judges and types them. CTEs behind one named `fields`, which has landing,
    landing_file, refresh_time, invalid_record and the texts of the bill's columns under the names below; then the model's SELECT.
    Grain: one row per delivered line. A line is known by its file, the load that took it and all that it says of what was charged: bills repeat
    identifiers in other deliveries, say new things under old ones, and put a discount under the identifier of the usage it belongs to. A line that
    a file has twice, amounts included, is a duplicate.
    money: names of the columns that are amounts.
#}
{% macro delivered_bill_lines(money) -%}
typed as (

    select
        fields.*,
        {{ to_timestamp_utc('billing_period_text') | indent(8) }} as billing_period_starts_at,
        {{ to_timestamp_utc('usage_start_text') | indent(8) }} as usage_starts_at,
        {{ to_timestamp_utc('usage_end_text') | indent(8) }} as usage_ends_at,
        {{ to_float('usage_amount_text') | indent(8) }} as usage_amount,
        {%- for name in money %}
        {{ to_money(name ~ '_text') | indent(8) }} as {{ name }},
        {%- endfor %}
        -- folders of the file: the report's is the first behind the landing's, the bill's own is the last
        split_part(
            replace(landing_file, '{{ var('landing_root').rstrip('/') }}/', ''), '/', 2
        ) as report_name,
        substring(landing_file, 1, length(landing_file) - length(split_part(reverse(landing_file), '/', 1))) as bill_folder
    from fields

),

judged as (

    select
        typed.*,
        case
            when invalid_record is not null then 'the record does not fit the header'
            when billing_period_starts_at is null then 'the billing period is missing or no timestamp'
            when usage_starts_at is null then 'the start of the usage is missing or no timestamp'
            when usage_ends_at < usage_starts_at then 'the usage ended before it began'
            when line_item_type is null then 'the kind of the line is missing'
            when currency is null then 'the currency is missing'
            when {{ money[0] }}_text is null then 'the cost is missing'
            {%- for name in money %}
            when {{ name }}_text is not null and {{ name }} is null then '{{ name }} is no amount'
            {%- endfor %}
            when usage_amount_text is not null and usage_amount is null then 'usage_amount is no number'
        end as quarantine_reason,
        case
            when line_item_id is not null then row_number() over (
                partition by
                    landing, landing_file, refresh_time, line_item_id, usage_start_text, usage_end_text, line_item_type, usage_account_id,
                    product_code, usage_type, operation, resource_id, line_item_description, currency, usage_amount_text,
                    {{ money | join('_text, ') }}_text
                order by line_item_id
            )
            else 1
        end as delivery_number
    from typed

)

select
    -- ids
    cast(landing as {{ text_type(64) }}) as landing,
    cast(report_name as {{ text_type(256) }}) as report_name,
    cast(line_item_id as {{ text_type(128) }}) as line_item_id,
    cast(invoice_id as {{ text_type(64) }}) as invoice_id,
    cast(payer_account_id as {{ text_type(64) }}) as payer_account_id,
    cast(usage_account_id as {{ text_type(64) }}) as usage_account_id,
    -- text
    cast(line_item_type as {{ text_type(64) }}) as line_item_type,
    cast(product_code as {{ text_type(128) }}) as product_code,
    cast(usage_type as {{ text_type(256) }}) as usage_type,
    cast(operation as {{ text_type(128) }}) as operation,
    -- FOCUS and some lines have an ARN where others have the name of the bucket
    cast({{ bucket_of_resource('resource_id') | indent(4) }} as {{ text_type(256) }}) as bucket_name,
    cast({{ kind_of_resource('resource_id') | indent(4) }} as {{ text_type(32) }}) as resource_kind,
    cast(resource_id as {{ text_type(2048) }}) as resource_id,
    cast(line_item_description as {{ text_type(4096) }}) as line_item_description,
    cast(owner_tag as {{ text_type(256) }}) as owner_tag,
    cast(usage_unit as {{ text_type(64) }}) as usage_unit,
    cast(currency as {{ text_type(8) }}) as currency,
    -- numerics
    usage_amount,
    {%- for name in money %}
    {{ name }},
    {%- endfor %}
    -- timestamps
    cast(billing_period_starts_at as date) as billing_period_starts_on,
    cast(usage_starts_at as {{ timestamp_type() }}) as usage_starts_at,
    cast(coalesce(usage_ends_at, usage_starts_at) as {{ timestamp_type() }}) as usage_ends_at,
    -- outcome
    cast(case
        when delivery_number > 1 then 'duplicate'
        when quarantine_reason is not null then 'quarantined'
        else 'accepted'
    end as {{ text_type(16) }}) as outcome,
    cast(case when delivery_number > 1 then 'the file has the line twice' else quarantine_reason end as {{ text_type(256) }}) as outcome_reason,
    cast(case
        when quarantine_reason is not null then coalesce(
            invalid_record,
            coalesce(billing_period_text, '') || ',' || coalesce(usage_start_text, '') || ',' || coalesce(usage_type, '') || ','
            || coalesce(resource_id, '') || ',' || coalesce({{ money[0] }}_text, '')
        )
    end as {{ text_type(65535) }}) as record_text,
    -- load
    cast(bill_folder as {{ text_type(1024) }}) as bill_folder,
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time,
    {{ load_columns() }}
from judged
{%- endmacro %}


{#
    The lines of each bill as it stands now: the whole body of a stg_ model of bills. Grain: one row per line.
    A bill is delivered again and again while its month is open, and once more when it is final: of a file the last content counts, of several
    deliveries in folders of their own the last one, and a file that is gone counts no more once its folder was written anew. Nothing is added
    up over deliveries. What is gone for good, as old months are, stays.
    delivered: ref() of the delivered_ model.
#}
{% macro current_bill_lines(delivered) -%}
with

accepted as (

    select * from {{ delivered }}
    where outcome = 'accepted'

),

-- a file may have lost all of its lines: then only the list of files knows of its last content
versions as (

    select
        landing,
        landing_file,
        refresh_time
    from accepted

    union all

    select
        model_name as landing,
        landing_file,
        refresh_time
    from {{ source('operations', 'landing_files') }}
    where outcome = 'taken'

),

latest_versions as (

    select
        landing,
        landing_file,
        max(refresh_time) as refresh_time
    from versions
    group by landing, landing_file

),

gone as (

    select
        model_name as landing,
        landing_file,
        max(refresh_time) as gone_at
    from {{ source('operations', 'landing_files') }}
    where outcome = 'gone'
    group by model_name, landing_file

),

latest_lines as (

    select accepted.*
    from accepted
    inner join latest_versions
        on
            accepted.landing = latest_versions.landing
            and accepted.landing_file = latest_versions.landing_file
            and accepted.refresh_time = latest_versions.refresh_time

),

bill_files as (

    select
        landing,
        report_name,
        billing_period_starts_on,
        bill_folder,
        landing_file,
        max(refresh_time) as refresh_time
    from latest_lines
    group by landing, report_name, billing_period_starts_on, bill_folder, landing_file

),

bill_folders as (

    select
        landing,
        report_name,
        billing_period_starts_on,
        bill_folder,
        max(refresh_time) as written_at,
        row_number() over (
            partition by landing, report_name, billing_period_starts_on
            order by max(refresh_time) desc, bill_folder desc
        ) as folders_back
    from bill_files
    group by landing, report_name, billing_period_starts_on, bill_folder

),

current_files as (

    select
        bill_files.landing,
        bill_files.report_name,
        bill_files.billing_period_starts_on,
        bill_files.landing_file
    from bill_files
    inner join bill_folders
        on
            bill_files.landing = bill_folders.landing
            and bill_files.report_name = bill_folders.report_name
            and bill_files.billing_period_starts_on = bill_folders.billing_period_starts_on
            and bill_files.bill_folder = bill_folders.bill_folder
    left join gone
        on
            bill_files.landing = gone.landing
            and bill_files.landing_file = gone.landing_file
            and gone.gone_at >= bill_files.refresh_time
    where
        bill_folders.folders_back = 1
        and (gone.gone_at is null or bill_files.refresh_time = bill_folders.written_at)

),

bill_lines as (

    select latest_lines.*
    from latest_lines
    inner join current_files
        on
            latest_lines.landing = current_files.landing
            and latest_lines.report_name = current_files.report_name
            and latest_lines.billing_period_starts_on = current_files.billing_period_starts_on
            and latest_lines.landing_file = current_files.landing_file

)

select
    landing,
    report_name,
    line_item_id,
    invoice_id,
    payer_account_id,
    usage_account_id,
    line_item_type,
    product_code,
    usage_type,
    operation,
    bucket_name,
    resource_kind,
    resource_id,
    line_item_description,
    owner_tag,
    usage_unit,
    currency,
    usage_amount,
    unblended_cost,
    -- blank for discounts, and where nobody has negotiated anything: what was billed
    coalesce(blended_cost, unblended_cost) as blended_cost,
    coalesce(net_unblended_cost, unblended_cost) as net_unblended_cost,
    coalesce(amortised_cost, unblended_cost) as amortised_cost,
    billing_period_starts_on,
    usage_starts_at,
    usage_ends_at,
    refresh_time as arrived_at,
    loaded_at,
    load_id
from bill_lines
{%- endmacro %}
