"""`kill -9` of functions' processes, at random moments: only of programs that were unpacked under the run's own folder,
and by a handle on the process, so that a number which was given away meanwhile hits nobody else.

A process that dies while it starts makes the emulator end all others of its function, so few kills are aimed there: the
others would hardly find anything at work.
"""

import collections
import os
import pathlib
import random
import signal
import threading
import time

# How the kills are shared out among the functions that run just then.
WEIGHTS = {"processor": 6, "receiver": 3, "reconciler": 1}
# Which part of the kills may hit a process that has not been up for so long.
STARTING_SHARE = 0.05
STARTED_AFTER_SECS = 1.0
TICKS_PER_SEC = os.sysconf("SC_CLK_TCK")


class Killer:
    """Kills until `most` are dead or `stop` is called."""

    def __init__(self, world, per_sec, most, seed):
        self.killed = collections.Counter()
        self.done = threading.Event()
        self._most = most
        self._per_sec = per_sec
        self._functions = world.functions
        self._programs = str((world.run_dir / "tmp").resolve()) + "/"
        self._dice = random.Random(f"{seed}/killer")
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while self.killed.total() < self._most:
            if self.done.wait(self._dice.expovariate(self._per_sec)):
                return
            self._kill_one()
        self.done.set()

    def _kill_one(self):
        least_age_secs = 0 if self._dice.random() < STARTING_SHARE else STARTED_AFTER_SECS
        running = self._running(least_age_secs)
        if not running:
            return
        names = sorted(running)
        name = self._dice.choices(names, weights=[WEIGHTS[name] for name in names])[0]
        pid = self._dice.choice(sorted(running[name]))
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        try:
            # Looked at again with the handle in hand: now it cannot become another process.
            if self._function(pid) == name:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                self.killed[name] += 1
        except ProcessLookupError:
            pass
        finally:
            os.close(handle)

    def _running(self, least_age_secs):
        """Function -> the processes that run it, those that are old enough."""
        running = collections.defaultdict(list)
        for entry in os.listdir("/proc"):
            if entry.isdigit() and (name := self._function(int(entry))) and _age_secs(entry) >= least_age_secs:
                running[name].append(int(entry))
        return running

    def _function(self, pid):
        """Which function of this stack a process runs, if it does."""
        process = pathlib.Path("/proc") / str(pid)
        try:
            if not os.readlink(process / "exe").startswith(self._programs):
                return None
            environment = (process / "environ").read_bytes()
        except OSError:
            return None
        for entry in environment.split(b"\0"):
            if entry.startswith(b"AWS_LAMBDA_FUNCTION_NAME="):
                return self._functions.get(entry.split(b"=", 1)[1].decode())
        return None

    def stop(self):
        self.done.set()
        self._thread.join()


def _age_secs(pid):
    """How long a process has been up; 0 where it is gone."""
    try:
        # After the name, which may hold anything: the 22nd field, ticks since the machine was started.
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / TICKS_PER_SEC
