"""Runs one command, and ends it with everything it started as soon as standard input closes.

    keeper.py COMMAND [ARGUMENT ...]

Whoever starts a keeper holds the other end of its standard input. However that process ends, by a return, a signal
or kill -9, the system closes the pipe, and the keeper ends the command. The emulator starts Lambda processes of its
own, so the keeper makes itself the leader of a process group and ends the whole group. It does so by SIGKILL: nothing
here has anything to save.

It does not restart, log or judge anything.
"""

import os
import signal
import subprocess
import sys
import threading


def end_group():
    """Ends every process of the group, this one included."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main(command):
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def end_when_input_closes():
        while os.read(0, 4096):
            pass
        end_group()

    threading.Thread(target=end_when_input_closes, daemon=True).start()
    child.wait()
    end_group()


if __name__ == "__main__":
    main(sys.argv[1:])
