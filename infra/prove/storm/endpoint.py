"""Where plain deliveries go: an HTTP endpoint that keeps what it gets. While the storm lasts it is slow, refuses, hangs
up or answers too late, each for the destinations that say so; afterwards it answers 200.
"""

import hashlib
import http.server
import json
import random
import threading
import time

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SIGNING_SECRET = "whsec_c3Rvcm0tZGVzdGluYXRpb24tc3Rvcm0="
# Longer than the destination's own time-out (see world.py).
TOO_LATE_SECS = 1.5


class Delivery:
    """What came: to which event it belongs, under which names, and whether its signature held."""

    __slots__ = ("key", "name", "body_hash", "signed")

    def __init__(self, headers, body, webhook):
        self.key = headers.get("idempotency-key")
        self.name = headers.get("webhook-id")
        self.body_hash = hashlib.sha256(body).digest()
        try:
            webhook.verify(body, headers)
            self.signed = True
        except WebhookVerificationError:
            self.signed = False


class Endpoint:
    """The running endpoint. `deliveries` holds, by mark, what came for it, in order."""

    def __init__(self, seed):
        self.deliveries = {}
        self.stormy = True
        self._dice = random.Random(f"{seed}/endpoint")
        self._lock = threading.Lock()
        webhook = Webhook(SIGNING_SECRET)
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, pause = endpoint.took(self.path, Delivery(headers, body, webhook), json.loads(body)["mark"])
                time.sleep(pause)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "2")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                """The caller may be killed at any time: that is what this is about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def took(self, path, delivery, mark):
        """Notes a delivery; which status to answer (None: hang up), and after how many seconds."""
        with self._lock:
            self.deliveries.setdefault(mark, []).append(delivery)
            if not delivery.signed:
                return 401, 0
            return self._answer(path) if self.stormy else (200, 0)

    def _answer(self, path):
        dice = self._dice.random()
        pause = self._dice.uniform(0, 0.3)
        if path == "/doomed" and dice < 0.6:
            return 410, pause
        if path == "/fragile":
            for share, status, wait in ((0.15, 503, pause), (0.05, 429, 0), (0.05, None, pause), (0.05, 200, TOO_LATE_SECS)):
                if dice < share:
                    return status, wait
                dice -= share
        return 200, pause

    def end(self):
        self._server.shutdown()
        self._server.server_close()
