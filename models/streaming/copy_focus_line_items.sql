{%- set columns = {
    'billingaccountid': 'varchar', 'billingperiodstart': 'timestamp', 'subaccountid': 'varchar', 'chargecategory': 'varchar',
    'chargedescription': 'varchar', 'chargeperiodstart': 'timestamp', 'chargeperiodend': 'timestamp', 'providername': 'varchar',
    'servicename': 'varchar', 'resourceid': 'varchar', 'consumedquantity': 'double precision', 'consumedunit': 'varchar',
    'billingcurrency': 'varchar', 'billedcost': 'double precision', 'effectivecost': 'double precision', 'invoiceid': 'varchar',
    'x_usagetype': 'varchar', 'x_operation': 'varchar', 'x_servicecode': 'varchar',
} -%}
{{ config(
    materialized='unloaded_files',
    meta={
        'landing_path': 'focus',
        'landing_format': 'tabular',
        'landing_is_optional': true,
        'landing_is_rewritten': true,
        'copied_columns': columns.keys() | list,
        'copied_types': columns,
        'replica': 'aws_bill.focus',
    },
    tags=['platform', 'daily'],
) }}

{{ bill_records(columns.keys() | list) }}
