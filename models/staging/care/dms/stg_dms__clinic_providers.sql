{{ config(tags=['daily']) }}
-- Grain: one row per change of a provider, each accepted once.
{{ accepted_changes(
    feed='clinic_providers',
    delivered=ref('delivered_dms__clinic_providers'),
) }}
