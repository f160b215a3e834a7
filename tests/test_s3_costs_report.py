"""The report on the S3 bill, looked at in a browser: what it shows is what the marts have."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest
from conftest import NO_TESTS, Warehouse, copy_of
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
    assert "as foreseen" in browser.find_element(By.ID, "forecast").text
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
    browser.find_element(By.CSS_SELECTOR, "button.box").click()
    assert [row[0] for row in cells(browser.find_element(By.ID, "folders"))] == ["</"]
    opened(browser, report_of(warehouse, currency="EUR"))
    assert "3 EUR" in browser.find_element(By.ID, "bill").text
    for arguments, told in (
        ({"billing_period": "2020-01-01"}, "It should be one of 2024-03-01"),
        ({"currency": "XXX"}, "It should be one of EUR, USD"),
    ):
        result = warehouse.dbt("--quiet", "run-operation", "s3_costs_report", "--args", json.dumps(arguments))
        assert result.code != 0
        assert told in result.output
