"""On what it was proved."""

import os
import pathlib
import platform
import subprocess
from functools import lru_cache


@lru_cache(maxsize=1)
def describe():
    """One line: processor, cores, memory, system, compiler."""
    return ", ".join([processor(), f"{os.cpu_count()} cores", memory(), system(), rustc()])


def processor():
    for line in lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def memory():
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{gigabytes:.0f} GiB"


def system():
    names = [line.split("=", 1)[1].strip('"') for line in lines("/etc/os-release") if line.startswith("PRETTY_NAME=")]
    return f"{names[0] if names else platform.system()} on {platform.machine()}"


def rustc():
    said = subprocess.run(["rustc", "--version"], capture_output=True, text=True)
    return said.stdout.strip().split(" (")[0] or "rustc unknown"


def lines(file):
    path = pathlib.Path(file)
    return path.read_text().splitlines() if path.is_file() else []
