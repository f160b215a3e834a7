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
    The files of each bill, and which of them are the bill: the whole body of a stg_ model. Grain: one row per report, month and file with lines of it.
    A month is delivered again and again while it is open, and once more when it is final. Of a file the last content counts. Of several deliveries in
    folders of their own the one that the month's manifest names is the bill; where no manifest tells, the one whose files were written last, as their
    own time says (an export has it in the name of the folder). When it was loaded never decides before that. A file that is gone counts no more once
    its folder was rewritten; what is gone for good, as old months are, stays.
    delivered: ref() of the delivered_ model. manifests: list of ref() of the copy_ models of manifests.
#}
{% macro bill_files(delivered, manifests) -%}
with

-- a file may have lost all of its lines: then only the list of files knows of its last content
versions as (

    select
        landing,
        landing_file,
        refresh_time
    from {{ delivered }}
    where outcome = 'accepted'
    group by landing, landing_file, refresh_time

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

-- when each content was written; Redshift does not tell
written as (

    select
        model_name,
        landing_file,
        refresh_time,
        max(modified_at) as modified_at,
        max(case when outcome = 'gone' then 1 else 0 end) as is_gone
    from {{ source('operations', 'landing_files') }}
    where outcome in ('taken', 'gone')
    group by model_name, landing_file, refresh_time

),

gone as (

    select
        model_name,
        landing_file,
        max(refresh_time) as gone_at
    from written
    where is_gone = 1
    group by model_name, landing_file

),

accepted_files as (

    select
        landing,
        report_name,
        billing_period_starts_on,
        bill_folder,
        landing_file,
        refresh_time,
        count(*) as line_items
    from {{ delivered }}
    where outcome = 'accepted'
    group by landing, report_name, billing_period_starts_on, bill_folder, landing_file, refresh_time

),

bill_files as (

    select
        accepted_files.*,
        coalesce(written.modified_at, accepted_files.refresh_time) as modified_at,
        coalesce(gone.gone_at >= accepted_files.refresh_time, false) as is_gone,
        reverse(split_part(reverse(accepted_files.bill_folder), '/', 2)) as bill_version
    from accepted_files
    inner join latest_versions
        on
            accepted_files.landing = latest_versions.landing
            and accepted_files.landing_file = latest_versions.landing_file
            and accepted_files.refresh_time = latest_versions.refresh_time
    left join written
        on
            accepted_files.landing = written.model_name
            and accepted_files.landing_file = written.landing_file
            and accepted_files.refresh_time = written.refresh_time
    left join gone
        on accepted_files.landing = gone.model_name and accepted_files.landing_file = gone.landing_file

),

-- an export that keeps its executions names their folders by the moment: yyyyMMddTHHmmssZ-<execution>
bill_folders as (

    select
        landing,
        report_name,
        billing_period_starts_on,
        bill_folder,
        bill_version,
        substring(bill_folder, 1, length(bill_folder) - length(bill_version) - 1) as parent_folder,
        case
            when {{ matches_pattern('bill_version', '^[0-9]{8}T[0-9]{6}Z?-') }} then substring(bill_version, length(split_part(bill_version, '-', 1)) + 2)
            else ''
        end as execution_id,
        max(refresh_time) as folder_written_at,
        coalesce(
            case when {{ matches_pattern('bill_version', '^[0-9]{8}T[0-9]{6}Z?-') }} then {{ to_timestamp_utc(
                "substring(bill_version, 1, 4) || '-' || substring(bill_version, 5, 2) || '-' || substring(bill_version, 7, 2) || 'T' || "
                ~ "substring(bill_version, 10, 2) || ':' || substring(bill_version, 12, 2) || ':' || substring(bill_version, 14, 2) || 'Z'"
            ) | indent(12) }} end,
            max(modified_at)
        ) as folder_modified_at
    from bill_files
    group by landing, report_name, billing_period_starts_on, bill_folder, bill_version

),

manifests as (
    {% for landing in manifests %}
    select
        '{{ relation_name(landing) }}' as landing,
        assembly_id,
        landing_file,
        refresh_time,
        row_number() over (partition by landing_file order by refresh_time desc) as versions_back
    from {{ landing }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- manifests of exports are in folders beside the data
manifest_folders as (

    select
        manifests.assembly_id,
        replace(
            substring(manifests.landing_file, 1, length(manifests.landing_file) - length(split_part(reverse(manifests.landing_file), '/', 1))),
            '/metadata/', '/data/'
        ) as period_folder,
        coalesce(written.modified_at, manifests.refresh_time) as manifest_written_at
    from manifests
    left join written
        on
            manifests.landing = written.model_name
            and manifests.landing_file = written.landing_file
            and manifests.refresh_time = written.refresh_time
    where manifests.versions_back = 1 and manifests.assembly_id is not null

),

-- the manifest in the folder of an assembly speaks of that one alone, whichever counts; the one of the month is rewritten with each delivery
named_folders as (

    select
        bill_folders.bill_folder,
        bill_folders.billing_period_starts_on,
        max(manifest_folders.manifest_written_at) as named_at
    from bill_folders
    inner join manifest_folders
        on
            (
                manifest_folders.period_folder = bill_folders.parent_folder
                and (bill_folders.bill_version = manifest_folders.assembly_id or bill_folders.execution_id = manifest_folders.assembly_id)
            )
            or (
                manifest_folders.period_folder = bill_folders.bill_folder
                and bill_folders.bill_version <> manifest_folders.assembly_id
                and bill_folders.execution_id <> manifest_folders.assembly_id
            )
    group by bill_folders.bill_folder, bill_folders.billing_period_starts_on

),

ranked_folders as (

    select
        bill_folders.*,
        named_folders.named_at,
        row_number() over (
            partition by bill_folders.landing, bill_folders.report_name, bill_folders.billing_period_starts_on
            order by
                case when named_folders.named_at is null then 1 else 0 end asc,
                coalesce(named_folders.named_at, bill_folders.folder_modified_at) desc,
                bill_folders.folder_modified_at desc,
                bill_folders.folder_written_at desc,
                bill_folders.bill_folder desc
        ) as folders_back,
        count(*) over (partition by bill_folders.landing, bill_folders.report_name, bill_folders.billing_period_starts_on) as versions,
        max(named_folders.named_at) over (
            partition by bill_folders.landing, bill_folders.report_name, bill_folders.billing_period_starts_on
        ) as last_named_at
    from bill_folders
    left join named_folders
        on
            bill_folders.bill_folder = named_folders.bill_folder
            and bill_folders.billing_period_starts_on = named_folders.billing_period_starts_on

),

judged_files as (

    select
        bill_files.*,
        ranked_folders.named_at,
        ranked_folders.last_named_at,
        ranked_folders.versions,
        ranked_folders.folders_back = 1 as is_in_use,
        bill_files.is_gone and bill_files.refresh_time < ranked_folders.folder_written_at as is_replaced
    from bill_files
    inner join ranked_folders
        on
            bill_files.landing = ranked_folders.landing
            and bill_files.report_name = ranked_folders.report_name
            and bill_files.billing_period_starts_on = ranked_folders.billing_period_starts_on
            and bill_files.bill_folder = ranked_folders.bill_folder

)

select
    cast(landing as {{ text_type(64) }}) as landing,
    cast(report_name as {{ text_type(256) }}) as report_name,
    billing_period_starts_on,
    cast(bill_folder as {{ text_type(1024) }}) as bill_folder,
    cast(bill_version as {{ text_type(256) }}) as bill_version,
    cast(landing_file as {{ text_type(1024) }}) as landing_file,
    cast(line_items as bigint) as line_items,
    cast(versions as bigint) as versions,
    is_in_use and not is_replaced as is_in_use,
    cast(case
        when is_in_use and is_replaced then 'the folder was rewritten without the file'
        when is_in_use and named_at is not null then 'the manifest names it'
        when is_in_use and versions = 1 then 'there is no other'
        when is_in_use then 'its files were written last, and no manifest tells'
        when last_named_at is not null then 'the manifest names another'
        else 'another one was written later'
    end as {{ text_type(64) }}) as reason,
    cast(modified_at as {{ timestamp_type() }}) as modified_at,
    cast(refresh_time as {{ timestamp_type() }}) as refresh_time
from judged_files
{%- endmacro %}


{#
    The lines of each bill as it stands now: the whole body of a stg_ model of bills. Grain: one row per line. Nothing is added up over deliveries:
    the files of bill_files() that are in use are the bill.
    delivered: ref() of the delivered_ model. files: ref() of the model of bill_files().
#}
{% macro current_bill_lines(delivered, files) -%}
with

bill_lines as (

    select delivered.*
    from {{ delivered }} as delivered
    inner join {{ files }} as files
        on
            delivered.landing = files.landing
            and delivered.report_name = files.report_name
            and delivered.billing_period_starts_on = files.billing_period_starts_on
            and delivered.landing_file = files.landing_file
            and delivered.refresh_time = files.refresh_time
    where delivered.outcome = 'accepted' and files.is_in_use

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
    landing_file,
    refresh_time as arrived_at,
    loaded_at,
    load_id
from bill_lines
{%- endmacro %}
