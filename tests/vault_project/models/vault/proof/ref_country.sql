-- Grain: country ever named.
{{ reference_table(
    codes=['country'],
    sources=[
        {'relation': ref('stg_proof__events')},
        {'relation': ref('stg_proof__others'), 'business_keys': ['nation']},
    ],
) }}
