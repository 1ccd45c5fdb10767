"""One run of one engine on one workload: starts it, reads START, HALF and DONE, and says what it cost.

README.md, "An engine", has the rules. CPU time and peak memory of the engine's process come from wait4(2).
"""
import json
import os
import shlex
import shutil
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ["CARGO_TARGET_DIR"]) / "bench"
LIMIT = 600  # seconds, then the engine is killed

# input records, records that all sub-topologies process together, what the checksum covers
WORKLOADS = {
    "stateless": (3_000_000, 3_000_000, "all"),
    "count": (3_000_000, 3_000_000, "last"),
    "count-nocache": (3_000_000, 3_000_000, "last"),
    "wordcount": (600_000, 5_400_000, "last"),
    "wordcount-nocache": (600_000, 5_400_000, "last"),
}


class Bench:
    """A running broker with the input topics, and a folder for what the runs leave."""

    def __init__(self, folder, scale=100):
        self.folder = Path(folder)
        self.scale = scale
        self.jars = Path(subprocess.run([HERE.parent / "tests/java/prepare"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()) / "libs/*"
        self.broker = subprocess.Popen([BUILD.parent / "debug/broker", "--load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.bootstrap = self.broker.stdout.readline().strip()
        if not self.bootstrap:
            raise SystemExit("the broker did not start")
        self.broker_id = child_of(self.broker.pid, "java")
        self.java("bench.Load")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.broker.stdin.close()
        self.broker.wait()

    def java(self, *args):
        env = dict(os.environ, BENCH_BOOTSTRAP=self.bootstrap, BENCH_SCALE=str(self.scale))
        command = ["java", "-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{self.jars}:{BUILD / 'java'}", *args]
        return subprocess.run(command, check=True, env=env, stdout=subprocess.PIPE, text=True).stdout.split()

    def run(self, engine, workload):
        """Answers one line of results, a dictionary. Raises RuntimeError when the engine does not finish."""
        records, process, covered = WORKLOADS[workload]
        records, process = records * self.scale // 100, process * self.scale // 100
        application = f"b-{workload}-{engine}-{time.time_ns() // 1_000_000}"
        state = self.folder / application
        state.mkdir(parents=True)
        env = dict(os.environ, BENCH_WORKLOAD=workload, BENCH_BOOTSTRAP=self.bootstrap, BENCH_APP=application, BENCH_OUT=application + "-out",
                   BENCH_STATE=str(state), BENCH_RECORDS=str(records), BENCH_PROCESS=str(process), BENCH_THREADS="1")
        self.java("bench.Ctl", "create", application + "-out")
        try:
            before = cpu(self.broker_id)
            marks, usage = self.child(engine, env)
            line = {"engine": engine, "workload": workload, "records": records, **figures(marks, usage, records, process),
                    "broker_cpu_s": round(cpu(self.broker_id) - before, 2)}
            found, distinct, checksum = self.java("bench.Ctl", "verify", covered, application + "-out")
            return dict(line, output_records=int(found), distinct=int(distinct), checksum=checksum)
        finally:
            self.java("bench.Ctl", "clean", application)
            shutil.rmtree(state, ignore_errors=True)

    def child(self, engine, env):
        """Runs the engine; answers marks {word: (wall, cpu, argument)} and its resource usage."""
        command = engines()[engine]["command"].format(here=HERE, build=BUILD, jars=self.jars, java="java")
        marks = {}
        with open(self.folder / "engine.log", "ab") as log:
            p = subprocess.Popen(shlex.split(command), env=env, stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.folder)
        timer = threading.Timer(LIMIT, p.kill)
        timer.start()
        try:
            for line in p.stdout:
                word, *rest = line.split() or [""]
                if word in ("START", "HALF", "DONE"):
                    marks[word] = (time.monotonic(), cpu(p.pid), rest)
            _, p.returncode, usage = os.wait4(p.pid, 0)
        finally:
            timer.cancel()
            if p.returncode is None:
                p.kill()
                p.wait()
        if "DONE" not in marks:
            raise RuntimeError(f"{engine} did not finish (status {p.returncode}); see {self.folder / 'engine.log'}")
        return marks, usage


def figures(marks, usage, records, process):
    wall = marks["DONE"][0] - marks["START"][0]
    total = usage.ru_utime + usage.ru_stime
    line = {"wall_s": round(wall, 2), "records_per_s": round(records / wall), "cpu_s": round(total, 2),
            "cpu_us_per_record": round(total * 1e6 / records, 3), "peak_rss_mb": round(usage.ru_maxrss / 1024, 1)}
    if "HALF" in marks:  # start and warming up left away: CPU from the half to the end
        seen = int(marks["HALF"][2][0])
        if seen < process:
            spent = marks["DONE"][1] - marks["HALF"][1]
            line["cpu_us_per_record_2nd_half"] = round(spent * 1e6 / (records * (1 - seen / process)), 3)
    return line


def engines():
    return json.loads((HERE / "engines.json").read_text())


def is_built(engine):
    """Whether the engine's program is there: what its command names in our folders."""
    words = shlex.split(engines()[engine]["command"])
    files = [w.format(here=HERE, build=BUILD, jars="", java="") for w in words if w.startswith(("{here}", "{build}"))]
    return all(os.path.exists(f) for f in files)


def cpu(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def child_of(pid, name):
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() == name:
                return int(child)
    raise SystemExit(f"process {pid} has no child {name}")
