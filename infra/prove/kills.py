"""Real processes under `kill -9` and failing calls to AWS: is anything lost, does anything take effect twice?

    kills.py [--kills N] [--seconds S] [--seed N] [--state FILE] [--json] [--bin-dir DIR]

Deploys the real template with the real binaries (infra/local), posts signed webhooks of several providers at a bounded
rate, kills receivers, processors and reconcilers at random moments and lets their calls to AWS fail in every way, in
rounds. At the end of each round the weather clears, the dead-letter queue is redriven, dead events are replayed, and
once all is quiet every event is accounted for: what was answered 200 is PROCESSED, a transactional effect took place
exactly once, a delivery at least once and always under the same key.

The seed decides which events come, when kills and faults are aimed at what; which instruction a kill hits is up to the
machine. With --state the totals of finished rounds are kept, and the same command goes on after them. Interrupted, it
leaves nothing running, and the round that was under way does not count.

Exit status: 0 when nothing was lost or doubled, 1 when something was, 2 when a round could not be run.
"""

import argparse
import collections
import json
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra/prove"))

from storm import account, quiet  # noqa: E402
from storm.endpoint import Endpoint  # noqa: E402
from storm.faults import Faults  # noqa: E402
from storm.killer import Killer  # noqa: E402
from storm.operator import Operator  # noqa: E402
from storm.provider import Providers  # noqa: E402
from storm.world import World  # noqa: E402

# How long the providers may take to hear 200 once the weather is fair.
ACCEPTED_IN_SECS = 120
# What the emulator logs of a run that ended with its process.
LOST_RUN = re.compile(r"\[lambda_runtime\] Lambda \S+-(Receiver|Processor|Reconciler)Function-\S+: Runtime exited before returning")


def arguments():
    parser = argparse.ArgumentParser(description="Kill functions at work and account for every event.")
    parser.add_argument("--kills", type=int, default=1000, help="processes to kill in all (default: %(default)s)")
    parser.add_argument("--round-kills", type=int, default=400, help="most kills of a round (default: %(default)s)")
    parser.add_argument("--seconds", type=float, help="start no round, and kill nothing, after this time; quiet takes its time")
    parser.add_argument("--seed", type=int, default=1, help="(default: %(default)s)")
    parser.add_argument("--kills-per-sec", type=float, default=2.5, help="(default: %(default)s)")
    parser.add_argument("--events-per-sec", type=float, default=12, help="(default: %(default)s)")
    parser.add_argument("--hasten", action="store_true", help="let time pass for records instead of waiting for the sweep's turn")
    parser.add_argument("--state", type=pathlib.Path, help="keep the totals of finished rounds in this file, and go on after them")
    parser.add_argument("--json", action="store_true", help="print the totals as one line of JSON, and nothing else on stdout")
    parser.add_argument("--bin-dir", type=pathlib.Path, default=ROOT / "target/debug", help="where the binaries and examples/ are")
    parser.add_argument("--keep", type=pathlib.Path, help="keep the logs of the last round in this folder")
    options = parser.parse_args()
    needed = ("receiver", "reconciler", "examples/counting", "holdfast")
    missing = [name for name in needed if not (options.bin_dir / name).is_file()]
    if missing:
        parser.error(f"{options.bin_dir} has no {', '.join(missing)}: build the workspace with its examples first")
    if sys.platform != "linux":
        parser.error("processes are found and killed as Linux shows them")
    return options


class Totals:
    """What finished rounds came to. Numbers are added up; what was wrong is kept in words."""

    def __init__(self, seed, path):
        self._path = path
        self.kept = {"seed": seed, "rounds": 0}
        if path and path.exists():
            self.kept = json.loads(path.read_text())
            if self.kept["seed"] != seed:
                raise SystemExit(f"kills: {path} belongs to seed {self.kept['seed']}")

    def add(self, round_):
        self.kept = _sum(self.kept, round_ | {"rounds": 1})
        if self._path:
            partial = self._path.with_name(self._path.name + ".partial")
            partial.write_text(json.dumps(self.kept))
            partial.replace(self._path)

    def line(self):
        """The totals as they are printed: with counts in place of sentences."""
        wrong = self.kept.get("lost", []) + self.kept.get("doubled", [])
        lists = {name: len(value) for name, value in self.kept.items() if isinstance(value, list)}
        return self.kept | lists | {"problems": wrong[:20]}


def _sum(left, right):
    """Numbers and lists of the same name added, in dictionaries as well."""
    total = dict(left)
    for name, value in right.items():
        if isinstance(value, dict):
            total[name] = _sum(total.get(name, {}), value)
        else:
            total[name] = total[name] + value if name in total else value
    return total


def run_round(options, seed, kills, storm_secs, run_dir, say):
    """A storm, and what it came to."""
    started = time.monotonic()
    endpoint = Endpoint(seed)
    world = None
    try:
        world = World(options.bin_dir, run_dir, endpoint.url)
        say(f"up after {time.monotonic() - started:.0f} s; storm")
        return _storm(options, seed, kills, storm_secs, world, endpoint, say) | {"seconds": round(time.monotonic() - started)}
    finally:
        if world:
            world.end()
        endpoint.end()


def _storm(options, seed, kills, storm_secs, world, endpoint, say):
    faults, operator = Faults(world, seed), Operator(world)
    most_events = max(20, round(kills * options.events_per_sec / options.kills_per_sec))
    providers = Providers(world.webhook_url, options.events_per_sec, most_events, seed)
    killer = Killer(world, options.kills_per_sec, kills, seed)
    storm_started = time.monotonic()
    killer.done.wait(storm_secs)
    killer.stop()
    storm_secs = time.monotonic() - storm_started
    providers.stop_making()
    injected = faults.stop()
    endpoint.stormy = False
    say(f"{killer.killed.total()} kills in {storm_secs:.0f} s; quiet")

    heard = providers.finish(ACCEPTED_IN_SECS)
    unfinished, dead = quiet.wait(world, operator, seed, options.hasten)
    operator.stop()
    found = account.draw_up(world, endpoint, providers.events)
    if not heard:
        found["lost"].append("some provider never heard 200 in fair weather")
    if unfinished and not found["lost"]:
        found["lost"].append(f"{len(unfinished)} records were not finished in time")
    by_kind = collections.Counter()
    for kinds in injected.values():
        by_kind.update(kinds)
    log = (world.run_dir / "ministack.log").read_text(errors="replace")
    return found | {
        "kills": killer.killed.total(),
        "kills_by_function": dict(killer.killed),
        "runs_lost": dict(collections.Counter(name.lower() for name in LOST_RUN.findall(log))),
        "storm_seconds": round(storm_secs),
        "posts": providers.answers.total(),
        "answers": {str(answer): times for answer, times in providers.answers.items()},
        "dead": dead,
        "operator": dict(operator.done),
        "faults": by_kind.total(),
        "faults_by_kind": dict(by_kind),
        "faults_by_call": {call: kinds.total() for call, kinds in injected.items()},
    }


def run(options, totals, say):
    started = time.monotonic()
    while (killed := totals.kept.get("kills", 0)) < options.kills:
        left = None if options.seconds is None else options.seconds - (time.monotonic() - started)
        if left is not None and left <= 0:
            break
        number = totals.kept["rounds"] + 1
        kills = min(options.round_kills, options.kills - killed)
        run_dir = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="holdfast-kills-"))
        try:
            shutil.rmtree(run_dir, ignore_errors=True)
            run_dir.mkdir(parents=True)
            round_ = run_round(options, f"{options.seed}/{number}", kills, left, run_dir, lambda text, n=number: say(f"round {n}: {text}"))
        finally:
            if not options.keep:
                shutil.rmtree(run_dir, ignore_errors=True)
        totals.add(round_)
        say(f"round {number}: {round_['events']} events, {len(round_['lost'])} lost, {len(round_['doubled'])} doubled, {round_['seconds']} s")
        if round_["lost"] or round_["doubled"]:
            break


def main():
    options = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)

    def say(text):
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr if options.json else sys.stdout, flush=True)

    totals = Totals(options.seed, options.state)
    failed = None
    try:
        run(options, totals, say)
    except KeyboardInterrupt:
        failed = "interrupted"
    except Exception as problem:  # The totals of the rounds before are printed whatever went wrong.
        failed = f"{type(problem).__name__}: {problem}"
    line = totals.line()
    print(json.dumps(line) if options.json else json.dumps(line, indent=2))
    if failed:
        print(f"kills: {failed}", file=sys.stderr)
        return 2
    return 1 if line.get("lost") or line.get("doubled") else 0


if __name__ == "__main__":
    sys.exit(main())
