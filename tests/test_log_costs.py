"""Costs of keeping logs: the tables of a published example to the dollar, and where they contradict themselves.

The figures are those of "Reducing long-term logging expenses by 4,800% with Amazon OpenSearch Service" (AWS Big Data Blog,
2024): 3 TB a day for a year. It cuts some sums and rounds others: a figure is met if it is less than a dollar away. It states no
prices: those of the seed are what its sums come from (52 nodes of im4gn at 8.731 dollars an hour are 3,977,145.12).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Warehouse

IM4GN, OR1, R6G = "im4gn.16xlarge.search", "or1.16xlarge.search", "r6g.12xlarge.search"
# (nodes, total) of one, two and three copies, on demand and reserved
ALL_HOT = {
    IM4GN: ([52, 104, 156], [3_977_145, 7_954_290, 11_931_435], [1_909_076, 3_818_152, 5_727_228]),
    OR1: ([42, 84, 126], [4_691_952, 9_354_996, 14_018_041], [3_413_371, 6_826_742, 10_240_113]),
    R6G: ([63, 126, 189], [4_420_585, 8_841_170, 13_261_755], [3_268_074, 6_536_148, 9_804_222]),
}
# hot, warm nodes, S3 of both, cold, Parquet and queries, total
TIERS: dict[tuple[str, str], tuple[int, int, int | None, int, int, int]] = {
    ("warm", IM4GN): (220_278, 1_361_654, 333_590, 0, 0, 1_915_523),
    ("warm", OR1): (337_696, 1_361_654, 418_136, 0, 0, 2_117_487),
    ("warm", R6G): (270_410, 1_361_654, 333_590, 0, 0, 1_965_655),
    # nodes and S3 are one figure there
    ("warm and cold", IM4GN): (220_278, 377_429, None, 261_360, 0, 859_067),
    ("warm and cold", OR1): (337_696, 461_975, None, 261_360, 0, 1_061_031),
    ("warm and cold", R6G): (270_410, 377_429, None, 261_360, 0, 909_199),
    ("direct query", IM4GN): (220_278, 0, 0, 0, 67_967, 288_245),
    ("direct query", OR1): (337_696, 0, 84_546, 0, 67_967, 490_209),
    ("direct query", R6G): (270_410, 0, 0, 0, 67_967, 338_377),
}
# what the text says otherwise than its own rules give: place of the figure in its table, and what the rules give
NODES = "storage needs 51 nodes in three zones (50.2 by storage alone), the text has 52 and multiplies them"
OWN_S3 = "S3 of a year is counted for one month on demand, and once per copy where it is reserved; it is one copy, twelve months"
HOT_S3 = "14 days of all copies at 0.061 dollars, half of the block storage's price; elsewhere S3 costs 0.024 and has one copy"
WEEK = "seven days are on data nodes, the figure is that of fourteen; and 348 days are in S3 where 358 are told"
EXCEPTIONS: dict[tuple[str, str], str] = {
    **{(scenario, IM4GN): NODES for scenario in ("hot 1 copy", "hot 2 copies", "hot 3 copies")},
    **{(f"{scenario} reserved", IM4GN): NODES for scenario in ("hot 1 copy", "hot 2 copies", "hot 3 copies")},
    **{(scenario, OR1): OWN_S3 for scenario in ("hot 1 copy", "hot 2 copies", "hot 3 copies")},
    **{(f"{scenario} reserved", OR1): OWN_S3 for scenario in ("hot 1 copy", "hot 2 copies", "hot 3 copies")},
    ("warm", OR1): HOT_S3,
    ("warm and cold", OR1): HOT_S3,
    **{("direct query", node): WEEK for node in ALL_HOT},
}


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("logs"))
    warehouse.dbt("build", "-s", "+agg_log_storage_costs").must_pass()
    return warehouse


def found(warehouse: Warehouse) -> dict[tuple[str, str], dict[str, Any]]:
    columns = [
        "data_nodes", "warm_nodes", "hot_dollars", "warm_dollars", "object_storage_dollars", "cold_dollars", "parquet_dollars",
        "direct_query_dollars", "total_dollars", "times_cheaper", "reduction",
    ]  # fmt: skip
    rows = warehouse.rows(f"select scenario, node_type, {', '.join(columns)} from dev_marts.agg_log_storage_costs")
    return {(row[0], row[1]): dict(zip(columns, row[2:], strict=True)) for row in rows}


def test_every_published_figure_is_met_or_explained(costs: Warehouse) -> None:
    rows = found(costs)
    assert len(rows) == 27
    met: set[tuple[str, str]] = set()
    missed: set[tuple[str, str]] = set()

    def hold(key: tuple[str, str], *pairs: tuple[float, float | None]) -> None:
        same = all(told is None or abs(own - told) < 1 for own, told in pairs)
        (met if same else missed).add(key)

    for node, (nodes, on_demand, reserved) in ALL_HOT.items():
        for copies, (number, dear, cheap) in enumerate(zip(nodes, on_demand, reserved, strict=True), start=1):
            name = f"hot {copies} {'copy' if copies == 1 else 'copies'}"
            for scenario, total in ((name, dear), (f"{name} reserved", cheap)):
                row = rows[scenario, node]
                hold((scenario, node), (row["data_nodes"], number), (row["total_dollars"], total))
    for (scenario, node), (hot, warm, own_s3, cold, objects, total) in TIERS.items():
        row = rows[scenario, node]
        s3 = row["object_storage_dollars"]
        hold(
            (scenario, node),
            (row["hot_dollars"], hot),
            (row["warm_dollars"] + (s3 if own_s3 is None else 0), warm),
            (s3, own_s3),
            (row["cold_dollars"], cold),
            (row["parquet_dollars"] + row["direct_query_dollars"], objects),
            (row["total_dollars"], total),
        )
    assert missed == set(EXCEPTIONS)
    assert len(met) == 10


def test_what_the_exceptions_come_to(costs: Warehouse) -> None:
    """By the rules that the text states: what its figures would be."""
    rows = found(costs)
    assert [rows[name, IM4GN]["data_nodes"] for name in ("hot 1 copy", "hot 2 copies", "hot 3 copies")] == [51, 102, 153]
    assert rows["hot 1 copy", IM4GN]["total_dollars"] * 52 / 51 == pytest.approx(3_977_145.12)
    assert rows["hot 3 copies", IM4GN]["total_dollars"] == pytest.approx(153 * 8.731 * 8760)
    # without the S3 of one month the on-demand figures are met, and with that of twelve these come out
    month = 3_300 * 365 * 0.024
    for copies, published in enumerate(ALL_HOT[OR1][1], start=1):
        row = rows["hot 1 copy" if copies == 1 else f"hot {copies} copies", OR1]
        assert abs(row["total_dollars"] - row["object_storage_dollars"] + month - published) < 1
        assert row["object_storage_dollars"] == pytest.approx(12 * month)
    one = rows["hot 1 copy reserved", OR1]
    assert abs(one["total_dollars"] - 11 * month - 3_413_371) < 1
    # two weeks of or1: all but its S3 is met
    assert abs(rows["warm", OR1]["total_dollars"] - rows["warm", OR1]["object_storage_dollars"] + 418_136 - 2_117_487) < 1
    assert rows["warm", OR1]["object_storage_dollars"] == pytest.approx(333_590.4 + 3_300 * 14 * 0.024 * 12)
    # a week of data nodes: three nodes, one in each zone; 358 days of Parquet
    week = rows["direct query", IM4GN]
    assert week["data_nodes"] == 3
    assert (week["hot_dollars"], week["parquet_dollars"]) == pytest.approx((220_278 / 2, 750 * 358 * 0.021 * 12))
    assert round(750 * 348 * 0.021 * 12, 2) == 65_772


def test_a_saving_is_never_more_than_all(costs: Warehouse) -> None:
    """The published 4,800 %: 14,018,041 dollars are 48.6 times 288,245, which is 97.9 % less."""
    assert round(14_018_041 / 288_245, 1) == 48.6
    assert round(1 - 288_245 / 14_018_041, 3) == 0.979
    rows = found(costs)
    dearest = max(row["total_dollars"] for row in rows.values())
    for row in rows.values():
        assert row["times_cheaper"] == pytest.approx(dearest / row["total_dollars"])
        assert 0 <= row["reduction"] < 1
    assert rows["hot 3 copies", OR1]["times_cheaper"] == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"zones": 0}, "log_costs.zones is a whole number, 1 or more; got 0."),
        ({"free_space": "a quarter"}, "log_costs.free_space is a number, 0 or more; got a quarter."),
        ({"sources": 1}, "the variable log_costs has the keys source_gb_per_day, index_overhead"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    settings = {
        "source_gb_per_day": 1, "index_overhead": 0.1, "free_space": 0.25, "zones": 3, "parquet_share": 0.25, "parquet_gb_month": 0.02,
        "direct_query_per_year": 0,
    }  # fmt: skip
    result = Warehouse(tmp_path).dbt("compile", "-s", "agg_log_storage_costs", "--vars", json.dumps({"log_costs": settings | changed}))
    assert result.code != 0
    assert f"agg_log_storage_costs: {told}" in result.output
