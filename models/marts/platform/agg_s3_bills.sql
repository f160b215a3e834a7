{{ config(tags=['daily']) }}
-- Grain: one row per landing model, report, billing period and version of its bill that has landed: which one is in use, and why.
{%- set sources = ['stg_cur__bill_files', 'stg_focus__bill_files'] %}
with

bill_files as (
    {% for name in sources %}
    select * from {{ ref(name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    landing,
    report_name,
    billing_period_starts_on,
    bill_folder,
    bill_version,
    max(case when is_in_use then 1 else 0 end) = 1 as is_in_use,
    cast(max(case when reason <> 'the folder was rewritten without the file' then reason else '' end) as {{ text_type(64) }}) as reason,
    cast(max(versions) as bigint) as versions,
    cast(count(*) as bigint) as files,
    cast(sum(case when is_in_use then line_items else 0 end) as bigint) as line_items_in_use,
    max(modified_at) as modified_at,
    max(refresh_time) as arrived_at
from bill_files
group by landing, report_name, billing_period_starts_on, bill_folder, bill_version
