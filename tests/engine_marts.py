"""Marts that the tests of the engines compare row for row with DuckDB's, and the columns that they leave out."""

from __future__ import annotations

MARTS = [
    "dim_customer", "dim_product", "dim_store", "fct_orders", "fct_order_status_changes", "dim_taxi_zone", "fct_yellow_taxi_trips",
    "fct_patient_encounters", "fct_provider_snapshots", "dim_sporting_event", "dim_player", "dim_trip_terms", "agg_taxi_zone_days",
    "dim_same_customer", "agg_customer_value", "fct_packet_samples", "fct_vpc_flows", "fct_market_bars", "fct_market_gaps",
    "fct_application_updates", "fct_workflow_launches",
]  # fmt: skip
# sums of fractions depend on the order of the rows in their last digits
FRACTION_MARTS = [
    "dim_replay_configuration", "fct_replayed_query_pairs", "agg_replay_workload", "agg_replay_comparison", "agg_replay_durations",
    "fct_replay_concurrency", "agg_replay_concurrency", "fct_replay_costs", "fct_replay_query_costs", "agg_replay_price_performance",
    "fct_job_runs", "agg_log_storage_costs", "agg_workflow_launches", "agg_network_attacks", "agg_network_attack_days",
    "agg_network_rule_days", "agg_network_account_minutes", "agg_vpc_interface_hours", "fct_enriched_market_bars",
    "agg_market_candles_5_minutes", "agg_market_candles_15_minutes", "agg_market_candles_60_minutes", "agg_market_candles_days",
    "agg_market_indicators_5_minutes", "agg_market_indicators_days", "fct_market_alerts", "agg_market_value_at_risk",
    "agg_market_adjusted_days",
]  # fmt: skip
S3_MARTS = [
    "agg_s3_charges", "fct_s3_cost_allocation", "agg_s3_chargeback", "agg_s3_prefix_costs", "fct_s3_storage", "fct_s3_requests",
    "agg_s3_prefix_weights", "agg_s3_request_weights", "agg_s3_inventory_days",
]  # fmt: skip
# of a load; and keys of a satellite's versions, which are made of the position: a record of a file has another one on the engines
NOT_COMPARED = ("loaded_at", "load_id", "dim_patient_id", "dim_provider_id", "dim_patient_encounter_id")
