-- Grain: customer and country ever named together, by their codes; null is not ''.
{{ reference_table(codes=['customer_id', 'country'], sources=[{'relation': ref('stg_proof__events')}]) }}
