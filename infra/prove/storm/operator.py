"""What keeps the stack going: the sweep, called as its schedule calls it, and an operator who redrives the dead-letter
queue as the AWS console does and replays dead events with the `holdfast` command.
"""

import collections
import json
import threading
import time

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

# A redrive within ten seconds of the ticket's sending is taken for a late send of our own (docs: the claim of a DEAD
# record); a person takes longer, and so do we.
REDRIVE_AFTER_SECS = 11
SWEEP_EVERY_SECS = 2
REDRIVE_EVERY_SECS = 5
REPLAYED_AT_ONCE = 20


class Operator:
    """At work from the start on until `stop`."""

    def __init__(self, world):
        self.done = collections.Counter()
        self._world = world
        self._http = urllib3.PoolManager(retries=False, timeout=70)
        self._ended = threading.Event()
        jobs = ((self._sweep, SWEEP_EVERY_SECS), (self._redrive, REDRIVE_EVERY_SECS))
        self._threads = [threading.Thread(target=self._repeat, args=job, daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()

    def _repeat(self, work, every_secs):
        while not self._ended.wait(every_secs):
            try:
                work()
            except (BotoCoreError, ClientError, urllib3.exceptions.HTTPError):
                self.done["calls failed"] += 1

    def _sweep(self):
        answer = self._http.request("POST", self._world.sweep_url(), body=b'{"task":"sweep"}')
        if answer.status != 200 or "x-amz-function-error" in answer.headers:
            self.done["sweeps failed"] += 1
            return
        report = answer.json()
        self.done["sweeps"] += 1
        self.done["resent"] += report["resent"]
        self.done["released"] += report["released"]

    def _redrive(self):
        """A new message with the old text into the queue, then the old one is deleted."""
        sqs, dead_letters = self._world.sqs, self._world.dead_letter_url
        received = sqs.receive_message(QueueUrl=dead_letters, MaxNumberOfMessages=10, VisibilityTimeout=3)
        for message in received.get("Messages", []):
            sent_at = json.loads(message["Body"])["sent_at"] / 1000
            if time.time() - sent_at < REDRIVE_AFTER_SECS:
                continue
            sqs.send_message(QueueUrl=self._world.queue_url, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
            self.done["redriven"] += 1

    def replay(self, keys):
        """`holdfast replay`: events that another replay or redrive brought back meanwhile are told and left alone."""
        names = [key.split("#", 1)[1].replace("#", "/", 1) for key in keys]
        for start in range(0, len(names), REPLAYED_AT_ONCE):
            _, said = self._world.holdfast("replay", *names[start : start + REPLAYED_AT_ONCE])
            self.done["replayed"] += said.count(": replayed")

    def stop(self):
        self._ended.set()
        for thread in self._threads:
            thread.join()
