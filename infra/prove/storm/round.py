"""One round: a fresh stack, a storm of kills and faults, quiet, and the account."""

import collections
import re
import time

from storm import account, quiet
from storm.endpoint import Endpoint
from storm.faults import Faults
from storm.killer import Killer
from storm.operator import Operator
from storm.provider import Providers
from storm.world import World

# How long the providers may take to hear 200 once the weather is fair.
ACCEPTED_IN_SECS = 120
# What the emulator logs of a run that ended with its process.
LOST_RUN = re.compile(r"\[lambda_runtime\] Lambda \S+-(Receiver|Processor|Reconciler)Function-\S+: Runtime exited before returning")


def run(options, seed, kills, storm_secs, run_dir, say):
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
    # Twice what the storm takes at that rate: a busy machine kills more slowly.
    most_events = max(20, round(2 * kills * options.events_per_sec / options.kills_per_sec))
    providers = Providers(world.webhook_url, options.events_per_sec, most_events, seed)
    killer = Killer(world, options.kills_per_sec, kills, seed)
    storm_started = time.monotonic()
    while not killer.done.wait(1) and (storm_secs is None or time.monotonic() - storm_started < storm_secs):
        if not world.emulator.running():
            raise RuntimeError("the local AWS ended by itself")
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
