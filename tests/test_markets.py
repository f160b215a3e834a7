"""Market bars: the figures that the source publishes, indicators against another library, and bars that come late, twice or corrected."""

from __future__ import annotations

import csv
import itertools
import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from compiled_project import CompiledProject, Replay
from conftest import ROOT, Compilations, Warehouse, copy_of
from histories import HISTORIES, hold_over, side_by_side
from hypothesis import strategies as st

CANDLES = ["agg_market_candles_5_minutes", "agg_market_candles_15_minutes", "agg_market_candles_60_minutes", "agg_market_candles_days"]
INDICATORS = ["agg_market_indicators_5_minutes", "agg_market_indicators_days"]
MARTS = [
    "fct_market_bars", "fct_enriched_market_bars", *CANDLES, *INDICATORS, "agg_market_adjusted_days", "agg_market_value_at_risk",
    "fct_market_alerts", "fct_market_gaps",
]  # fmt: skip
# written with pandas-ta-classic, whose version it names; seeds/markets and docs/markets.md say where the sessions come from
PUBLISHED = json.loads((ROOT / "tests/support/market_indicators.json").read_text())
CANDLE_COLUMNS = {
    "symbol": "varchar", "candle_at": "timestamp", "session_on": "date", "close_price": "decimal(14, 6)", "volume": "decimal(28, 4)",
    "loaded_at": "timestamp",
}  # fmt: skip

Record = tuple[int | None, int | None, str | None, Any, str | None]
History = tuple[list[Record], list[list[Record]]]


# --- against published figures and another library -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(sample: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample."""
    return copy_of(sample, tmp_path_factory.mktemp("markets"))


def test_changes_of_the_published_bars(built: Warehouse) -> None:
    """Source 16 prints these; the close before is the one they give."""
    rows = built.rows(
        "select bar_at::varchar, close_price::double, open_price::double, low_price::double, high_price::double, volume::double, "
        "percent_change, indicator from dev_marts.fct_enriched_market_bars where symbol = 'AMZN' "
        "and bar_at between '2024-07-11 19:49:00' and '2024-07-11 19:51:00' order by 1"
    )
    assert rows == [
        ("2024-07-11 19:49:00", 194.64, 194.58, 194.58, 194.64, 255.0, -0.8784661217630548, "Neutral"),
        ("2024-07-11 19:50:00", 194.77, 194.615, 194.59, 194.78, 1362.0, -0.8122628778040887, "Neutral"),
        ("2024-07-11 19:51:00", 194.82, 194.79, 194.77, 194.82, 1143.0, -0.7868000916660381, "Neutral"),
    ]


def test_sample_of_bars(built: Warehouse) -> None:
    """What was made to go wrong in the sample is where it belongs."""
    assert built.rows(
        "select outcome, outcome_reason, count(*) from dev_staging.delivered_msk__market_bars where outcome <> 'accepted' "
        "group by all order by all"
    ) == [
        ("duplicate", "delivered before", 2),
        ("quarantined", "close is no decimal number with 6 digits", 1),
        ("quarantined", "the payload is empty (tombstone)", 1),
        ("quarantined", "the payload is no JSON", 1),
        ("quarantined", "timestamp is missing", 1),
    ]
    # the minute without a trade, and the halt; the bars that came late are there
    assert built.rows(
        "select gap_at::varchar, gap_ends_at::varchar, missing_minutes from dev_marts.fct_market_gaps where symbol = 'AMZN' order by 1"
    ) == [("2024-07-11 15:00:00", "2024-07-11 15:01:00", 1), ("2024-07-12 14:10:00", "2024-07-12 14:21:00", 11)]
    assert built.rows(
        "select session_on::varchar, bars, missing_minutes from dev_marts.agg_market_candles_days where symbol = 'AMZN' order by 1"
    ) == [("2024-07-10", 390, 0), ("2024-07-11", 389, 1), ("2024-07-12", 379, 11)]
    # a split of ten for one is no fall of 90 %; a rise over night is
    assert built.rows(
        "select symbol, session_on::varchar, min(indicator), max(indicator) from dev_marts.fct_enriched_market_bars "
        "where (symbol, session_on) in (('NVDA', '2024-06-07'), ('NVDA', '2024-06-10'), ('MSFT', '2024-04-26')) group by all order by all"
    ) == [
        ("MSFT", "2024-04-26", "Bullish", "Bullish"),
        ("NVDA", "2024-06-07", None, None),
        ("NVDA", "2024-06-10", "Neutral", "Neutral"),
    ]
    # a bar before the opening is kept and belongs to no candle
    assert built.rows(
        "select (select count(*) from dev_marts.fct_market_bars where not is_in_session), "
        "(select sum(bars) from dev_marts.agg_market_candles_5_minutes) = "
        "(select count(*) from dev_marts.fct_enriched_market_bars)"
    ) == [(1, True)]


@pytest.fixture(scope="module")
def indicators(compiled: Compilations) -> CompiledProject:
    """The indicators of five minutes over candles as they are given."""
    return CompiledProject.over(
        compiled,
        ["agg_market_indicators_5_minutes"],
        {
            "agg_market_candles_5_minutes": CANDLE_COLUMNS,
            "agg_market_adjusted_days": {"symbol": "varchar", "session_on": "date", "split_factor": "double"},
        },
    )


def over(compiled: Compilations, model: str, **tables: dict[str, str]) -> Replay:
    """A model over tables in place of what it reads."""
    return Replay(CompiledProject.over(compiled, [model], tables))


def candle(symbol: str, number: int, close: float, volume: float = 100) -> dict[str, Any]:
    """A candle of five minutes, one of so many in a row."""
    at = datetime(2024, 7, 11) + timedelta(minutes=5 * number)
    return {"symbol": symbol, "candle_at": at, "session_on": at.date(), "close_price": Decimal(str(close)), "volume": volume}


def load_candles(replay: Replay, candles: Sequence[dict[str, Any]]) -> None:
    """Puts candles into the table, in place of those of the same time, and loads."""
    relation = replay.project.landings["agg_market_candles_5_minutes"][0]
    values = [[each["symbol"], each["candle_at"]] for each in candles]
    replay.connection.executemany(f"delete from {relation} where symbol = ? and candle_at = ?", values)
    replay.land_rows("agg_market_candles_5_minutes", list(candles))
    replay.load()


def test_indicators_are_those_of_another_library(indicators: CompiledProject) -> None:
    """pandas-ta-classic 0.8.32, over 40 closes and over 900: in one load and in several, the last of which brings what was missing."""
    assert PUBLISHED["library"] == "pandas-ta-classic 0.8.32"
    rng = random.Random(5)
    at_once, in_parts = Replay(indicators), Replay(indicators)
    candles = [candle(name, number, close) for name, each in PUBLISHED["series"].items() for number, close in enumerate(each["closes"])]
    load_candles(at_once, candles)
    late = rng.sample(candles, 12) + candles[:2]
    in_time = [each for each in candles if each not in late]
    for first in range(0, len(in_time), 310):
        load_candles(in_parts, in_time[first : first + 310])
    load_candles(in_parts, [{**each, "close_price": Decimal(1)} for each in late])
    load_candles(in_parts, late)
    names = list(PUBLISHED["series"]["walk"]["expected"])
    for replay in (at_once, in_parts):
        rows = {
            (symbol, number - 1): dict(zip(names, values, strict=True))
            for symbol, number, *values in replay.rows(
                f"select symbol, candle_number, {', '.join(names)} from {{agg_market_indicators_5_minutes}}"
            )
        }
        assert len(rows) == len(candles)
        for symbol, each in PUBLISHED["series"].items():
            for name, expected in each["expected"].items():
                for number, value in expected.items():
                    found = rows[symbol, int(number)][name]
                    assert found == (None if value is None else pytest.approx(value, rel=0, abs=1e-9)), (symbol, name, number)
    # to the last digit
    assert in_parts.table("agg_market_indicators_5_minutes") == at_once.table("agg_market_indicators_5_minutes")


def test_indicators_of_the_least_and_the_greatest_prices(indicators: CompiledProject) -> None:
    """Against the recursion, written out: a price below a dollar and one like Berkshire Hathaway's, in parts of 1e12 of the price."""
    replay = Replay(indicators)
    rng = random.Random(3)
    series: dict[str, list[float]] = {}
    for name, price, digits in (("low", 0.05, 4), ("high", 812_345.0, 2)):
        series[name] = [price := round(price * (1 + rng.gauss(0, 0.004)), digits) for _ in range(1_500)]
    load_candles(replay, [candle(name, number, close) for name, closes in series.items() for number, close in enumerate(closes)])
    rows = replay.rows("select symbol, candle_number - 1, ema_26, rsi_14 from {agg_market_indicators_5_minutes} order by 1, 2")
    for name, closes in series.items():
        ema = sum(closes[:26]) / 26
        moves = [now - before for before, now in itertools.pairwise(closes)]
        gain, loss = (sum(max(0, sign * move) for move in moves[:14]) / 14 for sign in (1, -1))
        for symbol, number, found_ema, found_rsi in rows:
            if symbol == name and number > 25:
                ema += (closes[number] - ema) * 2 / 27
                assert found_ema == pytest.approx(ema, rel=1e-12)
            if symbol == name and number > 14:
                gain, loss = ((13 * average + max(0, sign * moves[number - 1])) / 14 for average, sign in ((gain, 1), (loss, -1)))
                assert found_rsi == pytest.approx(100 * gain / (gain + loss), abs=1e-9)


def test_prices_that_do_not_move_and_alerts(indicators: CompiledProject) -> None:
    """A price that stays has no relative strength, bands of no width, and crosses nothing; one that only rises has 100."""
    replay = Replay(indicators)
    flat = [candle("flat", number, 194.64, volume=100 if number != 40 else 300) for number in range(60)]
    rising = [candle("rise", number, 100 + number, volume=0) for number in range(60)]
    # falls for sixty candles and rises: the short average is below the long one and crosses it once
    turn = [candle("turn", number, 200 - number if number < 60 else 80 + number, volume=100 + number) for number in range(100)]
    load_candles(replay, [*flat, *rising, *turn])
    table = "{agg_market_indicators_5_minutes}"
    assert replay.rows(
        f"select distinct rsi_14, bollinger_upper - bollinger_lower, sma_crossover, macd_crossover, round(macd, 12) from {table} "
        "where symbol = 'flat' and candle_number > 50"
    ) == [(None, 0.0, None, None, 0.0)]
    assert replay.rows(f"select candle_number, volume_ratio from {table} where has_volume_alert") == [(41, 3.0)]
    assert replay.rows(f"select distinct rsi_14 from {table} where symbol = 'rise' and candle_number > 14") == [(100.0,)]
    assert replay.rows(f"select distinct volume_ratio from {table} where symbol = 'rise'") == [(None,)]
    crossings = replay.rows(f"select sma_crossover, candle_number from {table} where symbol = 'turn' and sma_crossover is not null")
    closes = [float(each["close_price"]) for each in turn]
    above = [number for number in range(49, 100) if sum(closes[number - 19 : number + 1]) * 5 > sum(closes[number - 49 : number + 1]) * 2]
    assert crossings == [("above", above[0] + 1)]


def test_value_at_risk_of_39_returns(compiled: Compilations) -> None:
    """As numpy's `quantile` gives them with its default method, linear, and with inverted_cdf, over the returns of the 40 closes."""
    closes = PUBLISHED["series"]["published"]["closes"]
    replay = over(
        compiled,
        "agg_market_value_at_risk",
        agg_market_candles_5_minutes=CANDLE_COLUMNS,
        agg_market_candles_days={"symbol": "varchar", "session_on": "date"},
    )
    replay.land_rows("agg_market_candles_5_minutes", [candle("A", number, close) for number, close in enumerate(closes)])
    days = replay.project.landings["agg_market_candles_days"][0]
    replay.connection.execute(f"insert into {days} values ('A', '2024-07-11'), ('A', '2024-07-12')")
    replay.load()
    rows = replay.rows("select session_on::varchar, * exclude (symbol, session_on) from {agg_market_value_at_risk} order by 1")
    for row in rows:
        assert row[1:] == (39, *(pytest.approx(each, abs=1e-12) for each in (0.018333320070, 0.025802109042, 0.027851107941)), row[5])
    assert [row[0] for row in rows] == ["2024-07-11", "2024-07-12"]


def test_adjusted_closes_of_the_published_example(compiled: Compilations) -> None:
    """Yahoo's page on adjusted closes (SLN28256): a split of two for one, and the next day a dividend of 8 cents."""
    replay = over(
        compiled,
        "agg_market_adjusted_days",
        agg_market_candles_days={"symbol": "varchar", "session_on": "date", "close_price": "decimal(14, 6)", "volume": "decimal(28, 4)"},
        ref_market_splits_and_dividends={
            "symbol": "varchar", "ex_on": "date", "split_ratio": "decimal(18, 8)", "dividend_amount": "decimal(18, 8)",
        },
    )  # fmt: skip
    days, actions = (relation for relation, _ in replay.project.landings.values())
    replay.connection.execute(
        f"insert into {days} values ('A', '2024-02-13', 46.99, 10), ('A', '2024-02-14', 48.30, 10), ('A', '2024-02-20', 24.96, 10), "
        "('A', '2024-02-21', 24.53, 10), ('B', '2024-02-14', 7, 10)"
    )
    replay.connection.execute(
        f"insert into {actions} values ('A', '2024-02-20', 2, null), ('A', '2024-02-21', null, 0.08), ('B', '2024-02-13', 3, 1), "
        "('B', '2024-02-16', null, 9)"
    )
    replay.load()
    assert replay.rows(
        "select symbol, round(adjusted_close_price, 2)::double, split_factor, adjusted_volume::double from {agg_market_adjusted_days} "
        "order by symbol, session_on"
    ) == [("A", 23.42, 0.5, 20), ("A", 24.07, 0.5, 20), ("A", 24.88, 1, 10), ("A", 24.53, 1, 10), ("B", 7, 1, 10)]


# --- any delivery --------------------------------------------------------------------------------------------------------------------


class Market(Replay):
    """A scratch database with the sessions, and a split of two for one on 2024-07-11."""

    def __init__(self, project: CompiledProject, symbols: Sequence[str] = ()) -> None:
        super().__init__(project)
        self.connection.execute(
            f"create table dev_reference.ref_market_sessions as select * from read_csv('{ROOT / 'seeds/markets/ref_market_sessions.csv'}')"
        )
        self.connection.execute(
            "create table dev_reference.ref_market_splits_and_dividends "
            "(symbol varchar, ex_on date, split_ratio decimal(18, 8), dividend_amount decimal(18, 8))"
        )
        for symbol in symbols:
            self.connection.execute("insert into dev_reference.ref_market_splits_and_dividends values (?, '2024-07-11', 2, 0.5)", [symbol])


@pytest.fixture(scope="module")
def project(compiled: Compilations) -> CompiledProject:
    """The models behind the topic of bars."""
    return CompiledProject(compiled, "mv_market_bars")


MINUTES = [
    # the end of a session, the first minutes of the next one, a whole candle, what is outside, and a short session
    "2024-07-03 16:58", "2024-07-03 16:59", "2024-07-03 17:00", "2024-07-08 19:59", "2024-07-09 13:30", "2024-07-09 13:31",
    "2024-07-09 13:34", "2024-07-09 13:35", "2024-07-10 15:00", "2024-07-10 19:59", "2024-07-11 13:29", "2024-07-11 13:30",
    "2024-07-11 13:46", "2024-07-12 14:30",
]  # fmt: skip


def bar(minute: str, position: int, close: float, symbol: str = "AMZN", second: int | None = None, volume: float = 100) -> Record:
    """A bar that was sent `second` seconds after 2024-07-12 21:00."""
    payload = {
        "open": 10.0, "high": 99.0, "low": 1.0, "close": close, "volume": volume, "trade_count": 3.0, "vwap": 10.01,
        "timestamp": f"{minute}:00", "symbol": symbol,
    }  # fmt: skip
    sent = datetime(2024, 7, 12, 21) + timedelta(seconds=position if second is None else second)
    return (0, position, str(sent), payload, None)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Bars, some of them corrected, and a delivery of them: cut, shuffled, and some of them twice."""
    records: list[Record] = []
    for position in range(draw(st.integers(1, 24))):
        item = bar(
            draw(st.sampled_from(MINUTES)),
            position,
            draw(st.sampled_from([10.0, 10.5, 9.5, 21.0, 5.25])),
            second=draw(st.integers(0, 3)),
            volume=draw(st.sampled_from([0, 100, 900])),
        )
        kind = draw(st.sampled_from(["bar"] * 9 + ["no json", "tombstone", "bad price"]))
        if kind == "no json":
            item = (0, position, item[2], None, "{")
        elif kind == "tombstone":
            item = (0, position, item[2], None, None)
        elif kind == "bad price":
            item = (0, position, item[2], {**item[3], "close": "n/a"}, None)
        records.append(item)
    deliveries = draw(st.permutations(records + draw(st.lists(st.sampled_from(records), max_size=4))))
    cuts = sorted(draw(st.lists(st.integers(0, len(deliveries)), max_size=3)))
    bounds = [0, *cuts, len(deliveries)]
    return records, [deliveries[start:end] for start, end in itertools.pairwise(bounds)]


def apart(history: History, number: int) -> History:
    """The same history with a symbol and a partition of its own."""

    def own(record: Record) -> Record:
        _, position, moment, payload, invalid = record
        payload = {**payload, "symbol": f"{payload['symbol']}-{number}"} if isinstance(payload, dict) else payload
        return (number, position, moment, payload, invalid)

    records, batches = history
    return [own(record) for record in records], [[own(record) for record in batch] for batch in batches]


def table(replay: Replay, mart: str) -> list[tuple[Any, ...]]:
    """A mart without what the load left in it."""
    columns = [name for name, *_ in replay.rows(f"describe {{{mart}}}") if name not in ("loaded_at", "load_id")]
    return sorted(replay.rows(f"select {', '.join(columns)} from {{{mart}}}"), key=repr)


def load_all(project: CompiledProject, batches: Sequence[Sequence[Record]], symbols: Sequence[str] = ()) -> Market:
    """Loads the batches one after the other."""
    market = Market(project, symbols)
    for batch in batches:
        market.land(list(batch))
        market.load()
    return market


def check_delivery(project: CompiledProject, group: Sequence[History]) -> None:
    """The marts of the batches are those of one clean load, to the last digit; the bars are the newest records, read off in Python."""
    records, batches = side_by_side(group, apart)
    symbols = [f"AMZN-{number}" for number in range(0, len(group), 2)]
    clean, delivered = load_all(project, [records], symbols), load_all(project, batches, symbols)
    for mart in MARTS:
        assert table(delivered, mart) == table(clean, mart), mart
    newest: dict[tuple[str, str], tuple[str, int, float]] = {}
    for _, position, moment, payload, _ in records:
        if isinstance(payload, dict) and payload["close"] != "n/a":
            key = (payload["symbol"], payload["timestamp"])
            newest[key] = max(newest.get(key, ("", 0, 0.0)), (str(moment), position or 0, payload["close"]))
    assert {
        (symbol, str(bar_at)): float(close)
        for symbol, bar_at, close in delivered.rows("select symbol, bar_at, close_price from {fct_market_bars}")
    } == {key: close for key, (_, _, close) in newest.items()}


LATE_CLOSE: History = (
    [bar("2024-07-10 19:58", 0, 10.0), bar("2024-07-11 13:30", 1, 10.5), bar("2024-07-10 19:59", 2, 5.25)],
    [[bar("2024-07-10 19:58", 0, 10.0), bar("2024-07-11 13:30", 1, 10.5)], [bar("2024-07-10 19:59", 2, 5.25)]],
)


def test_any_delivery_gives_the_marts_of_one_clean_load(project: CompiledProject) -> None:
    hold_over(histories(), lambda group: check_delivery(project, group), examples=[LATE_CLOSE], number=min(HISTORIES, 100))


def test_a_correction_changes_what_it_belongs_to(project: CompiledProject) -> None:
    """One bar of 2024-07-10 is corrected, then the last one of the session, then one comes late: nothing else moves."""
    rng = random.Random(1)
    minutes = [
        f"{opens + timedelta(minutes=minute):%Y-%m-%d %H:%M}"
        for opens in (datetime(2024, 7, day, 13, 30) for day in (9, 10, 11))
        for minute in range(390)
        if (opens.day, minute) != (10, 200)
    ]
    bars = [bar(minute, position, round(10 + rng.random(), 2)) for position, minute in enumerate(minutes)]
    market = load_all(project, [[*bars, *(bar(minute, 5_000 + at, 10.0, symbol="MSFT") for at, minute in enumerate(minutes[::7]))]])

    def changed(record: Record) -> dict[str, set[tuple[Any, ...]]]:
        """Rows that a record changed or added, by mart: symbol and time, or symbol and day."""
        keys = dict.fromkeys([*CANDLES, *INDICATORS], "candle_at") | {"fct_enriched_market_bars": "bar_at", "fct_market_bars": "bar_at"}
        before = {mart: set(table(market, mart)) for mart in keys}
        market.land([record])
        market.load()
        found = {}
        for mart, key in keys.items():
            place = [name for name, *_ in market.rows(f"describe {{{mart}}}") if name not in ("loaded_at", "load_id")].index(key)
            found[mart] = {(row[0], row[place]) for row in set(table(market, mart)) - before[mart]}
        return found

    def at(text: str) -> tuple[str, datetime]:
        return ("AMZN", datetime.fromisoformat(f"2024-07-{text}"))

    middle = changed(bar("2024-07-10 14:02", 9_000, 10.505, second=9_000))
    assert middle["fct_market_bars"] == middle["fct_enriched_market_bars"] == {at("10 14:02")}
    # no candle closes with it, and high and low stay
    assert all(middle[mart] == set() for mart in [*CANDLES, *INDICATORS])
    last = changed(bar("2024-07-10 14:04", 9_001, 10.505, second=9_001))
    assert [last[mart] for mart in CANDLES] == [{at("10 14:00")}, set(), set(), set()]
    candles = {("AMZN", candle_at) for (candle_at,) in market.rows(
        "select candle_at from {agg_market_candles_5_minutes} where symbol = 'AMZN' and candle_at >= '2024-07-10 14:00:00'"
    )}  # fmt: skip
    assert at("10 14:00") in last["agg_market_indicators_5_minutes"] <= candles
    assert len(last["agg_market_indicators_5_minutes"]) >= 50  # what the averages of 50 reach
    assert last["agg_market_indicators_days"] == set()
    # the close of a session: its candles, and every bar of the session after it
    close = changed(bar("2024-07-10 19:59", 9_002, 10.505, second=9_002))
    assert [close[mart] for mart in CANDLES] == [{at("10 19:55")}, {at("10 19:45")}, {at("10 19:30")}, {at("10 13:30")}]
    assert close["fct_enriched_market_bars"] == {at("10 19:59")} | {
        ("AMZN", datetime(2024, 7, 11, 13, 30) + timedelta(minutes=minute)) for minute in range(390)
    }
    assert close["agg_market_indicators_days"] == {at("10 13:30")}
    # a bar that comes late: of the candles, how many bars they have
    assert market.rows("select gap_at::varchar, missing_minutes from {fct_market_gaps} where symbol = 'AMZN'") == [
        ("2024-07-10 16:50:00", 1)
    ]
    late = changed(bar("2024-07-10 16:50", 9_003, 10.5, second=9_003))
    assert [late[mart] for mart in CANDLES] == [{at("10 16:50")}, {at("10 16:45")}, {at("10 16:30")}, {at("10 13:30")}]
    assert late["fct_enriched_market_bars"] == {at("10 16:50")}
    assert market.rows("select * from {fct_market_gaps} where symbol = 'AMZN'") == []


def test_sessions_of_the_seed() -> None:
    """exchange-calendars: 252 sessions in 2024 with 97,740 minutes, three early closes; both ends of a session on its day in UTC."""
    with (ROOT / "seeds/markets/ref_market_sessions.csv").open() as file:
        rows = list(csv.DictReader(file))
    minutes = {
        row["session_on"]: int((datetime.fromisoformat(row["closes_at"]) - datetime.fromisoformat(row["opens_at"])).total_seconds() // 60)
        for row in rows
    }
    in_2024 = {day: length for day, length in minutes.items() if day.startswith("2024")}
    assert (len(in_2024), sum(in_2024.values())) == (252, 97_740)
    assert [day for day, length in in_2024.items() if length == 210] == ["2024-07-03", "2024-11-29", "2024-12-24"]
    assert {row["opens_at"][:10] == row["closes_at"][:10] == row["session_on"] for row in rows} == {True}
    for before, after in itertools.pairwise(rows):
        assert (before["next_session_on"], after["previous_session_on"]) == (after["session_on"], before["session_on"])
