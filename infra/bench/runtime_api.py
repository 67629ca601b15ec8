"""Lambda's runtime API, as far as a function uses it: hands out one event after another and notes how long each took.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import time

from wire import response

# From when the event is made; it is handed out later.
DEADLINE_MS = 600_000
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:bench"
TAKEN = response("202 Accepted", b'{"status":"OK"}', [("content-type", "application/json")])


class FunctionFailed(Exception):
    """The function reported an error, or answered something else than it had to."""


class RuntimeApi:
    """One function's runtime API. The function is idle whenever `waiting` holds its connection."""

    def __init__(self):
        self.waiting = None
        self.first_poll_ns = None
        self.answer = None
        self._sent_ns = 0
        self._answered_ns = 0

    def __call__(self, connection, head, body):
        line = head[: head.index(b"\r\n")]
        if b"/invocation/next " in line:
            if self.first_poll_ns is None:
                self.first_poll_ns = time.perf_counter_ns()
            self.waiting = connection
        elif b"/response " in line:
            self._answered_ns = time.perf_counter_ns()
            self.answer = body
            connection.send(TAKEN)
        else:
            connection.send(TAKEN)
            raise FunctionFailed(f"{line.decode(errors='replace')}: {body[:500].decode(errors='replace')}")

    def invoke(self, event):
        """Hands out an event; the answer is complete once the function waits again."""
        connection, self.waiting, self.answer = self.waiting, None, None
        self._sent_ns = time.perf_counter_ns()
        connection.send(event)

    def took_ns(self):
        """From the event's first byte out to the answer's last byte in."""
        return self._answered_ns - self._sent_ns


def invocation(number, payload):
    """The answer to a poll that carries this event, as bytes made beforehand."""
    headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", f"00000000-0000-4000-8000-{number:012d}"),
        ("lambda-runtime-deadline-ms", str(int(time.time() * 1000) + DEADLINE_MS)),
        ("lambda-runtime-invoked-function-arn", ARN),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0"),
    ]
    return response("200 OK", json.dumps(payload).encode(), headers)
