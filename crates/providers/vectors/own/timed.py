"""A time with one or more signatures in one header."""

from .battery import Hook, secret_text
from .draft import Event, stamp


def elevenlabs(made, now):
    # https://elevenlabs.io/docs/agents-platform/workflows/post-call-webhooks
    conversation = "conv_" + made.text(24)
    kind = made.pick(["post_call_transcription", "call_initiation_failure"])
    data = {"agent_id": "agent_" + made.text(20), "conversation_id": conversation, "status": "done",
            "transcript": [{"role": "agent", "message": "Hello, this is Ada.", "time_in_call_secs": 0}]}
    payload = {"type": kind, "event_timestamp": now, "data": data}
    return Event(payload, None, kind)


def mux(made, now):
    # https://www.mux.com/docs/core/listen-for-webhooks
    kind = made.pick(["video.asset.ready", "video.asset.created", "video.upload.created"])
    asset = made.text(44)
    payload = {"type": kind, "id": made.uuid(), "created_at": stamp("rfc3339", now),
               "object": {"type": "asset", "id": asset}, "environment": {"name": "Production", "id": made.text(6)},
               "data": {"id": asset, "status": "ready", "duration": 23.857167}, "attempts": [],
               "request_id": None, "accessor": None}
    return Event(payload, payload["id"], kind)


def retell(made, now):
    # https://docs.retellai.com/features/webhook-overview
    kind = made.pick(["call_started", "call_ended", "call_analyzed"])
    call = {"call_type": "phone_call", "from_number": "+12137771234", "to_number": "+12137771235",
            "direction": "inbound", "call_id": made.hex(32), "agent_id": "agent_" + made.hex(24),
            "call_status": "ended", "start_timestamp": now * 1000 - 60_000, "end_timestamp": now * 1000,
            "transcript": "Agent: a fine day"}
    return Event({"event": kind, "call": call}, None, kind)


def workos(made, now):
    # https://workos.com/docs/events
    kind = made.pick(["dsync.user.created", "connection.activated", "user.created"])
    at = stamp("rfc3339", now)
    payload = {"id": "event_" + made.text(26).upper(), "event": kind,
               "data": {"id": "user_" + made.text(26).upper(), "object": "user", "email": "ada@example.com",
                        "first_name": "Ada", "created_at": at, "updated_at": at},
               "created_at": at, "context": {}}
    return Event(payload, payload["id"], kind)


def sanity(made, now):
    # https://www.sanity.io/docs/content-lake/webhooks: the body is what a projection makes.
    key, document = made.text(22), made.uuid()
    headers = {"idempotency-key": key, "sanity-transaction-id": made.text(22),
               "sanity-transaction-time": stamp("rfc3339", now), "sanity-dataset": "production",
               "sanity-document-id": document, "sanity-project-id": made.text(8).lower(),
               "sanity-webhook-id": made.text(16), "sanity-operation": "update"}
    payload = {"_id": document, "_type": "post", "_rev": made.text(22), "title": "A day at sea"}
    return Event(payload, key, None, headers=headers)


def recurly(made, now):
    # https://docs.recurly.com/recurly-subscriptions/docs/webhook-payloads-json-vs-xml: `id` is the
    # object's, the same for all of its events; the event has none.
    payload = {"id": made.text(12).lower(), "object_type": "account", "site_id": made.text(12).lower(),
               "event_type": made.pick(["created", "updated", "closed"]),
               "event_time": stamp("rfc3339", now), "account_code": "c-" + made.text(6)}
    kind = payload["event_type"]
    return Event(payload, None, kind, kind_alt=[f"account.{kind}", f"account_{kind}", f"{kind}_account", f"account:{kind}"])


def timed(provider, header, unit, signed, lead, item, encoding, secret, event, tolerance, future, join=None, **more):
    scheme = {
        "alg": "hmac-sha256", "key": "utf8", "signed": signed, "sig_header": header,
        "sig_format": lead + item, "encoding": encoding, "ts_in": "sig_header", "ts_unit": unit,
        "tolerance_s": tolerance, "future": future,
    }
    if join:
        scheme["multi"] = f"comma separated list of {item}" if item == "{sig}" else f"repeat {item.split('{')[0]} elements"
    return Hook(provider, scheme, secret, event, lead=lead, item=item, join=join, **more)


HOOKS = [
    # https://elevenlabs.io/docs/overview/administration/webhooks; the libraries allow 30 minutes.
    timed("elevenlabs", "ElevenLabs-Signature", "s", "{ts}.{body}", "t={ts},", "v0={sig}", "hex",
          secret_text("wsec_", 64), elevenlabs, 1800, "accept"),
    # https://www.mux.com/docs/core/verify-webhook-signatures
    timed("mux", "Mux-Signature", "s", "{ts}.{body}", "t={ts},", "v1={sig}", "hex",
          secret_text("", 32), mux, 300, "accept", join=","),
    # https://docs.retellai.com/features/secure-webhook
    timed("retell", "X-Retell-Signature", "ms", "{body}{ts}", "v={ts},", "d={sig}", "hex",
          secret_text("key_", 28), retell, 300, "reject"),
    # https://workos.com/docs/events/data-syncing/webhooks; comma and blank.
    timed("workos", "WorkOS-Signature", "ms", "{ts}.{body}", "t={ts}, ", "v1={sig}", "hex",
          secret_text("", 25), workos, 180, "reject"),
    # https://github.com/sanity-io/webhook-toolkit: no age is judged; five minutes are our choice.
    timed("sanity", "sanity-webhook-signature", "ms", "{ts}.{body}", "t={ts},", "v1={sig}", "base64url",
          secret_text("", 24), sanity, 300, "accept"),
    # https://docs.recurly.com/recurly-subscriptions/docs/signature-verification; both directions,
    # as lib/recurly/webhooks.rb of recurly-client-ruby.
    timed("recurly", "recurly-signature", "ms", "{ts}.{body}", "{ts},", "{sig}", "hex",
          secret_text("", 32), recurly, 300, "reject", join=","),
]
