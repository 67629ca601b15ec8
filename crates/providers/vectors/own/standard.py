"""Standard Webhooks and its like: https://github.com/standard-webhooks/standard-webhooks."""

from .battery import Hook, secret_text
from .draft import Event, stamp


def secret_whsec(made):
    return "whsec_" + made.base64(24)


def standard(provider, event, secret=secret_whsec, key="whsec", names="webhook", **more):
    scheme = {
        "alg": "hmac-sha256", "key": key, "signed": "{id}.{ts}.{body}",
        "sig_header": f"{names}-signature", "sig_format": "v1,{sig}", "encoding": "base64",
        "ts_header": f"{names}-timestamp", "ts_unit": "s", "tolerance_s": 300, "future": "reject",
        "id_header": f"{names}-id",
        "multi": "space separated 'v1,<sig>' list; ignore other versions",
    }
    message_id = (f"{names}-id", lambda made: "msg_" + made.text(27))
    return Hook(provider, scheme, secret, event, item="v1,{sig}", join=" ", message_id=message_id, **more)


def resend(made, now):
    # https://resend.com/docs/dashboard/webhooks/event-types
    kind = made.pick(["email.sent", "email.delivered", "email.bounced", "contact.created"])
    at = stamp("rfc3339", now)
    data = {"email_id": made.uuid(), "from": "Ada <ada@example.com>", "to": ["max@example.org"],
            "subject": "Your parcel", "created_at": at}
    return Event({"type": kind, "created_at": at, "data": data}, None, kind)


def replicate(made, now):
    # https://replicate.com/docs/topics/webhooks/receive-webhook: the body is the prediction.
    at = stamp("rfc3339", now)
    prediction = {"id": made.text(26).lower(), "model": "acme/caption", "version": made.hex(64),
                  "input": {"image": "https://files.example.com/a.png"}, "output": ["a lighthouse"],
                  "status": made.pick(["succeeded", "failed", "canceled"]), "created_at": at,
                  "started_at": at, "completed_at": at, "metrics": {"predict_time": 1.25}}
    return Event(prediction)


def polar(made, now):
    # https://polar.sh/docs/integrate/webhooks/events
    kind = made.pick(["order.created", "subscription.active", "checkout.updated"])
    data = {"id": made.uuid(), "amount": made.number(100, 99_999), "currency": "usd", "status": "paid"}
    return Event({"type": kind, "timestamp": stamp("rfc3339", now), "data": data}, None, kind)


def liveblocks(made, now):
    # https://liveblocks.io/docs/platform/webhooks
    kind = made.pick(["storageUpdated", "userEntered", "threadCreated"])
    data = {"projectId": "proj_" + made.text(12), "roomId": "room-" + made.text(8),
            "updatedAt": stamp("rfc3339", now)}
    return Event({"type": kind, "data": data}, None, kind)


HOOKS = [
    # Svix, under Svix's names: https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests
    standard("resend", resend, names="svix"),
    # https://replicate.com/docs/topics/webhooks/verify-webhook
    standard("replicate", replicate),
    # The secret as it is shown is the key: https://polar.sh/docs/integrate/webhooks/delivery
    standard("polar", polar, secret=secret_text("polar_whs_", 32), key="utf8"),
    # https://liveblocks.io/docs/platform/webhooks#verify-requests
    standard("liveblocks", liveblocks),
]
