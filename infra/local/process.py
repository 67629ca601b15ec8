"""Child processes that cannot outlive this one, and the free ports they listen on."""

import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

KEEPER = pathlib.Path(__file__).with_name("keeper.py")


class StartError(Exception):
    """A process did not come up; the message says where its output is."""


def free_port():
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Kept:
    """A command under a keeper (see keeper.py): ends when `end` is called or when this process ends in any way."""

    def __init__(self, name, command, env, log_path, folder=None):
        self.name = name
        self.log_path = log_path
        with open(log_path, "ab") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, str(KEEPER), *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=folder,
                # Out of reach of the terminal's Ctrl-C: the order in which things end is ours.
                start_new_session=True,
            )

    def running(self):
        return self._keeper.poll() is None

    def end(self):
        """Ends the command and its descendants; returns when none is left."""
        self._keeper.stdin.close()
        self._keeper.wait()

    def wait_for_url(self, url, timeout_secs=60):
        """Returns once `url` answers with any HTTP status; raises StartError when the command ends first."""
        deadline = time.monotonic() + timeout_secs
        while time.monotonic() < deadline:
            if not self.running():
                raise StartError(f"{self.name} ended while starting; its output is in {self.log_path}")
            try:
                urllib.request.urlopen(url, timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise StartError(f"{self.name} did not answer at {url} within {timeout_secs} s; its output is in {self.log_path}")
