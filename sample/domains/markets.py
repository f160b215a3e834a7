"""Writes one-minute bars as the producer of aws-samples/msk-powered-financial-data-feed sends them, dumped by a Kafka consumer.

AMZN has three whole sessions around the three bars that the source publishes, NVDA has three around its split of ten for one, MSFT has
seven bars a session for sixty sessions and a morning on which it opens far higher. Prices are made up, but for the published ones. As in
life, a record comes twice, a bar is corrected, minutes are missing, bars come late, and some records cannot be read.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from make_feeds import write_if_changed

TOPIC = "market_bars"
SESSIONS = Path(__file__).parents[2] / "seeds/markets/ref_market_sessions.csv"
# what the source publishes of 2024-07-11: close, open, low, high, volume
PUBLISHED = {
    "2024-07-11 19:49:00": (194.64, 194.58, 194.58, 194.64, 255.0),
    "2024-07-11 19:50:00": (194.77, 194.615, 194.59, 194.78, 1362.0),
    "2024-07-11 19:51:00": (194.82, 194.79, 194.77, 194.82, 1143.0),
}
# the close before them that gives the published changes; the source does not say it
CLOSE_BEFORE = {"2024-07-10 19:59:00": 196.365}

Bar = dict[str, Any]


def bar(symbol: str, moment: datetime, prices: tuple[float, float, float, float], volume: float) -> Bar:
    """A bar in the producer's form; prices are close, open, low and high."""
    close, opened, low, high = prices
    return {
        "open": opened, "high": high, "low": low, "close": close, "volume": volume, "trade_count": float(max(1, int(volume) // 40)),
        "vwap": round((high + low + close) / 3, 6), "timestamp": moment.strftime("%Y-%m-%d %H:%M:%S"), "symbol": symbol,
    }  # fmt: skip


def sessions(first: str, last: str) -> Iterator[tuple[datetime, datetime]]:
    """Opening and close of the sessions between two days, UTC."""
    with SESSIONS.open() as file:
        for row in csv.DictReader(file):
            if first <= row["session_on"] <= last:
                yield datetime.fromisoformat(row["opens_at"]), datetime.fromisoformat(row["closes_at"])


def walk(
    rng: random.Random, symbol: str, first: str, last: str, price: float, every: int = 1, jumps: dict[str, float] | None = None
) -> Iterator[Bar]:
    """Bars of the sessions between two days, one in so many minutes; jumps: what the price is taken times over night."""
    for opens_at, closes_at in sessions(first, last):
        price *= (jumps or {}).get(opens_at.strftime("%Y-%m-%d"), 1)
        moment = opens_at
        while moment < closes_at:
            text = moment.strftime("%Y-%m-%d %H:%M:%S")
            opened = round(price * (1 + rng.uniform(-0.0003, 0.0003)), 2)
            price = max(1.0, price * (1 + rng.gauss(0, 0.0009)))
            close = CLOSE_BEFORE.get(text, round(price, 2))
            low, high = round(min(opened, close) - rng.random() * 0.1, 2), round(max(opened, close) + rng.random() * 0.1, 2)
            volume = float(rng.randrange(100, 4_000) * (8 if rng.random() < 0.02 else 1))
            if symbol == "AMZN" and text in PUBLISHED:
                close, opened, low, high, volume = PUBLISHED[text]
            price = close
            yield bar(symbol, moment, (close, opened, min(low, close, opened), max(high, close, opened)), volume)
            moment += timedelta(minutes=every)


def lines(deliveries: list[tuple[int, Any]], in_time: int) -> str:
    """Records as ``kcat -C -J`` writes them: partition and value; a value that is a text stays as it is. The first so many come in time."""
    offsets: dict[int, int] = {}
    written = []
    for number, (partition, value) in enumerate(deliveries):
        offset = offsets.get(partition, 0)
        offsets[partition] = offset + 1
        stamp = value.get("timestamp") if isinstance(value, dict) else None
        moment = datetime.fromisoformat(stamp) if stamp else datetime(2024, 7, 12, 20)
        moment += timedelta(minutes=1) if number < in_time else timedelta(hours=2)
        record = {
            "topic": TOPIC, "partition": partition, "offset": offset, "tstype": "create",
            "ts": int((moment - datetime(1970, 1, 1)).total_seconds() * 1000) + 1_000 + (offset % 7) * 100, "broker": 1, "key": None,
            "payload": value if value is None or isinstance(value, str) else json.dumps(value),
        }  # fmt: skip
        written.append(json.dumps(record, separators=(",", ":")))
    return "".join(line + "\n" for line in written)


def write(root: Path) -> None:
    """Writes the topic's files: the bars, and later what came late, again or corrected."""
    rng = random.Random(16)
    amzn = list(walk(rng, "AMZN", "2024-07-10", "2024-07-12", 198.2))
    nvda = list(walk(rng, "NVDA", "2024-06-07", "2024-06-11", 1204.0, jumps={"2024-06-10": 0.1}))
    msft = list(walk(rng, "MSFT", "2024-04-17", "2024-07-12", 412.0, every=60, jumps={"2024-04-26": 1.06}))
    # a halt of eleven minutes, a minute without a trade, and bars that come late
    missing = {"2024-07-11 15:00:00"} | {f"2024-07-12 14:{minute:02d}:00" for minute in range(10, 21)}
    late = [one for one in amzn if one["timestamp"] in ("2024-07-10 15:31:00", "2024-07-11 14:00:00")]
    amzn = [one for one in amzn if one["timestamp"] not in missing and one not in late]
    before_the_opening = bar("AMZN", datetime(2024, 7, 11, 12, 0), (196.2, 196.3, 196.1, 196.4), 900.0)
    corrected = {**amzn[400], "close": round(amzn[400]["low"] + 0.01, 2), "trade_count": 99.0}
    first = [(0, one) for one in [*amzn[:300], before_the_opening, *amzn[300:]]]
    first += [(1, one) for one in nvda] + [(2, one) for one in msft]
    second: list[tuple[int, Any]] = [(0, one) for one in late] + [(0, corrected), (1, nvda[5])]
    second += [
        (1, {**nvda[7], "close": "n/a"}), (1, {**nvda[8], "timestamp": None}), (2, "{"), (2, None),
    ]  # fmt: skip
    whole = lines([*first, *second], len(first)).splitlines(keepends=True)
    folder = root / "kafka" / TOPIC
    write_if_changed(folder / "market_bars-0001.jsonl", "".join(whole[: len(first)]))
    # the consumer begins two records back
    write_if_changed(folder / "market_bars-0002.jsonl", "".join(whole[len(first) - 2 :]))
