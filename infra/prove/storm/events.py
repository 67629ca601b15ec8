"""Webhooks of several providers, signed anew each time they are posted, as providers do; each with a mark that nobody
else has, by which effects and deliveries are found again.
"""

import base64
import dataclasses
import datetime
import hashlib
import hmac
import json
import time

from standardwebhooks.webhooks import Webhook

SECRETS = {
    "stripe": "whsec_storm_stripe",
    "github": "storm-github",
    "shopify": "storm-shopify",
    "notices": "whsec_c3Rvcm0tbm90aWNlcy1zdG9ybS1ub3RpY2Vz",
}
# So large and so random that it goes to the bucket instead of the table.
LARGE_BYTES = 12_000
LARGE_SHARE = 0.05
# (source, kind) -> share of the events. Kinds that begin with `count.` have a handler whose effect is transactional.
MIX = {
    ("stripe", "count.paid"): 4,
    ("stripe", "steady.paid"): 2,
    ("stripe", "doomed.paid"): 1,
    ("notices", "count.created"): 3,
    ("notices", "fragile.created"): 2,
    ("github", "push"): 2,
    ("shopify", "orders/create"): 1,
}


@dataclasses.dataclass
class Event:
    """An event, and what its provider heard of it."""

    source: str
    kind: str
    mark: str
    body: bytes
    # The key of the record that it is to become.
    pk: str
    posts: int = 0
    # How often it was answered 200.
    accepted: int = 0
    # Whether its provider has stopped without ever hearing 200, as GitHub does after one try.
    given_up: bool = False

    @property
    def counts(self):
        """Whether its effect is transactional."""
        return self.kind.startswith("count.")

    def headers(self):
        return _SIGN[self.source](self)


def make(number, dice):
    """The event of that number."""
    (source, kind) = dice.choices(list(MIX), weights=MIX.values())[0]
    mark = f"{number:06d}-{dice.getrandbits(48):012x}"
    content = {"mark": mark}
    if dice.random() < LARGE_SHARE:
        content["random"] = base64.b64encode(dice.randbytes(LARGE_BYTES)).decode()
    if source == "stripe":
        content |= {"id": f"evt_{mark}", "object": "event", "type": kind, "created": int(time.time())}
    elif source == "notices":
        now = datetime.datetime.now(datetime.timezone.utc)
        content |= {"type": kind, "timestamp": now.isoformat(timespec="seconds"), "data": {"id": mark}}
    keys = {"stripe": f"evt_{mark}", "notices": mark, "github": mark, "shopify": f"{mark}:{kind}"}
    return Event(source, kind, mark, json.dumps(content).encode(), f"E#{source}#{keys[source]}")


def _digest(source, content):
    return hmac.new(SECRETS[source].encode(), content, hashlib.sha256)


def _stripe(event):
    now = str(int(time.time()))
    signature = _digest("stripe", f"{now}.".encode() + event.body).hexdigest()
    return {"Stripe-Signature": f"t={now},v1={signature}"}


def _notices(event):
    now = datetime.datetime.now(datetime.timezone.utc)
    signature = Webhook(SECRETS["notices"]).sign(event.mark, now, event.body.decode())
    return {"webhook-id": event.mark, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def _github(event):
    signature = _digest("github", event.body).hexdigest()
    return {"X-GitHub-Delivery": event.mark, "X-GitHub-Event": event.kind, "X-Hub-Signature-256": f"sha256={signature}"}


def _shopify(event):
    signature = base64.b64encode(_digest("shopify", event.body).digest()).decode()
    return {"X-Shopify-Event-Id": event.mark, "X-Shopify-Topic": event.kind, "X-Shopify-Hmac-Sha256": signature}


_SIGN = {"stripe": _stripe, "notices": _notices, "github": _github, "shopify": _shopify}
