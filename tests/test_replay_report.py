"""The report on a replay, looked at in a browser: what it shows is what the marts have, and it needs nothing beside it."""

from __future__ import annotations

import json
import math
import runpy
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NO_TESTS, ROOT, Warehouse, data_of
from make_replay import BASELINE, WHAT_IF, replayed, write_cluster, write_replay
from report_checks import WIDTHS, can_be_read, cells, names_its_models, needs_nothing_beside_it, opened, page_of
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By

DEFAULTS = runpy.run_path(str(ROOT / "models/marts/platform/agg_replay_verdicts.py"))["DEFAULTS"]
HOSTILE = 'select \'</script><script>window.broken = 1</script><img src=x onerror="window.broken = 2">\' from "t&amp;" where a < 1'


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample, and an earlier replay whose statements and errors try to be HTML."""
    warehouse = Warehouse(tmp_path_factory.mktemp("report"))
    write_replay(warehouse.landing)
    users = {"etl_load", "bi_daily", "bi_adhoc"}
    for cluster, status in ((BASELINE, "success"), ("target <b>", "failed")):
        rows = [{**row, "query_text": HOSTILE, "replay_tag": None} for row in replayed(cluster, users, 12, 7, 0.1)]
        rows[0] |= {"status": status, "error_message": f"no {HOSTILE}"}
        # the target's clock is two days ahead
        for row in rows if cluster != BASELINE else []:
            row |= {name: row[name] + timedelta(days=2) for name in ("start_time", "end_time")}
        write_cluster(warehouse.landing, cluster, rows, what_if=WHAT_IF - timedelta(days=1))
    models = ["ref_capacity_prices", "+path:models/marts/platform"]
    warehouse.dbt("build", "-s", *models, *NO_TESTS).must_pass()
    return warehouse


@pytest.fixture(scope="module")
def page(reported: Warehouse) -> Path:
    """The report on the last replay."""
    file = reported.folder / "report.html"
    file.write_text(page_of(reported.dbt("--quiet", "run-operation", "replay_report").must_pass().output))
    return file


def choose(browser: WebDriver, name: str) -> None:
    """Shows a configuration."""
    next(button for button in browser.find_elements(By.CSS_SELECTOR, "nav button") if button.text == name).click()


def test_the_page_needs_nothing_beside_it(browser: WebDriver, page: Path) -> None:
    needs_nothing_beside_it(browser, page)
    assert browser.title == "Replay of 2024-03-05 21:00:00 UTC"


def test_verdicts_are_those_of_the_models(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    opened(browser, page)
    cards = {card.get_attribute("data-configuration"): card.text for card in browser.find_elements(By.CLASS_NAME, "card")}
    expected = reported.rows(
        "select configuration_name, verdict, compared_queries, agg_replay_comparison.queries, "
        "new_error_queries + new_timeout_queries, is_cheapest_within_target "
        "from dev_marts.agg_replay_comparison join dev_marts.agg_replay_verdicts using (what_if_timestamp, configuration_name) "
        "join dev_marts.agg_replay_price_performance using (what_if_timestamp, configuration_name) "
        "where what_if_timestamp = '2024-03-05-21-00-00' and statement_key = 'all'"
    )
    assert cards.keys() == {row[0] for row in expected}
    for name, verdict, compared, queries, broken, cheapest in expected:
        assert cards[name].splitlines()[:2] == [name, verdict]
        assert f"{compared} of {queries} queries" in cards[name]
        assert ("queries that succeeded in the baseline fail here" in cards[name]) == (broken > 0)
        assert ("cheapest within the latency target" in cards[name]) == cheapest


def test_the_parts_show_the_chosen_configuration(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    opened(browser, page)
    for name, not_replayed, compared in reported.rows(
        "select configuration_name, not_replayed_queries, compared_queries from dev_marts.agg_replay_comparison "
        "where what_if_timestamp = '2024-03-05-21-00-00'"
    ):
        choose(browser, name)
        classes = {row[0]: row[1] for row in cells(browser.find_element(By.ID, "fidelity"))}
        assert classes.get("not part", "0") == str(not_replayed)
        assert classes["compared"] == str(compared)
        assert len(browser.find_elements(By.CSS_SELECTOR, "#durations svg")) == 4
        assert browser.find_elements(By.CSS_SELECTOR, "#durations svg [height=NaN], #durations svg [y=NaN]") == []
        assert len(cells(browser.find_element(By.ID, "extremes"))) == 30


def test_a_heading_sorts(browser: WebDriver, page: Path) -> None:
    """By the numbers, not by their texts: largest first, then smallest first, and the heading says which."""
    opened(browser, page)
    choose(browser, "data-sharing")
    section = browser.find_element(By.ID, "statements")
    heading = next(head for head in section.find_elements(By.TAG_NAME, "th") if head.text == "Pairs")
    for direction in ("descending", "ascending"):
        heading.find_element(By.TAG_NAME, "button").click()
        pairs = [int(row[2].replace(",", "")) for row in cells(section)]
        assert len(pairs) > 5
        assert pairs == sorted(pairs, reverse=direction == "descending")
        assert heading.get_attribute("aria-sort") == direction


def test_a_configuration_has_one_colour(browser: WebDriver, page: Path) -> None:
    """In cards, buttons, tables, charts and their keys; no two have the same, and the baseline has none of the targets'."""
    opened(browser, page)
    colour = "return getComputedStyle(arguments[0]).backgroundColor"
    cards = {str(card.get_attribute("data-configuration")): card for card in browser.find_elements(By.CLASS_NAME, "card")}
    colours = {name: browser.execute_script(colour, card.find_element(By.CLASS_NAME, "swatch")) for name, card in cards.items()}
    assert len(set(colours.values())) == len(colours) > 2
    for name in colours:
        choose(browser, name)
        button = next(one for one in browser.find_elements(By.CSS_SELECTOR, "nav button") if one.text == name)
        assert browser.execute_script(colour, button.find_element(By.CLASS_NAME, "swatch")) == colours[name]
        for key in browser.find_elements(By.CSS_SELECTOR, "#durations .key span, #verdicts .key span, #statements .key span"):
            mark = browser.execute_script(colour, key.find_element(By.TAG_NAME, "i"))
            if key.text in (*colours, BASELINE):
                assert mark == colours.get(key.text, mark)
                assert (mark in colours.values()) == (key.text != BASELINE)
        line = "return getComputedStyle(document.querySelectorAll('#durations figure:nth-child(1) path')[1]).stroke"
        assert browser.execute_script(line) == colours[name]


def test_effects_have_their_intervals(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    """One for each of the two headlines of each configuration, and the statements that change the seconds most."""
    opened(browser, page)
    headlines = reported.rows(
        "select count(*) from dev_marts.agg_replay_verdicts where statement_key in ('all', 'total') and what_if_timestamp = "
        "'2024-03-05-21-00-00' and ratio is not null"
    )
    assert [(len(browser.find_elements(By.CSS_SELECTOR, "#verdicts svg circle")),)] == headlines
    choose(browser, "data-sharing")
    dots = browser.find_elements(By.CSS_SELECTOR, "#statements svg circle")
    assert len(dots) == len(cells(browser.find_element(By.ID, "statements"))) > 5
    assert browser.find_elements(By.CSS_SELECTOR, "svg [cx=NaN], svg [x1=NaN], svg [cy=NaN]") == []


def test_statements_are_searched(browser: WebDriver, page: Path) -> None:
    """By any words of the text, the verdict and the reason, in any case; a sort keeps what was looked for."""
    opened(browser, page)
    choose(browser, "data-sharing")
    section = browser.find_element(By.ID, "statements")
    every = cells(section)
    section.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys("ORDERS  select")
    wanted = [row for row in every if "orders" in row[0] and "select" in row[0]]
    assert 0 < len(wanted) < len(every)
    assert cells(section) == wanted
    section.find_element(By.CSS_SELECTOR, "th button").click()
    assert sorted(cells(section)) == sorted(wanted)
    assert section.find_element(By.CSS_SELECTOR, "[role=status]").text == f"{len(wanted)} of {len(every)}"


def test_users_thresholds_and_moments_are_those_of_the_pairs(page: Path, reported: Warehouse) -> None:
    """Percentiles against DuckDB's own, counts against the pairs, and the most at a time against every stretch that touches a slice."""
    tables = data_of(page.read_text())["tables"]
    of_replay = "what_if_timestamp = '2024-03-05-21-00-00'"
    pairs = f"from dev_marts.fct_replayed_query_pairs where pair_class = 'compared' and {of_replay}"
    expected = reported.rows(
        " union all ".join(
            f"select configuration_name, user_name, '{side}', count(*)::double, quantile_cont({side}_elapsed_us, 0.5) / 1e6, "
            f"quantile_cont({side}_elapsed_us, 0.95) / 1e6, max({side}_elapsed_us) / 1e6 {pairs} group by 1, 2"
            for side in ("baseline", "target")
        )
        + " order by 1, 2, 3"
    )
    assert [row[:3] for row in tables["latencies"]["rows"]] == [list(row[:3]) for row in expected]
    for row, other in zip(tables["latencies"]["rows"], expected, strict=True):
        assert row[3:] == pytest.approx(other[3:])
    for name, factor, faster, slower in tables["thresholds"]["rows"]:
        assert reported.rows(
            f"select count(*) filter (baseline_elapsed_us >= {factor} * target_elapsed_us), "
            f"count(*) filter (target_elapsed_us >= {factor} * baseline_elapsed_us) "
            f"{pairs} and abs(change_us) > 10000 and configuration_name = '{name}'"
        ) == [(faster, slower)]
    stretches = reported.rows(
        "select cluster_identifier, epoch_us(valid_from), epoch_us(valid_to), running_queries from dev_marts.fct_replay_concurrency "
        f"where {of_replay}"
    )
    first = {cluster: min(begin for own, begin, _, _ in stretches if own == cluster) for cluster, *_ in stretches}
    slice_us = max(end - first[cluster] for cluster, _, end, _ in stretches) / 120
    most: dict[tuple[str, int], int] = {}
    for cluster, begin, end, running in stretches:
        for place in range(int((begin - first[cluster]) / slice_us), math.ceil((end - first[cluster]) / slice_us)):
            most[cluster, place] = max(most.get((cluster, place), 0), running)
    assert {(cluster, place): running for cluster, place, running in tables["running"]["rows"]} == most


def test_the_page_says_how_it_was_made(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    """Runs with their dates, thresholds as the models have them, method and limits in words."""
    opened(browser, page)
    section = browser.find_element(By.ID, "method")
    text = section.text
    assert "There is no rerun of the baseline" in text
    for cluster, first in reported.rows(
        "select cluster_identifier, first_started_at from dev_marts.dim_replay_configuration "
        "where what_if_timestamp = '2024-03-05-21-00-00'"
    ):
        assert cluster in text
        assert f"{first:%Y-%m-%d %H:%M:%S}" in text
    assert "rdsdb" in text
    settings = data_of(page.read_text())["settings"]
    for name in ("alpha", "minimum_pairs", "minimum_statements", "large_change", "same_within"):
        assert settings[name] == DEFAULTS[name], name
    assert settings["same_within_ms"] == DEFAULTS["floor_ms"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", list(WIDTHS))
def test_it_can_be_read(browser: WebDriver, page: Path, device: str, scheme: str) -> None:
    can_be_read(browser, page, device, scheme)


def test_every_part_names_its_models(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    names_its_models(browser, page, reported)


def test_text_of_the_workload_stays_text(browser: WebDriver, reported: Warehouse, tmp_path: Path) -> None:
    """Names, statements and errors of a replay are not read as HTML."""
    arguments = json.dumps({"what_if_timestamp": "2024-03-04-21-00-00"})
    file = tmp_path / "hostile.html"
    file.write_text(page_of(reported.dbt("--quiet", "run-operation", "replay_report", "--args", arguments).must_pass().output))
    opened(browser, file)
    assert browser.execute_script("return window.broken") is None
    assert browser.find_element(By.CLASS_NAME, "card").get_attribute("data-configuration") == "target <b>"
    assert HOSTILE in browser.find_element(By.ID, "errors").text


def test_clusters_begin_at_their_own_first_query(reported: Warehouse) -> None:
    """Clocks that differ neither part the queries nor the curves."""
    arguments = json.dumps({"what_if_timestamp": "2024-03-04-21-00-00"})
    output = reported.dbt("--quiet", "run-operation", "replay_report", "--args", arguments).must_pass().output
    running = data_of(output)["tables"]["running"]["rows"]
    curves = {cluster: [place for own, place, _ in running if own == cluster] for cluster in (BASELINE, "target <b>")}
    assert {cluster: (min(places), max(places) > 100) for cluster, places in curves.items()} == dict.fromkeys(curves, (0, True))
    compared = "select queries, compared_queries + from_cache_queries + new_error_queries from dev_marts.agg_replay_comparison"
    assert reported.rows(f"{compared} where what_if_timestamp = '2024-03-04-21-00-00'") == [(12, 12)]


def test_a_replay_that_is_not_there(reported: Warehouse) -> None:
    arguments = json.dumps({"what_if_timestamp": "2020-01-01-00-00-00"})
    result = reported.dbt("--quiet", "run-operation", "replay_report", "--args", arguments)
    assert result.code != 0
    assert "It should be one of 2024-03-04-21-00-00, 2024-03-05-21-00-00" in result.output
