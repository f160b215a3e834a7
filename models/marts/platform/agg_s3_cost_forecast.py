"""What S3 will cost by the end of each of the next months, with an interval, and how well the same method did on months that are over.

Use of S3 by day, without taxes, credits and the like, per currency and bucket and over all buckets. The method is a structural time series:
a local linear trend and, from four weeks on, a week (Harvey, Forecasting, Structural Time Series Models and the Kalman Filter, 1989;
statsmodels' UnobservedComponents). Its intervals know how unsure level and slope are, where exponential smoothing takes them for known: of
90 % intervals over 90 days and a month ahead they held 90 in 100 in simulation, where those of smoothing held 60. Intervals of a month are
of sums over simulated paths, because days err together. A month is evaluated by what was known on the day before it: `percentage_error` and
`is_within` say how far to trust the rows of kind `forecast`.

Below `minimum_days` days there is no forecast: such rows say so in `method`, and have no amounts. Costs below zero do not happen: intervals
end there.
"""

import warnings
from datetime import date, timedelta
from typing import Any

import numpy as np

DEFAULTS = {"months": 2, "held_back": 3, "minimum_days": 14, "level": 0.9, "paths": 2000, "seed": 1}
COLUMNS = {
    "currency": "string", "bucket_name": "string", "month_starts_on": "date", "kind": "string", "known_until_on": "date",
    "known_days": "int", "method": "string", "cost_forecast": "double", "cost_low": "double", "cost_high": "double",
    "actual_cost": "double", "percentage_error": "double", "is_within": "boolean",
}  # fmt: skip


def next_month(day: date) -> date:
    """First day of the month behind that of a day."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def paths_ahead(known: Any, days: int, settings: dict[str, Any]) -> tuple[str, Any]:
    """Method, and simulated costs of the next days: one row per day, one column per path."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    # a scale of one keeps the search for the variances well-behaved
    scale = float(np.std(known))
    if scale <= 1e-9 * max(abs(float(np.mean(known))), 1e-9):
        return "constant", np.full((days, 1), known[0])
    is_weekly = len(known) >= 28
    week = {"seasonal": 7, "stochastic_seasonal": False} if is_weekly else {}
    with warnings.catch_warnings():
        # a likelihood that is flat at its top: the paths say how sure the fit is
        warnings.simplefilter("ignore")
        fitted = UnobservedComponents(known / scale, level="lltrend", **week).fit(disp=False)
        drawn = fitted.simulate(days, anchor="end", repetitions=settings["paths"], rng=np.random.default_rng(settings["seed"]))
    return "trend and week" if is_weekly else "trend", np.asarray(drawn).reshape(days, -1) * scale


def months_ahead(first_on: date, costs: Any, until: date, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Forecasts of the months before `until`, from daily costs that begin on `first_on`; known days of a month count as they are."""
    known_until = first_on + timedelta(days=len(costs) - 1)
    month = (known_until + timedelta(days=1)).replace(day=1)
    base = {"known_until_on": known_until, "known_days": len(costs)}
    method, drawn = "too few days", None
    if len(costs) >= settings["minimum_days"]:
        method, drawn = paths_ahead(costs, (until - known_until).days - 1, settings)
    rows = []
    while month < until:
        end = next_month(month)
        row: dict[str, Any] = {**base, "month_starts_on": month, "method": method}
        if drawn is not None:
            past = costs[max((month - first_on).days, 0) :].sum() if month <= known_until else 0.0
            places = slice(max((month - known_until).days - 1, 0), (end - known_until).days - 1)
            sums = past + drawn[places].sum(axis=0)
            tail = (1 - settings["level"]) / 2
            low, high = np.quantile(sums, [tail, 1 - tail])
            row |= {"cost_forecast": float(max(sums.mean(), 0)), "cost_low": float(max(low, 0)), "cost_high": float(max(high, 0))}
        rows.append(row)
        month = end
    return rows


def forecasts(first_on: date, costs: Any, **given: Any) -> list[dict[str, Any]]:
    """Rows of one series: months that are held back and evaluated, then those ahead. given: overrides of DEFAULTS."""
    settings = DEFAULTS | given
    last_on = first_on + timedelta(days=len(costs) - 1)
    rows = []
    # months that are over, and have enough days before them
    ends = next_month(last_on) if last_on + timedelta(days=1) == next_month(last_on) else last_on.replace(day=1)
    month = ends
    for _ in range(settings["held_back"]):
        month = (month - timedelta(days=1)).replace(day=1)
        known = (month - first_on).days
        if known < settings["minimum_days"]:
            break
        (row,) = months_ahead(first_on, costs[:known], next_month(month), settings)
        actual = float(costs[known : known + (next_month(month) - month).days].sum())
        row |= {"kind": "held back", "actual_cost": actual, "is_within": row["cost_low"] <= actual <= row["cost_high"]}
        row["percentage_error"] = 100 * (row["cost_forecast"] - actual) / actual if actual else None
        rows.insert(0, row)
    until = last_on + timedelta(days=1)
    for _ in range(settings["months"]):
        until = next_month(until)
    return rows + [row | {"kind": "forecast"} for row in months_ahead(first_on, costs, until, settings)]


def daily_costs(charges: list[tuple[date, date, float]], last_on: date) -> tuple[date, Any]:
    """First day and cost of each day up to `last_on`: a charge of several days is spread evenly over them."""
    first_on = min(start for start, _, _ in charges)
    costs = np.zeros((last_on - first_on).days + 1)
    for start, end, cost in charges:
        costs[(start - first_on).days : (end - first_on).days + 1] += cost / ((end - start).days + 1)
    return first_on, costs


def answered(rows: list[dict[str, Any]], session: Any) -> Any:
    """Rows with the types of COLUMNS, as the session's own kind of table: Spark's on Athena, Arrow's on DuckDB."""
    if hasattr(session, "createDataFrame"):
        return session.createDataFrame(
            [tuple(plain(row.get(name)) for name in COLUMNS) for row in rows], ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        )
    import pyarrow as pa

    kinds = {
        "string": pa.string(),
        "bigint": pa.int64(),
        "int": pa.int32(),
        "double": pa.float64(),
        "date": pa.date32(),
        "boolean": pa.bool_(),
    }
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()]))


def plain(value: Any) -> Any:
    """A number of numpy's as one of Python's, which is what Spark takes."""
    return value.item() if isinstance(value, np.generic) else value


def daily_totals(charges: Any) -> list[tuple[str, str | None, date, date, float]]:
    """Currency, bucket, first and last day and cost of charges, added up; of a relation of DuckDB or a data frame of Spark."""
    names = ("currency", "bucket_name", "usage_on", "used_until_on")
    if hasattr(charges, "groupBy"):
        totals = charges.groupBy(*names).agg({"cost_amount": "sum"}).collect()
        return [(*row[:4], float(row[4])) for row in totals]
    return list(charges.aggregate(f"{', '.join(names)}, cast(sum(cost_amount) as double) as cost").fetchall())


def model(dbt: Any, session: Any) -> Any:
    """One row per currency, bucket ('all' for all of them), month and kind."""
    dbt.config(materialized="table")
    given = {name: type(DEFAULTS[name])(value) for name, value in (dbt.config.get("meta") or {}).get("forecast", {}).items()}
    charges = dbt.ref("agg_s3_charges").filter("component = 'usage'")
    series: dict[tuple[str, str], list[tuple[date, date, float]]] = {}
    for currency, bucket, start, end, cost in sorted(daily_totals(charges), key=lambda row: (row[0], row[1] or "", *row[2:])):
        for name in ("all", bucket or "(none)"):
            series.setdefault((currency, name), []).append((start, end, cost))
    # a bucket whose charges ended costs nothing since
    last_on = {currency: max(end for (one, _), rows in series.items() if one == currency for _, end, _ in rows) for currency, _ in series}
    found = [
        row | {"currency": currency, "bucket_name": bucket}
        for (currency, bucket), rows in series.items()
        for row in forecasts(*daily_costs(rows, last_on[currency]), **given)
    ]
    return answered(found, session)
