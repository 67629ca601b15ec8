"""The copies of the tree in which mutants are built, and cargo-mutants at work in them."""

import fcntl
import hashlib
import json
import os
import re
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import sources

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()
HOME = TARGET / "mutants-copy"
CARGO = os.environ.get("CARGO", "cargo")
MUTATED = ["holdfast-domain", "holdfast-pipeline"]
MUTATED_FOLDERS = ["crates/domain/src", "crates/pipeline/src"]
DOMAIN, PIPELINE, TESTKIT = ("-p", "holdfast-domain"), ("-p", "holdfast-pipeline"), ("-p", "holdfast-testkit")
# Of every provider: its sample and what its definition says, quick to build; then requests with known verdicts, and hostile ones.
DEFINITIONS = ("-p", "holdfast-providers", "--lib", "--test", "schemes", "--test", "page", "--test", "forgeries", "--test", "msgraph_rich")
VERDICTS = ("-p", "holdfast-conformance", "-p", "holdfast-providers", "--lib", "--test", "corpora", "--test", "hostile")
# Not those of testkit that read the code as text: a mutant is no text that they know.
USE_CASES = ("--test", "use_cases", "--test", "contract", "--test", "web")
FAR = (*PIPELINE, *TESTKIT, "--lib", *USE_CASES, "--test", "protections", "--test", "walks", "--test", "facts")
# By which tests a mutant is judged, near ones first: (a part of its path, arguments of `cargo test` one after the other).
# The first part that fits counts. None of these packages links the AWS SDK.
STAGES = [
    # These have their tests beside the library.
    ("domain/src/lifecycle/", [(*DOMAIN, "--tests"), FAR]),
    ("crates/domain/", [(*DOMAIN, "--lib"), DEFINITIONS, (*DOMAIN, "--tests"), VERDICTS, FAR]),
    ("pipeline/src/poll/", [(*PIPELINE, "--lib"), FAR]),
    ("crates/pipeline/", [(*PIPELINE, "--test", "use_cases"), FAR]),
]
# Everything that these tests are in.
TESTED = ["crates/domain", "crates/pipeline", "crates/providers", "crates/conformance", "crates/testkit"]
# A build or a test run that takes longer will not end; tests may also take some times as long as without a mutant.
BUILD_TIMEOUT_SECS = 600
TEST_TIMEOUT_SECS = 60
TEST_TIMEOUT_TIMES = 4
WORDS = {"CaughtMutant": "caught", "MissedMutant": "missed", "Timeout": "timeouts", "Unviable": "unviable"}


class Unable(Exception):
    """Why no mutant can be tested."""


@dataclass(frozen=True)
class Mutant:
    """One change. `nth` tells those apart that read the same; lines are for people only."""

    file: str
    what: str
    nth: int
    name: str
    # Its place among the mutants of its file, from 0.
    at: int

    @property
    def stages(self):
        return next(stages for part, stages in STAGES if part in self.file)


def digest(content):
    return hashlib.sha256(content).hexdigest()


class Copy:
    """One of several: `lane` counts them from 0. Two mutants are never in the same."""

    def __init__(self, lane=0):
        self.home = HOME / str(lane)
        self.home.mkdir(parents=True, exist_ok=True)
        # Two runs at once would test each other's mutants.
        self.lock = open(self.home / "lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unable(f"another run works in {self.home}")
        self.tree = self.home / "tree"
        # Where tests fail by the thousand, to look up the names in their traces would take longer than the tests.
        self.environment = {**os.environ, "CARGO_TARGET_DIR": str(self.home / "target"), "RUST_BACKTRACE": "0"}
        self.refresh()
        # Of what can be mutated, before anything is: tests are not.
        files = [file for folder in MUTATED_FOLDERS for file in (self.tree / folder).rglob("*.rs")]
        self.codes = {str(file.relative_to(self.tree)): digest(sources.without_tests(file.read_bytes())) for file in files}
        # Of all code that tests and mutants are in.
        self.tests = digest(" ".join(self.hash_of(folder) for folder in TESTED).encode())
        # By which of them, in which order.
        self.stages = digest(repr(STAGES).encode())
        self.passed_at = self.home / "passed.json"
        passed = json.loads(self.passed_at.read_text()) if self.passed_at.is_file() else {}
        self.passed = passed if passed.get("tests") == self.tests else {"tests": self.tests, "seconds": {}}

    def tool(self):
        """Which cargo-mutants it is: another release makes other mutants."""
        return self._run([CARGO, "mutants", "--version"]).strip()

    def refresh(self):
        """Makes the copy as the tree is now, new files included. What did not change keeps its time, so that
        cargo builds only what did; what was left mutated is put right."""
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                cwd=ROOT, check=True, capture_output=True).stdout
        names = {name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()}
        for name in names:
            content, at = (ROOT / name).read_bytes(), self.tree / name
            if not at.is_file() or at.read_bytes() != content:
                at.parent.mkdir(parents=True, exist_ok=True)
                at.write_bytes(content)
        for at in self.tree.rglob("*"):
            if at.is_file() and str(at.relative_to(self.tree)) not in names:
                at.unlink()

    def mutants(self):
        """All of them, in the order of the code."""
        packages = [argument for package in MUTATED for argument in ("-p", package)]
        listed = self._run([*self._cargo(), "--list", "--json", *packages])
        read_the_same, in_file, mutants = Counter(), Counter(), []
        for entry in json.loads(listed):
            file, (place, what) = entry["file"], entry["name"].split(": ", 1)
            assert place.startswith(file)
            read_the_same[file, what] += 1
            mutants.append(Mutant(file, what, read_the_same[file, what], entry["name"], in_file[file]))
            in_file[file] += 1
        return mutants

    def hash_of(self, path):
        """Of a file, or of all files of a folder."""
        at = self.tree / path
        files = [at] if at.is_file() else sorted(found for found in at.rglob("*") if found.is_file())
        return digest(" ".join(digest(file.read_bytes()) for file in files).encode())

    def code_of(self, file):
        """A hash of the code of a file, without its tests."""
        return self.codes[file]

    def expect_passing(self, stage):
        """A mutant says nothing where the tests fail without it. Answers how long they take."""
        known = self.passed["seconds"].get(" ".join(stage))
        if known is not None:
            return known
        command = [CARGO, "test", "--locked", "--profile", "mutants", *stage]
        self._run([*command, "--no-run"])
        began = time.monotonic()
        run = subprocess.run(command, cwd=self.tree, env=self.environment, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            told = run.stdout[-2000:] + run.stderr[-2000:]
            raise Unable(f"cargo test {' '.join(stage)} fails as it is:\n{told}")
        seconds = self.passed["seconds"][" ".join(stage)] = time.monotonic() - began
        self.passed_at.write_text(json.dumps(self.passed))
        return seconds

    def test(self, batch, stage, is_over):
        """Tests some mutants of one file, and gives each with its outcome as soon as it is known. The file is named too,
        since `--re` alone would let all deleted fields of the workspace in."""
        out = self.home / "out"
        timeout = max(TEST_TIMEOUT_SECS, TEST_TIMEOUT_TIMES * self.expect_passing(stage))
        names = "|".join(re.escape(mutant.name) for mutant in batch)
        command = [*self._cargo(), "--in-place", "--baseline", "skip", "--no-times", "--colors", "never",
                   "--timeout", str(round(timeout)), "--build-timeout", str(BUILD_TIMEOUT_SECS),
                   "-o", str(out), "-f", batch[0].file, "--re", f"^({names})$"]
        command += [f"--test-package={package}" for flag, package in zip(stage, stage[1:]) if flag == "-p"]
        # For building as well: without them every test of these packages would be built for every mutant.
        command += [f"--cargo-arg={argument}" for argument in stage if argument != "-p" and not argument.startswith("holdfast-")]
        told, seen = out / "mutants.out" / "outcomes.json", 0
        told.unlink(missing_ok=True)
        out.mkdir(parents=True, exist_ok=True)
        with (self.home / "log").open("ab") as log:
            running = subprocess.Popen(command, cwd=self.tree, env=self.environment, stdout=log, stderr=log)
            try:
                while running.poll() is None and not is_over():
                    time.sleep(1)
                    outcomes = self._read(told, batch)
                    yield from outcomes[seen:]
                    seen = len(outcomes)
            finally:
                ended = running.poll()
                if ended is None:
                    running.terminate()
                    running.wait()
                    self.refresh()
        yield from self._read(told, batch)[seen:]
        # 2: some survived; 3: some did not end.
        if ended not in (None, 0, 2, 3):
            raise Unable(f"cargo-mutants ended with {ended}; see {self.home / 'log'}")

    @staticmethod
    def _read(at, batch):
        try:
            outcomes = json.loads(at.read_text())["outcomes"]
        except (FileNotFoundError, json.JSONDecodeError):
            return []
        mutants = {mutant.name: mutant for mutant in batch}
        judged = [(outcome["scenario"], WORDS.get(outcome["summary"])) for outcome in outcomes]
        return [(mutants[scenario["Mutant"]["name"]], word) for scenario, word in judged
                if word and isinstance(scenario, dict) and scenario["Mutant"]["name"] in mutants]

    def _cargo(self):
        return [CARGO, "mutants", "-d", str(self.tree)]

    def _run(self, command):
        run = subprocess.run(command, cwd=self.tree, env=self.environment, capture_output=True, text=True, check=False)
        if "no such command" in run.stderr:
            raise Unable("cargo-mutants is not installed: cargo install --locked cargo-mutants")
        if run.returncode != 0:
            raise Unable(run.stderr)
        return run.stdout
