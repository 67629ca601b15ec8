"""The stages: what each one proves, of which sources, with which command."""

import pathlib
import shutil

from ledger import Counted
from stage import Stage, part, plural

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOMAIN, PIPELINE, TESTKIT = "crates/domain", "crates/pipeline", "crates/testkit"
LAMBDAS = ("crates/receiver", "crates/processor", "crates/reconciler")
PROFILE = "prove"
# Two builds: what needs no SDK can begin minutes earlier. The rest is built at once, or its shared dependencies would be
# compiled anew for each.
CARGO_BUILD = ("cargo", "build", "--locked", "--profile", PROFILE)
WITHOUT_SDK = (*CARGO_BUILD, "-p", "holdfast-model", "-p", "holdfast-simulator", "--bins")
BUILD = (*CARGO_BUILD, "--workspace", "--bins", "--examples")
TOOLS = ("make", "--no-print-directory", ".venv/tests-ready")


def slices(program, *words):
    """The command of a program that takes slices as they are described in stage.py."""
    return lambda target, at, seconds: [
        str(target / PROFILE / program), *words, "--from", str(at or 0), "--seconds", str(seconds), "--json"
    ]


def tool(program, install):
    return lambda: "" if shutil.which(program) else f"{program} is not installed (`{install}`)"


MODEL = Stage(
    name="model",
    title="Model",
    meaning="Every order of steps and faults within the bounds of each **configuration**, made with the domain's own transitions. A **state** is "
    "one that the system can get into, a **step** is one way to get there; every invariant is checked in every state. An **ablation** "
    "is a protection taken out of the model, upon which it has to find an invariant that breaks.",
    shown="cargo run --profile prove -p holdfast-model -- all",
    sources=("crates/model", DOMAIN),
    build=(WITHOUT_SDK,),
    command=slices("holdfast-model", "all"),
    shows=lambda entry: f"{plural(entry.counts.get('states', 0), 'state')}, {plural(entry.counts.get('steps', 0), 'step')} in {part(entry, 'configurations')} configurations; "
    f"{part(entry, 'ablations')} ablations break an invariant",
    weight=15,
    # A configuration is explored to its end or not at all.
    overtime_secs=1800,
)

ABLATIONS = Stage(
    name="ablations",
    title="Ablations",
    meaning="Each patch of [`tests/ablations`](../tests/ablations) takes one protection out of a copy of the real code; it is **caught** when the "
    "test that it names fails without it.",
    shown="make ablations",
    sources=("tests/ablations", DOMAIN, PIPELINE, TESTKIT),
    with_tests=True,
    command=lambda target, at, seconds: ["tests/ablations/run", "--from", str(at or 0), "--seconds", str(seconds), "--json"],
    shows=lambda entry: f"{part(entry, 'caught')} caught",
    weight=10,
    slice_secs=120,
    # The copy is built once before the first of them.
    overtime_secs=1800,
)

FAULTS = "Each run is one scenario through the handlers of the three Lambdas, over the stores in memory"
HANDLERS = (DOMAIN, PIPELINE, TESTKIT, *LAMBDAS, "tests/it/lambdas.rs", "tests/examples/faults.rs")

SINGLES = Stage(
    name="singles",
    title="Single faults",
    meaning=f"{FAULTS}, in which one call goes wrong in one way: every **call** of every scenario, and each of the eight faults of "
    "`crates/testkit/src/faults.rs`: the process dies before or after the effect, an error before or after it, the call is "
    "repeated, throttled, or outlasts every lease before or after it.",
    shown="cargo run --profile prove -p holdfast-tests --example faults -- singles",
    sources=HANDLERS,
    build=(BUILD,),
    command=slices("examples/faults", "singles"),
    shows=lambda entry: f"{part(entry, 'runs')} runs, {plural(entry.counts.get('calls', 0), 'call')}",
    weight=5,
)

PAIRS = Stage(
    name="pairs",
    title="Pairs of faults",
    meaning=f"{FAULTS}, from the first webhook through sweep and poll, in which two calls go wrong: every two **calls** (also those that are only "
    "made because of the first fault) with every two of the same faults. The order is mixed, so that a part is a fair sample.",
    shown="cargo run --profile prove -p holdfast-tests --example faults -- pairs",
    sources=HANDLERS,
    build=(BUILD,),
    command=slices("examples/faults", "pairs"),
    shows=lambda entry: f"{part(entry, 'runs')} runs, {plural(entry.counts.get('calls', 0), 'call')}",
    weight=20,
)


def read_seeds(said, _entry):
    counts = {"seeds": said["seeds"], "simulated_hours": said["simulated_hours"], **said["counts"]}
    found = [f"seed {seed}: cargo run --profile prove -p holdfast-simulator -- --seed {seed}" for seed in said["failed_seeds"]]
    return Counted(counts=counts, found=found, next=said["next_seed"])


SEEDS = 100_000
SIMULATOR = Stage(
    name="simulator",
    title="Simulator",
    meaning="Each **seed** is a little world of its own: receivers, processors, sweeps, polls, operators and deploys at once under one scheduler, with "
    "crashes, lost answers, late sends, skewed clocks, a lagging index and throttled calls, until everything is at rest. "
    "The invariants are checked all the time. A seed replays bit for bit.",
    shown=f"cargo run --profile prove -p holdfast-simulator -- --seeds 0..{SEEDS}",
    sources=("crates/simulator", DOMAIN, PIPELINE, TESTKIT),
    build=(WITHOUT_SDK,),
    command=lambda target, at, seconds: [
        str(target / PROFILE / "holdfast-simulator"), "--seeds", f"{at or 0}..{2**63}", "--seconds", str(seconds), "--json"
    ],
    read=read_seeds,
    shows=lambda entry: f"{plural(entry.counts.get('seeds', 0), 'seed')} (0 to {max((entry.next or 0) - 1, 0):,}), "
    f"{plural(entry.counts.get('simulated_hours', 0), 'simulated hour')}, {plural(entry.counts.get('events', 0), 'event')}, {plural(entry.counts.get('calls', 0), 'call')}",
    weight=30,
    goal=("seeds", SEEDS),
    tells_more=True,
)


def read_kills(said, _entry):
    # `done` is of the kills that one call was asked for.
    return Counted(counts=said["counts"], found=said["found"], next=said["next"])


KILLS = Stage(
    name="kills",
    title="Kills",
    meaning="The real template and the real binaries on a local AWS, under load: functions are ended by `kill -9` at random moments, and their calls to AWS "
    "are throttled, reset, failed, or answered into the void. Afterwards every event that was answered 200 is accounted for: "
    "none may be lost, and no transactional effect may be there twice.",
    shown="python3 infra/prove/kills.py --kills 1000",
    sources=(
        DOMAIN, PIPELINE, *LAMBDAS, "crates/aws", "crates/destinations", "template.yaml", "infra/local", "infra/prove/kills.py", "infra/prove/storm"
    ),
    build=(TOOLS, BUILD),
    command=lambda target, at, seconds: [
        ".venv/bin/python", "infra/prove/kills.py", "--from", str(at or 1), "--seconds", str(seconds), "--kills", "500", "--json",
        "--bin-dir", str(target / PROFILE),
    ],
    read=read_kills,
    shows=lambda entry: f"{plural(entry.counts.get('kills', 0), 'kill')} and {plural(entry.counts.get('faults', 0), 'fault')} over {plural(entry.counts.get('events', 0), 'event')}: "
    f"{entry.counts.get('lost', 0)} lost, {entry.counts.get('doubled', 0)} doubled",
    weight=20,
    # Most of three minutes of each round: the stack comes up, and in the end everything comes to rest.
    slice_secs=400,
    least_secs=200,
    overtime_secs=900,
    goal=("kills", 1000),
    tells_more=True,
)


def read_mutants(said, entry):
    names = ("tested", "caught", "timeouts", "unviable", "missed", "justified")
    survivors = said["unjustified"]
    found = [f"{plural(survivors, 'mutant')} survived without a justification: `infra/prove/mutants.py --seconds 0` names them"] if survivors else []
    done = said["tested"] == said["mutants"]
    return Counted({name: said[name] for name in names}, found, next=said["tested"], done=done, of={"tested": said["mutants"]}, is_total=True)


MUTANTS = Stage(
    name="mutants",
    title="Mutants",
    meaning="cargo-mutants changes `domain` and `pipeline` in small ways, one at a time. A mutant is **caught** when a test fails with it (or does "
    "not end: a **time-out**), **unviable** when it does not compile, and **justified** when it stands with its reason in the list of "
    "those that no test can or should tell from the code.",
    shown="python3 infra/prove/mutants.py --seconds 3600",
    sources=(DOMAIN, PIPELINE),
    command=lambda target, at, seconds: ["python3", "infra/prove/mutants.py", "--seconds", str(seconds), "--json"],
    read=read_mutants,
    shows=lambda entry: f"{part(entry, 'tested')} tested: {entry.counts.get('caught', 0):,} caught, {plural(entry.counts.get('timeouts', 0), 'time-out')}, "
    f"{entry.counts.get('unviable', 0):,} unviable, {entry.counts.get('missed', 0):,} missed, of which {entry.counts.get('justified', 0):,} justified",
    weight=25,
    slice_secs=300,
    least_secs=60,
    overtime_secs=600,
    missing=tool("cargo-mutants", "cargo install --locked cargo-mutants"),
)

FUZZ = Stage(
    name="fuzz",
    title="Fuzzing",
    meaning="Coverage-guided fuzzers, optimised and with an address sanitizer, throw bytes at everything that reads what strangers send; each target of "
    "`crates/hostile` is a promise that must hold for any bytes. A **run** is one input.",
    shown="python3 infra/prove/fuzz.py --seconds 600",
    sources=("fuzz/Cargo.toml", "fuzz/fuzz_targets", "crates/hostile", DOMAIN, PIPELINE, "crates/receiver"),
    command=lambda target, at, seconds: ["python3", "infra/prove/fuzz.py", "--from", str(at or 0), "--seconds", str(seconds), "--json"],
    shows=lambda entry: f"{plural(entry.counts.get('runs', 0), 'run')} in {entry.counts.get('seconds', 0) / 3600:.1f} hours of targets",
    weight=15,
    # The targets are built before the first turn.
    overtime_secs=1200,
    goal=("seconds", 4 * 3600),
    missing=tool("cargo-fuzz", "rustup toolchain install nightly && cargo install --locked cargo-fuzz"),
)

STAGES = [MODEL, SIMULATOR, ABLATIONS, SINGLES, PAIRS, KILLS, MUTANTS, FUZZ]
