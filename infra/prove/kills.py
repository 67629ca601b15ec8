"""Real processes under `kill -9` and failing calls to AWS: is anything lost, does anything take effect twice?

    kills.py [--kills N] [--seconds S] [--seed N] [--from ROUND] [--json] [--bin-dir DIR]

Deploys the real template with the real binaries (infra/local), posts signed webhooks of several providers at a bounded
rate, kills receivers, processors and reconcilers at random moments and lets their calls to AWS fail in every way, in
rounds. At the end of each round the weather clears, the dead-letter queue is redriven, dead events are replayed, and
once all is quiet every event is accounted for: what was answered 200 is PROCESSED, a transactional effect took place
exactly once, a delivery at least once and always under the same key.

The seed decides which events come, when kills and faults are aimed at what; which instruction a kill hits is up to the
machine. Interrupted, it leaves nothing running and prints the totals of the rounds that were finished, with the number
of the next one: --from goes on there.

Exit status: 0 when nothing was lost or doubled, 1 when something was, 2 when a round could not be run.
"""

import argparse
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from storm import round as storm_round
from storm.totals import Totals

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Up, and quiet again after a storm: what a round takes beside it.
AROUND_STORM_SECS = 160
SHORTEST_STORM_SECS = 30


def arguments():
    parser = argparse.ArgumentParser(description="Kill functions at work and account for every event.")

    def add(name, default, text):
        parser.add_argument(name, type=type(default), default=default, help=f"{text} (default: %(default)s)")

    add("--kills", 1000, "processes to kill in all")
    add("--round-kills", 500, "most kills of a round")
    parser.add_argument("--seconds", type=float, help="about how long in all; a round that has begun is brought to its end")
    add("--seed", 1, "what is random, but for the machine")
    add("--from", 1, "the round to begin with: the number that a run before printed as `next`")
    add("--kills-per-sec", 2.5, "kills in a second of a storm")
    add("--events-per-sec", 12.0, "new events in a second of a storm")
    add("--bin-dir", ROOT / "target/debug", "where the binaries and examples/ are")
    parser.add_argument("--hasten", action="store_true", help="let time pass for records instead of waiting for the sweep's turn")
    parser.add_argument("--json", action="store_true", help="print the totals as one line of JSON, and nothing else on stdout")
    parser.add_argument("--keep", type=pathlib.Path, help="keep the logs of each round in a folder here; those of a round with a problem are kept anyway")
    options = parser.parse_args()
    needed = ("receiver", "reconciler", "examples/counting", "holdfast")
    missing = [name for name in needed if not (options.bin_dir / name).is_file()]
    if missing:
        parser.error(f"{options.bin_dir} has no {', '.join(missing)}: build the workspace with its examples first")
    if sys.platform != "linux":
        parser.error("processes are found and killed as Linux shows them")
    return options


def run(options, totals, say):
    """Rounds, until enough were killed, time is up, or something was wrong."""
    started = time.monotonic()
    while totals.kept["kills"] < options.kills:
        storm_secs = None
        if options.seconds is not None:
            storm_secs = options.seconds - (time.monotonic() - started) - AROUND_STORM_SECS
            if storm_secs < SHORTEST_STORM_SECS and totals.kept["rounds"]:
                break
            storm_secs = max(storm_secs, SHORTEST_STORM_SECS)
        number = vars(options)["from"] + totals.kept["rounds"]

        def tell(text, number=number):
            say(f"round {number}: {text}")

        round_ = run_in_a_folder(options, number, storm_secs, totals, tell)
        totals.add(round_)
        tell(f"{round_['events']} events, {len(round_['lost'])} lost, {len(round_['doubled'])} doubled, {round_['seconds']} s")
        if round_["lost"] or round_["doubled"]:
            break


def run_in_a_folder(options, number, storm_secs, totals, tell):
    """A round, in a folder that is removed afterwards unless somebody will want to look into it."""
    kills = min(options.round_kills, options.kills - totals.kept["kills"])
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-kills-", dir=options.keep))
    keep = options.keep is not None
    try:
        round_ = storm_round.run(options, f"{options.seed}/{number}", kills, storm_secs, folder, tell)
        if round_["lost"] or round_["doubled"]:
            keep = True
            tell(f"its logs are in {folder}")
        return round_
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def main():
    options = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)

    def say(text):
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr if options.json else sys.stdout, flush=True)

    totals, failed = Totals(), None
    try:
        run(options, totals, say)
    except KeyboardInterrupt:
        failed = "interrupted"
    except Exception as problem:  # The totals of the rounds before are printed whatever went wrong.
        failed = f"{type(problem).__name__}: {problem}"
    line = totals.line(options.seed, vars(options)["from"], totals.kept["kills"] >= options.kills)
    print(json.dumps(line) if options.json else json.dumps(line, indent=2))
    if failed:
        print(f"kills: {failed}", file=sys.stderr)
        return 2
    return 1 if line["found"] else 0


if __name__ == "__main__":
    sys.exit(main())
