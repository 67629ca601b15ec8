"""Providers that sign the raw body with a shared secret, as their documentation says."""

from battery import Hook
from draft import Event, stamp


def secret_text(prefix="", size=32):
    return lambda made: prefix + made.text(size)


def secret_hex(size):
    return lambda made: made.hex(size)


def secret_whsec(made):
    return "whsec_" + made.base64(24)


# --- Standard Webhooks and its like -------------------------------------------------------------
# https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md


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


STANDARD = [
    # Svix, under Svix's names: https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests
    standard("resend", resend, names="svix"),
    # https://replicate.com/docs/topics/webhooks/verify-webhook
    standard("replicate", replicate),
    # The secret as it is shown is the key: https://polar.sh/docs/integrate/webhooks/delivery
    standard("polar", polar, secret=secret_text("polar_whs_", 32), key="utf8"),
    # https://liveblocks.io/docs/platform/webhooks#verify-requests
    standard("liveblocks", liveblocks),
]

# --- a time and one or more signatures in one header --------------------------------------------


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


TIMED = [
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

# --- a signature in one header, a time in another -----------------------------------------------


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


SIDE = [
    # https://developer.revolut.com/docs/guides/manage-accounts/webhooks/verify-the-payload-signature:
    # "within a 5-minute tolerance of the current time", so in both directions.
    side("revolut", "Revolut-Signature", "Revolut-Request-Timestamp", "ms", "v1.{ts}.{body}", "v1={sig}",
         secret_text("wsk_", 32), revolut, "reject", join=","),
    # https://developers.webflow.com/data/docs/working-with-webhooks: older than five minutes is refused.
    side("webflow", "x-webflow-signature", "x-webflow-timestamp", "ms", "{ts}:{body}", "{sig}",
         secret_hex(64), webflow, "accept"),
]

# --- the body alone ------------------------------------------------------------------------------


def onfido(made, now):
    # https://documentation.onfido.com/api/latest/#webhooks
    kind = made.pick(["check.completed", "workflow_run.completed", "report.completed"])
    check = made.uuid()
    payload = {"payload": {"resource_type": kind.split(".")[0], "action": kind,
                           "object": {"id": check, "status": "complete",
                                      "completed_at_iso8601": stamp("rfc3339", now),
                                      "href": f"https://api.eu.onfido.com/v3.6/checks/{check}"}}}
    return Event(payload, None, kind)


def docusign(made, now):
    # https://developers.docusign.com/platform/webhooks/connect/json-sim-event-model/
    kind = made.pick(["envelope-sent", "envelope-completed", "recipient-delivered"])
    payload = {"event": kind, "apiVersion": "v2.1", "uri": "/restapi/v2.1/accounts/a/envelopes/b",
               "retryCount": 0, "configurationId": made.number(1, 99_999_999),
               "generatedDateTime": stamp("rfc3339", now),
               "data": {"accountId": made.uuid(), "userId": made.uuid(), "envelopeId": made.uuid()}}
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


def pusher(made, now):
    # https://pusher.com/docs/channels/server_api/webhooks/
    events = [{"name": "channel_occupied", "channel": "room-" + made.text(6)},
              {"name": "member_added", "channel": "presence-" + made.text(6), "user_id": "u1"}]
    return Event({"time_ms": now * 1000, "events": events}, None, None)


def of_body(provider, header, encoding, item, secret, event, alg="hmac-sha256", key="utf8", **more):
    scheme = {"alg": alg, "key": key, "signed": "{body}", "sig_header": header,
              "sig_format": item, "encoding": encoding}
    return Hook(provider, scheme, secret, event, item=item, **more)


OF_BODY = [
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
]
HOOKS = [*STANDARD, *TIMED, *SIDE, *OF_BODY]
