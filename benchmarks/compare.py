"""Measures the engines in rounds, so that every engine meets the same disturbances; writes medians to docs/benchmarks.md."""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime, timezone

import measure

BASE = "kafka-streams"
PAGE = measure.HERE.parent / "docs/benchmarks.md"
HEADER = """# Benchmarks

Written by `make bench` ([benchmarks/README.md](../benchmarks/README.md) has method and workloads): a real Kafka broker on the same machine, one
stream thread, medians of {rounds} alternating rounds. CPU is that of the whole engine process per input record, start and warming up included;
*warm* is its second half. A checksum that differs from Kafka Streams' makes a figure void.

{machine}; {records}; {date}.

"""


def main():
    options = arguments()
    jobs = [(engine, workload) for workload in options.workloads for engine in options.only if workload in measure.engines()[engine]["workloads"]]
    missing = [engine for engine in options.only if not measure.is_built(engine)]
    for engine in missing:
        print(f"{engine} is not there: left away", file=sys.stderr)
    lines = []
    with tempfile.TemporaryDirectory(prefix="kstreams-bench-") as folder, measure.Bench(folder, options.scale) as bench:
        for round_number in range(options.rounds):
            for engine, workload in jobs:
                if engine not in missing:
                    lines += attempt(bench, round_number, engine, workload)
    text = HEADER.format(rounds=options.rounds, machine=machine(), records=f"inputs at {options.scale} %",
                         date=datetime.now(timezone.utc).strftime("%Y-%m-%d")) + table(lines) + driver()
    print(text)
    void = sorted({f"{line['engine']} {line['workload']}" for line in lines if not agrees(line, lines)})
    if void:
        print("void, because the checksum differs:", ", ".join(void), file=sys.stderr)
    if not options.dry:
        PAGE.write_text(text + notes())
    return 1 if void else 0


def attempt(bench, round_number, engine, workload):
    try:
        line = bench.run(engine, workload)
    except (RuntimeError, subprocess.CalledProcessError) as problem:
        print(f"{engine} {workload}: {problem}", file=sys.stderr)
        return []
    print(json.dumps(dict(line, round=round_number)), file=sys.stderr, flush=True)
    return [line]


def arguments():
    split = lambda text: text.split(",")
    parser = argparse.ArgumentParser(prog="benchmarks/run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=int, default=100, help="percent of the input")
    parser.add_argument("--only", type=split, default=list(measure.engines()), help="engines, with commas")
    parser.add_argument("--workloads", type=split, default=list(measure.WORKLOADS), help="with commas")
    parser.add_argument("--dry", action="store_true", help="leave docs/benchmarks.md as it is")
    return parser.parse_args()


def agrees(line, lines):
    truth = {other["checksum"] for other in lines if other["workload"] == line["workload"] and other["engine"] == BASE}
    return not truth or truth == {line["checksum"]}


def table(lines):
    rows = ["| workload | engine | runs | CPU µs/record | of Kafka Streams' | warm | of Kafka Streams' | spread | records/s | peak MB | broker CPU s | outputs | checksum |",
            "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|"]
    groups = {}
    for line in lines:
        groups.setdefault((line["workload"], line["engine"]), []).append(line)
    for workload in measure.WORKLOADS:
        for engine in measure.engines():
            if (workload, engine) in groups:
                rows.append(row(groups, workload, engine, lines))
    return "\n".join(rows) + "\n"


def row(groups, workload, engine, lines):
    runs, base = groups[workload, engine], groups.get((workload, BASE))
    whole, warm = median(runs, "cpu_us_per_record"), median(runs, "cpu_us_per_record_2nd_half")
    share = lambda value, key: f"{100 * value / median(base, key):.0f} %" if base and value and median(base, key) else ""
    spread = [r["cpu_us_per_record"] for r in runs]
    outputs = sorted(r["output_records"] for r in runs)
    outputs = f"{outputs[0]:,}" if outputs[0] == outputs[-1] else f"{outputs[0]:,}–{outputs[-1]:,}"
    good = all(agrees(r, lines) for r in runs)
    cells = [workload, engine, len(runs), f"{whole:.2f}", share(whole, "cpu_us_per_record"), f"{warm:.2f}" if warm else "",
             share(warm, "cpu_us_per_record_2nd_half"), f"{min(spread):.2f}–{max(spread):.2f}", f"{median(runs, 'records_per_s'):,.0f}",
             f"{median(runs, 'peak_rss_mb'):.0f}", f"{median(runs, 'broker_cpu_s'):.1f}", outputs, runs[0]["checksum"][:8] if good else "**void**"]
    return "| " + " | ".join(map(str, cells)) + " |"


def median(runs, key):
    values = [r[key] for r in runs if r.get(key) is not None]
    return statistics.median(values) if values else None


def driver():
    """What one core does without a broker, by the test driver; in the words of the program that measures it."""
    program = measure.BUILD / "rust/driver"
    if not program.exists():
        return ""
    rounds = [subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout for _ in range(3)]
    return "\n## Without a broker\n\nThe test driver's `pipe_batch` on one core, serdes included, a commit every 10,000 records, three rounds:\n\n```\n" + "\n".join(rounds) + "```\n"


def machine():
    java = subprocess.run(["java", "-version"], stderr=subprocess.PIPE, text=True).stderr.splitlines()[0].split('"')[1]
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Java {java}, Python {platform.python_version()}"


def notes():
    """What people wrote under the table: kept from the page as it is."""
    mark = "\n## Notes\n"
    old = PAGE.read_text() if PAGE.exists() else ""
    return mark + old.split(mark, 1)[1] if mark in old else ""


if __name__ == "__main__":
    sys.exit(main())
