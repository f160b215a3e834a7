{{ config(tags=['daily']) }}
-- Grain: one row per change of a policy, each accepted once.
{{ accepted_changes(
    feed='policies',
    delivered=ref('delivered_dms__policies'),
) }}
