"""Lands a Kafka topic in the files that the models read, as ``kcat -C -J`` would: a small consumer for a laptop or a container.

    python sample/land_topic.py --brokers localhost:9092 --topic orders --root landing

Reads on from the offsets in its state file, writes one file per call under a name without a reader, then renames it, and only then moves
the state on. A crash in between delivers records twice, which staging counts as duplicates; it never loses one.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition


def text_of(value: bytes | str | None) -> str | None:
    r"""A key or value as text; bytes that are no UTF-8 as ``\xff``, which the models put into quarantine."""
    return value.decode("utf-8", errors="backslashreplace") if isinstance(value, bytes) else value


def line_of(message: Message) -> str:
    """A record as ``kcat -C -J`` writes it."""
    return json.dumps(
        {
            "topic": message.topic(),
            "partition": message.partition(),
            "offset": message.offset(),
            "tstype": "create",
            "ts": message.timestamp()[1],
            "key": text_of(message.key()),
            "payload": text_of(message.value()),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def land_topic(brokers: str, topic: str, root: Path, seconds: float = 10) -> int:
    """Lands what the topic holds beyond the last call and says how many records that was.

    Stops at the end of every partition, or after `seconds` without a record. Raises KafkaException where the brokers refuse.
    """
    folder = root / "kafka" / topic
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / "_offsets.json"
    offsets: dict[str, int] = json.loads(state.read_text()) if state.exists() else {}
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": "millrace-landing", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    )
    try:
        partitions = consumer.list_topics(topic, timeout=seconds).topics[topic].partitions
        ends = {number: consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=seconds)[1] for number in partitions}
        consumer.assign([TopicPartition(topic, number, offsets.get(str(number), OFFSET_BEGINNING)) for number in partitions])
        unfinished = {number for number, end in ends.items() if offsets.get(str(number), 0) < end}
        unfinished_file = folder / f"_{time.time_ns()}.tmp"
        records = 0
        with unfinished_file.open("w", encoding="utf-8") as lines:
            while unfinished:
                message = consumer.poll(seconds)
                if message is None:
                    break
                if message.error():
                    raise KafkaException(message.error())
                print(line_of(message), file=lines)
                records += 1
                partition, following = int(message.partition() or 0), int(message.offset() or 0) + 1
                offsets[str(partition)] = following
                if following >= ends[partition]:
                    unfinished.discard(partition)
            lines.flush()
            os.fsync(lines.fileno())
    finally:
        consumer.close()
    if not records:
        unfinished_file.unlink()
        return 0
    unfinished_file.rename(folder / f"{topic}-{time.time_ns()}.jsonl")
    state.write_text(json.dumps(offsets))
    return records


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Lands a Kafka topic in files.")
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("MILLRACE_LANDING", "landing")))
    arguments = parser.parse_args()
    print(f"{land_topic(arguments.brokers, arguments.topic, arguments.root)} records landed")


if __name__ == "__main__":
    main()
