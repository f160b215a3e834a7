"""What each kind of vault table should hold, in the plainest Python: sort the records, look at one after the other.

Nothing here knows of loads, batches or SQL. A record is a mapping of column names to values; `order` is its place among the events.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from test_hash import hash_key

Record = dict[str, Any]
ZERO = "0" * 32


def order(record: Record) -> tuple[datetime, int, int]:
    """Event time, then position."""
    return record["event_at"], record["log_partition"], record["log_offset"]


def in_order(records: Iterable[Record]) -> list[Record]:
    """Each record once, as the events happened."""
    return sorted({order(record): record for record in records}.values(), key=order)


def upper(text: str | None) -> str | None:
    """Case rule `upper` for ASCII."""
    return text if text is None else "".join(letter.upper() if "a" <= letter <= "z" else letter for letter in text)


def versions(
    records: Iterable[Record], key: Callable[[Record], Hashable | None], payload: Callable[[Record], Hashable]
) -> dict[Hashable, list[tuple[Hashable, datetime, datetime | None]]]:
    """Per key the payload, since when, and until when: what differs from the one before begins a version."""
    starts: dict[Hashable, list[tuple[Hashable, datetime]]] = {}
    for record in in_order(records):
        name = key(record)
        if name is None:
            continue
        line = starts.setdefault(name, [])
        if not line or line[-1][0] != payload(record):
            line.append((payload(record), record["event_at"]))
    return {
        name: [(value, start, line[number + 1][1] if number + 1 < len(line) else None) for number, (value, start) in enumerate(line)]
        for name, line in starts.items()
    }


def valid_at(line: Sequence[tuple[Any, datetime, datetime | None]], moment: datetime) -> Any:
    """The payload that is valid at a moment, or None."""
    found = [value for value, start, end in line if start <= moment and (end is None or end > moment)]
    return found[-1] if found else None


def hub(rows: Iterable[Sequence[str | None]]) -> set[tuple[str, tuple[str | None, ...]]]:
    """Key and business key of each thing ever named, and the zero key."""
    found = {(hash_key(list(row)), tuple(row)) for row in rows if any(part is not None for part in row)}
    width = len(next(iter(rows), [None]))
    return found | {(ZERO, (None,) * width)}


def relationships(
    records: Iterable[Record], driver: Callable[[Record], Hashable | None], other: Callable[[Record], Hashable], deletes: bool = True
) -> dict[Hashable, list[tuple[Hashable, datetime, datetime | None]]]:
    """Per driving key the relationships that were in effect: stated last, until another is stated or a delete names it.

    A delete that carries the driving key alone names whatever is in effect.
    """
    turns: dict[Hashable, list[list[Any]]] = {}
    for record in in_order(records):
        name = driver(record)
        if name is None:
            continue
        line = turns.setdefault(name, [])
        current = line[-1] if line and line[-1][2] is None else None
        named = other(record)
        if deletes and record["change_kind"] == "delete":
            if current and named in (None, current[0]):
                current[2] = record["event_at"]
        elif not current or current[0] != named:
            if current:
                current[2] = record["event_at"]
            line.append([named, record["event_at"], None])
    return {name: [(value, start, end) for value, start, end in line] for name, line in turns.items()}


def first_seen(records: Iterable[Record], driver: Callable[[Record], Hashable | None]) -> dict[Hashable, datetime]:
    """When each driving key had its first relationship."""
    return {name: line[0][1] for name, line in relationships(records, driver, lambda record: record["product_id"]).items() if line}


def sets(records: Iterable[Record]) -> dict[str, list[tuple[frozenset[tuple[str, str]], datetime, datetime | None]]]:
    """Per customer the sets of phones, each with its validity; a record without a phone states the empty set."""
    deliveries: dict[tuple[str, tuple[datetime, int, int]], set[tuple[str, str]]] = {}
    for record in records:
        if record["customer_id"] is None:
            continue
        members = deliveries.setdefault((record["customer_id"], order(record)), set())
        if record["phone"] is not None:
            members.add((record["phone"], record["phone_kind"]))
    flat = [
        {"customer": customer, "event_at": when[0], "log_partition": when[1], "log_offset": when[2], "members": frozenset(members)}
        for (customer, when), members in deliveries.items()
    ]
    return versions(flat, lambda record: record["customer"], lambda record: record["members"])  # type: ignore[return-value]


def day(moment: datetime) -> date:
    """Day of a moment."""
    return moment.date()


BEGINNING = datetime(1900, 1, 1)


def spans(
    *satellites: Sequence[tuple[Any, datetime, datetime | None]],
) -> list[tuple[tuple[Any, ...], datetime, datetime | None]]:
    """The versions of a member from those of its satellites: from the beginning of time, without a gap."""
    moments = sorted({BEGINNING} | {start for line in satellites for _, start, end in line if end is None or end > start})
    bounds = [*moments, None]
    return [(tuple(valid_at(line, moment) for line in satellites), moment, bounds[number + 1]) for number, moment in enumerate(moments)]
