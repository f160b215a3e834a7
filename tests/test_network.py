"""The network domain: packet samples and flow logs, whatever their delivery, against published rows and a plain reading of the records."""

from __future__ import annotations

import gzip
import io
import itertools
import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from compiled_project import CompiledProject, Replay
from conftest import Compilations, Warehouse
from histories import HISTORIES, hold_over, side_by_side
from hypothesis import strategies as st

SAMPLE_MARTS = [
    "fct_packet_samples",
    "agg_network_attack_days",
    "agg_network_attacks",
    "agg_network_rule_days",
    "agg_network_account_minutes",
]
FLOW_MARTS = ["fct_vpc_flows", "agg_vpc_interface_hours"]
DAY_0 = datetime(2024, 3, 1, 23, 59)
DESCRIPTORS = {
    "account_id": "account_id", "mitigation_system": "system", "mitigation_rule": "rule", "source_ip": "src_ip", "source_port": "src_port",
    "destination_ip": "dest_ip", "destination_port": "dest_port", "ip_protocol": "protocol",
}  # fmt: skip
FLOW_COLUMNS = (
    "version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes window_start window_end action log_status"
).split()
# of AWS's documentation (Amazon VPC user guide, flow log record examples)
FLOW_EXAMPLES = """\
2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK
2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK
2 123456789010 eni-1235b8ca123456789 - - - - - - - 1418530190 1418530250 - NODATA
2 123456789010 eni-1235b8ca123456789 - - - - - - - 1418530310 1418530370 - SKIPDATA
"""

Sample = dict[str, Any]
# Kafka record as Replay.land() takes it: partition, offset, time stamp, payload, payload that is no JSON
Record = tuple[int | None, int | None, str | None, Any, str | None]
Flow = dict[str, Any]


def sample(number: object = 0, **fields: Any) -> Sample:
    """A packet sample."""
    return {
        "sample_id": f"s-{number}", "sampled_at": f"{DAY_0}", "attack_id": "abcd", "account_id": "acme", "system": "dosd", "rule": "udp-53",
        "outcome": "DROP", "src_ip": "9.9.9.9", "src_port": 4000, "dest_ip": "1.1.1.1", "dest_port": 53, "protocol": 17, "length": 1400,
        "sample_interval": 1000, **fields,
    }  # fmt: skip


def record(offset: int, payload: object, partition: int = 0) -> Record:
    """It as a record of the topic."""
    return (partition, offset, str(DAY_0), payload, None)


@pytest.fixture(scope="module")
def samples(compiled: Compilations) -> CompiledProject:
    """The models behind the topic of packet samples."""
    return CompiledProject(compiled, "mv_packet_samples")


@pytest.fixture(scope="module")
def flows(compiled: Compilations) -> CompiledProject:
    """The models behind the flow logs."""
    return CompiledProject(compiled, "copy_vpc_flow_logs")


def loaded(project: CompiledProject, batches: Sequence[Sequence[Record]]) -> Replay:
    """Loads the batches of the topic one after the other."""
    replay = Replay(project)
    for batch in batches:
        replay.land(list(batch))
        replay.load()
    return replay


def flows_loaded(project: CompiledProject, batches: Sequence[Sequence[Flow]]) -> Replay:
    """Loads the batches of flow logs one after the other."""
    replay = Replay(project)
    for batch in batches:
        replay.land_rows("copy_vpc_flow_logs", list(batch))
        replay.load()
    return replay


def test_the_published_attack(samples: CompiledProject) -> None:
    """SOURCES #18: (abcd, 1.1.1.1, 53, 1000) and (abcd, 1.0.0.1, 53, 1000) are abcd, null, 53, 2000, in one load, in two, and twice."""
    first, second = record(0, sample(1)), record(1, sample(2, dest_ip="1.0.0.1"))
    for batches in ([[first, second]], [[second], [first]], [[first], [first, second], [second]]):
        replay = loaded(samples, batches)
        assert replay.rows("select attack_id, destination_ip, destination_port, estimated_packets from {agg_network_attacks}") == [
            ("abcd", None, 53, 2000)
        ]
        assert replay.rows(
            "select min_destination_ip, max_destination_ip, min_destination_port, max_destination_port, estimated_packets "
            "from {agg_network_attack_days}"
        ) == [("1.0.0.1", "1.1.1.1", 53, 53, 2000)]


# ports of an attack's two samples, and its own
PORTS: dict[str, tuple[list[int | None], int | None]] = {
    "the same": ([53, 53], 53),
    "two values": ([53, 80], None),
    "a missing one beside a value": ([53, None], None),
    "a value behind a missing one": ([None, 53], None),
    "none": ([None, None], None),
    "zero is a value": ([0, 0], 0),
}


@pytest.mark.parametrize("loads", [1, 2])
def test_a_descriptor_is_fixed_where_every_sample_has_it(samples: CompiledProject, loads: int) -> None:
    """On one day and on two, in one load and in two."""
    batches: list[list[Record]] = [[] for _ in range(loads)]
    expected = {}
    for (case, (ports, fixed)), days in itertools.product(PORTS.items(), (0, 1)):
        attack = f"{case}, {days + 1}"
        expected[attack] = (fixed, 2, days + 1)
        for number, port in enumerate(ports):
            moment = str(DAY_0 + timedelta(days=days * number))
            payload = sample(f"{attack} {number}", attack_id=attack, dest_port=port, sampled_at=moment)
            batches[number % loads].append(record(len(expected) * 2 + number, payload))
    rows = loaded(samples, batches).rows("select attack_id, destination_port, samples, days_with_samples from {agg_network_attacks}")
    assert {row[0]: row[1:] for row in rows} == expected


def test_a_late_sample_counts_once(samples: CompiledProject) -> None:
    """It changes its own attack, day, rule and minute; sent again by its producer, with another offset, it changes nothing."""
    late = sample("late", sampled_at=str(DAY_0 - timedelta(days=20)), dest_port=80)
    replay = loaded(samples, [[record(0, sample(0))], [record(1, sample(1))], [record(2, late)]])
    once = {mart: replay.table(mart) for mart in SAMPLE_MARTS}
    assert replay.rows("select destination_port, estimated_packets, first_sampled_at from {agg_network_attacks}") == [
        (None, 3000, DAY_0 - timedelta(days=20))
    ]
    replay.land([record(7, late), record(2, late), record(0, late, partition=1)])
    replay.load()
    assert {mart: replay.table(mart) for mart in SAMPLE_MARTS} == once
    assert replay.rows("select count(*) from {delivered_samplerd__packet_samples} where outcome = 'duplicate'") == [(3,)]


SAMPLE_CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"sample_id": " "}, "sample_id is missing"),
    ({"sampled_at": "2024-02-30T00:00:00Z"}, "sampled_at is missing or no timestamp"),
    ({"sampled_at": "1970-01-01T00:00:00Z"}, "the time stamp is implausible"),
    ({"system": None}, "system is missing"),
    ({"outcome": "LIMIT"}, "outcome is neither DROP nor PASS"),
    ({"outcome": None}, "outcome is neither DROP nor PASS"),
    ({"dest_ip": None}, "dest_ip is missing"),
    ({"dest_ip": "1.1.1.256"}, "dest_ip is no IP address"),
    ({"src_ip": "acme"}, "src_ip is no IP address"),
    ({"src_port": 65536}, "src_port is no port"),
    ({"dest_port": "dns"}, "dest_port is no port"),
    ({"protocol": 256}, "protocol is no protocol number"),
    ({"length": 0}, "length is missing or not within 1 and 65535"),
    ({"sample_interval": None}, "sample_interval is missing or not within 1 and 1000000000"),
    ({"sample_interval": 0}, "sample_interval is missing or not within 1 and 1000000000"),
    ({"sample_interval": 1.5}, "sample_interval is missing or not within 1 and 1000000000"),
    ({"rule": {"id": 1}}, "a field is an object or an array"),
    ({"rule": "r" * 257}, "a text is longer than 256 bytes"),
    ({"dest_ip": "2001:DB8::1"}, None),
    ({"src_port": None, "dest_port": None, "attack_id": None, "account_id": None, "rule": None, "src_ip": None}, None),
    ({"sample_interval": "1000000000", "length": 65535, "outcome": "pass"}, None),
]


def test_what_a_sample_must_say(samples: CompiledProject) -> None:
    cases = [record(number, {**sample(number), **fields}) for number, (fields, _) in enumerate(SAMPLE_CASES)]
    replay = loaded(samples, [cases])
    expected = [(number, "quarantined" if reason else "accepted", reason) for number, (_, reason) in enumerate(SAMPLE_CASES)]
    assert replay.rows("select kafka_offset, outcome, outcome_reason from {delivered_samplerd__packet_samples} order by 1") == expected
    kept = replay.rows(
        "select kafka_offset, quarantine_reason from {quarantine_samplerd__packet_samples} where record_text is not null order by 1"
    )
    assert kept == [(number, reason) for number, outcome, reason in expected if outcome == "quarantined"]


@st.composite
def sample_histories(draw: st.DrawFn) -> tuple[list[Record], list[list[Record]]]:
    """Samples of a few attacks and packets of none, and a delivery of them: cut, shuffled, some twice, some again at another offset."""
    records: list[Record] = []
    for offset in range(draw(st.integers(1, 12))):
        moment = DAY_0 + timedelta(seconds=draw(st.integers(0, 180)), days=draw(st.integers(0, 1)))
        payload = sample(
            offset,
            sampled_at=str(moment),
            attack_id=draw(st.sampled_from(["abcd", "efgh", None])),
            account_id=draw(st.sampled_from(["acme", "globex", None])),
            system=draw(st.sampled_from(["dosd", "l4drop"])),
            rule=draw(st.sampled_from(["udp-53", "a|b^", None])),
            outcome=draw(st.sampled_from(["DROP", "PASS"])),
            dest_ip=draw(st.sampled_from(["1.1.1.1", "1.0.0.1", "::1"])),
            dest_port=draw(st.sampled_from([53, 80, None])),
            length=draw(st.integers(1, 65535)),
            sample_interval=draw(st.sampled_from([1, 100, 1000, 10**9])),
        )
        kind = draw(st.sampled_from(["sample"] * 8 + ["no json", "tombstone", "no position", "bad interval"]))
        if kind == "no json":
            records.append((0, offset, str(DAY_0), None, "{"))
        elif kind == "tombstone":
            records.append((0, offset, str(DAY_0), None, None))
        elif kind == "no position":
            records.append((None, None, None, None, f"cut line {offset}"))
        else:
            records.append(record(offset, {**payload, "sample_interval": -1} if kind == "bad interval" else payload))
    again = draw(st.lists(st.sampled_from(records), max_size=4))
    good = [each for each in records if is_good(each)]
    # a producer's second attempt
    moved = draw(st.lists(st.sampled_from(good), max_size=3)) if good else []
    came = draw(st.permutations(records + again + [record(100 + number, each[3]) for number, each in enumerate(moved)]))
    cuts = sorted(draw(st.lists(st.integers(0, len(came)), max_size=3)))
    return records, [came[start:end] for start, end in itertools.pairwise([0, *cuts, len(came)])]


def is_good(each: Record) -> bool:
    """Whether a generated record is a sample that is accepted."""
    return isinstance(each[3], dict) and each[3]["sample_interval"] > 0


SampleHistory = tuple[list[Record], list[list[Record]]]


def own_samples(history: SampleHistory, number: int) -> SampleHistory:
    """The same history with attacks, accounts, systems and a partition of its own."""

    def own(each: Record) -> Record:
        partition, offset, moment, payload, invalid = each
        if isinstance(payload, dict):
            names = {"sample_id", "attack_id", "account_id", "system"}
            payload = {name: f"{value}-{number}" if name in names and value is not None else value for name, value in payload.items()}
        if partition is None:
            return (None, None, moment, payload, f"{invalid} of {number}")
        return (number, offset, moment, payload, invalid)

    records, batches = history
    return [own(each) for each in records], [[own(each) for each in batch] for batch in batches]


def expected_attacks(records: Sequence[Record]) -> list[tuple[Any, ...]]:
    """A plain reading of the samples: what agg_network_attacks should say."""
    attacks: dict[str, list[Sample]] = {}
    for each in records:
        if is_good(each) and each[3]["attack_id"] is not None:
            attacks.setdefault(each[3]["attack_id"], []).append(each[3])
    rows = []
    for attack, found in attacks.items():
        values = [{each[field] for each in found} for field in DESCRIPTORS.values()]
        fixed = [next(iter(each)) if len(each) == 1 else None for each in values]
        intervals = [(each["sample_interval"], each["length"]) for each in found]
        dropped = [each["sample_interval"] for each in found if each["outcome"] == "DROP"]
        rows.append(
            (
                attack, *fixed, len(found), sum(n for n, _ in intervals), sum(n * size for n, size in intervals), sum(dropped),
                math.sqrt(sum(n * (n - 1) for n, _ in intervals)), math.sqrt(sum(n * (n - 1) * size * size for n, size in intervals)),
            )
        )  # fmt: skip
    return sorted(rows, key=repr)


def check_samples(project: CompiledProject, group: Sequence[SampleHistory]) -> None:
    """The marts of the batches are those of one clean load and say what a plain reading says; every record is accounted for."""
    records, batches = side_by_side(group, own_samples)
    clean, delivered = loaded(project, [records]), loaded(project, batches)
    for mart in SAMPLE_MARTS:
        assert delivered.table(mart) == clean.table(mart), mart
    found = delivered.rows(
        f"select attack_id, {', '.join(DESCRIPTORS)}, samples, estimated_packets, estimated_bytes, estimated_dropped_packets, "
        "packets_standard_error, bytes_standard_error from {agg_network_attacks}"
    )
    plain = expected_attacks(records)
    assert [row[:-2] for row in sorted(found, key=repr)] == [row[:-2] for row in plain]
    for row, wanted in zip(sorted(found, key=repr), plain, strict=True):
        assert row[-2:] == pytest.approx(wanted[-2:], rel=1e-12)
    for replay in (clean, delivered):
        landed, outcomes, accepted = replay.rows(
            f"select (select count(*) from {project.landing}), count(*), count(*) filter (outcome = 'accepted') "
            "from {delivered_samplerd__packet_samples}"
        )[0]
        assert landed == outcomes
        assert accepted == sum(map(is_good, records))


def test_any_delivery_of_samples_gives_the_marts_of_one_clean_load(samples: CompiledProject) -> None:
    hold_over(sample_histories(), lambda group: check_samples(samples, group))


def test_loads_of_samples_that_die_change_nothing(samples: CompiledProject) -> None:
    """Each load dies behind some model; the last one goes to its end."""
    stops = st.lists(st.integers(0, len(samples.models)), min_size=1, max_size=3)

    def check(group: Sequence[tuple[SampleHistory, list[int]]]) -> None:
        records, batches = side_by_side([history for history, _ in group], own_samples)
        killed = Replay(samples)
        killed.load()
        for number, batch in enumerate(batches):
            killed.land(list(batch))
            killed.load(stop_after=group[0][1][number % len(group[0][1])])
        killed.load()
        clean = loaded(samples, [records])
        for mart in SAMPLE_MARTS:
            assert killed.table(mart) == clean.table(mart), mart

    hold_over(st.tuples(sample_histories(), stops), check, number=max(HISTORIES // 2, 1))


def test_sums_of_parts_are_the_sum_of_the_whole(samples: CompiledProject) -> None:
    """Days of an attack, days of rules and minutes of accounts hold the same samples, packets, bytes and variances."""

    def check(group: Sequence[SampleHistory]) -> None:
        _, batches = side_by_side(group, own_samples)
        replay = loaded(samples, batches)
        sums = "sum(samples), sum(estimated_packets), sum(estimated_bytes), sum(packets_variance), sum(bytes_variance)"
        passed = (
            sums.replace("samples", "passed_samples").replace("estimated_", "estimated_passed_").replace("packets_v", "passed_packets_v")
        )
        passed = passed.replace("bytes_v", "passed_bytes_v")
        of_rules = ", ".join(f"{part} + {part.replace('passed', 'dropped')}" for part in passed.split(", "))
        assert replay.rows(f"select {sums} from {{agg_network_account_minutes}}") == replay.rows(
            f"select {of_rules} from {{agg_network_rule_days}}"
        )
        for facts, part in (("attack_id is not null", "agg_network_attack_days"), ("true", "agg_network_account_minutes")):
            whole = replay.rows(
                "select count(*), sum(estimated_packets), sum(estimated_bytes), "
                "sum(cast(sample_interval * (sample_interval - 1) as decimal(38, 0))), "
                "sum(cast(sample_interval * (sample_interval - 1) as decimal(19, 0)) "
                "* cast(packet_bytes * packet_bytes as decimal(10, 0))) "
                f"from {{fct_packet_samples}} where {facts}"
            )[0]
            found = replay.rows(f"select {sums} from {{{part}}}")[0]
            assert found == whole or (whole[0] == 0 and found[0] is None)

    hold_over(sample_histories(), check, number=max(HISTORIES // 3, 1))


def test_the_range_holds_the_number_of_packets(samples: CompiledProject) -> None:
    """Each packet of a minute is sampled with the chance 1 / interval: the true number is in the range in about 95 of 100 minutes.

    That each sample counts its interval is the estimator of Horvitz and Thompson (1952); its variance is that of independent sampling.
    """
    rng = random.Random(19)
    minutes, packets, interval = 120, 2400, 40
    records: list[Record] = []
    sizes: list[int] = []
    for minute in range(minutes):
        size = 0
        for packet in range(packets):
            length = 60 if packet % 3 else 1500
            size += length
            if rng.random() < 1 / interval:
                moment = DAY_0 + timedelta(minutes=minute)
                payload = sample(f"{minute}-{packet}", sampled_at=str(moment), length=length, sample_interval=interval)
                records.append(record(len(records), payload))
        sizes.append(size)
    replay = loaded(samples, [records])
    rows = replay.rows(
        "select samples, estimated_packets, packets_lower_bound, packets_upper_bound, bytes_lower_bound, bytes_upper_bound, "
        "packets_standard_error from {agg_network_account_minutes} order by sampled_minute"
    )
    assert len(rows) == minutes
    assert min(row[0] for row in rows) >= 30
    of_packets = sum(row[2] <= packets <= row[3] for row in rows) / minutes
    of_bytes = sum(row[4] <= size <= row[5] for row, size in zip(rows, sizes, strict=True)) / minutes
    # two and a half standard deviations of a share of 0.95 of 120
    assert 0.9 < of_packets <= 1
    assert 0.9 < of_bytes <= 1
    mean = sum(row[1] for row in rows) / minutes
    assert abs(float(mean) - packets) < 3 * math.sqrt(packets * (interval - 1) / minutes)
    # the relative error is that of the number of samples: 1 / sqrt(n), as sFlow's packet sampling basics have it
    assert rows[0][6] / float(rows[0][1]) == pytest.approx(1 / math.sqrt(rows[0][0]), rel=0.02)


def test_below_thirty_samples_there_is_no_range(samples: CompiledProject) -> None:
    replay = loaded(samples, [[record(number, sample(number)) for number in range(29)], [record(29, sample(29))]])
    assert replay.rows("select packets_lower_bound is not null from {agg_network_attacks}") == [(True,)]
    fewer = loaded(samples, [[record(number, sample(number)) for number in range(29)]])
    assert fewer.rows("select packets_lower_bound, packets_upper_bound, packets_standard_error > 0 from {agg_network_attacks}") == [
        (None, None, True)
    ]


def test_packets_that_all_were_taken_have_no_error(samples: CompiledProject) -> None:
    replay = loaded(samples, [[record(number, sample(number, sample_interval=1)) for number in range(30)]])
    assert replay.rows(
        "select estimated_packets, packets_standard_error, packets_lower_bound, packets_upper_bound from {agg_network_attacks}"
    ) == [(30, 0, 30, 30)]


def flow(line: str, file: str = "a.log.gz", number: int = 1) -> Flow:
    """A line of a flow log as it lands."""
    return {**dict(zip(FLOW_COLUMNS, line.split(), strict=True)), "landing_file": file, "record_number": number}


def test_the_published_flow_log_records(flows: CompiledProject) -> None:
    """Half of the flows and half of the bytes were dropped; the records without data are counted and in no share."""
    replay = flows_loaded(flows, [[flow(line, number=number) for number, line in enumerate(FLOW_EXAMPLES.splitlines())]])
    assert replay.rows(
        "select flows, rejected_flows, bytes, rejected_bytes, rejected_flow_share, rejected_byte_share, no_data_records, skipped_records "
        "from {agg_vpc_interface_hours}"
    ) == [(2, 1, 8498, 4249, 0.5, 0.5, 1, 1)]
    assert replay.rows("select started_at, log_status, is_flow, is_rejected, source_ip, packets from {fct_vpc_flows} order by 1, 4") == [
        (datetime(2014, 12, 14, 4, 6, 50), "OK", True, False, "172.31.16.139", 20),
        (datetime(2014, 12, 14, 4, 6, 50), "OK", True, True, "172.31.9.69", 20),
        (datetime(2014, 12, 14, 4, 9, 50), "NODATA", False, None, None, None),
        (datetime(2014, 12, 14, 4, 11, 50), "SKIPDATA", False, None, None, None),
    ]


FLOW_CASES: list[tuple[dict[str, str], str | None]] = [
    ({"version": "two"}, "version is missing or no whole number"),
    ({"account_id": "-"}, "account-id is missing"),
    ({"account_id": "unknown"}, None),
    ({"interface_id": "-"}, "interface-id is missing"),
    ({"log_status": "-"}, "log-status is none of OK, NODATA and SKIPDATA"),
    ({"window_start": "-"}, "start is missing or no time in Unix seconds"),
    ({"window_start": "1418530010000"}, "start is missing or no time in Unix seconds"),
    ({"window_start": "99999999999999999999999"}, "start is missing or no time in Unix seconds"),
    ({"window_end": "x"}, "end is missing or no time in Unix seconds"),
    ({"window_end": "1418530009"}, "end is before start"),
    ({"window_start": "60"}, "the time stamp is implausible"),
    ({"srcport": "65536"}, "srcport is no whole number within 0 and 65535"),
    ({"protocol": "tcp"}, "protocol is no whole number within 0 and 255"),
    ({"packets": "-1"}, "packets is no whole number"),
    ({"bytes": "-"}, "packets or bytes are missing"),
    ({"action": "-"}, "action is neither ACCEPT nor REJECT"),
    ({"srcaddr": "-", "srcport": "-", "dstport": "-"}, None),
    ({"invalid_record": "2 123"}, "the record does not fit the header"),
]


def test_what_a_flow_log_record_must_say(flows: CompiledProject) -> None:
    whole = flow(FLOW_EXAMPLES.splitlines()[0])
    cases = [{**whole, "interface_id": f"eni-{number}", **fields} for number, (fields, _) in enumerate(FLOW_CASES)]
    replay = flows_loaded(flows, [cases])
    expected = {
        None if fields.get("interface_id") else f"eni-{number}": ("quarantined" if reason else "accepted", reason)
        for number, (fields, reason) in enumerate(FLOW_CASES)
    }
    rows = replay.rows("select interface_id, outcome, outcome_reason from {delivered_vpc__flow_logs}")
    assert len(rows) == len(FLOW_CASES)
    assert {row[0]: row[1:] for row in rows} == expected
    refused = sum(outcome == "quarantined" for outcome, _ in expected.values())
    assert replay.rows("select count(*) from {quarantine_vpc__flow_logs} where record_text is not null") == [(refused,)]


@st.composite
def flow_histories(draw: st.DrawFn) -> tuple[list[Flow], list[list[Flow]]]:
    """Records of a few interfaces, and a delivery of them: cut, shuffled, and some of them twice, also in another file."""
    records: list[Flow] = []
    for number in range(draw(st.integers(1, 10))):
        status = draw(st.sampled_from(["OK", "OK", "OK", "NODATA", "SKIPDATA", "?"]))
        start = 1709337600 + 600 * draw(st.integers(0, 9)) + number
        interface = draw(st.sampled_from(["eni-1", "eni-2"]))
        if status == "OK":
            packets, size = draw(st.integers(0, 10**6)), draw(st.integers(40, 1500))
            action = draw(st.sampled_from(["ACCEPT", "REJECT"]))
            line = f"2 1 {interface} 10.0.0.1 10.0.0.2 {number} 443 6 {packets} {packets * size} {start} {start + 60} {action} OK"
        else:
            line = f"2 1 {interface} - - - - - - - {start} {start + 60} - {status}"
        records.append(flow(line, number=number))
    again = draw(st.lists(st.sampled_from(records), max_size=4))
    copies = [{**each, "landing_file": draw(st.sampled_from(["a.log.gz", "b.log.gz"]))} for each in again]
    came = draw(st.permutations(records + copies))
    cuts = sorted(draw(st.lists(st.integers(0, len(came)), max_size=3)))
    return records, [came[start:end] for start, end in itertools.pairwise([0, *cuts, len(came)])]


FlowHistory = tuple[list[Flow], list[list[Flow]]]


def own_flows(history: FlowHistory, number: int) -> FlowHistory:
    """The same history in an account of its own."""

    def own(each: Flow) -> Flow:
        return {**each, "account_id": f"1-{number}", "landing_file": f"{number}-{each['landing_file']}"}

    records, batches = history
    return [own(each) for each in records], [[own(each) for each in batch] for batch in batches]


def check_flows(project: CompiledProject, group: Sequence[FlowHistory]) -> None:
    """The marts of the batches are those of one clean load, and the shares are those of a plain reading."""
    records, batches = side_by_side(group, own_flows)
    clean, delivered = flows_loaded(project, [records]), flows_loaded(project, batches)
    for mart in FLOW_MARTS:
        assert delivered.table(mart) == clean.table(mart), mart
    found = {
        row[:2]: row[2:]
        for row in delivered.rows(
            "select account_id, interface_id, sum(flows), sum(rejected_flows), sum(bytes), sum(rejected_bytes), sum(no_data_records), "
            "sum(skipped_records) from {agg_vpc_interface_hours} group by all"
        )
    }
    expected: dict[tuple[str, str], list[int]] = {}
    for each in records:
        if each["log_status"] == "?":
            continue
        sums = expected.setdefault((each["account_id"], each["interface_id"]), [0] * 6)
        if each["log_status"] == "OK":
            size, rejected = int(each["bytes"]), each["action"] == "REJECT"
            for place, value in enumerate((1, int(rejected), size, size * rejected)):
                sums[place] += value
        else:
            sums[4 if each["log_status"] == "NODATA" else 5] += 1
    assert found == {key: tuple(sums) for key, sums in expected.items()}
    shares = delivered.rows(
        "select flows, rejected_flows, rejected_flow_share, bytes, rejected_bytes, rejected_byte_share from {agg_vpc_interface_hours}"
    )
    for flows, rejected, share, size, rejected_size, byte_share in shares:
        assert share == (rejected / flows if flows else None)
        assert byte_share == (pytest.approx(float(rejected_size) / float(size)) if size else None)


def test_any_delivery_of_flow_logs_gives_the_marts_of_one_clean_load(flows: CompiledProject) -> None:
    hold_over(flow_histories(), lambda group: check_flows(flows, group))


def test_formats_of_flow_logs(warehouse: Warehouse) -> None:
    """Through dbt, in one folder: the default format, a custom one with more fields in another order, Parquet, and too few fields.

    The custom records are those of AWS's documentation but for one address: they differ in a field that version 2 has not, and are two.
    """
    folder = "vpc_flow_logs/AWSLogs/1/vpcflowlogs/eu-central-1/2024/03/01/"
    default = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
    custom = (
        "version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport pkt-srcaddr pkt-dstaddr "
        "protocol bytes packets start end action tcp-flags log-status"
    )
    line = (
        "3 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-01234567890123456 eni-1235b8ca123456789 123456789010 IPv4 52.213.180.42 "
        "10.0.0.62 43416 5001 {} 10.0.0.62 6 568 8 1566848875 1566848933 ACCEPT 2 OK"
    )
    texts = {
        "a.log.gz": [default, "2 1 eni-1 10.0.0.1 10.0.0.2 1 2 6 5 500 1709337600 1709337660 REJECT OK"],
        "b.log.gz": [custom, line.format("52.213.180.42"), line.format("52.213.180.43")],
        "c.log.gz": ["version interface-id srcaddr start end log-status", "2 eni-1 1.1.1.1 1566848875 1566848933 OK"],
    }
    for name, lines in texts.items():
        warehouse.write(folder + name, gzip.compress(("\n".join(lines) + "\n").encode()))
    whole = {"version": 2, "srcport": 1, "dstport": 2, "protocol": 6}
    row = {"account_id": "1", "interface_id": "eni-1", "srcaddr": "10.0.0.1", "dstaddr": "10.0.0.2", "action": "REJECT", "log_status": "OK"}
    times = {"packets": 5, "bytes": 500, "start": 1709337600, "end": 1709337660}
    empty = {"start": 1709337700, "end": 1709337760, "version": 2, "account_id": "1", "interface_id": "eni-1", "log_status": "NODATA"}
    types = {**dict.fromkeys(row, pyarrow.string()), **dict.fromkeys(whole, pyarrow.int32()), **dict.fromkeys(times, pyarrow.int64())}
    table = pyarrow.Table.from_pylist([{**row, **whole, **times}, empty], schema=pyarrow.schema(list(types.items())))
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer, compression="gzip")
    warehouse.write(folder + "d.log.parquet", buffer.getvalue())
    warehouse.dbt("run", "-s", "+fct_vpc_flows").must_pass()
    found = warehouse.rows(
        "select landing_file, outcome, outcome_reason, log_status, packets, bytes_transferred, source_ip, "
        "unknown_fields like '%pkt-srcaddr%' from dev_staging.delivered_vpc__flow_logs order by all"
    )
    assert [(file.split("/")[-1], *rest) for file, *rest in found] == [
        ("a.log.gz", "accepted", None, "OK", 5, 500, "10.0.0.1", None),
        ("b.log.gz", "accepted", None, "OK", 8, 568, "52.213.180.42", True),
        ("b.log.gz", "accepted", None, "OK", 8, 568, "52.213.180.42", True),
        ("c.log.gz", "quarantined", "account-id is missing", "OK", None, None, "1.1.1.1", None),
        ("d.log.parquet", "accepted", None, "NODATA", None, None, None, None),
        ("d.log.parquet", "duplicate", "delivered before", "OK", 5, 500, "10.0.0.1", None),
    ]


def test_the_sample(sample: Warehouse) -> None:
    """Through dbt: files as the tools write them, with their accounts."""
    accounts = "select delivered_records, accepted_records, duplicate_records, quarantined_records from dev_staging.accounting_"
    assert sample.rows(f"{accounts}samplerd__packet_samples") == [(520, 502, 12, 6)]
    assert sample.rows(f"{accounts}vpc__flow_logs") == [(168, 155, 12, 1)]
    assert sample.rows(
        "select attack_id, destination_ip, destination_port, estimated_packets from dev_marts.agg_network_attacks where attack_id = 'abcd'"
    ) == [("abcd", None, 53, 2000)]
    # what analyses/network/network_aggregate_size.sql counts columns for
    sizes = "select count(*) from information_schema.columns where table_schema = 'dev_marts' and table_name = "
    assert sample.rows(f"{sizes}'fct_packet_samples'") == [(19,)]
    assert sample.rows(f"{sizes}'agg_network_attack_days'") == [(39,)]
