"""The local AWS: ministack, and microburst in front of it where failures are to be injected.

Owns how the two are started and what their children see. The functions are children of ministack, which hands its own
environment on to them; that is how AWS_ENDPOINT_URL reaches them although the template does not know of it.
"""

import os
import pathlib
import sys

import boto3
from botocore.config import Config

from process import Kept, free_port

REGION = "us-east-1"
# What the SDKs want to see; the emulator accepts anything.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
# All that is handed on of the caller's own environment, so that nothing in it (a profile, an endpoint, a proxy)
# reaches the functions.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "RUST_BACKTRACE", "LD_LIBRARY_PATH")


class Emulator:
    """A running ministack, with an optional fault-injecting proxy before it."""

    def __init__(self, run_dir, port=None, faults=False):
        bin_dir = pathlib.Path(sys.executable).parent
        tmp_dir = pathlib.Path(run_dir) / "tmp"
        tmp_dir.mkdir(parents=True, exist_ok=True)
        port = port or free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self.faults = None
        proxy_port = free_port() if faults else None
        if faults:
            self.faults = f"http://127.0.0.1:{proxy_port}"

        env = {name: os.environ[name] for name in INHERITED if name in os.environ}
        env |= CREDENTIALS
        env |= {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "LAMBDA_EXECUTOR": "local",
            "LOG_LEVEL": "INFO",
            # Unpacked functions go here and so disappear with the stack.
            "TMPDIR": str(tmp_dir.resolve()),
            "STATE_DIR": str(tmp_dir.resolve() / "state"),
            "S3_DATA_DIR": str(tmp_dir.resolve() / "s3"),
            # For the functions.
            "AWS_ENDPOINT_URL": self.faults or self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self._kept = []
        ministack = Kept("ministack", [str(bin_dir / "ministack")], env, pathlib.Path(run_dir) / "ministack.log")
        self._kept.append(ministack)
        try:
            ministack.wait_for_url(f"{self.endpoint}/_ministack/health")
            if faults:
                command = [str(bin_dir / "microburst"), "--upstream", self.endpoint]
                command += ["--host", "127.0.0.1", "--port", str(proxy_port)]
                proxy = Kept("microburst", command, env, pathlib.Path(run_dir) / "microburst.log")
                self._kept.append(proxy)
                # Its first call can take seconds; let that be ours.
                proxy.wait_for_url(f"{self.faults}/_ministack/health")
        except BaseException:
            self.end()
            raise

    def environment(self):
        """What a command needs in its environment to use this AWS, without the injected faults."""
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": REGION, **CREDENTIALS}

    def client(self, service):
        """A boto3 client for `service`, without the injected faults."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"max_attempts": 2}, read_timeout=120, s3={"addressing_style": "path"}),
        )

    def running(self):
        return all(kept.running() for kept in self._kept)

    def end(self):
        for kept in reversed(self._kept):
            kept.end()
