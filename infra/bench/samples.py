"""The events that the functions are measured with: Stripe's, truly signed, of 4 KB; tickets; a schedule's input."""

import hashlib
import hmac
import json
import time

SECRET = "whsec_bench"
BODY_BYTES = 4096


def stripe_body(number):
    """An `invoice.paid` of 4 KB with an id of its own, as dense as Stripe writes it."""
    line = {"id": "il_bench", "object": "line_item", "amount": 2000, "currency": "eur", "description": "1 x Plan (at 20.00 / month)"}
    event = {
        "id": f"evt_bench_{number:08d}",
        "object": "event",
        "api_version": "2025-09-30.clover",
        "created": int(time.time()),
        "data": {"object": {"id": f"in_bench_{number:08d}", "object": "invoice", "status": "paid", "lines": []}},
        "livemode": False,
        "pending_webhooks": 1,
        "type": "invoice.paid",
    }
    lines = event["data"]["object"]["lines"]
    while len(json.dumps(event)) + len(json.dumps(line)) + 40 < BODY_BYTES:
        lines.append(line | {"id": f"il_{number:08d}_{len(lines):04d}"})
    event["data"]["object"]["footer"] = ""
    event["data"]["object"]["footer"] = "x" * (BODY_BYTES - len(json.dumps(event)))
    return json.dumps(event)


def signature(body):
    """`Stripe-Signature`, signed now."""
    now = int(time.time())
    mac = hmac.new(SECRET.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={now},v1={mac}"


def request(path, body, stripe_signature):
    """An HTTP API's event, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "POST /hooks/{source}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*; q=0.5, application/xml",
            "content-length": str(len(body)),
            "content-type": "application/json; charset=utf-8",
            "host": "api.example.com",
            "stripe-signature": stripe_signature,
            "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "x-amzn-trace-id": "Root=1-00000000-000000000000000000000000",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "bench",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "Stripe/1.0"},
            "requestId": "bench",
            "routeKey": "POST /hooks/{source}",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1767225600000,
        },
        "body": body,
        "isBase64Encoded": False,
    }


def accepted(number):
    """A webhook that is new."""
    body = stripe_body(number)
    return request("/hooks/stripe", body, signature(body))


def forged(number):
    """A webhook whose signature is another body's."""
    return request("/hooks/stripe", stripe_body(number), signature("another body"))


def stranger(_number):
    """A webhook for nobody: what the runtime and the reading of an event cost by themselves."""
    return request("/hooks/nobody", "{}", signature("{}"))


def tickets(number, count):
    """A batch of SQS messages, each with the ticket of an event of its own."""
    return {"Records": [message(number * count + index) for index in range(count)]}


def message(number):
    """One SQS message."""
    now = int(time.time() * 1000)
    ticket = {"v": 1, "pk": f"E#stripe#evt_bench_{number:08d}", "source": "stripe", "kind": "invoice.paid", "sent_at": now}
    return {
        "messageId": f"00000000-0000-4000-8000-{number:012d}",
        "receiptHandle": f"bench-receipt-{number:08d}",
        "body": json.dumps(ticket),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(now),
            "SenderId": "AROAEXAMPLE:receiver",
            "ApproximateFirstReceiveTimestamp": str(now),
            "MessageGroupId": "stripe",
        },
        "messageAttributes": {},
        "md5OfBody": "00000000000000000000000000000000",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:bench",
        "awsRegion": "eu-central-1",
    }
