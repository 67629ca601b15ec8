"""Runs a command while nobody else runs one under the same lock, and ends as it ended.

    one_at_a_time.py LOCK-FILE COMMAND [ARGUMENT ...]

`sam build --parallel` starts one make per function, at once. All of them build the same three binaries.
"""

import fcntl
import pathlib
import subprocess
import sys


def main():
    lock_path, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    lock_path.parent.mkdir(parents=True, exist_ok=True)
    with open(lock_path, "w") as lock:
        # The kernel lets go of it when this process ends, whatever ends it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
