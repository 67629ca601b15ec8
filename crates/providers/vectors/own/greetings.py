"""What providers ask before they send events: challenges, and the exact answers."""

import base64
import hashlib
import hmac
import zlib

from . import of_body
from .draft import Draft, Made, compact, row, stamp


class Greetings:
    """Rows beside those of a provider's events, with the same secrets."""

    def __init__(self, provider, rows):
        self.hook = next(one for one in of_body.HOOKS if one.provider == provider)
        self.provider, self.make = provider, rows

    def rows(self):
        return self.make(self.hook)


def mac(hook, text):
    return hmac.new(hook.secrets[0].encode(), text.encode(), hashlib.sha256).digest()


def gzipped(body):
    """RFC 1952 with one stored block: the same bytes with every version of zlib."""
    size = len(body).to_bytes(2, "little")
    block = b"\x01" + size + bytes(255 - byte for byte in size) + body
    tail = zlib.crc32(body).to_bytes(4, "little") + len(body).to_bytes(4, "little")
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + block + tail


def nylas(hook):
    # https://developer.nylas.com/docs/v3/notifications/#respond-to-webhook-notifications: the exact
    # value within ten seconds, nothing around it.
    plain = {"content-type": "text/plain"}
    made = Made("nylas/challenge")
    for case, sent, value, why in (
        ("challenge", made.uuid(), None, "GET with a challenge: the value and nothing else"),
        ("challenge_encoded", "a%20b%2Bc%2F%3D", "a b+c/=", "an encoded challenge: answered decoded"),
    ):
        draft = Draft("/hooks/nylas", method="GET", query=f"challenge={sent}")
        yield row(hook, case, draft, "challenge", why, expect_body=value or sent, expect_headers=plain)
    draft = Draft("/hooks/nylas", method="GET", query="challenge=%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    yield row(hook, "challenge_html", draft, "challenge", "markup as a challenge: as text or not at all", debatable=True,
              expect_body="<script>alert(1)</script>", expect_headers=plain)
    draft = Draft("/hooks/nylas", method="GET", query="challenge=")
    yield row(hook, "challenge_empty", draft, "reject", "an empty challenge", debatable=True)
    yield row(hook, "get_without_challenge", Draft("/hooks/nylas", method="GET"), "reject", "GET without a challenge")
    draft = hook.signed("gzip_body", lambda payload: gzipped(compact(payload)))
    draft.headers["Content-Encoding"] = "gzip"
    draft.event.id = draft.event.kind = None
    yield row(hook, "gzip_body", draft, "accept", "compressed on request: the compressed bytes are signed", debatable=True)
    draft = Draft("/hooks/nylas", b"{}", query="challenge=abc", headers={"Content-Type": "application/json"})
    yield row(hook, "challenge_by_post", draft, "reject", "an unsigned POST with a challenge is no greeting")


def x(hook):
    # https://docs.x.com/x-api/webhooks/quickstart: the challenge-response check, hourly.
    def told(token):
        return {"response_token": "sha256=" + base64.b64encode(mac(hook, token)).decode()}

    token = Made("x/crc").text(40)
    draft = Draft("/hooks/x", method="GET", query=f"crc_token={token}&nonce={Made('x/nonce').text(20)}")
    yield row(hook, "crc", draft, "challenge", "GET with crc_token: JSON with its HMAC", expect_body_json=told(token),
              expect_headers={"content-type": "application/json"})
    draft = Draft("/hooks/x", method="GET", query="crc_token=")
    yield row(hook, "crc_empty", draft, "reject", "an empty token", debatable=True)
    yield row(hook, "get_without_token", Draft("/hooks/x", method="GET"), "reject", "GET without a token")
    draft = Draft("/hooks/x", method="GET", query="crc_token=%7B%22tweet_create_events%22%3A%5B%5D%7D")
    yield row(hook, "crc_oracle", draft, "reject", "a token that could be a signed body: a signature to order",
              debatable=True)
    draft = Draft("/hooks/x", b"{}", query="crc_token=abc", headers={"Content-Type": "application/json"})
    yield row(hook, "crc_by_post", draft, "reject", "an unsigned POST with a token is no greeting")


def smartcar(hook):
    # https://smartcar.com/docs/integrations/webhooks/callback-verification
    def draft(case, challenge, secret=None, version=4):
        made = Made(f"smartcar/{case}")
        body = compact({"eventId": made.uuid(), "eventType": "VERIFY", "data": {"challenge": challenge},
                        "meta": {"version": "4.0", "webhookId": made.uuid(), "deliveredAt": stamp("rfc3339", hook.now)}})
        if version == 2:
            body = compact({"version": "2.0", "webhookId": made.uuid(), "eventName": "verify",
                            "payload": {"challenge": challenge}})
        draft = Draft("/hooks/smartcar", body, headers={"Content-Type": "application/json"})
        draft.headers["SC-Signature"] = hook.signature(secret or hook.secrets[0], draft, None)
        return draft

    token = Made("smartcar/challenge").uuid()
    yield row(hook, "verify", draft("verify", token), "challenge", "signed VERIFY: JSON with the HMAC of the challenge",
              expect_body_json={"challenge": mac(hook, token).hex()})
    yield row(hook, "verify_v2", draft("verify_v2", token, version=2), "challenge", "the challenge of version 2",
              debatable=True, expect_body_json={"challenge": mac(hook, token).hex()})
    yield row(hook, "verify_wrong_secret", draft("verify_wrong_secret", token, hook.secrets[2]), "reject",
              "VERIFY with a wrong signature: nothing is signed for a stranger")
    unsigned = draft("verify_unsigned", token)
    del unsigned.headers["SC-Signature"]
    yield row(hook, "verify_unsigned", unsigned, "reject", "VERIFY without a signature: nothing is signed for a stranger",
              debatable=True)


HOOKS = [Greetings("nylas", nylas), Greetings("x", x), Greetings("smartcar", smartcar)]
