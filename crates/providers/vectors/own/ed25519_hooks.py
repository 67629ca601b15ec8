"""Providers that sign with ed25519."""

import base64

from .battery import Hook, encode
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from .draft import Event, compact, row, stamp


class Ed25519Hook(Hook):
    """The battery with ed25519 in place of a MAC; a `secret` is the seed, the public key is configured."""

    def __init__(self, provider, scheme, event, **more):
        super().__init__(provider, scheme, lambda made: made.hex(64), event, **more)

    def private(self, secret):
        return ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))

    def public(self, secret):
        raw = self.private(secret).public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return encode(raw, self.scheme["key"])

    def config(self, *secrets):
        made = super().config(*secrets)
        keys = [self.public(one) for one in made.pop("secrets")]
        return {"public_keys": keys, **made}

    def mac(self, secret, content, algorithm=None):
        return self.private(secret).sign(content)

    def other_macs(self):
        return ()

    def odd_signatures(self):
        for case, made in super().odd_signatures():
            yield case, made
        zero = encode(bytes(64), self.scheme["encoding"])
        yield self.reject("zero_sig", self.altered("zero_sig", lambda _: zero), "a signature of zeros")
        order = 2**252 + 27742317777372353535851937790883648493

        def malleate(one):
            raw = base64.b64decode(one) if self.scheme["encoding"] == "base64" else bytes.fromhex(one)
            s = int.from_bytes(raw[32:], "little") + order
            return encode(raw[:32] + s.to_bytes(32, "little"), self.scheme["encoding"])

        yield self.reject("noncanonical_s", self.altered("noncanonical_s", malleate),
                          "the same signature with S + L: not canonical")


def telnyx(made, now):
    # https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
    kind = made.pick(["message.received", "message.finalized", "call.initiated"])
    payload = {"data": {"event_type": kind, "id": made.uuid(), "occurred_at": stamp("rfc3339", now),
                        "record_type": "event",
                        "payload": {"id": made.uuid(), "direction": "inbound", "text": "Ahoy",
                                    "from": {"phone_number": "+13125550001"}}},
               "meta": {"attempt": 1, "delivered_to": "https://hooks.example.com/hooks/telnyx"}}
    return Event(payload, payload["data"]["id"], kind)


TELNYX = Ed25519Hook(
    "telnyx",
    {"alg": "ed25519", "key": "base64", "signed": "{ts}|{body}", "sig_header": "Telnyx-Signature-Ed25519",
     "sig_format": "{sig}", "encoding": "base64", "ts_header": "Telnyx-Timestamp", "ts_unit": "s",
     "tolerance_s": 300, "future": "reject"},
    telnyx,
)


class DiscordEvents(Ed25519Hook):
    """https://docs.discord.com/developers/events/webhook-events: the events beside the interactions."""

    def __init__(self):
        def event(made, now):
            kind = made.pick(["APPLICATION_AUTHORIZED", "ENTITLEMENT_CREATE", "QUEST_USER_ENROLLMENT"])
            payload = {"version": 1, "application_id": made.digits(19), "type": 1,
                       "event": {"type": kind, "timestamp": stamp("rfc3339", now),
                                 "data": {"user": {"id": made.digits(18), "username": "ada"}, "scopes": ["identify"]}}}
            return Event(payload, None, kind)

        scheme = {"alg": "ed25519", "key": "hex", "signed": "{ts}{body}", "sig_header": "X-Signature-Ed25519",
                  "sig_format": "{sig}", "ts_header": "X-Signature-Timestamp", "encoding": "hex"}
        super().__init__("discord", scheme, event)

    def stamped(self, draft, age=2):
        draft.headers["X-Signature-Timestamp"] = stamp("s", self.now - age)
        return draft.headers["X-Signature-Timestamp"]

    def rows(self):
        for made in super().rows():
            made["case"] = f"webhook_event_{made['case']}"
            made["id"] = f"own-discord-{made['case']}"
            yield made

    def extra(self):
        ping = compact({"version": 1, "application_id": "1", "type": 0})
        draft = self.signed("ping", lambda _: ping)
        yield "ping", row(self, "ping", draft, "challenge", "PING of webhook events: 204 without a body",
                          expect_status=204, expect_body="")
        draft = self.signed("ping_wrong_key", lambda _: ping, secret=self.secrets[2])
        yield "ping_wrong_key", row(self, "ping_wrong_key", draft, "reject", "Discord probes with wrong signatures",
                                    expect_status=401)
        draft = self.signed("ts_swapped")
        draft.headers["X-Signature-Timestamp"] = stamp("s", self.now + 1)
        yield self.reject("ts_swapped", draft, "another timestamp than the signed one")


HOOKS = [TELNYX, DiscordEvents()]
