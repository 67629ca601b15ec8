"""The events that the functions are measured with: Stripe's, truly signed, of 4 KB; tickets; a schedule's input."""

import hashlib
import hmac
import json
import random
import string
import time

SECRET = "whsec_bench"
# A body is a little less than this.
BODY_BYTES = 4096


def stripe_id(prefix, dice):
    """As random as a real one: how well a body can be compressed decides what it costs to keep."""
    return f"{prefix}_{''.join(dice.choices(string.ascii_letters + string.digits, k=24))}"


def stripe_body(number):
    """An `invoice.paid` of 4 KB with an id of its own, written as Stripe writes it."""
    dice = random.Random(number)

    def line():
        return {
            "id": stripe_id("il", dice),
            "object": "line_item",
            "amount": dice.randrange(100_000),
            "currency": "eur",
            "description": "1 × Plan (at 20.00 / month)",
            "invoice": stripe_id("in", dice),
            "period": {"end": dice.randrange(10**9, 2 * 10**9), "start": dice.randrange(10**9, 2 * 10**9)},
            "pricing": {"price": stripe_id("price", dice), "product": stripe_id("prod", dice)},
        }

    event = {
        "id": f"evt_bench_{number:08d}",
        "object": "event",
        "api_version": "2025-09-30.clover",
        "created": int(time.time()),
        "data": {"object": {"id": stripe_id("in", dice), "object": "invoice", "status": "paid", "customer": stripe_id("cus", dice), "lines": []}},
        "livemode": False,
        "pending_webhooks": 1,
        "type": "invoice.paid",
    }
    lines, added = event["data"]["object"]["lines"], line()
    while len(written(event)) + len(written(added)) < BODY_BYTES:
        lines.append(added)
        added = line()
    return written(event)


def written(event):
    """Stripe indents its events by two."""
    return json.dumps(event, indent=2)


def signature(body):
    """`Stripe-Signature`, signed now."""
    now = int(time.time())
    mac = hmac.new(SECRET.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={now},v1={mac}"


def request(path, body, stripe_signature):
    """An HTTP API's event, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "ANY /hooks/{source}",
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
            "routeKey": "ANY /hooks/{source}",
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
