"""The raw body alone, under a shared secret."""

from .battery import Hook, secret_text
from .draft import Event, stamp


def onfido(made, now):
    # https://documentation.onfido.com/api/latest/#webhooks
    kind = made.pick(["check.completed", "workflow_run.completed", "report.completed"])
    check = made.uuid()
    payload = {"payload": {"resource_type": kind.split(".")[0], "action": kind,
                           "object": {"id": check, "status": "complete",
                                      "completed_at_iso8601": stamp("rfc3339", now),
                                      "href": f"https://api.eu.onfido.com/v3.6/checks/{check}"}}}
    return Event(payload, None, kind)


def bitbucket(made, now):
    # https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/
    kind = made.pick(["repo:push", "pullrequest:created", "issue:updated"])
    headers = {"X-Event-Key": kind, "X-Hook-UUID": made.uuid(), "X-Request-UUID": made.uuid(),
               "X-Attempt-Number": "1", "User-Agent": "Bitbucket-Webhooks/2.0"}
    payload = {"repository": {"uuid": "{" + made.uuid() + "}", "full_name": "acme/harbour"},
               "actor": {"display_name": "Ada"}, "push": {"changes": []}}
    return Event(payload, headers["X-Request-UUID"], kind, headers=headers)


def vercel(made, now):
    # https://vercel.com/docs/webhooks/webhooks-api
    kind = made.pick(["deployment.created", "deployment.succeeded", "project.removed"])
    payload = {"id": "uev_" + made.text(24), "type": kind, "createdAt": now * 1000, "region": "sfo1",
               "payload": {"deployment": {"id": "dpl_" + made.text(28), "name": "harbour"}}}
    return Event(payload, payload["id"], kind)


def gocardless(made, now):
    # https://developer.gocardless.com/api-reference/#webhooks-overview: one delivery, several events.
    events = [{"id": "EV" + made.text(12).upper(), "created_at": stamp("rfc3339", now),
               "resource_type": resource, "action": action, "links": {resource[:-1]: "PM" + made.digits(6)},
               "details": {"origin": "gocardless", "cause": "payment_confirmed", "description": "a reason"}}
              for resource, action in (("payments", "confirmed"), ("mandates", "created"))]
    payload = {"events": events, "meta": {"webhook_id": "WB" + made.text(12).upper()}}
    return Event(payload, payload["meta"]["webhook_id"], None, id_alt=[one["id"] for one in events])


def easypost(made, now):
    # https://docs.easypost.com/docs/events
    payload = {"id": "evt_" + made.hex(32), "object": "Event", "mode": "production",
               "description": made.pick(["tracker.updated", "batch.created"]),
               "created_at": stamp("rfc3339", now), "status": "pending", "pending_urls": [],
               "result": {"id": "trk_" + made.hex(32), "object": "Tracker", "status": "delivered"}}
    return Event(payload, payload["id"], payload["description"])


def nylas(made, now):
    # https://developer.nylas.com/docs/v3/notifications/notification-schemas/ (CloudEvents)
    kind = made.pick(["message.created", "event.updated", "grant.expired"])
    payload = {"specversion": "1.0", "type": kind, "source": "/nylas/system", "id": made.text(22),
               "time": now, "webhook_delivery_attempt": 1,
               "data": {"application_id": made.uuid(),
                        "object": {"id": made.hex(16), "grant_id": made.uuid(), "subject": "A day at sea"}}}
    return Event(payload, payload["id"], kind)


def checkout(made, now):
    # https://www.checkout.com/docs/developer-resources/event-notifications
    kind = made.pick(["payment_approved", "payment_captured", "dispute_received"])
    payload = {"id": "evt_" + made.text(26).lower(), "type": kind, "version": "1.0.0",
               "created_on": stamp("rfc3339", now),
               "data": {"id": "pay_" + made.text(26).lower(), "amount": made.number(100, 99_999), "currency": "EUR"}}
    return Event(payload, payload["id"], kind)


def x(made, now):
    # https://docs.x.com/x-api/webhooks/quickstart: the kind is the name of the list.
    tweet = {"created_at": "Tue Nov 10 10:00:00 +0000 2026", "id_str": made.digits(19),
             "timestamp_ms": str(now * 1000), "text": "A day at sea"}
    payload = {"for_user_id": made.digits(10), "tweet_create_events": [tweet]}
    return Event(payload, None, "tweet_create_events", id_alt=[tweet["id_str"]])


def jira(made, now):
    # https://developer.atlassian.com/cloud/jira/platform/webhooks/
    kind = made.pick(["jira:issue_created", "jira:issue_updated", "comment_created"])
    headers = {"X-Atlassian-Webhook-Identifier": made.uuid(), "X-Atlassian-Webhook-Flow": "Primary",
               "User-Agent": "Atlassian Webhook HTTP Client"}
    payload = {"timestamp": now * 1000, "webhookEvent": kind,
               "issue": {"id": made.digits(5), "key": "SEA-" + made.digits(3), "fields": {"summary": "A leak"}}}
    return Event(payload, headers["X-Atlassian-Webhook-Identifier"], kind, headers=headers)


def smartcar(made, now):
    # https://smartcar.com/docs/integrations/webhooks/overview
    payload = {"eventId": made.uuid(), "eventType": "VEHICLE_STATE", "vehicleId": made.uuid(),
               "data": {"user": {"id": made.uuid()}, "vehicle": {"id": made.uuid(), "make": "TESLA"}},
               "meta": {"version": "4.0", "deliveredAt": now * 1000, "webhookId": made.uuid()}}
    return Event(payload, payload["eventId"], "VEHICLE_STATE")


def adyen_platform(made, now):
    # https://docs.adyen.com/api-explorer/transfer-webhooks/
    kind = made.pick(["balancePlatform.transfer.updated", "balancePlatform.accountHolder.created"])
    payload = {"data": {"balancePlatform": "Harbour", "id": made.text(16).upper(), "status": "booked"},
               "environment": "test", "timestamp": stamp("rfc3339", now), "type": kind}
    return Event(payload, None, kind)


def mollie(made, now):
    # https://docs.mollie.com/reference/webhooks-new: an event; classic hooks are an id without a signature.
    kind = made.pick(["payment-link.paid", "sales-invoice.created", "profile.blocked"])
    payload = {"resource": "event", "id": "event_" + made.text(22), "type": kind, "entityId": "pl_" + made.text(22),
               "createdAt": stamp("rfc3339", now), "_embedded": None,
               "_links": {"self": {"href": "https://api.mollie.example/v2/events/1", "type": "application/hal+json"}}}
    return Event(payload, payload["id"], kind)


def klarna(made, now):
    # https://docs.klarna.com/klarna-network-distribution/setup-your-integration/connection-configuration/setup-your-webhooks/
    kind = made.pick(["payment.request.state-change.authorized", "payment.dispute.state-change.initiated"])
    metadata = {"event_type": kind, "event_id": made.uuid(), "event_version": "v2", "occurred_at": stamp("rfc3339", now),
                "correlation_id": made.uuid(), "webhook_id": "krn:notification:webhook:" + made.uuid(), "live": True}
    headers = {"Klarna-Signing-Key-Id": "krn:partner:global:notification:signing-key:" + made.uuid()}
    payload = {"metadata": metadata, "payload": {"payment_request_id": "krn:payment:eu1:request:" + made.uuid()}}
    return Event(payload, metadata["event_id"], kind, headers=headers)


def of_body(provider, header, encoding, item, secret, event, alg="hmac-sha256", key="utf8", **more):
    scheme = {"alg": alg, "key": key, "signed": "{body}", "sig_header": header,
              "sig_format": item, "encoding": encoding}
    if more.get("join"):
        scheme["multi"] = f"comma separated {item.split('{')[0]} list"
    return Hook(provider, scheme, secret, event, item=item, **more)


HOOKS = [
    # https://documentation.onfido.com/api/latest/#verifying-webhook-signatures
    of_body("onfido", "X-SHA2-Signature", "hex", "{sig}", secret_text("", 32), onfido),
    # https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/#Secure-webhooks
    of_body("bitbucket", "X-Hub-Signature", "hex", "sha256={sig}", secret_text("", 24), bitbucket),
    # https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks: SHA-1.
    of_body("vercel", "x-vercel-signature", "hex", "{sig}", secret_text("", 24), vercel, alg="hmac-sha1"),
    # https://developer.gocardless.com/getting-started/staying-up-to-date-with-webhooks/
    of_body("gocardless", "Webhook-Signature", "hex", "{sig}", secret_text("", 40), gocardless,
            fixed={"Origin": "https://api.gocardless.com"}),
    # https://docs.easypost.com/guides/webhooks-guide
    of_body("easypost", "X-Hmac-Signature", "hex", "hmac-sha256-hex={sig}", secret_text("", 24), easypost),
    # https://developer.nylas.com/docs/v3/notifications/#respond-to-webhook-notifications
    of_body("nylas", "x-nylas-signature", "hex", "{sig}", secret_text("", 36), nylas),
    # https://www.checkout.com/docs/developer-resources/event-notifications/receive-webhooks
    of_body("checkout", "Cko-Signature", "hex", "{sig}", secret_text("", 36), checkout),
    # https://docs.x.com/x-api/webhooks/quickstart
    of_body("x", "x-twitter-webhooks-signature", "base64", "sha256={sig}", secret_text("", 50), x),
    # https://developer.atlassian.com/cloud/jira/platform/webhooks/#securing-webhooks
    of_body("jira", "X-Hub-Signature", "hex", "sha256={sig}", secret_text("", 24), jira),
    # https://smartcar.com/docs/integrations/webhooks/payload-verification
    of_body("smartcar", "SC-Signature", "hex", "{sig}", lambda made: made.uuid(), smartcar),
    # https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures
    of_body("adyen_platform", "HmacSignature", "base64", "{sig}", lambda made: made.hex(64).upper(),
            adyen_platform, key="hex", fixed={"Protocol": "HmacSHA256"}),
    # https://docs.mollie.com/reference/webhooks-best-practices; while a secret is replaced the header
    # comes twice, and so as a list.
    of_body("mollie", "X-Mollie-Signature", "hex", "sha256={sig}", secret_text("", 32), mollie, join=",",
            doubled=True),
    # Hex of the raw body, as Klarna's own plugin for WooCommerce has it.
    of_body("klarna", "Klarna-Signature", "hex", "{sig}", secret_text("", 48), klarna),
]
