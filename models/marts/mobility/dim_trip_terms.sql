-- Grain: one row per combination of vendor, rate, payment and record handling that a trip ever had.
{{ junk_dimension(
    key='trip_terms_key',
    attributes=['vendor_id', 'rate_code_id', 'payment_type_id', 'is_stored_and_forwarded'],
    source=ref('stg_taxi__yellow_trips'),
    booleans=['is_stored_and_forwarded'],
) }}
