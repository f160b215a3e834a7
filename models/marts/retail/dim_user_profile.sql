{{ config(dist='all', sort='user_hk') }}
-- Grain: one row per user, without anything that tells who it is.
with

users as (

    select * from {{ ref('current_kinesis__user_profiles') }}

)

select
    cast({{ hash_key(['user_id']) }} as {{ text_type(64) }}) as user_hk,
    cast({{ masked('email', 'email') }} as {{ text_type(256) }}) as masked_email,
    cast({{ masked('cell_phone', 'digits') }} as {{ text_type(40) }}) as masked_cell_phone,
    cast({{ masked('born_on', 'year') }} as integer) as birth_year,
    cast(country as {{ text_type(120) }}) as country,
    changed_at
from users
