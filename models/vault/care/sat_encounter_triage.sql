-- Grain: one row per version of an encounter's triage, as the clinic's rule reads its vital signs.
{{ computed_satellite(
    key='encounter_hk',
    satellite=ref('sat_encounter'),
    inputs=['heart_rate', 'glucose'],
    computed={
        'is_critical': 'coalesce(heart_rate > 120 or glucose >= 300, false)',
    },
    position=['change_order'],
    rule_version=var('triage_rule_version'),
    booleans=['is_critical'],
) }}
