{{ config(severity='warn') }}
-- Rules whose prefix is deeper than the folders that inventories are counted by (s3_prefix_depth), or does not end where a folder does.
select
    bucket_name,
    prefix
from {{ ref('ref_s3_owners') }}
where
    prefix <> coalesce({{ key_prefix('prefix', s3_prefix_depth()) }}, '')
    and coalesce(prefix, '') not in ('', '(root)')
