"""Measures the packaged functions: size, start, memory, time and processor time of each path.

    bench.py --packages target/package/x86_64 [--against OTHER] [--json FILE]

Each figure is a median over processes. A process is started as Lambda starts it, with a runtime API and an AWS on
127.0.0.1 that answer at once (runtime_api.py, aws_stub.py): what is measured is the function, the loopback and this
program's answers, whose share is printed. With --against the same is measured with the packages of another build, its
processes in turn with the first one's, so that both meet the same noise.

Everything that is measured is checked too: the status of each answer, and the calls each event made.
"""

import argparse
import contextlib
import io
import json
import pathlib
import platform
import statistics
import sys
import tempfile
import zipfile

import machine
import samples
import tls
from aws_stub import AwsStub, item_bytes
from runtime_api import FunctionFailed, invocation
from subject import Subject

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRETS = {"stripe": samples.SECRET, "destinations.bench": "whsec_" + "YmVuY2g" * 4 + "YmVuYw=="}
WARM_UP = 200
# A sweep makes many calls; so many fewer are measured.
SWEEPS_FOR = 10


def status_is(status):
    """Whether an answer of the receiver has this status."""
    expected = f'"statusCode":{status}'.encode()
    return lambda answer: expected in answer


class Path:
    """One kind of event, and what has to come of it."""

    def __init__(self, name, event, is_right, per_event=1, once=False, refuse=False, share=1):
        self.name = name
        self.event = event
        self.is_right = is_right
        self.per_event = per_event
        # The same event every time, and a table that has it already.
        self.once = once
        self.refuse = refuse
        self.share = share


RECEIVER = [
    Path("unknown source", samples.stranger, status_is(401)),
    Path("bad signature", samples.forged, status_is(401)),
    Path("accepted", samples.accepted, status_is(200)),
    Path("duplicate", samples.accepted, status_is(200), once=True, refuse=True),
]
NO_FAILURES = b'{"batchItemFailures":[]}'
PROCESSOR = [
    Path("1 ticket", lambda number: samples.tickets(number, 1), NO_FAILURES.__eq__),
    Path("10 tickets", lambda number: samples.tickets(number, 10), NO_FAILURES.__eq__, per_event=10, share=5),
]
RECONCILER = [Path("empty sweep", lambda _: {"task": "sweep"}, lambda answer: b'"complete":true' in answer, share=SWEEPS_FOR)]
FUNCTIONS = {"receiver": RECEIVER, "processor": PROCESSOR, "reconciler": RECONCILER}


def arguments():
    parser = argparse.ArgumentParser(description="Measure the packaged functions.")
    parser.add_argument("--packages", type=pathlib.Path, required=True, help="folder with receiver/, processor/ and reconciler/")
    parser.add_argument("--against", type=pathlib.Path, help="another such folder, measured in turn with the first")
    parser.add_argument("--function", choices=FUNCTIONS, action="append", help="measure this one only; may be repeated")
    parser.add_argument("--processes", type=int, default=11)
    parser.add_argument("--events", type=int, default=2000, help="events per path and process, after a warm-up")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures to this file as well")
    return parser.parse_args()


def size(package):
    """Bytes of the stripped binary, and of the package as `sam deploy` uploads it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(package.iterdir()):
            archive.write(file, file.name)
    return {"binary MB": (package / "bootstrap").stat().st_size / 1e6, "zip MB": len(packed.getvalue()) / 1e6}


def walk(subject, path, events):
    """Sends `events` events along a path; the medians of the process."""
    subject.stub.refuse_puts = path.refuse
    count = max(1, events // path.share)
    warm_up = max(1, WARM_UP // path.share)
    same = path.event(0) if path.once else None
    invocations = [invocation(number, same or path.event(number)) for number in range(warm_up + count)]
    if path.once:
        # The table has what this very process stored.
        subject.stub.refuse_puts = False
        subject.invoke(invocations[0])
        subject.stub.keep()
        subject.stub.refuse_puts = path.refuse
    for event in invocations[:warm_up]:
        check(subject, path, event)
    subject.stub.calls.clear()
    cpu, busy, logged = subject.cpu_ns(), subject.loop.busy_ns, subject.logged_bytes()
    took = [check(subject, path, event) for event in invocations[warm_up:]]
    cpu, busy, logged = subject.cpu_ns() - cpu, subject.loop.busy_ns - busy, subject.logged_bytes() - logged
    calls = {name: round(number / count / path.per_event, 3) for name, number in sorted(subject.stub.calls.items())}
    return {
        "p50 us": statistics.median(took) / 1e3,
        "p99 us": statistics.quantiles(took, n=100)[98] / 1e3 if count > 1 else took[0] / 1e3,
        "harness us": busy / count / 1e3,
        "cpu us": cpu / count / 1e3,
        "log bytes": logged / count / path.per_event,
        "calls": calls,
    }


def check(subject, path, event):
    took = subject.invoke(event)
    if not path.is_right(subject.api.answer):
        answer = subject.api.answer.decode(errors="replace")[:500]
        raise FunctionFailed(f"{path.name}: answered {answer}\nand said:\n{subject.said()}")
    return took


def one_process(package, paths, events, stored):
    """One process' figures, along all paths of its function. `stored` is what a receiver put, for who reads it."""
    stub = AwsStub(SECRETS)
    if stored:
        stub.record, stub.body = stored
        stub.keep()
    with Subject(package, stub) as subject:
        figures = {"init ms": subject.init_ns / 1e6, "init cpu ms": subject.init_cpu_ns / 1e6, "MB after init": subject.init_kib / 1024}
        figures["init calls"] = dict(sorted(stub.calls.items()))
        figures["paths"] = {path.name: walk(subject, path, events) for path in paths}
        figures["MB after events"] = subject.resident_kib() / 1024
    figures["record bytes"], figures["body bytes"] = (item_bytes(put) if put else 0 for put in (stub.record, stub.body))
    return figures, (stub.record, stub.body)


def tls_start(package, certificates):
    """One start whose connections are encrypted: the figures of the start alone."""
    stub = AwsStub(SECRETS)
    server = tls.TlsServer(stub, certificates)
    try:
        with Subject(package, stub, f"https://127.0.0.1:{server.port}", certificates.environment()) as subject:
            return {"TLS init ms": subject.init_ns / 1e6, "TLS init cpu ms": subject.init_cpu_ns / 1e6, "TLS MB after init": subject.init_kib / 1024}
    finally:
        server.close()


def median(figures):
    """The median of every number in figures of the same shape; calls are the same in all of them."""
    first = figures[0]
    if isinstance(first, dict):
        return {name: median([figure[name] for figure in figures]) for name in first}
    return statistics.median(figures)


def measure(options, builds):
    """Per build and function: sizes and medians. The builds take turns, process by process."""
    wanted = options.function or list(FUNCTIONS)
    stored = None
    figures = {build: {} for build in builds}
    with contextlib.ExitStack() as stack:
        certificates = None
        if tls.available():
            certificates = tls.Certificates(stack.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-bench-")))
        if "receiver" not in wanted:
            _, stored = one_process(options.packages / "receiver", RECEIVER[2:3], 1, None)
        for function in [name for name in FUNCTIONS if name in wanted]:
            measured = {build: [] for build in builds}
            for number in range(options.processes):
                print(f"\r{function}: process {number + 1} of {options.processes} ", end="", file=sys.stderr, flush=True)
                for build, packages in builds.items():
                    known = stored if function != "receiver" else None
                    one, put = one_process(packages / function, FUNCTIONS[function], options.events, known)
                    stored = put if function == "receiver" else stored
                    measured[build].append(one | (tls_start(packages / function, certificates) if certificates else {}))
            print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
            for build, packages in builds.items():
                figures[build][function] = size(packages / function) | median(measured[build])
    return figures


def rows(figures):
    """The table's lines: (label, unit, value per function)."""
    whole = ["binary MB", "zip MB", "init ms", "init cpu ms", "TLS init ms", "TLS init cpu ms", "MB after init", "TLS MB after init", "MB after events"]
    lines = [[name, *(figures[function].get(name) for function in figures)] for name in whole]
    return [line for line in lines if any(value is not None for value in line[1:])]


def listed(calls):
    """Calls as words: "PutItem body, Query 64"."""
    return ", ".join(name if number == 1 else f"{name} {number:g}" for name, number in calls.items()) or "none"


def print_tables(build, figures):
    print(f"\n{build}\n")
    print("| | " + " | ".join(figures) + " |\n|---|" + "---:|" * len(figures))
    for name, *values in rows(figures):
        print(f"| {name} | " + " | ".join("" if value is None else f"{value:.1f}" for value in values) + " |")
    for function, figure in figures.items():
        print(f"\ncalls while the {function} starts: {listed(figure['init calls'])}", end="")
    if "receiver" in figures:
        stored = figures["receiver"]
        print(f"\nstored for the last event: a record of about {stored['record bytes']:.0f} bytes, a body item of about {stored['body bytes']:.0f} bytes", end="")
    print("\n\n| path | p50 us | of it harness | p99 us | cpu us | log bytes per event | calls per event |\n|---|---:|---:|---:|---:|---:|---|")
    for function, figure in figures.items():
        for name, path in figure["paths"].items():
            times = " | ".join(f"{path[column]:.0f}" for column in ("p50 us", "harness us", "p99 us", "cpu us", "log bytes"))
            print(f"| {function}: {name} | {times} | {listed(path['calls'])} |")


def main():
    options = arguments()
    if platform.system() != "Linux":
        print("bench: needs Linux (/proc)", file=sys.stderr)
        return 2
    builds = {str(options.packages): options.packages.resolve()}
    if options.against:
        builds[str(options.against)] = options.against.resolve()
    described = machine.describe()
    try:
        figures = measure(options, builds)
    except FunctionFailed as problem:
        print(f"\nbench: {problem}", file=sys.stderr)
        return 1
    for what, value in described.items():
        print(f"{what + ':':<11}{value}")
    print(f"medians of {options.processes} processes, {options.events} events per path and process after a warm-up")
    for build, figure in figures.items():
        print_tables(build, figure)
    if options.json:
        report = {"machine": described, "processes": options.processes, "events": options.events, "builds": figures}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
