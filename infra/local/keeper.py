"""Runs one command, and ends it with everything it started as soon as standard input closes.

    keeper.py COMMAND [ARGUMENT ...]

Whoever starts a keeper holds the other end of its standard input. However that process ends, by a return, a signal
or kill -9, the system closes the pipe, and the keeper ends the command. The emulator starts Lambda processes of its
own, so the command gets a process group, and all of it is ended; by SIGKILL, since nothing here has anything to save.
When the keeper has ended, none of them is left, not even as a zombie.

It does not restart, log or judge anything.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """Makes processes whose parent ended children of this one, so that they can be waited for. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def wait_for_all():
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


def main(command):
    adopt_orphans()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def end_when_input_closes():
        while os.read(0, 4096):
            pass
        end_group(child.pid)

    threading.Thread(target=end_when_input_closes, daemon=True).start()
    child.wait()
    end_group(child.pid)
    wait_for_all()


if __name__ == "__main__":
    main(sys.argv[1:])
