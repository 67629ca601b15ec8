"""A destination to look at: an HTTP endpoint that prints what Holdfast delivers to it.

It answers 200 to a delivery whose Standard Webhooks signature holds and 401 to any other, as a receiver should.
"""

import http.server
import threading
import time

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SHOWN_BODY_BYTES = 400


class Destination:
    """The running endpoint; `url` is where to deliver to."""

    def __init__(self, signing_secret, show):
        webhook = Webhook(signing_secret)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                try:
                    webhook.verify(body, headers)
                    status, verdict = 200, "valid"
                except WebhookVerificationError as error:
                    status, verdict = 401, f"NOT valid: {error}"
                except ValueError:
                    # The signature held; the body is merely not JSON, which is the reader's own affair.
                    status, verdict = 200, "valid (the body is not JSON)"
                show(_description(headers, body, verdict))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self):
        self._server.shutdown()
        self._server.server_close()


def _description(headers, body, verdict):
    shown = body[:SHOWN_BODY_BYTES].decode("utf-8", "replace")
    if len(body) > SHOWN_BODY_BYTES:
        shown += f" ... ({len(body)} bytes)"
    lines = [f"{time.strftime('%H:%M:%S')} delivery, signature {verdict}"]
    lines += [f"  {name}: {value}" for name, value in sorted(headers.items())]
    return "\n".join([*lines, f"  {shown}"])
