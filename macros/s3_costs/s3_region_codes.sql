{#
    Regions by what usage types begin with; AWS Regions and Availability Zones User Guide, AWS Region billing codes. us-east-1 has none in older ones.
#}
{% macro s3_region_codes() %}
    {{ return({
        'USE1': 'us-east-1', 'USE2': 'us-east-2', 'USW1': 'us-west-1', 'USW2': 'us-west-2', 'CAN1': 'ca-central-1', 'CAN2': 'ca-west-1',
        'SAE1': 'sa-east-1', 'EU': 'eu-west-1', 'EUW1': 'eu-west-1', 'EUW2': 'eu-west-2', 'EUW3': 'eu-west-3', 'EUC1': 'eu-central-1',
        'EUC2': 'eu-central-2', 'EUN1': 'eu-north-1', 'EUS1': 'eu-south-1', 'EUS2': 'eu-south-2', 'APE1': 'ap-east-1', 'APN1': 'ap-northeast-1',
        'APN2': 'ap-northeast-2', 'APN3': 'ap-northeast-3', 'APS1': 'ap-southeast-1', 'APS2': 'ap-southeast-2', 'APS3': 'ap-south-1',
        'APS4': 'ap-southeast-3', 'APS5': 'ap-south-2', 'APS6': 'ap-southeast-4', 'MES1': 'me-south-1', 'MEC1': 'me-central-1',
        'ILC1': 'il-central-1', 'AFS1': 'af-south-1', 'UGW1': 'us-gov-west-1', 'UGE1': 'us-gov-east-1', 'CNN1': 'cn-north-1',
        'CNW1': 'cn-northwest-1',
    }) }}
{% endmacro %}


{# Region of a usage type; the variable s3_prices_region where it names one that is not known. usage_type: SQL expression. #}
{% macro billed_region(usage_type) -%}
case
    when {{ usage_type }} like 'TimedStorage-%' then 'us-east-1'
    {%- for code, region in s3_region_codes().items() %}
    when {{ usage_type }} like '{{ code }}-%' then '{{ region }}'
    {%- endfor %}
    else '{{ var('s3_prices_region', 'us-east-1') }}'
end
{%- endmacro %}
