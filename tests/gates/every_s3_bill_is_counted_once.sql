-- Two reports over one account's month, or one export in two formats, would count its costs twice: name the one to use by removing the other's files.
-- Member accounts of one payer may each have a report of their own.
select
    billing_period_starts_on,
    payer_account_id,
    usage_account_id,
    count(*) as reports
from (
    select distinct
        billing_period_starts_on,
        payer_account_id,
        usage_account_id,
        landing,
        report_name
    from {{ ref('agg_s3_charges') }}
) as reports
group by billing_period_starts_on, payer_account_id, usage_account_id
having count(*) > 1
