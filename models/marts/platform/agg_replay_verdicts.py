"""Is the target faster, slower or the same, statement by statement and over all, and how sure is that.

Pairs that are compared count, and those that time out in the target alone, with the time they ran: they took at least that.

Durations of one statement differ by factors, not by seconds, so pairs are compared by the logarithm of target over baseline.

- Per statement: the geometric mean of the ratios with a t interval. The variance of a statement's pairs is moderated by those of the
  other statements (Smyth, Linear Models and Empirical Bayes Methods for Assessing Differential Expression, 2004, section 6), so that a
  few pairs can tell. Beside it the rank-biserial correlation as effect size (Kerby, The Simple Difference Formula, 2014).
- Over all, twice. `all` is the typical statement: each counts once, `floor_ms` is added to either side, utility statements are left out;
  the t interval is that of the statements. `total` is the seconds: the sums of either side, with statements drawn again and again (the
  bootstrap of clusters; Cameron and Miller, A Practitioner's Guide to Cluster-Robust Inference, 2015) and as many degrees of freedom as
  statements that carry them (Kish). With fewer statements than `minimum_statements` pairs are the unit.
- Reruns: what the baseline, run again, differs by from itself is the noise of a run. Its variance, of a whole run and per statement, is
  part of every interval and test, with the degrees of freedom that so many reruns have (Banerjee, Approximate Confidence Interval for
  Linear Functions of Means, 1960). Without a rerun a verdict holds for these two runs alone; `undone_by` is the shift of a whole run that
  would undo it.
- Many tests: statements of all configurations of a replay are held together by the rule of Benjamini and Hochberg (1995), the
  configurations over all by that of Holm (1979).

A verdict is `faster` or `slower` where the adjusted p-value is at most alpha and the interval leaves out 1; `same` where the whole
interval is within `same_within` of 1, or the pairs differ by less than `floor_ms`; `within the noise of a rerun` where it would be a
change but for the reruns; a statement of fewer than `minimum_pairs` pairs that changes by `large_change` times is `large change, few
pairs`; else it is `cannot tell`, and `reason` says why.
"""

from collections import Counter
from typing import Any

import numpy as np
from scipy import special, stats

DEFAULTS = {
    "alpha": 0.05, "same_within": 0.05, "minimum_pairs": 5, "minimum_statements": 5, "large_change": 2.0, "floor_ms": 10.0,
    "resamples": 1999, "seed": 1,
}  # fmt: skip
COLUMNS = {
    "what_if_timestamp": "string", "configuration_name": "string", "is_rerun": "boolean", "statement_key": "string",
    "statement_text": "string", "pairs": "bigint", "baseline_seconds": "double", "target_seconds": "double", "ratio": "double",
    "ratio_low": "double", "ratio_high": "double", "p_value": "double", "adjusted_p_value": "double", "rank_biserial": "double",
    "reruns": "bigint", "undone_by": "double", "verdict": "string", "reason": "string",
}  # fmt: skip
# no interval is narrower than what a clock of microseconds can tell
LEAST_VARIANCE = 1e-12
# so many draws of statements at a time
MOST_DRAWN = 4_000_000
CHANGES = ("faster", "slower")
# variances and their degrees of freedom
Parts = tuple[Any, Any]


class Pairs:
    """Compared pairs of one configuration: logarithms of the ratios and what they are grouped by.

    keys: an array with the statement of each pair. baseline_us, target_us: their durations. is_utility: whether the statement does no work
    of its own, BEGIN and the like; none is where it is not said.
    """

    def __init__(
        self, keys: Any, baseline_us: Any, target_us: Any, is_utility: Any = None, *, floor_ms: float = DEFAULTS["floor_ms"]
    ) -> None:
        baseline_us, target_us = (np.asarray(one, dtype=float) for one in (baseline_us, target_us))
        utility = np.zeros(len(baseline_us), bool) if is_utility is None else np.asarray(is_utility, dtype=bool)
        self.keys, self.place, self.sizes = np.unique(np.asarray(keys), return_inverse=True, return_counts=True)
        self.baseline, self.target = baseline_us / 1e6, target_us / 1e6
        # a microsecond is what the clock tells
        self.logarithms = np.log(np.maximum(target_us, 1)) - np.log(np.maximum(baseline_us, 1))
        floor_us = 1000 * floor_ms
        self.floored = np.log(np.maximum(target_us + floor_us, 1)) - np.log(np.maximum(baseline_us + floor_us, 1))
        self.is_work = ~utility
        self.means = self.summed(self.logarithms) / self.sizes
        self.seconds = [self.summed(side) for side in (self.baseline, self.target)]

    def summed(self, values: Any) -> Any:
        """Sum of each statement's values."""
        return np.bincount(self.place, weights=values, minlength=len(self.keys))

    def variances(self) -> Any:
        """Variance of each statement's logarithms; not a number where it has one pair."""
        squares = self.summed((self.logarithms - self.means[self.place]) ** 2)
        return np.divide(squares, self.sizes - 1, out=np.full(len(self.keys), np.nan), where=self.sizes > 1)


def moderated(variances: Any, degrees: Any) -> tuple[Any, Any]:
    """Variances drawn to what they have in common, and their degrees of freedom (Smyth 2004, section 6.2).

    variances: of each statement, not a number where there is none. degrees: their degrees of freedom, 0 where there is none.
    """
    known = np.isfinite(variances) & (degrees > 0)
    if known.sum() < 3:
        common = float(np.average(variances[known], weights=degrees[known])) if known.any() else np.nan
        return np.where(known, variances, common), np.where(known, degrees, degrees[known].sum() if known.any() else 0.0)
    own, freedom = np.maximum(variances[known], 1e-5 * np.median(variances[known]) + LEAST_VARIANCE), degrees[known]
    raised = np.log(own) - special.digamma(freedom / 2) + np.log(freedom / 2)
    excess = raised.var(ddof=1) - special.polygamma(1, freedom / 2).mean()
    total = freedom.sum()
    if excess > 0:
        prior_degrees = min(2 * inverse_trigamma(excess), total)
        prior = float(np.exp(raised.mean() + special.digamma(prior_degrees / 2) - np.log(prior_degrees / 2)))
    else:
        prior_degrees, prior = total, float(np.average(own, weights=freedom))
    mixed, all_degrees = np.full(len(variances), prior), np.full(len(variances), prior_degrees)
    mixed[known] = (prior_degrees * prior + freedom * own) / (prior_degrees + freedom)
    all_degrees[known] = np.minimum(prior_degrees + freedom, total)
    return mixed, all_degrees


def inverse_trigamma(value: float) -> float:
    """The number whose trigamma this is, by Newton's method (Smyth 2004, appendix)."""
    if value > 1e7:
        return float(value**-0.5)
    if value < 1e-6:
        return 1 / value
    found = 0.5 + 1 / value
    for _ in range(50):
        trigamma = special.polygamma(1, found)
        step = trigamma * (1 - trigamma / value) / special.polygamma(2, found)
        found += step
        if abs(step) < 1e-8 * found:
            break
    return float(found)


def reach_of(parts: list[Parts], alpha: Any) -> Any:
    """Half of the interval of a mean whose variance has several parts, each estimated apart: never too short (Banerjee 1960).

    parts: variances with their degrees of freedom. alpha: share of the intervals that may miss.
    """
    return np.sqrt(sum(special.stdtrit(degrees, alpha / 2) ** 2 * variance for variance, degrees in parts))


def p_values(means: Any, parts: list[Parts]) -> Any:
    """Two-sided p-values of no change: the alpha at which the interval reaches 1, by halving its logarithm."""
    if len(parts) == 1:
        return 2 * special.stdtr(parts[0][1], -np.abs(means) / np.sqrt(parts[0][0]))
    low, high = np.full(np.shape(means), -40.0), np.zeros(np.shape(means))
    for _ in range(40):
        middle = (low + high) / 2
        misses = reach_of(parts, np.exp(middle)) > np.abs(means)
        low, high = np.where(misses, middle, low), np.where(misses, high, middle)
    return np.exp(high)


def typical(pairs: Pairs, settings: dict[str, Any]) -> tuple[float, float, float] | None:
    """Mean of the typical statement's logarithm, variance of that mean and its degrees of freedom; None where no statement does work."""
    work = pairs.is_work
    values = pairs.floored[work]
    if not len(values):
        return None
    _, place, sizes = np.unique(pairs.place[work], return_inverse=True, return_counts=True)
    if len(sizes) >= settings["minimum_statements"]:
        values = np.bincount(place, weights=values) / sizes
    return float(values.mean()), float(values.var(ddof=1)) / len(values) if len(values) > 1 else np.nan, len(values) - 1


def total(pairs: Pairs, settings: dict[str, Any]) -> tuple[float, float, float]:
    """Logarithm of the ratio of all seconds, its variance by drawing statements again, and its degrees of freedom."""
    by_pair = len(pairs.keys) < settings["minimum_statements"]
    baseline, target = (pairs.baseline, pairs.target) if by_pair else pairs.seconds
    mean = float(np.log(max(target.sum(), 1e-6)) - np.log(max(baseline.sum(), 1e-6)))
    number = len(baseline)
    if number < 2:
        return mean, np.nan, 0
    rng = np.random.default_rng(settings["seed"])
    drawn: list[Any] = []
    batch = max(1, MOST_DRAWN // number)
    for begin in range(0, settings["resamples"], batch):
        weights = rng.multinomial(number, np.full(number, 1 / number), size=min(batch, settings["resamples"] - begin))
        drawn.append(np.log(np.maximum(weights @ target, 1e-6)) - np.log(np.maximum(weights @ baseline, 1e-6)))
    carrying = np.square(baseline.sum() + target.sum()) / max(np.square(baseline + target).sum(), 1e-300)
    return mean, float(np.concatenate(drawn).var(ddof=1)) * number / (number - 1), max(carrying - 1, 0.5)


def noise_of_runs(means: list[float]) -> tuple[float, float]:
    """Variance of the difference of two runs of one configuration, and its degrees of freedom; means: of reruns against the baseline."""
    return 2 * float(np.var([0.0, *means], ddof=1)), len(means)


def noise_of_statements(pairs: Pairs, reruns: list[Pairs], run_means: list[float]) -> tuple[Any, Any]:
    """The same of each statement, beside what its whole run differs by: moderated, also for statements that no rerun has."""
    observed = np.full((len(reruns), len(pairs.keys)), np.nan)
    for number, (rerun, mean) in enumerate(zip(reruns, run_means, strict=True)):
        _, own, theirs = np.intersect1d(pairs.keys, rerun.keys, assume_unique=True, return_indices=True)
        observed[number, own] = rerun.means[theirs] - mean
    runs = np.vstack([np.where(np.isfinite(observed).any(axis=0), 0.0, np.nan), observed])
    counts = np.isfinite(runs).sum(axis=0)
    centred = runs - np.divide(np.nansum(runs, axis=0), counts, out=np.zeros(len(counts)), where=counts > 0)
    degrees = np.maximum(counts - 1, 0)
    variances = np.divide(2 * np.nansum(centred**2, axis=0), degrees, out=np.full(len(counts), np.nan), where=degrees > 0)
    return moderated(variances, degrees.astype(float))


def rank_biserial(logarithms: Any) -> float:
    """Share of the ranks that speak for slower less the share that speaks for faster."""
    moved = logarithms[logarithms != 0]
    if not len(moved):
        return 0.0
    ranks = stats.rankdata(np.abs(moved))
    return float((ranks[moved > 0].sum() - ranks[moved < 0].sum()) / ranks.sum())


def tested(rows: list[dict[str, Any]], means: Any, own: Parts, noise: list[Parts], settings: dict[str, Any]) -> None:
    """Adds interval and p-value to rows.

    own: variance of each mean within these runs, with its degrees of freedom. noise: those of a rerun, of a statement and of a whole run.
    """
    able = np.isfinite(own[0]) & (own[1] > 0) & np.all([np.isfinite(one) for one, _ in noise], axis=0)
    places = np.flatnonzero(able)
    if not len(places):
        return
    mean = np.asarray(means)[places]
    parts = [(np.maximum(own[0][places], LEAST_VARIANCE), own[1][places])] + [(one[places], degrees[places]) for one, degrees in noise]
    found = {
        "p_value": p_values(mean, parts),
        "p_value_of_these_runs": p_values(mean, parts[:1]),
        "ratio_low": np.exp(mean - reach_of(parts, settings["alpha"])),
        "ratio_high": np.exp(np.minimum(mean + reach_of(parts, settings["alpha"]), 700)),
    }
    if not noise:
        found["undone_by"] = np.exp(np.maximum(np.abs(mean) - reach_of(parts, settings["alpha"]), 0)) - 1
    for name, values in found.items():
        for place, value in zip(places, values, strict=True):
            rows[place][name] = float(value)


def compared(pairs: Pairs, reruns: list[Pairs], settings: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per statement, one for the typical statement (all) and one for the seconds (total), not yet judged."""
    order = np.argsort(pairs.place, kind="stable")
    groups = np.split(order, np.cumsum(pairs.sizes)[:-1]) if len(pairs.keys) else []

    def described(key: Any, places: Any, mean: float) -> dict[str, Any]:
        baseline, target = float(pairs.baseline[places].sum()), float(pairs.target[places].sum())
        return {
            "statement_key": key, "pairs": len(pairs.logarithms[places]), "ratio": float(np.exp(mean)), "ratio_low": None,
            "ratio_high": None, "baseline_seconds": baseline, "target_seconds": target, "p_value": None, "adjusted_p_value": None,
            "p_value_of_these_runs": None, "rank_biserial": rank_biserial(pairs.logarithms[places]), "reruns": len(reruns),
            "undone_by": None,
        }  # fmt: skip

    if not len(pairs.keys):
        return []
    rows = [described(key, places, float(mean)) for key, places, mean in zip(pairs.keys, groups, pairs.means, strict=True)]
    variances, degrees = moderated(pairs.variances(), (pairs.sizes - 1).astype(float))
    own = (variances / pairs.sizes, degrees)
    noise: list[Parts] = []
    if reruns:
        # with few statements, what a whole run differs by cannot be told from what its statements do
        enough = len(pairs.keys) >= settings["minimum_statements"]
        run_means = [float(rerun.means.mean()) if enough else 0.0 for rerun in reruns]
        of_statements = noise_of_statements(pairs, reruns, run_means)
        # what a rerun's statement differs by has the noise of its pairs in it already
        noise.append((np.maximum(of_statements[0] - own[0], 0.0), np.maximum(of_statements[1], 1)))
        if enough:
            of_run = noise_of_runs(run_means)
            noise.append((np.full(len(pairs.keys), of_run[0]), np.full(len(pairs.keys), of_run[1])))
    tested(rows, pairs.means, own, noise, settings)
    for key, found in (("all", typical), ("total", total)):
        known = found(pairs, settings)
        rows.append(described(key, slice(None), known[0] if known else 0.0))
        if known is None:
            rows[-1]["ratio"] = None
            continue
        again = [one[0] for one in (found(rerun, settings) for rerun in reruns) if one is not None]
        of_run = noise_of_runs(again) if again else (0.0, 0)
        noise = [(np.array([of_run[0]]), np.array([of_run[1]]))] if again else []
        tested(rows[-1:], [known[0]], (np.array([known[1]]), np.array([known[2]])), noise, settings)
    return rows


def judged(rows: list[dict[str, Any]], settings: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of all configurations of a replay, with adjusted p-values, verdicts and reasons."""
    statements = [row for row in rows if row["statement_key"] not in ("all", "total")]
    able = [row for row in statements if row["p_value"] is not None and row["pairs"] >= settings["minimum_pairs"]]
    if able:
        for row, adjusted in zip(able, stats.false_discovery_control([row["p_value"] for row in able]), strict=True):
            row["adjusted_p_value"] = float(adjusted)
    for key in ("all", "total"):
        whole = [row for row in rows if row["statement_key"] == key and row["p_value"] is not None and not row.get("is_rerun")]
        largest = 0.0
        for number, row in enumerate(sorted(whole, key=lambda row: row["p_value"])):
            largest = max(largest, min(1.0, row["p_value"] * (len(whole) - number)))
            row["adjusted_p_value"] = largest
        for row in rows:
            if row["statement_key"] == key and row.get("is_rerun"):
                row["adjusted_p_value"] = row["p_value"]
    for row in rows:
        row["verdict"], row["reason"] = decided(row, settings)
        if row.get("broken") and row["statement_key"] in ("all", "total"):
            said = f"queries that succeeded in the baseline and fail or time out here: {row['broken']}"
            row["reason"] = f"{said}; {row['reason']}" if row["reason"] else said
    return rows


def decided(row: dict[str, Any], settings: dict[str, Any]) -> tuple[str, str | None]:
    """Verdict of a row, and why it is no other."""
    ratio, margin = row["ratio"], 1 + settings["same_within"]
    is_statement = row["statement_key"] not in ("all", "total")
    apart = abs(row["target_seconds"] - row["baseline_seconds"]) / max(row["pairs"], 1) * 1000
    if ratio is None:
        return "cannot tell", "no statement does work of its own"
    if row["pairs"] < settings["minimum_pairs"]:
        reason = f"{row['pairs']} of the {settings['minimum_pairs']} pairs that a verdict needs"
        is_large = is_statement and apart > settings["floor_ms"] and not 1 / settings["large_change"] < ratio < settings["large_change"]
        return ("large change, few pairs" if is_large else "cannot tell"), reason
    if row["ratio_low"] is None:
        return "cannot tell", "one statement with one pair says nothing of its noise"
    low, high = row["ratio_low"], row["ratio_high"]
    if low >= 1 / margin and high <= margin:
        return "same", None
    if is_statement and apart <= settings["floor_ms"]:
        return "same", f"the difference is {apart:.3g} ms a pair"
    is_sure = row["adjusted_p_value"] <= settings["alpha"] and not low <= 1 <= high
    if row.get("is_rerun"):
        return ("within the noise of a rerun" if is_sure else "cannot tell"), "it is the baseline, run again"
    if is_sure:
        only = None if row["reruns"] else f"of these two runs alone: a shift of {row['undone_by']:.1%} of the whole run would undo it"
        return ("faster" if high < 1 else "slower"), only
    if row["reruns"] and row["p_value_of_these_runs"] <= settings["alpha"]:
        return "within the noise of a rerun", f"reruns of the baseline differ so much that it is {low:.3g} to {high:.3g} times"
    if low <= 1 <= high:
        return "cannot tell", f"it may be {low:.3g} times as long or {high:.3g} times"
    return "cannot tell", f"one of many tests: its p-value is {row['adjusted_p_value']:.2g} among them"


def verdicts(
    statement_keys: Any, baseline_us: Any, target_us: Any, is_utility: Any = None, reruns: Any = (), **given: Any
) -> list[dict[str, Any]]:
    """Verdicts of one configuration, by itself: per statement, then under the keys all and total.

    statement_keys, baseline_us, target_us, is_utility: arrays with an entry per compared pair. reruns: the same four, or three, of each
    rerun of the baseline. given: settings other than DEFAULTS.
    """
    settings = {**DEFAULTS, **given}
    pairs = Pairs(statement_keys, baseline_us, target_us, is_utility, floor_ms=settings["floor_ms"])
    again = [Pairs(*one, floor_ms=settings["floor_ms"]) for one in reruns]
    return judged(compared(pairs, again, settings), settings)


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


def columns_of(frame: Any) -> list[Any]:
    """Of compared pairs: statement, duration in the baseline and in the target, whether it is a utility statement."""
    names = ("statement_key", "baseline_elapsed_us", "target_elapsed_us", "is_utility")
    if hasattr(frame, "toPandas"):
        known = frame.toPandas()
        return [known[name].to_numpy() for name in names]
    known = frame.to_arrow_table()
    return [known[name].to_numpy(zero_copy_only=False) for name in names]


def rows_of(frame: Any) -> list[tuple[Any, ...]]:
    """Rows of a relation of DuckDB or a data frame of Spark."""
    return [tuple(row) for row in (frame.collect() if hasattr(frame, "collect") else frame.fetchall())]


def model(dbt: Any, session: Any) -> Any:
    """One row per replay, target configuration and statement, and two over all statements."""
    dbt.config(materialized="table")
    given = (dbt.config.get("meta") or {}).get("verdicts", {})
    settings = {**DEFAULTS, **{name: type(DEFAULTS[name])(value) for name, value in given.items()}}
    every_pair = dbt.ref("fct_replayed_query_pairs")
    # a query that timed out took at least as long as it ran
    pairs = every_pair.filter("pair_class in ('compared', 'new timeout')")
    failed = every_pair.filter("pair_class in ('new error', 'new timeout')").select("what_if_timestamp", "configuration_name")
    broken = Counter(rows_of(failed))
    named = rows_of(dbt.ref("dim_replay_configuration").select("what_if_timestamp", "configuration_name", "is_rerun").distinct())
    reruns = {(replay, configuration) for replay, configuration, is_rerun in named if is_rerun}
    # the first text of each statement
    texts = dict(sorted(rows_of(pairs.select("statement_key", "statement_text").distinct()), reverse=True))
    found = []
    configurations = sorted(rows_of(pairs.select("what_if_timestamp", "configuration_name").distinct()))
    for replay in sorted({replay for replay, _ in configurations}):
        of_replay = {}
        for configuration in (name for its_replay, name in configurations if its_replay == replay):
            wanted = " and ".join(
                f"{name} = '{value.replace(chr(39), chr(39) * 2)}'"
                for name, value in (("what_if_timestamp", replay), ("configuration_name", configuration))
            )
            own = pairs.filter(wanted).select("statement_key", "baseline_elapsed_us", "target_elapsed_us", "is_utility")
            # in one order, so that sums and draws are the same ones again
            columns = columns_of(own.sort("statement_key", "baseline_elapsed_us", "target_elapsed_us"))
            of_replay[configuration] = Pairs(*columns, floor_ms=settings["floor_ms"])
        rows = []
        for configuration, its_pairs in of_replay.items():
            is_rerun = (replay, configuration) in reruns
            again = [] if is_rerun else [one for name, one in of_replay.items() if (replay, name) in reruns]
            for row in compared(its_pairs, again, settings):
                key = str(row["statement_key"])
                own_text = None if key in ("all", "total") else texts.get(key)
                facts = {
                    "what_if_timestamp": replay,
                    "configuration_name": configuration,
                    "is_rerun": is_rerun,
                    "broken": broken[replay, configuration],
                }
                rows.append({**row, **facts, "statement_key": key, "statement_text": own_text})
        found += judged(rows, settings)
    return answered([{name: row[name] for name in COLUMNS} for row in found], session)
