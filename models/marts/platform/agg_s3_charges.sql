{{ config(tags=['daily'], dist='even', sort='usage_on') }}
-- Grain: one row per charge of S3 on the bill as it stands now: billing period, account, invoice, resource, usage type, operation, kind of line,
-- currency and time of use. Lines that differ in nothing else are added up.
{%- set grain = [
    'landing', 'report_name', 'billing_period_starts_on', 'payer_account_id', 'usage_account_id', 'invoice_id', 'bucket_name', 'resource_kind', 'usage_type',
    'operation', 'line_item_type', 'currency', 'usage_on', 'used_until_on',
] %}
{%- set lines = ['stg_cur__line_items', 'stg_focus__line_items'] %}
with

lines as (
    {% for name in lines %}
    select
        landing,
        report_name,
        billing_period_starts_on,
        coalesce(payer_account_id, '') as payer_account_id,
        coalesce(usage_account_id, '') as usage_account_id,
        coalesce(invoice_id, '') as invoice_id,
        coalesce(bucket_name, '') as bucket_name,
        coalesce(resource_kind, '') as resource_kind,
        coalesce(usage_type, '') as usage_type,
        coalesce(operation, '') as operation,
        line_item_type,
        currency,
        cast(usage_starts_at as date) as usage_on,
        -- the last day of it: a day ends where the next one begins
        cast({{ add_microseconds('greatest(usage_ends_at, ' ~ add_microseconds('usage_starts_at', 1) ~ ')', -1) }} as date) as used_until_on,
        usage_amount,
        {{ s3_cost_measure() }} as cost_amount
    from {{ ref(name) }}
    where product_code in ('AmazonS3', 'AmazonS3GlacierDeepArchive', 'AmazonGlacier')
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

charges as (

    select
        {{ grain | join(',\n        ') }},
        cast(sum(cost_amount) as {{ money_type() }}) as cost_amount,
        sum(usage_amount) as usage_amount,
        cast(count(*) as bigint) as line_items
    from lines
    group by {{ grain | join(', ') }}

),

-- the region is in front of the usage type everywhere but in us-east-1
regional as (

    select
        charges.*,
        {{ replace_pattern('usage_type', '^[A-Z][A-Z][A-Z]?[A-Z]?[0-9]*-(([A-Z][A-Z][A-Z]?[A-Z]?[0-9]+-)?)', '') }} as plain_usage_type,
        case
            when line_item_type in ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage') then 'usage'
            when line_item_type = 'Tax' then 'tax'
            when line_item_type = 'Credit' then 'credit'
            when line_item_type = 'Refund' then 'refund'
            when line_item_type like '%Discount%' then 'discount'
            else 'fee'
        end as component
    from charges

),

-- AWS documents what Storage Lens charges for its objects, and not what the lines look like by which it publishes costs by prefix
told_apart as (

    select
        regional.*,
        case
            when resource_kind = 'prefix' then 1
            when plain_usage_type in ('StorageLens-ObjCount', 'StorageLensFreeTier-ObjCount') then 0
            when resource_kind = 'Storage Lens' or plain_usage_type like 'StorageLens%' then 1
            else 0
        end as is_of_storage_lens
    from regional

),

ruled as (

    select
        told_apart.*,
        case
            when component <> 'usage' then component
            when is_of_storage_lens = 1 then 'Storage Lens'
            else {{ s3_charge_rule('plain_usage_type', 1, "'not mapped'") | indent(12) }}
        end as charge_kind,
        case
            when component <> 'usage' then 'pro rata'
            when is_of_storage_lens = 1 then 'none'
            else {{ s3_charge_rule('plain_usage_type', 2, "'none'") | indent(12) }}
        end as driver,
        case when is_of_storage_lens = 1 then '' else {{ s3_charge_rule('plain_usage_type', 3, "''") | indent(8) }} end as storage_class,
        case when is_of_storage_lens = 1 then '' else {{ s3_charge_rule('plain_usage_type', 4, "''") | indent(8) }} end as access_tier,
        case
            when is_of_storage_lens = 1 then 'AWS does not document what lines of Storage Lens say'
            else {{ s3_charge_rule('plain_usage_type', 5, "'the usage type is not mapped'") | indent(12) }}
        end as rule_reason
    from told_apart

)

select
    cast({{ digest(hash_text(grain)) | indent(4) }} as {{ text_type(64) }}) as charge_id,
    landing,
    report_name,
    billing_period_starts_on,
    cast(payer_account_id as {{ text_type(64) }}) as payer_account_id,
    cast(usage_account_id as {{ text_type(64) }}) as usage_account_id,
    cast(invoice_id as {{ text_type(64) }}) as invoice_id,
    cast(bucket_name as {{ text_type(256) }}) as bucket_name,
    cast(resource_kind as {{ text_type(32) }}) as resource_kind,
    cast(usage_type as {{ text_type(256) }}) as usage_type,
    cast(operation as {{ text_type(128) }}) as operation,
    line_item_type,
    cast(component as {{ text_type(16) }}) as component,
    cast(charge_kind as {{ text_type(32) }}) as charge_kind,
    cast(driver as {{ text_type(32) }}) as driver,
    cast(storage_class as {{ text_type(64) }}) as storage_class,
    cast(access_tier as {{ text_type(64) }}) as access_tier,
    cast(case when component = 'usage' then rule_reason else '' end as {{ text_type(256) }}) as rule_reason,
    currency,
    usage_on,
    used_until_on,
    line_items,
    cast(usage_amount as {{ float_type() }}) as usage_amount,
    cost_amount
from ruled
