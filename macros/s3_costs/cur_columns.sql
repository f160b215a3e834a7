{#
    Columns of a Cost and Usage Report and of a CUR 2.0 export that are landed, with their types: both have these under one name. With them the column of
    the variable s3_owner_tag, where one is named, and the maps of tags that an export may have in its place.
    has_maps: whether it is a CUR 2.0 export.
#}
{% macro cur_columns(has_maps=false) %}
    {%- set columns = {
        'identity_line_item_id': 'varchar', 'bill_invoice_id': 'varchar', 'bill_payer_account_id': 'varchar',
        'bill_billing_period_start_date': 'timestamp', 'line_item_usage_account_id': 'varchar', 'line_item_line_item_type': 'varchar',
        'line_item_usage_start_date': 'timestamp', 'line_item_usage_end_date': 'timestamp', 'line_item_product_code': 'varchar',
        'line_item_usage_type': 'varchar', 'line_item_operation': 'varchar', 'line_item_resource_id': 'varchar',
        'line_item_usage_amount': 'double precision', 'line_item_currency_code': 'varchar',
        'line_item_unblended_cost': 'double precision', 'line_item_blended_cost': 'double precision',
        'line_item_net_unblended_cost': 'double precision', 'line_item_line_item_description': 'varchar', 'pricing_unit': 'varchar',
        'reservation_reservation_a_r_n': 'varchar', 'reservation_effective_cost': 'double precision',
        'reservation_unused_amortized_upfront_fee_for_billing_period': 'double precision',
        'reservation_unused_recurring_fee': 'double precision', 'savings_plan_savings_plan_effective_cost': 'double precision',
        'savings_plan_total_commitment_to_date': 'double precision', 'savings_plan_used_commitment': 'double precision',
    } -%}
    {%- if s3_owner_tag() -%}{%- do columns.update({s3_owner_tag(): 'varchar'}) -%}{%- endif -%}
    {%- if s3_owner_tag() and has_maps -%}{%- do columns.update(dict.fromkeys(tag_maps(), 'map')) -%}{%- endif -%}
    {{ return(columns) }}
{% endmacro %}


{# Columns of CUR 2.0 with all tags of a line in one map: those of the resource, and those of every source. #}
{% macro tag_maps() %}{{ return(['resource_tags', 'tags']) }}{% endmacro %}


{#
    Expression: the owner's tag of a line of a CUR 2.0 export: its column where the export has one, else the key of that name in the maps. Signs do not
    count: resource_tags_user_team is user_team or user:team in resource_tags and resourceTags/Team in tags, tags_accounttag_unit is accountTag/unit.
    landed: alias of the landed lines.
#}
{% macro owner_tag_of(landed) -%}
    {%- set name = s3_owner_tag() -%}
    {%- set values = [clean_text(landed ~ '.' ~ name)] -%}
    {%- if name.startswith('resource_tags_') -%}
        {%- do values.append(clean_text(map_value(landed ~ '.resource_tags', tag_pattern(name[14:])))) -%}
        {%- set key = name[19:] if name.startswith('resource_tags_user_') else name[14:] -%}
        {%- do values.append(clean_text(map_value(landed ~ '.tags', 'resourcetags/' ~ tag_pattern(key)))) -%}
    {%- elif name.startswith('tags_') -%}
        {%- do values.append(clean_text(map_value(landed ~ '.tags', tag_pattern(name[5:])))) -%}
    {%- endif -%}
    {{ 'coalesce(' ~ values | join(', ') ~ ')' if values | length > 1 else values[0] }}
{%- endmacro %}


{# Pattern of the keys that a column's name may be: an underscore is any sign. #}
{% macro tag_pattern(name) %}{{ return(name | replace('_', '[^a-z0-9"]')) }}{% endmacro %}


{# The variable s3_owner_tag: column of the bill with a cost allocation tag that says whose a bucket is; '' for none. Stops for what is no column. #}
{% macro s3_owner_tag() %}
    {%- set column = var('s3_owner_tag', '') or '' -%}
    {%- if column and not modules.re.match('^[a-z][a-z0-9_]*$', column) -%}
        {{ exceptions.raise_compiler_error(
            "millrace: the variable s3_owner_tag is '" ~ column ~ "'. It should be the column of the bill as Parquet has it, in small letters, for example "
            ~ "resource_tags_user_team; of a map in CUR 2.0 its key behind resource_tags_ or tags_, with underscores for signs."
        ) }}
    {%- endif -%}
    {{ return(column) }}
{% endmacro %}
