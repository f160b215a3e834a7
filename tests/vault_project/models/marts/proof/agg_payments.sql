-- Grain: customer and amount.
{{ config(contract={'enforced': false}) }}
{{ incremental_aggregate(
    key='payments_hk',
    group_by={'customer_hk': 'customer_hk', 'amount': 'amount'},
    measures={'payments': 'cast(count(*) as bigint)', 'paid': 'cast(sum(amount) as bigint)', 'latest_at': 'max(event_at)'},
    columns=['amount', 'event_at'],
    source=ref('link_payment'),
) }}
