"""One process of a packaged function: started as Lambda starts it, watched through /proc."""

import os
import pathlib
import signal
import tempfile
import time

import tls
from runtime_api import FunctionFailed, RuntimeApi
from wire import Loop

# Far longer than anything here takes; only a function that hangs gets there.
PATIENCE_SECS = 30
CONFIG = pathlib.Path(__file__).with_name("bench.toml")


class Subject:
    """A running function and the services that it talks to, all served by one loop. Use as a context manager.

    After it is entered the function waits for its first event. `init_ns` is the time from its start to its first poll,
    `init_cpu_ns` the processor's share of it.
    """

    def __init__(self, package, stub, endpoint=None, variables=None):
        self._package = package
        bundle = tls.system_bundle()
        # One bundle, as on Amazon Linux; elsewhere a folder with the same certificates would be read as well.
        self._variables = variables or ({"SSL_CERT_FILE": str(bundle)} if bundle else {})
        self.stub = stub
        self.loop = Loop()
        self.api = RuntimeApi()
        self._api_port = self.loop.listen(self.api)
        here = f"http://127.0.0.1:{self.loop.listen(stub)}"
        self._endpoint = endpoint or here
        self._config = tempfile.NamedTemporaryFile(suffix=".toml")
        self._config.write(CONFIG.read_bytes().replace(b"@DESTINATION_URL@", here.encode()))
        self._config.flush()
        self._log = tempfile.TemporaryFile()
        self._pid = None

    def __enter__(self):
        env = self._environment()
        stdout = (os.POSIX_SPAWN_DUP2, self._log.fileno(), 1)
        stderr = (os.POSIX_SPAWN_DUP2, self._log.fileno(), 2)
        started = time.perf_counter_ns()
        self._pid = os.posix_spawn(self._package / "bootstrap", ["bootstrap"], env, file_actions=[stdout, stderr])
        try:
            self._until_idle()
        except BaseException:
            self.__exit__()
            raise
        self.init_ns = self.api.first_poll_ns - started
        self.init_cpu_ns = self.cpu_ns()
        self.init_kib = self.resident_kib()
        return self

    def __exit__(self, *_):
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self.loop.close()
        self._log.close()
        self._config.close()

    def invoke(self, event):
        """Has one event answered; returns the nanoseconds it took."""
        self.api.invoke(event)
        self._until_idle()
        return self.api.took_ns()

    def cpu_ns(self):
        """Processor time of all threads so far, user and system, to the nanosecond where the kernel tells."""
        total = 0
        for task in pathlib.Path(f"/proc/{self._pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total

    def resident_kib(self):
        """Resident memory (VmRSS)."""
        for line in pathlib.Path(f"/proc/{self._pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise FunctionFailed("the process is gone")

    def logged_bytes(self):
        """How much it wrote to its log so far."""
        return os.fstat(self._log.fileno()).st_size

    def _until_idle(self):
        if not self.loop.run_until(lambda: self.api.waiting is not None, PATIENCE_SECS):
            raise FunctionFailed(f"no word from the function for {PATIENCE_SECS} s; it said:\n{self.said()}")

    def said(self):
        """The end of what the function logged."""
        # Not by seeking: the function writes at the same position.
        start = max(0, self.logged_bytes() - 4000)
        return os.pread(self._log.fileno(), 4000, start).decode(errors="replace")

    def _environment(self):
        """What the template and Lambda would set, and nothing of this process's own."""
        return {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "bench",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "AKIABENCH",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_SESSION_TOKEN": "bench",
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOLDFAST_TABLE": "bench-events",
            "HOLDFAST_BODIES_TABLE": "bench-bodies",
            "HOLDFAST_BODIES_BUCKET": "bench-bucket",
            "HOLDFAST_QUEUE_URL": f"{self._endpoint}/123456789012/bench",
            "HOLDFAST_SECRET_ID": "bench",
            "HOLDFAST_CONFIG": self._config.name,
            "HOLDFAST_FUNCTION_TIMEOUT_SECS": "60",
            "HOLDFAST_VISIBILITY_SECS": "360",
            "HOLDFAST_BATCHING_WINDOW_SECS": "0",
            "HOLDFAST_MAX_RECEIVE_COUNT": "20",
        } | self._variables
