{{ config(
    dist='all',
    sort='user_hk',
    grants={'select': env_var('MILLRACE_PERSONAL_DATA_READERS', '').split(',')} if env_var('MILLRACE_PERSONAL_DATA_READERS', '') else {},
) }}
-- Grain: one row per user, with personal data. Granted to MILLRACE_PERSONAL_DATA_READERS and nobody else.
with

users as (

    select * from {{ ref('current_kinesis__user_profiles') }}

)

select
    cast({{ hash_key(['user_id']) }} as {{ text_type(64) }}) as user_hk,
    user_id,
    title,
    first_name,
    last_name,
    email,
    cell_phone,
    born_on,
    city,
    country,
    changed_at
from users
