-- Grain: combination of country, activity and time of change.
{{ config(contract={'enforced': false}) }}
{{ junk_dimension(
    key='terms_key',
    attributes=['country', 'is_active', 'changed_at'],
    source=ref('stg_proof__events'),
    timestamps=['changed_at'],
    booleans=['is_active'],
) }}
