"""The forecast of S3 costs: how often a month falls into its interval, and what it rests on."""

from __future__ import annotations

import importlib.util
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

_SPEC = importlib.util.spec_from_file_location("agg_s3_cost_forecast", ROOT / "models/marts/platform/agg_s3_cost_forecast.py")
assert _SPEC is not None
assert _SPEC.loader is not None
MODEL = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(MODEL)
FIRST = date(2024, 1, 1)


def series(rng: Any, days: int, growth: float = 0.3, week: float = 8, noise: float = 4) -> Any:
    """Daily costs: growth, a week, noise that does not add up, and a drift that does."""
    number = np.arange(days)
    return 100 + growth * number + week * (number % 7 > 4) + rng.normal(0, noise, days) + rng.normal(0, 0.3, days).cumsum()


def test_months_fall_into_their_intervals() -> None:
    """Of 90 % intervals about 90 % hold the month: within what 60 draws allow (1 in 1,000 such runs of a true 90 % is below 77 %)."""
    rng = np.random.default_rng(7)
    within, errors = [], []
    for _ in range(60):
        row = MODEL.forecasts(FIRST, series(rng, 121), held_back=1, months=1, paths=500)[0]
        assert (row["kind"], row["month_starts_on"], row["known_days"]) == ("held back", date(2024, 4, 1), 91)
        within.append(row["is_within"])
        errors.append(abs(row["percentage_error"]))
    assert np.mean(within) >= 0.77, np.mean(within)
    assert np.median(errors) < 3, np.median(errors)


def test_a_held_back_month_does_not_see_itself() -> None:
    """What happens in the month changes its error, never its forecast."""
    rng = np.random.default_rng(3)
    costs = series(rng, 121)
    changed = costs.copy()
    changed[91:] *= 5
    before, after = (MODEL.forecasts(FIRST, each, held_back=1)[0] for each in (costs, changed))
    assert before["cost_forecast"] == after["cost_forecast"]
    assert not after["is_within"]
    assert after["actual_cost"] == pytest.approx(5 * before["actual_cost"])


def test_known_days_count_as_they_are() -> None:
    """In mid-month the past of the month is no guess: its interval is narrower than the next one's."""
    rng = np.random.default_rng(5)
    costs = series(rng, 105)
    this_month, following = MODEL.forecasts(FIRST, costs, held_back=0)
    assert (this_month["month_starts_on"], following["month_starts_on"]) == (date(2024, 4, 1), date(2024, 5, 1))
    assert this_month["cost_low"] > costs[91:].sum()
    assert this_month["cost_high"] - this_month["cost_low"] < following["cost_high"] - following["cost_low"]


def test_series_that_say_little() -> None:
    """Constant costs are forecast as they are, too few days not at all, and no interval goes below zero."""
    (row,) = MODEL.forecasts(FIRST, np.full(31, 2.0), months=1, held_back=0)
    assert (row["method"], row["cost_forecast"], row["cost_low"]) == ("constant", 58, 58)
    (row,) = MODEL.forecasts(FIRST, np.arange(10.0), months=1, held_back=3)
    assert row["method"] == "too few days"
    assert "cost_forecast" not in row
    falling = np.maximum(20 - np.arange(31.0), 0) + np.random.default_rng(1).normal(0, 0.5, 31)
    assert min(row["cost_low"] for row in MODEL.forecasts(FIRST, falling, held_back=0)) >= 0


def test_charges_of_several_days_are_spread() -> None:
    charges = [(FIRST, FIRST + timedelta(days=3), 8.0), (FIRST + timedelta(days=1), FIRST + timedelta(days=1), 1.0)]
    first_on, costs = MODEL.daily_costs(charges, FIRST + timedelta(days=5))
    assert first_on == FIRST
    assert costs.tolist() == [2, 3, 2, 2, 0, 0]
