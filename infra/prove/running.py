"""Builds and runs a stage's command, and reads the JSON line that it ends with.

A command gets a session of its own: an interruption reaches this program alone, which then ends everything that the
command started. What it printed is kept in a folder of logs.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess

# How long a command may take to end when asked to.
PATIENCE_SECS = 10


class Broken(Exception):
    """A stage could not be run: what happened, in one line."""


class OutOfTime(Exception):
    """What a command had begun could not be ended in the time that was left."""


class Interrupted(Exception):
    """Somebody wants the run to end."""


class Running:
    def __init__(self, root, logs):
        self.root = root
        self.logs = logs
        self.target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or root / "target").resolve()
        self.built = set()

    def build(self, stage):
        """Builds what a stage needs, once per run."""
        for command in stage.build:
            if command in self.built:
                continue
            print(f"{stage.name:<10} builds: {' '.join(command)}", flush=True)
            self.run(f"{stage.name}-build", list(command), None)
            self.built.add(command)

    def forget_builds(self):
        self.built.clear()

    def slice(self, stage, entry, seconds, most):
        """Lets a stage work for some seconds, at `most` for so many, from where it stopped; what it counted."""
        command = stage.command(self.target, entry.next, int(seconds))
        said = self.run(stage.name, command, most, may_find=True)
        try:
            return stage.read(json.loads(said), entry)
        except (ValueError, KeyError, TypeError) as error:
            raise Broken(f"what `{' '.join(command)}` printed last cannot be read: {error!r}")

    def run(self, name, command, timeout, may_find=False):
        """Runs a command to its end; the last line of its output. One that finds something says so, and ends with 1."""
        log = self.logs / f"{name}.log"
        out = self.logs / f"{name}.out"
        environment = {**os.environ, "CARGO_TARGET_DIR": str(self.target)}
        with open(log, "wb") as errors, open(out, "wb") as output:
            try:
                process = subprocess.Popen(
                    command, cwd=self.root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
                )
            except OSError as error:
                raise Broken(f"{command[0]}: {error}")
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                raise OutOfTime(f"what it had begun did not end in {timeout:.0f} s: give it more minutes")
            finally:
                end(process)
        lines = out.read_text(errors="replace").strip().splitlines()
        if status != 0 and not (may_find and status == 1 and lines and lines[-1].startswith("{")):
            raise Broken(f"`{' '.join(command)}` ended with {status}; see {log}")
        return lines[-1] if lines else ""


def end(process):
    """Ends a command and what it started."""
    with contextlib.suppress(ProcessLookupError):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_SECS)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
