"""Writes sample landing data: order events as a Kafka consumer dumps them, taxi trips as COPY would load them, feeds, a replay.

The same seed and scale give the same bytes. The models know nothing of this file; it is for samples, tests and benchmarks.
A domain of its own has a file in sample/domains, named as the tag of its models, whose write(root) writes its landing folders.

    python sample/make_landing.py --root landing --scale 1 --seed 7

Order events come from customers and products with a skewed popularity, in six partitions. As in life, some records are delivered
twice, some by the consumer (same offset) and some by the producer (new offset); some are late or out of order; a few are malformed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from make_feeds import write_feeds, write_if_changed
from make_jobs import write_job_runs
from make_replay import write_replay
from make_s3_costs import write_s3_costs

EVENTS_AT_SCALE_1 = 20_000
PARTITIONS = 6
FIRST_DAY = datetime(2023, 9, 1)
REAL_TAXI_FOLDER = Path(os.environ.get("MILLRACE_REAL_DATA", "../shared/data")) / "nyc_taxi"
EXTRACT_FOLDER = Path(__file__).parent / "taxi_extract"
GENERATED_TRIPS = 2_000

GIVEN_NAMES = [
    "David",
    "Ana",
    "Wei",
    "Zoë",
    "Søren",
    "Łukasz",
    "María",
    "Aisha",
    "Jürgen",
    "Priya",
    "Tom",
    "Noor",
    "Eun-ji",
    "Yuki",
]
FAMILY_NAMES = [
    "Smith",
    "García",
    "Nguyễn",
    "O'Brien",
    "Müller",
    "Okafor",
    "Rossi",
    "Kowalski",
    "Chen",
    "Haddad",
    "Silva",
    "山田",
]
STATUS_PATHS = [
    (0.78, ["Initiated", "Confirmed", "Shipped", "Delivered"]),
    (0.08, ["Initiated", "Cancelled"]),
    (0.05, ["Initiated", "Confirmed", "Cancelled"]),
    # comes back to a status it had: three versions, not two
    (0.04, ["Initiated", "Confirmed", "Initiated", "Confirmed", "Shipped", "Delivered"]),
    (0.05, ["Initiated"]),
]


@dataclass(frozen=True)
class Record:
    """One Kafka record: position, producer's time in milliseconds, key, and the value (None is a tombstone)."""

    partition: int
    offset: int
    timestamp_ms: int
    key: str
    value: str | None

    def line(self, topic: str) -> str:
        """The record as ``kcat -C -J`` writes it."""
        return json.dumps(
            {
                "topic": topic,
                "partition": self.partition,
                "offset": self.offset,
                "tstype": "create",
                "ts": self.timestamp_ms,
                "broker": 1,
                "key": self.key,
                "payload": self.value,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )


def skewed(rng: random.Random, count: int) -> int:
    """Index below `count`; low ones are far more frequent (a customer base has few heavy buyers)."""
    return min(int(count * rng.random() ** 3), count - 1)


def order_payloads(rng: random.Random, events: int) -> Iterator[tuple[datetime, str, dict[str, str | None]]]:
    """Event time, key and payload of each order event; `events` of them, roughly in event order within an order."""
    customers = max(20, events // 25)
    products = max(10, int(math.sqrt(events) * 3))
    stores = max(3, min(120, events // 400))
    produced = 0
    order_number = 100
    while produced < events:
        order_number += 1
        customer = skewed(rng, customers)
        placed_at = FIRST_DAY + timedelta(seconds=rng.randrange(30 * 86_400))
        store = None if rng.random() < 0.01 else f"Store-{101 + skewed(rng, stores)}"
        path = rng.choices([path for _, path in STATUS_PATHS], weights=[weight for weight, _ in STATUS_PATHS])[0]
        for product in {skewed(rng, products) for _ in range(rng.choice([1, 1, 1, 2, 3]))}:
            quantity = rng.choice([1, 1, 1, 2, 3, 5, 10])
            happened_at = placed_at
            for status in path:
                yield (
                    happened_at,
                    str(order_number),
                    {
                        "EventType": "Orders",
                        "OrderID": str(order_number),
                        "CustomerID": f"C{customer + 100}",
                        "CustomerName": customer_name(customer, happened_at),
                        "OrderDate": placed_at.strftime("%Y-%m-%d"),
                        "Store_Name": store,
                        "ProductID": f"P{product:04d}",
                        "ProductName": f"Widget-X-{product:04d}",
                        "Quatity": str(quantity),
                        "Price": f"{100 + product * 7 % 900}.{product * 13 % 100:02d}",
                        "OrderStatus": status,
                    },
                )
                produced += 1
                happened_at += timedelta(minutes=5 + int(rng.expovariate(1 / 600)))


def customer_name(customer: int, moment: datetime) -> str:
    """A customer's name; one in ten changes the family name in the middle of the month."""
    family = customer // len(GIVEN_NAMES)
    if customer % 10 == 3 and moment >= FIRST_DAY + timedelta(days=15):
        family += 5
    return f"{GIVEN_NAMES[customer % len(GIVEN_NAMES)]} {FAMILY_NAMES[family % len(FAMILY_NAMES)]}"


def spoil(rng: random.Random, payload: dict[str, str | None]) -> str | None:
    """A malformed value, of the kinds that producers really send."""
    text = json.dumps(payload, ensure_ascii=False)
    kind = rng.randrange(6)
    if kind == 0:
        return text[: len(text) // 2]
    if kind == 1:
        return "heartbeat"
    if kind == 2:
        return None
    if kind == 3:
        return json.dumps({**payload, "OrderID": None})
    if kind == 4:
        return json.dumps({**payload, "Quatity": "five"})
    return json.dumps({**payload, "Price": "n/a"})


def order_records(rng: random.Random, events: int, first_offset: int = 0, later_by: timedelta = timedelta(0)) -> list[Record]:
    """The topic's records in the order the brokers took them in; in a topic that goes on, from `first_offset` on and so much later."""
    produced = sorted(order_payloads(rng, events), key=lambda event: event[0])
    # late: a device was offline, and what it did in the morning is sent in the evening, with its own time stamp
    arrivals = [
        (moment + timedelta(hours=rng.randrange(1, 30)) if rng.random() < 0.02 else moment, number)
        for number, (moment, _, _) in enumerate(produced)
    ]
    next_offset = [first_offset] * PARTITIONS
    records: list[Record] = []
    for _, number in sorted(arrivals):
        moment, key, payload = produced[number]
        partition = int(key) % PARTITIONS
        value: str | None = json.dumps(payload, ensure_ascii=False)
        if rng.random() < 0.005:
            value = spoil(rng, payload)
        elif rng.random() < 0.01:
            value = json.dumps({**payload, "Channel": rng.choice(["web", "app"])}, ensure_ascii=False)
        timestamp_ms = int((moment + later_by - datetime(1970, 1, 1)) / timedelta(milliseconds=1))
        for _ in range(2 if rng.random() < 0.003 else 1):
            records.append(Record(partition, next_offset[partition], timestamp_ms, key, value))
            next_offset[partition] += 1
    return records


def write_orders(
    root: Path, rng: random.Random, events: int, batches: int, only: int | None, first_offset: int = 0, later_by: timedelta = timedelta(0)
) -> None:
    """Writes the topic's dump in `batches` files, every other one gzipped. `only` writes that one alone (from 0)."""
    records = order_records(rng, events, first_offset, later_by)
    folder = root / "kafka" / "orders"
    folder.mkdir(parents=True, exist_ok=True)
    size = math.ceil(len(records) / batches)
    for batch in range(batches):
        lines = [record.line("orders") for record in records[batch * size : (batch + 1) * size]]
        # a consumer that was restarted delivers its last records once more
        again = [record.line("orders") for record in records[max(0, batch * size - size // 100) : batch * size]]
        lines = again + lines
        window = 40
        for start in range(0, len(lines), window):
            chunk = lines[start : start + window]
            rng.shuffle(chunk)
            lines[start : start + window] = chunk
        if batch == batches - 1:
            lines.append(lines[-1][: len(lines[-1]) // 3])
        if only is not None and batch != only:
            continue
        data = ("\n".join(lines) + "\n").encode()
        if batch % 2:
            write_if_changed(folder / f"orders-{batch:04d}.jsonl.gz", gzip.compress(data, mtime=0))
        else:
            write_if_changed(folder / f"orders-{batch:04d}.jsonl", data)


def write_taxi(root: Path, rng: random.Random) -> str:
    """Lays down taxi trips and zones: the real months where they are at hand, else the extract and generated trips."""
    trips_folder = root / "copy" / "yellow_taxi_trip"
    zones_folder = root / "copy" / "taxi_zone_lookup"
    trips_folder.mkdir(parents=True, exist_ok=True)
    zones_folder.mkdir(parents=True, exist_ok=True)
    real = sorted(REAL_TAXI_FOLDER.glob("yellow_tripdata_*.csv"))
    zones = REAL_TAXI_FOLDER / "taxi_zone_lookup.csv"
    if real and zones.exists():
        for file in real:
            copy_if_changed(file, trips_folder / file.name)
        copy_if_changed(zones, zones_folder / zones.name)
        return f"real trips of {len(real)} months"
    copy_if_changed(EXTRACT_FOLDER / "yellow_tripdata_extract.csv", trips_folder / "yellow_tripdata_extract.csv")
    copy_if_changed(EXTRACT_FOLDER / "taxi_zone_lookup_extract.csv", zones_folder / "taxi_zone_lookup_extract.csv")
    write_if_changed(trips_folder / "yellow_tripdata_generated.csv", generated_trips(rng))
    return f"an extract of real trips and {GENERATED_TRIPS} generated ones"


def generated_trips(rng: random.Random) -> bytes:
    """Trips with the real files' header and their oddities: blanks, refunds, unknown zones, clocks that run backwards."""
    header, *examples = (EXTRACT_FOLDER / "yellow_tripdata_extract.csv").read_text().splitlines()
    zones = [line.split(",")[0] for line in (EXTRACT_FOLDER / "taxi_zone_lookup_extract.csv").read_text().splitlines()[1:]]
    lines = [header]
    for _ in range(GENERATED_TRIPS):
        fields = dict(zip(header.split(","), rng.choice(examples).split(","), strict=True))
        picked_up = datetime(2019, 1, 1) + timedelta(seconds=rng.randrange(59 * 86_400))
        minutes = rng.lognormvariate(2.4, 0.6) if rng.random() > 0.002 else -3
        fields["pickup_datetime"] = str(picked_up)
        fields["dropoff_datetime"] = str(picked_up + timedelta(seconds=int(minutes * 60)))
        fields["pickup_location_id"] = rng.choice(zones) if rng.random() > 0.01 else "264"
        fields["dropoff_location_id"] = rng.choice(zones)
        lines.append(",".join(fields.values()))
    return ("\n".join(lines) + "\n").encode()


def copy_if_changed(source: Path, target: Path) -> None:
    """Copies a file unless the same content is there: an untouched file is not looked at again by a load."""
    if not target.exists() or target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)


def make_landing(root: Path, scale: float = 1, seed: int = 7, batches: int = 8, only: int | None = None) -> str:
    """Writes the whole sample and says in a line what it wrote."""
    events = int(EVENTS_AT_SCALE_1 * scale)
    write_orders(root, random.Random(seed), events, batches, only)
    taxi = write_taxi(root, random.Random(seed))
    write_feeds(root)
    write_replay(root)
    write_job_runs(root)
    write_s3_costs(root)
    for domain in sorted(file.stem for file in (Path(__file__).parent / "domains").glob("[a-z]*.py")):
        import_module(f"domains.{domain}").write(root)
    files = f"{batches if only is None else 1} files"
    rest = "thirteen change feeds, one workload on three clusters, runs of jobs, a bill of S3"
    return f"{events} order events in {files}, {taxi}, {rest}, under {root}/"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Writes sample landing data.")
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("MILLRACE_LANDING", "landing")))
    parser.add_argument("--scale", type=float, default=1, help="1 is about 20,000 order events")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--batches", type=int, default=8, help="files of the orders topic")
    parser.add_argument("--only", type=int, help="write this file of the topic alone, counted from 0")
    arguments = parser.parse_args()
    print(make_landing(arguments.root, arguments.scale, arguments.seed, arguments.batches, arguments.only))


if __name__ == "__main__":
    main()
