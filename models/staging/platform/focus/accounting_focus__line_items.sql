{{ config(tags=['daily']) }}
-- Grain: one row per landing model and load of bills.
{{ load_accounting(
    landing=ref('copy_focus_line_items'),
    delivered=ref('delivered_focus__line_items'),
) }}
