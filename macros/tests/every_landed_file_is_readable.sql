{#
    Generic test, on a landing model (DuckDB, Athena). Names the files that cannot be read, an upload cut short, say. They are
    looked at again as soon as they change.
#}
{% test every_landed_file_is_readable(model) %}
select
    landing_file,
    problem
from (
    select
        landing_file,
        problem,
        row_number() over (partition by landing_file order by refresh_time desc) as look
    from {{ source('operations', 'landing_files') }}
    where model_name = '{{ relation_name(model) }}'
) as looks
where look = 1 and problem is not null
{% endtest %}
