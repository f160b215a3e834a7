"""The report on the S3 bill, looked at in a browser: what it shows is what the marts have."""

from __future__ import annotations

import itertools
import json
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from conftest import DATA, NO_TESTS, Warehouse, copy_of, data_of
from make_s3_costs import BUCKET, MONTH, line, write_bill, write_inventory
from report_checks import WIDTHS, can_be_read, cells, names_its_models, needs_nothing_beside_it, opened, page_of
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By

HOSTILE = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 2'>/"
MODELS = ["ref_s3_owners", "ref_s3_shared_costs", "dim_date", "+agg_s3_chargeback", "+agg_s3_prefix_costs", "fct_s3_requests"]


@pytest.fixture(scope="module")
def reported(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample, with its forecast."""
    return copy_of(sample, tmp_path_factory.mktemp("s3_report"))


def report_of(warehouse: Warehouse, name: str = "report.html", **arguments: str) -> Path:
    """The report as a file."""
    file = warehouse.folder / name
    result = warehouse.dbt("--quiet", "run-operation", "s3_costs_report", "--args", json.dumps(arguments))
    file.write_text(page_of(result.must_pass().output))
    return file


@pytest.fixture(scope="module")
def page(reported: Warehouse) -> Path:
    """The report on the last month."""
    return report_of(reported)


def test_the_page_needs_nothing_beside_it(browser: WebDriver, page: Path) -> None:
    needs_nothing_beside_it(browser, page)
    assert browser.title == "S3 costs of 2024-03"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", list(WIDTHS))
def test_it_can_be_read(browser: WebDriver, page: Path, device: str, scheme: str) -> None:
    can_be_read(browser, page, device, scheme)


def test_every_part_names_its_models(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    names_its_models(browser, page, reported)


def test_the_bill_is_that_of_the_models(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    opened(browser, page)
    march = f"where billing_period_starts_on = '{MONTH}'"
    ((whole, unallocated),) = reported.rows(
        "select sum(cost_amount), sum(case when unallocated_reason is not null then cost_amount end) "
        f"from dev_marts.fct_s3_cost_allocation {march}"
    )
    bill = browser.find_element(By.ID, "bill").text
    assert f"{whole.normalize()} USD" in bill
    assert f"{float(unallocated):.4g} USD" in browser.find_element(By.ID, "allocated").text
    reasons = {row[0] for row in cells(browser.find_element(By.ID, "unallocated"))}
    assert reasons == {
        row[0] for row in reported.rows(f"select distinct unallocated_reason from dev_marts.fct_s3_cost_allocation {march}") if row[0]
    }
    assert len(browser.find_elements(By.CSS_SELECTOR, "#trend svg")) == 2
    assert "as forecast" in browser.find_element(By.ID, "forecast").text
    asked = {row[0] for row in cells(browser.find_element(By.ID, "requesters"))}
    assert asked == {
        row[0] for row in reported.rows("select distinct requester from dev_marts.fct_s3_requests where billed_operation <> ''")
    }


def test_the_map_opens_folder_by_folder(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    """Each level lists what the model has below it; the path leads back."""
    opened(browser, page)

    def listed() -> list[str]:
        return sorted(row[0] for row in cells(browser.find_element(By.ID, "folders")))

    def below(prefix: str, depth: int) -> list[str]:
        return sorted(
            name
            for (name,) in reported.rows(
                f"select prefix from dev_marts.agg_s3_prefix_costs where bucket_name = '{BUCKET}' and depth = {depth} "
                f"and billing_period_starts_on = '{MONTH}' and starts_with(prefix, '{prefix}')"
            )
        )

    assert listed() == ["old-logs", BUCKET]
    for name, prefix, depth in ((BUCKET, "", 1), ("raw/", "raw/", 2), ("raw/clicks/", "raw/clicks/", 3)):
        next(
            box
            for box in browser.find_elements(By.CSS_SELECTOR, "button.box")
            if (box.get_attribute("aria-label") or "").startswith(f"{name}: ")
        ).click()
        assert listed() == below(prefix, depth)
        boxes = browser.find_elements(By.CSS_SELECTOR, ".box")
        areas = sum(box.size["width"] * box.size["height"] for box in boxes)
        drawn = browser.find_element(By.CLASS_NAME, "map").size
        assert areas == pytest.approx(drawn["width"] * drawn["height"], rel=0.05)
    assert "objects in this folder itself" not in listed()
    browser.find_element(By.CSS_SELECTOR, "nav button").click()
    assert listed() == ["old-logs", BUCKET]


def test_the_chargeback_downloads_to_the_last_digit(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    opened(browser, page)
    link = browser.find_element(By.CSS_SELECTOR, "#chargeback a")
    assert link.get_attribute("download") == "s3_chargeback_2024-03.csv"
    head, *rows = unquote((link.get_attribute("href") or "").split(",", 1)[1]).split("\r\n")
    assert head == "billing_period,currency,team,costs_of_team,cost"
    parts = [row.split(",") for row in rows]
    expected = reported.rows(
        f"select team, from_team, cost_amount from dev_marts.agg_s3_chargeback where billing_period_starts_on = '{MONTH}' order by all"
    )
    assert [(team, of_team, Decimal(cost)) for _, _, team, of_team, cost in parts] == expected


def with_data(page: Path, name: str, **changes: Any) -> Path:
    """The page with other data in it."""
    text = page.read_text()
    data = data_of(text)
    for table, rows in changes.pop("tables", {}).items():
        columns = data["tables"][table]["columns"]
        data["tables"][table]["rows"] = [[row.get(column) for column in columns] for row in rows]
    changed = json.dumps({**data, **changes}).replace("<", "\\u003c")
    file = page.with_name(name)
    file.write_text(DATA.sub(lambda found: found[1] + changed + found[3], text))
    return file


@pytest.mark.parametrize("device", list(WIDTHS))
def test_a_year_of_months_with_a_credit_and_a_budget(browser: WebDriver, page: Path, device: str) -> None:
    """Names of months do not overlap, a month below zero has a bar below the line, an open one is pale, and the budget is a line across."""
    names = [f"2023-{month:02d}-01" for month in range(4, 13)] + [f"2024-{month:02d}-01" for month in range(1, 4)]
    months = [
        {"month": name, "cost_amount": -40.5 if i == 5 else 100.25 + i, "unallocated_amount": 1, "cost_text": "1", "is_open": int(i == 11)}
        for i, name in enumerate(names)
    ]
    opened(browser, with_data(page, "year.html", budget=120, tables={"months": months}), WIDTHS[device])
    chart = browser.find_elements(By.CSS_SELECTOR, "#trend svg")[1]
    texts = [text.rect for text in chart.find_elements(By.TAG_NAME, "text") if re.match(r"\d\d-\d\d$", text.text)]
    labels = sorted((rect["x"], rect["x"] + rect["width"]) for rect in texts)
    assert len(labels) >= 4
    assert all(left_end < right for (_, left_end), (right, _) in itertools.pairwise(labels))
    tips = {bar.find_element(By.TAG_NAME, "title").get_attribute("textContent"): bar for bar in chart.find_elements(By.TAG_NAME, "rect")}
    bars = [bar for tip, bar in tips.items() if tip and "bill" in tip]
    assert len(bars) == 12
    zero = max(float(bar.get_attribute("y") or 0) + float(bar.get_attribute("height") or 0) for i, bar in enumerate(bars) if i != 5)
    assert float(bars[5].get_attribute("y") or 0) == pytest.approx(zero)
    assert float(bars[5].get_attribute("height") or 0) > 5
    assert [bar.get_attribute("fill-opacity") for bar in bars] == ["1"] * 11 + ["0.45"]
    assert len(chart.find_elements(By.CSS_SELECTOR, "line[stroke-dasharray]")) == 1
    card = browser.find_element(By.ID, "bill").text
    assert "open: lines without an invoice" in card
    assert "120 USD" in card


def test_amounts_of_a_column_have_one_number_of_digits_and_all_columns_show_on_a_phone(browser: WebDriver, page: Path) -> None:
    opened(browser, page, WIDTHS["phone"])
    for part in ("folders", "movers", "chargeback", "accounts"):
        section = browser.find_element(By.ID, part)
        rows = cells(section)
        assert rows, part
        for column in zip(*rows, strict=True):
            if all(re.fullmatch(r"[+-]?[\d,]+\.\d+", text) for text in column):
                assert len({len(text.partition(".")[2]) for text in column}) == 1, column
        for cell in section.find_elements(By.TAG_NAME, "td"):
            assert cell.rect["x"] >= 0
            assert cell.rect["x"] + cell.rect["width"] <= WIDTHS["phone"]
    assert sum(re.fullmatch(r"[\d,]+\.\d+", row[2]) is not None for row in cells(browser.find_element(By.ID, "accounts"))) >= 1


@pytest.mark.parametrize(
    ("budgets", "told"), [("[1]", "It should be {USD: 1200}"), ("{USD: none}", "USD is none"), ("{USD: -1}", "USD is -1")]
)
def test_a_budget_that_is_none_is_refused(reported: Warehouse, budgets: str, told: str) -> None:
    result = reported.dbt("--quiet", "run-operation", "s3_costs_report", "--vars", f"{{s3_monthly_budgets: {budgets}}}")
    assert result.code != 0
    assert told in " ".join(result.output.split())


def test_a_budget_is_in_the_report_and_in_its_analysis(reported: Warehouse) -> None:
    variables = ("--vars", "{s3_monthly_budgets: {USD: 50}}")
    result = reported.dbt("--quiet", "run-operation", "s3_costs_report", *variables).must_pass()
    assert '"budget": 50' in result.output
    reported.dbt("compile", "-s", "s3_against_budget", *variables).must_pass()
    sql = (reported.target / "compiled/millrace/analyses/platform/s3_against_budget.sql").read_text()
    found = reported.rows(
        f"select count(*), bool_and(left_amount = 50 - cost_amount), bool_and(budget_share > 0) from ({sql}) where currency = 'USD'"
    )
    assert found[0][0] >= 1
    assert found[0][1:] == (True, True)


def test_hostile_names_and_other_currencies(browser: WebDriver, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keys are not read as HTML; a month in two currencies shows one and names the other; a month or currency without a bill is refused."""
    warehouse = Warehouse(tmp_path_factory.mktemp("hostile"))
    write_inventory(
        warehouse.landing,
        BUCKET,
        datetime(2024, 3, 1, 1),
        [{"bucket": BUCKET, "key": f"{HOSTILE}x", "size": 10, "is_latest": True, "storage_class": "STANDARD"}],
    )
    rows = [line(MONTH, "TimedStorage-ByteHrs", "StandardStorage", 1, 8.0)] * 2
    euros = line(MONTH, "TimedStorage-ByteHrs", "StandardStorage", 1, 3.0, line_item_currency_code="EUR", identity_line_item_id="euro")
    write_bill(warehouse.landing, [{**rows[0]}, {**rows[1], "identity_line_item_id": "two"}, euros])
    warehouse.dbt("build", "-s", *MODELS, *NO_TESTS).must_pass()
    opened(browser, report_of(warehouse))
    assert browser.execute_script("return window.broken") is None
    assert "also billed in\nEUR" in browser.find_element(By.ID, "bill").text
    # the only bucket is open
    assert [row[0] for row in cells(browser.find_element(By.ID, "folders"))] == ["</"]
    assert "There is no bill of a month before." in browser.find_element(By.ID, "movers").text
    assert "%" not in browser.find_element(By.ID, "movers").text
    opened(browser, report_of(warehouse, currency="EUR"))
    assert "3 EUR" in browser.find_element(By.ID, "bill").text
    for arguments, told in (
        ({"billing_period": "2020-01-01"}, "It should be one of 2024-03-01"),
        ({"currency": "XXX"}, "It should be one of EUR, USD"),
    ):
        result = warehouse.dbt("--quiet", "run-operation", "s3_costs_report", "--args", json.dumps(arguments))
        assert result.code != 0
        assert told in result.output
