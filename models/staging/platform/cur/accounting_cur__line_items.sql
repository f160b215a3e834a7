{{ config(tags=['daily']) }}
-- Grain: one row per landing model and load of bills.
{{ load_accounting(
    landing=[ref('copy_cur_line_items'), ref('copy_cur2_line_items')],
    delivered=ref('delivered_cur__line_items'),
) }}
