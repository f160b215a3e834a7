{#
    Generic test, on an accounting_ model. Promise 1, per load: each record that landed has exactly one outcome, and where
    files are read, as many records landed as the files hold.
#}
{% test accounts_for_every_record(model) %}
select *
from {{ model }}
where
    delivered_records <> accepted_records + duplicate_records + quarantined_records
    or records_in_files <> delivered_records
{% endtest %}
