{{ config(tags=['daily']) }}
-- Grain: one row per line of each bill as it stands now; deliveries that a later one replaced are not in it.
with

{{ current_bill_lines(ref('delivered_cur__line_items')) }}

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
    resource_id,
    line_item_description,
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
