"""The providers: they post events at a bounded rate, come again when they hear anything but 200 or nothing at all, and
now and then post an event again that was taken long ago. GitHub's never come again.
"""

import collections
import heapq
import itertools
import random
import threading
import time

import urllib3

from storm import events

SENDERS = 6
# A provider's patience.
TIMEOUT_SECS = 12
REPEATED_SHARE = 0.1


class Providers:
    """Posting, from the start on until `finish`."""

    def __init__(self, webhook_url, per_sec, most, seed):
        self.events = {}
        self.answers = collections.Counter()
        self._url = webhook_url
        self._per_sec = per_sec
        self._most = most
        self._dice = random.Random(f"{seed}/provider")
        self._making = True
        self._calm = False
        self._ended = False
        self._due = []
        self._order = itertools.count()
        self._posting = 0
        self._changed = threading.Condition()
        self._http = urllib3.PoolManager(maxsize=SENDERS, retries=False, timeout=TIMEOUT_SECS)
        self._threads = [threading.Thread(target=self._make, daemon=True)]
        self._threads += [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def _make(self):
        for number in range(self._most):
            with self._changed:
                pause = self._dice.expovariate(self._per_sec)
                self._changed.wait_for(lambda: not self._making, pause)
                if not self._making:
                    return
                event = events.make(number, self._dice)
                self.events[event.mark] = event
                self._push(event, 0)

    def _push(self, event, after_secs):
        heapq.heappush(self._due, (time.monotonic() + after_secs, next(self._order), event))
        self._changed.notify_all()

    def _next(self):
        """The next event to post, once it is due; None at the end."""
        with self._changed:
            while not self._ended:
                now = time.monotonic()
                if self._due and self._due[0][0] <= now:
                    self._posting += 1
                    return heapq.heappop(self._due)[2]
                self._changed.wait(self._due[0][0] - now if self._due else None)
            return None

    def _send(self):
        while event := self._next():
            answer = self._post(event)
            with self._changed:
                self._posting -= 1
                event.posts += 1
                self.answers[answer] += 1
                self._heard(event, answer)
                self._changed.notify_all()

    def _post(self, event):
        """The status, or "none"."""
        try:
            headers = event.headers() | {"Content-Type": "application/json"}
            return self._http.request("POST", f"{self._url}/{event.source}", body=event.body, headers=headers).status
        except urllib3.exceptions.HTTPError:
            return "none"

    def _heard(self, event, answer):
        if answer == 200:
            event.accepted += 1
            if self._making and self._dice.random() < REPEATED_SHARE:
                self._push(event, self._dice.uniform(0.1, 90))
        elif event.accepted:
            pass
        elif event.source == "github":
            event.given_up = True
        else:
            self._push(event, 1 if self._calm else self._dice.uniform(0.2, 5))

    def stop_making(self):
        """No new events and no old ones anew; what was not taken is still posted again."""
        with self._changed:
            self._making = False
            self._due = [due for due in self._due if not due[2].accepted]
            heapq.heapify(self._due)
            self._changed.notify_all()
        self._threads[0].join()

    def finish(self, timeout_secs):
        """Waits until every provider heard 200 or gave up; whether that is so in time."""
        with self._changed:
            self._calm = True
            through = self._changed.wait_for(lambda: not self._due and not self._posting, timeout_secs)
            self._ended = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        return through
