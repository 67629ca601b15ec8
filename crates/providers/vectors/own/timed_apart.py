"""A signature in one header, its time in another."""

from .battery import Hook, secret_hex, secret_text
from .draft import Event, stamp


def revolut(made, now):
    # https://developer.revolut.com/docs/guides/manage-accounts/webhooks/about-webhooks
    if made.number(0, 1):
        payload = {"data": {"id": made.uuid(), "old_state": "pending", "new_state": "completed"},
                   "event": "TransactionStateChanged", "timestamp": stamp("rfc3339", now)}
        return Event(payload, None, payload["event"])
    # https://developer.revolut.com/docs/guides/merchant/webhooks (orders)
    payload = {"event": "ORDER_COMPLETED", "order_id": made.uuid(), "merchant_order_ext_ref": "T-" + made.digits(6)}
    return Event(payload, None, payload["event"])


def webflow(made, now):
    # https://developers.webflow.com/data/reference/webhooks/events/form-submission
    payload = {"triggerType": "form_submission",
               "payload": {"name": "Contact", "siteId": made.hex(24), "data": {"email": "ada@example.com"},
                           "submittedAt": stamp("rfc3339", now), "id": made.hex(24), "formId": made.hex(24)}}
    return Event(payload, None, "form_submission")


def side(provider, header, ts_header, unit, signed, item, secret, event, future, join=None, **more):
    scheme = {
        "alg": "hmac-sha256", "key": "utf8", "signed": signed, "sig_header": header, "sig_format": item,
        "encoding": "hex", "ts_header": ts_header, "ts_unit": unit, "tolerance_s": 300, "future": future,
    }
    if join:
        scheme["multi"] = "comma separated v1= list"
    return Hook(provider, scheme, secret, event, item=item, join=join, **more)


HOOKS = [
    # https://developer.revolut.com/docs/guides/manage-accounts/webhooks/verify-the-payload-signature:
    # "within a 5-minute tolerance of the current time", so in both directions.
    side("revolut", "Revolut-Signature", "Revolut-Request-Timestamp", "ms", "v1.{ts}.{body}", "v1={sig}",
         secret_text("wsk_", 32), revolut, "reject", join=","),
    # https://developers.webflow.com/data/docs/working-with-webhooks: older than five minutes is refused.
    side("webflow", "x-webflow-signature", "x-webflow-timestamp", "ms", "{ts}:{body}", "{sig}",
         secret_hex(64), webflow, "accept"),
]
