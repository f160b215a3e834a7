"""What each kind of vault table should hold, in the plainest Python: sort the records, look at one after the other.

Nothing here knows of loads, batches or SQL. A record is a mapping of column names to values; `order` is its place among the events.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from test_hash import hash_key, hash_text

Record = dict[str, Any]
ZERO = "0" * 32


BEGINNING = datetime(1900, 1, 1)


def happened(record: Record) -> datetime:
    """Event time; a record without one is the oldest."""
    return record["event_at"] or BEGINNING


def order(record: Record) -> tuple[datetime, int, int]:
    """Event time, then position."""
    return happened(record), record["log_partition"], record["log_offset"]


def in_order(records: Iterable[Record]) -> list[Record]:
    """Each record once, as the events happened. Two that say different things at one place are two."""
    return sorted({(order(record), *record.values()): record for record in records}.values(), key=order)


def hashdiff(payload: Any) -> str:
    """Digest of a payload, which decides between two at one place: blanks count, a boolean is 1 or 0, a timestamp is microseconds."""
    values = payload if isinstance(payload, tuple) else (payload,)
    parts = [
        None
        if value is None
        else str(int(value))
        if isinstance(value, bool)
        else str(round((value - BEGINNING) / timedelta(microseconds=1)))
        if isinstance(value, datetime)
        else str(value)
        for value in values
    ]
    return hashlib.md5(hash_text(parts, trim=False).encode()).hexdigest()


def trimmed(text: str | None) -> str | None:
    """A part of a key as it counts."""
    return text if text is None else text.strip(" ")


def upper(text: str | None) -> str | None:
    """Case rule `upper` for ASCII."""
    return text if text is None else "".join(letter.upper() if "a" <= letter <= "z" else letter for letter in text)


def versions(
    records: Iterable[Record], key: Callable[[Record], Hashable | None], payload: Callable[[Record], Hashable]
) -> dict[Hashable, list[tuple[Hashable, datetime, datetime | None]]]:
    """Per key the payload, since when, and until when: what differs from the one before begins a version."""
    starts: dict[Hashable, list[tuple[Hashable, datetime]]] = {}
    for record in sorted(in_order(records), key=lambda each: (order(each), hashdiff(payload(each)))):
        name = key(record)
        if name is None:
            continue
        line = starts.setdefault(name, [])
        if not line or line[-1][0] != payload(record):
            line.append((payload(record), happened(record)))
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

    A delete that carries the driving key alone names whatever is in effect. A driving key of which a part is missing is given with its
    relationship, so that each is by itself.
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
                current[2] = happened(record)
        elif not current or current[0] != named:
            if current:
                current[2] = happened(record)
            line.append([named, happened(record), None])
    return {name: [(value, start, end) for value, start, end in line] for name, line in turns.items()}


def relationship_sets(
    records: Iterable[Record], driver: Callable[[Record], Hashable | None], other: Callable[[Record], Hashable]
) -> dict[Hashable, list[tuple[Hashable, datetime, datetime | None]]]:
    """Per driving key what was in effect where all its relationships are stated at one moment: from a set to the next, or to a delete."""
    found: dict[Hashable, list[tuple[Hashable, datetime, datetime | None]]] = {}
    moments: dict[Hashable, dict[datetime, list[Record]]] = {}
    for record in in_order(records):
        if driver(record) is not None:
            moments.setdefault(driver(record), {}).setdefault(happened(record), []).append(record)
    for name, by_moment in moments.items():
        since: dict[Hashable, datetime] = {}
        for moment, rows in by_moment.items():
            stated = {other(row) for row in rows if row["change_kind"] != "delete"}
            before = dict(since)
            for row in rows:
                if row["change_kind"] != "delete":
                    since.setdefault(other(row), before.get(other(row), moment))
                else:
                    for each in [each for each in since if other(row) in (None, each)]:
                        del since[each]
            if stated:
                since = {each: start for each, start in since.items() if each in stated}
            ended = [(each, start, moment) for each, start in before.items() if each not in since]
            found.setdefault(name, []).extend(ended)
        found.setdefault(name, []).extend((each, start, None) for each, start in since.items())
    return found


def first_seen(records: Iterable[Record], driver: Callable[[Record], Hashable | None]) -> dict[Hashable, datetime]:
    """When each driving key had its first relationship."""
    return {name: line[0][1] for name, line in relationships(records, driver, lambda record: record["product_id"]).items() if line}


def sets(records: Iterable[Record]) -> dict[str, list[tuple[frozenset[tuple[str, str]], datetime, datetime | None]]]:
    """Per customer the sets of phones, each with its validity; a record without a phone states the empty set."""
    deliveries: dict[tuple[str, tuple[datetime, int, int]], set[tuple[str, str]]] = {}
    for record in records:
        if record["customer_id"] is None:
            continue
        members = deliveries.setdefault((record["customer_id"].strip(" "), order(record)), set())
        if record["phone"] is not None or record["phone_kind"] is not None:
            members.add((record["phone"], record["phone_kind"]))
    flat = [
        {"customer": customer, "event_at": when[0], "log_partition": when[1], "log_offset": when[2], "members": frozenset(members)}
        for (customer, when), members in deliveries.items()
    ]
    return versions(flat, lambda record: record["customer"], lambda record: record["members"])  # type: ignore[return-value]


def day(moment: datetime) -> date:
    """Day of a moment."""
    return moment.date()


def spans(
    *satellites: Sequence[tuple[Any, datetime, datetime | None]],
) -> list[tuple[tuple[Any, ...], datetime, datetime | None]]:
    """The versions of a member from those of its satellites: from the beginning of time, or from the first one where that is older."""
    known = {start for line in satellites for _, start, end in line if end is None or end > start}
    moments = sorted(known if known and min(known) <= BEGINNING else known | {BEGINNING})
    bounds = [*moments, None]
    return [(tuple(valid_at(line, moment) for line in satellites), moment, bounds[number + 1]) for number, moment in enumerate(moments)]
