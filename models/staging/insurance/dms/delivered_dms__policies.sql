{{ config(tags=['daily']) }}
-- Grain: one row per record that the policy files delivered, with what became of it.
{{ delivered_changes(
    feed='policies',
    landings=[
        {'relation': ref('copy_dms_policies_load'), 'is_full_load': true},
        ref('copy_dms_policies'),
    ],
) }}
