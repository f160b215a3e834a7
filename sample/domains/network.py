"""Writes the sample of the network domain: packet samples of a mitigation system, and VPC flow logs.

The packet samples are those of a pipeline such as Cloudflare's samplerd (https://blog.cloudflare.com/building-network-analytics-v2/): each
system that decides about packets sends samples with what it decided and why. Their fields and types are this project's; the source names
attack, destination address and port, and sample interval. Attack abcd is its example.

The flow logs are text files of the default format as S3 delivers them: a header, fields with blanks between, gzipped, in a folder per
account, region and day. Their first records are examples of AWS's documentation (Amazon VPC user guide, flow log record examples).
"""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from make_feeds import write_if_changed

FIRST_DAY = datetime(2024, 3, 1, tzinfo=UTC)
PARTITIONS = 3
# attack, account, system, rule, target, port, protocol, hours from the first day's beginning and of its length, samples, interval
ATTACKS: list[tuple[str, str, str, str, str | None, int | None, int, float, float, int, int]] = [
    ("dns-any-1", "acme", "l4drop", "dns-any", "203.0.113.10", 53, 17, 3.0, 1.0, 140, 1000),
    ("syn-flood-2", "acme", "flowtrackd", "syn-flood", None, 443, 6, 22.0, 5.0, 120, 4000),
    ("udp-frag-3", "globex", "dosd", "udp-fragments", "2001:db8::7", None, 17, 30.0, 0.2, 40, 500),
]
# what a rule that limits rates lets through is sampled too
RATE_LIMITED = 0.2
Sample = dict[str, Any]


def golden() -> list[Sample]:
    """The two samples of the source's example; what it does not say is the same in both."""
    return [
        {
            "sample_id": f"abcd-{number}", "sampled_at": f"2024-03-01T00:00:0{number}.250Z", "attack_id": "abcd", "account_id": "example",
            "system": "dosd", "rule": "udp-53", "outcome": "DROP", "src_ip": "198.51.100.9", "src_port": 33000, "dest_ip": target,
            "dest_port": 53, "protocol": 17, "length": 1400, "sample_interval": 1000,
        }
        for number, target in enumerate(["1.1.1.1", "1.0.0.1"])
    ]  # fmt: skip


def attack_samples(rng: random.Random) -> list[Sample]:
    """Samples of the attacks, in order of time."""
    samples = []
    for attack, account, system, rule, target, port, protocol, begins, hours, count, interval in ATTACKS:
        for number in range(count):
            moment = FIRST_DAY + timedelta(hours=begins + hours * (number + rng.random()) / count)
            samples.append(
                {
                    "sample_id": f"{attack}-{number}",
                    "sampled_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                    "attack_id": attack,
                    "account_id": account,
                    "system": system,
                    "rule": rule,
                    "outcome": "PASS" if rng.random() < RATE_LIMITED else "DROP",
                    "src_ip": f"198.51.100.{rng.randrange(1, 250)}",
                    "src_port": rng.randrange(1024, 65536) if port else None,
                    "dest_ip": target or f"203.0.113.{rng.randrange(1, 250)}",
                    "dest_port": port,
                    "protocol": protocol,
                    "length": rng.choice([60, 590, 1400, 1500]),
                    "sample_interval": interval * rng.choice([1, 1, 2]),
                }
            )
    return sorted(samples, key=lambda sample: str(sample["sampled_at"]))


def other_samples(rng: random.Random, count: int) -> list[Sample]:
    """Samples of packets that belong to no attack: most pass, some are dropped by a firewall's rule."""
    samples = []
    for number in range(count):
        dropped = rng.random() < 0.1
        moment = FIRST_DAY + timedelta(seconds=rng.randrange(2 * 86_400))
        samples.append(
            {
                "sample_id": f"traffic-{number}",
                "sampled_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "account_id": rng.choice(["acme", "globex", "example", None]),
                "system": "Magic Firewall" if dropped else "iptables",
                "rule": "block-telnet" if dropped else None,
                "outcome": "DROP" if dropped else "PASS",
                "src_ip": f"192.0.2.{rng.randrange(1, 250)}",
                "src_port": rng.randrange(1024, 65536),
                "dest_ip": f"203.0.113.{rng.randrange(1, 250)}",
                "dest_port": 23 if dropped else 443,
                "protocol": 6,
                "length": rng.choice([60, 1500]),
                "sample_interval": 10_000,
            }
        )
    return sorted(samples, key=lambda sample: str(sample["sampled_at"]))


def packet_sample_lines() -> list[str]:
    """The topic as `kcat -C -J` prints it: late samples, repeats of consumer and producer, and a few records that nobody can read."""
    rng = random.Random(18)
    payloads = [
        json.dumps(sample)
        for sample in golden() + sorted(attack_samples(rng) + other_samples(rng, 200), key=lambda each: each["sampled_at"])
    ]
    # two in a hundred come hours later, one in a hundred is sent again by its producer
    order = [(place + (150 if rng.random() < 0.02 else 0), payload) for place, payload in enumerate(payloads)]
    order += [(place + 40, payload) for place, payload in enumerate(payloads) if rng.random() < 0.01]
    sent: list[str | None] = [payload for _, payload in sorted(order)]
    spoilt = json.loads(payloads[0])
    sent += [
        None,
        payloads[0][:60],
        json.dumps({**spoilt, "sample_id": None}),
        json.dumps({**spoilt, "sample_id": "bad-1", "sample_interval": 0}),
        json.dumps({**spoilt, "sample_id": "bad-2", "outcome": "LIMIT"}),
        json.dumps({**spoilt, "sample_id": "bad-3", "dest_ip": "1.1.1.256"}),
    ]
    offsets = [0] * PARTITIONS
    lines = []
    for number, payload in enumerate(sent):
        partition = number % PARTITIONS
        record = {
            "topic": "packet_samples", "partition": partition, "offset": offsets[partition], "tstype": "create",
            "ts": int(FIRST_DAY.timestamp() * 1000) + number * 250_000, "broker": 1, "key": None, "payload": payload,
        }  # fmt: skip
        offsets[partition] += 1
        lines.append(json.dumps(record, separators=(",", ":")))
        if number % 97 == 50:
            lines.append(lines[-1])  # the consumer read it again
    return lines


FLOW_FIELDS = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
# of AWS's documentation: SSH allowed, RDP rejected, no data, data skipped, a ping and its answer, and SSH over IPv6
FLOW_EXAMPLES = """\
2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK
2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK
2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA
2 123456789010 eni-11111111aaaaaaaaa - - - - - - - 1431280876 1431280934 - SKIPDATA
2 123456789010 eni-1235b8ca123456789 203.0.113.12 172.31.16.139 0 0 1 4 336 1432917027 1432917142 ACCEPT OK
2 123456789010 eni-1235b8ca123456789 172.31.16.139 203.0.113.12 0 0 1 4 336 1432917094 1432917142 REJECT OK
2 123456789010 eni-1235b8ca123456789 2001:db8:1234:a100:8d6e:3477:df66:f105 2001:db8:1234:a102:3304:8879:34cf:4071 \
34892 22 6 54 8855 1477913708 1477913820 ACCEPT OK
"""
FLOW_ACCOUNT, FLOW_REGION, FLOW_LOG = "123456789010", "eu-central-1", "fl-0123456789abcdef0"


def flow_log_file(moment: datetime, number: int, records: list[str]) -> tuple[str, bytes]:
    """Path under the landing root and content of a file of flow logs."""
    name = f"{FLOW_ACCOUNT}_vpcflowlogs_{FLOW_REGION}_{FLOW_LOG}_{moment:%Y%m%dT%H%MZ}_{number:08x}.log.gz"
    content = gzip.compress(("\n".join([FLOW_FIELDS, *records]) + "\n").encode(), mtime=0)
    return f"vpc_flow_logs/AWSLogs/{FLOW_ACCOUNT}/vpcflowlogs/{FLOW_REGION}/{moment:%Y/%m/%d}/{name}", content


def flow_log_files() -> list[tuple[str, bytes]]:
    """Two hours of two interfaces, of which each logs the other's traffic too, with scans from outside that are rejected."""
    rng = random.Random(12)
    files = [flow_log_file(datetime(2016, 10, 31, 12, 45, tzinfo=UTC), 1, FLOW_EXAMPLES.splitlines())]
    hosts = {"10.0.1.5": "eni-0aaaaaaaaaaaaaaa1", "10.0.1.6": "eni-0bbbbbbbbbbbbbbb2"}
    for window in range(12):
        moment = datetime(2024, 3, 1, 22, 0, tzinfo=UTC) + timedelta(minutes=10 * window)
        start, records = int(moment.timestamp()), []
        for _ in range(5):
            packets = rng.randrange(2, 400)
            flow = f"{rng.randrange(32768, 60999)} 5432 6 {packets} {packets * rng.randrange(60, 1400)} {start + 1} {start + 59} ACCEPT OK"
            records += [f"2 {FLOW_ACCOUNT} {interface} 10.0.1.5 10.0.1.6 {flow}" for interface in hosts.values()]
        for host, interface in hosts.items():
            source = f"198.51.100.{rng.randrange(1, 250)}"
            records.append(
                f"2 {FLOW_ACCOUNT} {interface} {source} {host} {rng.randrange(1024, 65535)} 23 6 1 60 {start + 5} {start + 5} REJECT OK"
            )
            if window % 5 == 3:
                status = "NODATA" if host.endswith("5") else "SKIPDATA"
                records.append(f"2 {FLOW_ACCOUNT} {interface} - - - - - - - {start + 60} {start + 119} - {status}")
        files.append(flow_log_file(moment + timedelta(minutes=5), window + 2, records))
    # the same file under another name, and a record that no one can read
    files.append(flow_log_file(datetime(2024, 3, 1, 22, 10, tzinfo=UTC), 99, gzip.decompress(files[1][1]).decode().splitlines()[1:]))
    files.append(
        flow_log_file(
            datetime(2024, 3, 2, 0, 5, tzinfo=UTC),
            100,
            [f"2 {FLOW_ACCOUNT} eni-0aaaaaaaaaaaaaaa1 10.0.1.5 10.0.1.6 x 5432 6 1 60 1709337600 1709337660 ACCEPT OK"],
        )
    )
    return files


def write(root: Path) -> None:
    """Writes the landing folders of the domain."""
    lines = packet_sample_lines()
    third = len(lines) // 3
    for number, part in enumerate((lines[:third], lines[third : 2 * third], lines[2 * third :])):
        write_if_changed(root / f"kafka/packet_samples/packet_samples-{number:04d}.jsonl", ("\n".join(part) + "\n").encode())
    for path, content in flow_log_files():
        write_if_changed(root / path, content)
