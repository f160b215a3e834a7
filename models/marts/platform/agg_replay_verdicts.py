"""Is the target faster, slower or the same, statement by statement and over all, and how sure is that.

Durations of one statement differ by factors, not by seconds, so pairs are compared by the logarithm of target over baseline:

- effect: the geometric mean of the ratios. Its interval is a bootstrap of the pairs, bias-corrected and accelerated (Efron and Tibshirani,
  An Introduction to the Bootstrap, 1993, chapter 14; scipy.stats.bootstrap). Over all, statements are the unit and not pairs, because the
  pairs of one statement move together: the mean over pairs with an error that is robust against clusters, on the t distribution with one
  degree of freedom less than there are statements (Cameron and Miller, A Practitioner's Guide to Cluster-Robust Inference, 2015, section
  VI). With fewer statements than `minimum_pairs` pairs are the unit there too;
- test: Wilcoxon's signed ranks of the same logarithms, two-sided (scipy.stats.wilcoxon); with it the rank-biserial correlation as effect
  size (Kerby, The Simple Difference Formula, 2014). Over all, the t test that belongs to the interval;
- many statements are many tests: their p-values are held together by the rule of Benjamini and Hochberg (1995), per replay and
  configuration.

A verdict is `faster` or `slower` where the adjusted p-value is at most alpha and the interval leaves out 1, `same` where the whole interval
is within `same_within` of 1, else `cannot tell`; below `minimum_pairs` pairs it always is. A change that is certain and so small is `same`.
"""

from typing import Any

import numpy as np
from scipy import stats

DEFAULTS = {"alpha": 0.05, "same_within": 0.05, "minimum_pairs": 8, "resamples": 1999, "seed": 1}
# the correction of the bootstrap is looked for up to so many pairs: its work grows with their square, and it is nil long before
MOST_CORRECTED = 500
# more pairs than these say no more: the interval is narrower than anybody's threshold
MOST_PAIRS = 5000
COLUMNS = {
    "what_if_timestamp": "string", "configuration_name": "string", "statement_key": "string", "statement_text": "string", "pairs": "bigint",
    "baseline_seconds": "double", "target_seconds": "double", "ratio": "double", "ratio_low": "double", "ratio_high": "double",
    "p_value": "double", "adjusted_p_value": "double", "rank_biserial": "double", "verdict": "string",
}  # fmt: skip


def bootstrap_interval(logarithms: Any, settings: dict[str, Any], rng: Any) -> tuple[float, float]:
    """Interval of the mean of the logarithms of one statement."""
    if np.ptp(logarithms) == 0:
        return float(logarithms[0]), float(logarithms[0])
    found = stats.bootstrap(
        (logarithms,), np.mean, n_resamples=settings["resamples"], confidence_level=1 - settings["alpha"], vectorized=True,
        batch=max(1, 2_000_000 // len(logarithms)), method="BCa" if len(logarithms) <= MOST_CORRECTED else "percentile", rng=rng,
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def clustered_test(logarithms: Any, cluster: Any, settings: dict[str, Any]) -> tuple[float, float, float]:
    """Interval of the mean of all logarithms and its p-value, with an error that is robust against clusters."""
    _, place, sizes = np.unique(cluster, return_inverse=True, return_counts=True)
    number, mean = len(sizes), logarithms.mean()
    residuals = np.bincount(place, weights=logarithms - mean)
    error = np.sqrt(number / (number - 1) * (residuals**2).sum()) / len(logarithms)
    if error == 0:
        return float(mean), float(mean), float(mean == 0)
    reach = stats.t.ppf(1 - settings["alpha"] / 2, number - 1) * error
    return float(mean - reach), float(mean + reach), float(2 * stats.t.sf(abs(mean) / error, number - 1))


def rank_biserial(logarithms: Any) -> float:
    """Share of the ranks that speak for slower less the share that speaks for faster."""
    moved = logarithms[logarithms != 0]
    if not len(moved):
        return 0.0
    ranks = stats.rankdata(np.abs(moved))
    return float((ranks[moved > 0].sum() - ranks[moved < 0].sum()) / ranks.sum())


def signed_rank_p(logarithms: Any) -> float:
    """Two-sided p-value of Wilcoxon's signed ranks; 1 where nothing moved."""
    return float(stats.wilcoxon(logarithms).pvalue) if np.any(logarithms != 0) else 1.0


def decided(row: dict[str, Any], settings: dict[str, Any]) -> str:
    """One of faster, slower, same, cannot tell."""
    if row["pairs"] < settings["minimum_pairs"]:
        return "cannot tell"
    low, high, margin = row["ratio_low"], row["ratio_high"], 1 + settings["same_within"]
    if low >= 1 / margin and high <= margin:
        return "same"
    if row["adjusted_p_value"] <= settings["alpha"] and high < 1:
        return "faster"
    if row["adjusted_p_value"] <= settings["alpha"] and low > 1:
        return "slower"
    return "cannot tell"


def verdicts(statement_keys: Any, baseline_us: Any, target_us: Any, **given: Any) -> list[dict[str, Any]]:
    """Verdicts per statement and, under the statement key None, over all statements of one replay and configuration.

    statement_keys, baseline_us, target_us: arrays with an entry per compared pair. given: settings other than DEFAULTS.
    """
    settings = {**DEFAULTS, **given}
    rng = np.random.default_rng(settings["seed"])
    # a microsecond is what the clock tells
    logarithms = np.log(np.maximum(target_us, 1)) - np.log(np.maximum(baseline_us, 1))
    keys, starts = np.unique(statement_keys, return_inverse=True)
    order = np.argsort(starts, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(starts, minlength=len(keys)))[:-1]) if len(keys) else []

    def described(key: Any, places: Any) -> dict[str, Any]:
        own = logarithms[places]
        return {
            "statement_key": key, "pairs": len(own), "ratio": np.exp(own.mean()), "ratio_low": None, "ratio_high": None,
            "baseline_seconds": baseline_us[places].sum() / 1e6, "target_seconds": target_us[places].sum() / 1e6,
            "p_value": None, "adjusted_p_value": None, "rank_biserial": rank_biserial(own),
        }  # fmt: skip

    rows = []
    for key, places in zip(keys, groups, strict=True):
        own = logarithms[places]
        row = described(key, places)
        if len(own) >= settings["minimum_pairs"]:
            drawn = own if len(own) <= MOST_PAIRS else rng.choice(own, MOST_PAIRS, replace=False)
            row["ratio_low"], row["ratio_high"] = np.exp(bootstrap_interval(drawn, settings, rng))
            row["p_value"] = signed_rank_p(drawn)
        rows.append(row)
    tested = [row for row in rows if row["p_value"] is not None]
    if tested:
        for row, adjusted in zip(tested, stats.false_discovery_control([row["p_value"] for row in tested]), strict=True):
            row["adjusted_p_value"] = adjusted
    if len(logarithms) >= settings["minimum_pairs"]:
        cluster = starts if len(keys) >= settings["minimum_pairs"] else np.arange(len(logarithms))
        low, high, p_value = clustered_test(logarithms, cluster, settings)
        whole = {"ratio_low": np.exp(low), "ratio_high": np.exp(high), "p_value": p_value, "adjusted_p_value": p_value}
        rows.append(described(None, slice(None)) | whole)
    return [{**row, "verdict": decided(row, settings)} for row in rows]


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


def columns_of(frame: Any) -> tuple[Any, list[str], list[Any]]:
    """Of compared pairs: the place of each one's statement among the statements, the statements, and both durations."""
    if hasattr(frame, "toPandas"):
        known = frame.toPandas()
        names, places = np.unique(known["statement_key"].to_numpy(dtype=str), return_inverse=True)
        return places, list(names), [known[name].to_numpy(dtype=float) for name in ("baseline_elapsed_us", "target_elapsed_us")]
    known = frame.to_arrow_table()
    keys = known["statement_key"].combine_chunks().dictionary_encode()
    return (
        keys.indices.to_numpy(),
        keys.dictionary.to_pylist(),
        [known[name].to_numpy().astype(float) for name in ("baseline_elapsed_us", "target_elapsed_us")],
    )


def rows_of(frame: Any) -> list[tuple[Any, ...]]:
    """Rows of a relation of DuckDB or a data frame of Spark."""
    return [tuple(row) for row in (frame.collect() if hasattr(frame, "collect") else frame.fetchall())]


def model(dbt: Any, session: Any) -> Any:
    """One row per replay, target configuration and statement, and one over all statements."""
    dbt.config(materialized="table")
    given = {name: type(DEFAULTS[name])(value) for name, value in (dbt.config.get("meta") or {}).get("verdicts", {}).items()}
    pairs = dbt.ref("fct_replayed_query_pairs").filter("pair_class = 'compared'")
    # the first text of each statement
    texts = dict(sorted(rows_of(pairs.select("statement_key", "statement_text").distinct()), reverse=True))
    found = []
    for replay, configuration in sorted(rows_of(pairs.select("what_if_timestamp", "configuration_name").distinct())):
        wanted = " and ".join(
            f"{name} = '{value.replace(chr(39), chr(39) * 2)}'"
            for name, value in (("what_if_timestamp", replay), ("configuration_name", configuration))
        )
        # in one order, so that the draws of the bootstrap are the same ones again
        own = pairs.filter(wanted).select("statement_key", "baseline_elapsed_us", "target_elapsed_us")
        places, names, durations = columns_of(own.sort("statement_key", "baseline_elapsed_us", "target_elapsed_us"))
        for row in verdicts(places, *durations, **given):
            key = "all" if row["statement_key"] is None else names[row["statement_key"]]
            row |= {
                "what_if_timestamp": replay,
                "configuration_name": configuration,
                "statement_key": key,
                "statement_text": texts.get(key),
            }
            found.append(row)
    return answered(found, session)
