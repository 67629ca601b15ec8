"""On what, and of what, a measurement was made."""

import datetime
import os
import pathlib
import platform
import subprocess

import tls

ROOT = pathlib.Path(__file__).resolve().parents[2]


def describe():
    """Lines of (what, value)."""
    return {
        "cpu": f"{processor()}, {os.cpu_count()} cores{'' if has_sha() else ', no SHA instructions'}",
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "rustc": first_line("rustc", "--version"),
        "python": platform.python_version(),
        "commit": commit(),
        "date": datetime.date.today().isoformat(),
        "roots": f"{roots()} CA certificates",
        "load": "%.1f at the start" % os.getloadavg()[0],
    }


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def roots():
    """How many certificates a start has to parse."""
    bundle = tls.system_bundle()
    return bundle.read_text().count("BEGIN CERTIFICATE") if bundle else 0


def has_sha():
    """HMAC-SHA256 is twice as quick where the processor helps."""
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    return "sha_ni" in flags or "sha2" in flags


def commit():
    changed = subprocess.run(["git", "status", "--porcelain", "--untracked-files=no"], cwd=ROOT, capture_output=True, text=True)
    return first_line("git", "rev-parse", "--short=12", "HEAD") + (" with changes" if changed.stdout.strip() else "")


def first_line(*command):
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"
