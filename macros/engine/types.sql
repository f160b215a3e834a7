{# Names of the column types that differ by engine. Lengths are bytes on Redshift and are not looked at elsewhere. #}
{% macro text_type(max_bytes=256) %}{{ return(adapter.dispatch('text_type', 'millrace')(max_bytes)) }}{% endmacro %}

{% macro default__text_type(max_bytes) %}{{ engine_refuses('text_type') }}{% endmacro %}

{% macro duckdb__text_type(max_bytes) %}{{ return('varchar') }}{% endmacro %}

{% macro redshift__text_type(max_bytes) %}{{ return('varchar(' ~ max_bytes ~ ')') }}{% endmacro %}

{% macro athena__text_type(max_bytes) %}{{ return('varchar') }}{% endmacro %}


{% macro timestamp_type() %}{{ return(adapter.dispatch('timestamp_type', 'millrace')()) }}{% endmacro %}

{% macro default__timestamp_type() %}{{ return('timestamp') }}{% endmacro %}

{% macro athena__timestamp_type() %}{{ return('timestamp(6)') }}{% endmacro %}


{% macro float_type() %}{{ return(adapter.dispatch('float_type', 'millrace')()) }}{% endmacro %}

{% macro default__float_type() %}{{ return('double precision') }}{% endmacro %}

{% macro duckdb__float_type() %}{{ return('double') }}{% endmacro %}

{% macro athena__float_type() %}{{ return('double') }}{% endmacro %}


{#
    A column's name as SQL takes it: in quotes where it is a word of one of the engines' own (order, group, at) or has signs, and as it is where
    not. prefix: what stands before it.
#}
{% macro column_name(name, prefix='') %}
    {%- set whole = prefix ~ name -%}
    {%- if modules.re.match('^[A-Za-z_][A-Za-z0-9_]*$', whole) and whole | lower not in reserved_words() -%}{{ return(whole) }}{%- endif -%}
    {{ return('"' ~ whole | replace('"', '""') ~ '"') }}
{% endmacro %}


{# Words that are no names of columns without quotes on DuckDB, Redshift or Athena. #}
{% macro reserved_words() %}
    {%- set words -%}
        aes128 aes256 all allowoverwrite alter analyse analyze and anti any array as asc asof asymmetric at authorization auto az64 backup
        between binary blanksasnull both by bytedict bzip2 case cast check collate collation column columns concurrently constraint create
        credentials cross cube current_catalog current_date current_path current_role current_schema current_time current_timestamp
        current_user current_user_id deallocate default deferrable deflate defrag delete delta delta32k desc describe disable distinct do
        drop else emptyasnull enable encode encrypt encryption end escape except exists explicit extract false fetch for foreign freeze
        from full generated glob globaldict256 globaldict64k grant group grouping gzip having identity ignore ilike in initially inner
        insert intersect interval into is isnull join json_array json_exists json_object json_query json_table json_value lambda language
        lateral leading left like limit listagg localtime localtimestamp lun luns lzo lzop map minus mostly16 mostly32 mostly8 natural new
        normalize not notnull null nulls off offline offset oid old on only open or order outer overlaps parallel partition percent
        permissions pivot pivot_longer pivot_wider placing positional prepare primary qualify raw readratio recover recursive references
        rejectlog resort respect restore returning right rollup select semi session_user show similar skip snapshot some struct summarize
        symmetric sysdate system table tablesample tag tdes text255 text32k then timestamp to top trailing trim true truncatecolumns
        try_cast tuple uescape union unique unnest unpack unpivot user using values variadic verbose wallet when where window with without
    {%- endset -%}
    {{ return(words.split()) }}
{% endmacro %}
