-- Promise 1. Per source and load: what landed is what the files hold, and each record of it has exactly one outcome.
select *
from {{ ref('fct_load_accounting') }}
where
    delivered_records <> accepted_records + duplicate_records + quarantined_records
    or records_in_files <> delivered_records
