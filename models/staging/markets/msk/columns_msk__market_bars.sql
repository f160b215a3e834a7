{{ config(tags=['near_real_time']) }}
-- Grain: one row per column of the source, declared or not.
{{ schema_changes(
    feed='market_bars',
    delivered=ref('delivered_msk__market_bars'),
) }}
