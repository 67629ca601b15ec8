#!/usr/bin/env python3
"""Shows the rows of own.jsonl to the providers' official libraries and keeps what they say.

Not needed to make the corpus, and the libraries are no part of this repository: install the ones
that verdicts.json names (and time-machine) into an environment of their own, then

    python3 judge_own.py [--node-modules=DIR] [provider ...]      writes own/verdicts.json

A verdict is on the signature alone: an error of parsing that comes after the signature held is an
`accept`. The clock stands at the row's `now`. Repeated headers are shown joined with a comma; where
several secrets are configured, one that is accepted suffices, unless the library takes them all.
"""

import base64
import importlib.metadata
import json
import logging
import subprocess
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.dont_write_bytecode = True

from make_own import corpus, fingerprint  # noqa: E402

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


class Shown:
    """A row as a library is shown it."""

    def __init__(self, one):
        request = one["request"]
        self.provider, self.case, self.now = one["provider"], one["case"], one["now"]
        self.config, self.method, self.query = one["config"], request["method"], request["query"]
        self.body = base64.b64decode(request["body_base64"])
        joined = {name: value if isinstance(value, str) else ",".join(value)
                  for name, value in request["headers"].items()}
        # Header text is what the bytes on the wire are to a server: Latin-1.
        self.headers = {name.lower(): value.encode().decode("latin-1") for name, value in joined.items()}

    @property
    def text(self):
        return self.body.decode()


class Unjudged(Exception):
    """The library does not judge what this row is about."""


def any_secret(check):
    """Whether one of the configured secrets is accepted; the last refusal otherwise."""

    def judge(shown):
        refusal = None
        secrets = shown.config.get("secrets") or shown.config.get("public_keys") or [None]
        for secret in secrets:
            try:
                if check(shown, secret) is not False:
                    return "accept"
                refusal = "reject"
            except Unjudged:
                return None
            except Exception as error:  # noqa: BLE001
                if after_the_signature(error):
                    return "accept"
                refusal = "reject by exception" if unhandled(error) else "reject"
        return refusal

    return judge


def after_the_signature(error):
    """The body was parsed, and so the signature had held."""
    chain = [one for one in (error, error.__cause__, error.__context__) if one is not None]
    names = {type(one).__name__ for one in chain}
    modelled = any(type(one).__module__.startswith("pydantic") for one in chain)
    return modelled or bool(names & {"JSONDecodeError", "PolarWebhookUnknownTypeError", "ParseError"})


def unhandled(error):
    return type(error) in (TypeError, AttributeError, KeyError, IndexError, UnicodeDecodeError,
                           UnicodeEncodeError) or type(error).__name__ == "Error"


# --- one function a library --------------------------------------------------------------------


def resend(shown, secret):
    from resend import Webhooks

    headers = {name: shown.headers.get(f"svix-{name}", "") for name in ("id", "timestamp", "signature")}
    Webhooks.verify({"payload": shown.text, "headers": headers, "webhook_secret": secret})


def svix(shown, secret):
    from svix.webhooks import Webhook

    Webhook(secret).verify(shown.body, shown.headers)


def standard(shown, secret):
    from standardwebhooks.webhooks import Webhook

    Webhook(secret).verify(shown.body, shown.headers)


def polar(shown, secret):
    from polar.webhooks import validate_event

    validate_event(shown.body, shown.headers, secret, frozenset(), lambda data: data)


def elevenlabs(shown, secret):
    from elevenlabs.webhooks_custom import WebhooksClient

    WebhooksClient.construct_event(None, shown.text, shown.headers.get("elevenlabs-signature"), secret)


def onfido(shown, secret):
    from onfido import WebhookEventVerifier

    WebhookEventVerifier(secret).read_payload(shown.text, shown.headers.get("x-sha2-signature"))


def retell(shown, secret):
    from retell.lib.webhook_auth import verify

    return verify(shown.text, secret, shown.headers.get("x-retell-signature"))


def workos(shown, secret):
    from workos.webhooks._verification import verify_header

    verify_header(event_body=shown.body, event_signature=shown.headers.get("workos-signature"), secret=secret)


def gocardless(shown, secret):
    from gocardless_pro import webhooks

    webhooks.parse(shown.body, secret, shown.headers.get("webhook-signature"))


def easypost(shown, secret):
    from easypost.util import validate_webhook

    named = {"X-Hmac-Signature": shown.headers[name] for name in shown.headers if name == "x-hmac-signature"}
    validate_webhook(shown.body, named, secret)


def adyen_platform(shown, secret):
    from Adyen.util import is_valid_hmac_payload

    return is_valid_hmac_payload(shown.headers.get("hmacsignature"), secret, shown.body)


def telnyx(shown, key):
    from telnyx.lib.webhook_verification import verify_webhook_signature

    verify_webhook_signature(shown.body, shown.headers, key)


def discord(shown, key):
    from discord_interactions import verify_key

    at = shown.headers.get
    return verify_key(shown.body, at("x-signature-ed25519"), at("x-signature-timestamp"), key)


def pusher(shown, secret):
    from pusher import Pusher

    key = shown.config["key_ids"][shown.config["secrets"].index(secret)]
    client = Pusher(app_id="1", key=key, secret=secret)
    at = shown.headers.get
    return client.validate_webhook(at("x-pusher-key"), at("x-pusher-signature"), shown.text) is not None


def mercado_pago(shown, secret):
    from urllib.parse import parse_qs

    from mercadopago.webhook.validator import WebhookSignatureValidator

    data_id = parse_qs(shown.query).get("data.id", [None])[0]
    at = shown.headers.get
    WebhookSignatureValidator.validate(at("x-signature"), at("x-request-id"), data_id, secret)


def box(shown, _):
    from box_sdk_gen.managers.webhooks import WebhooksManager

    keys = shown.config["secrets"]
    second = keys[1] if len(keys) > 1 else None
    return WebhooksManager.validate_message(shown.text, shown.headers, keys[0], secondary_key=second)


def paypal(shown, _):
    """The library makes the signed string; its check with OpenSSL needs a version that is gone."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.x509 import load_pem_x509_certificate
    from paypalrestsdk.notifications import WebhookEvent

    if shown.case.startswith("cert_") or shown.case == "algorithm_unknown":
        raise Unjudged  # The chain of trust would have to be judged: not with made-up roots.
    at = shown.headers.__getitem__
    name = at("paypal-transmission-id"), at("paypal-transmission-time"), shown.config["webhook_id"]
    signed = WebhookEvent._get_expected_sig(*name, shown.text).encode()
    page = shown.config["certs"].get(at("paypal-cert-url"))
    if page is None:
        return False
    signature = base64.b64decode(at("paypal-transmission-sig"))
    key = load_pem_x509_certificate(page.encode()).public_key()
    key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())


def fields(shown):
    """The form's fields, a list where one comes twice."""
    from urllib.parse import parse_qsl

    made = {}
    for name, value in parse_qsl(shown.text, keep_blank_values=True):
        made.setdefault(name, []).append(value)
    return made


def plivo(shown, secret):
    from plivo.utils import validate_v3_signature

    given = {name: values if len(values) > 1 else values[0] for name, values in fields(shown).items()}
    at = shown.headers.get
    nonce, signature = at("x-plivo-signature-v3-nonce"), at("x-plivo-signature-v3")
    return validate_v3_signature(shown.method, shown.config["url"], nonce, secret, signature, given)


def twilio(shown, secret):
    from twilio.request_validator import SIGNATURE_SETTINGS_HEADER, RequestValidator, get_signature_algorithm

    settings = shown.headers.get(SIGNATURE_SETTINGS_HEADER.lower())
    signature = shown.headers.get("x-twilio-signature")
    algorithm = get_signature_algorithm(settings)
    return RequestValidator(secret).validate(shown.config["url"], shown.text, signature, algorithm)


def braintree(shown, secret):
    import braintree

    number = shown.config["secrets"].index(secret)
    configuration = braintree.Configuration(braintree.Environment.Sandbox, "merchant",
                                            shown.config["public_keys"][number], secret)
    gateway = braintree.BraintreeGateway(configuration).webhook_notification
    if shown.method == "GET":
        from urllib.parse import parse_qs

        return gateway.verify(parse_qs(shown.query, keep_blank_values=True)["bt_challenge"][0]) is not None
    given = {name: values[0] for name, values in fields(shown).items()}
    gateway.parse(given.get("bt_signature"), given.get("bt_payload"))


def dropbox_sign(shown, secret):
    import re

    from dropbox_sign import EventCallbackHelper, EventCallbackRequest

    if b"form-data" in shown.body:
        text = re.search(rb'name="json"\r\n\r\n(.*)\r\n--', shown.body, re.DOTALL)[1].decode()
    else:
        text = fields(shown)["json"][0]
    try:
        parsed = json.loads(text)
    except ValueError:
        return False
    try:
        request = EventCallbackRequest.init(parsed)
    except Exception:  # noqa: BLE001
        return False
    return EventCallbackHelper.is_valid(secret, request)


def qstash(shown, _):
    from qstash import Receiver

    keys = shown.config["secrets"]
    receiver = Receiver(current_signing_key=keys[0], next_signing_key=keys[1])
    receiver.verify(signature=shown.headers.get("upstash-signature"), body=shown.text, url=shown.config["url"])


def livekit(shown, secret):
    from livekit.api import TokenVerifier, WebhookReceiver

    receiver = WebhookReceiver(TokenVerifier(shown.config["api_key"], secret))
    receiver.receive(shown.text, shown.headers.get("authorization"))


def pubsub(shown, _):
    """The library judges the token; what its claims have to say is checked as its guide does."""
    import jwt as pyjwt
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from google.auth import jwt

    certs = {}
    for one in next(iter(shown.config["jwks"].values()))["keys"]:
        key = pyjwt.PyJWK.from_dict(one).key
        certs[one["kid"]] = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    word, token = shown.headers.get("authorization", " ").split(" ", 1)
    claims = jwt.decode(token, certs=certs, audience=shown.config["audience"])
    return (claims["iss"] == "https://accounts.google.com" and claims["email_verified"] is True
            and claims["email"] == shown.config["service_account"] and word == "Bearer")


LIBRARIES = {
    "plivo": {"plivo": plivo},
    "twilio": {"twilio": twilio},
    "braintree": {"braintree": braintree},
    "dropbox_sign": {"dropbox-sign": dropbox_sign},
    "qstash": {"qstash": qstash},
    "livekit": {"livekit-api": livekit},
    "pubsub": {"google-auth": pubsub},
    "telnyx": {"telnyx": telnyx},
    "discord": {"discord-interactions": discord},
    "pusher": {"pusher": pusher},
    "mercado_pago": {"mercadopago": mercado_pago},
    "box": {"boxsdk": box},
    "paypal": {"paypalrestsdk": paypal},
    "resend": {"resend": resend, "svix": svix},
    "replicate": {"standardwebhooks": standard},
    "polar": {"polar-sdk": polar},
    "liveblocks": {"standardwebhooks": standard},
    "elevenlabs": {"elevenlabs": elevenlabs},
    "onfido": {"onfido-python": onfido},
    "retell": {"retell-sdk": retell},
    "workos": {"workos": workos},
    "gocardless": {"gocardless_pro": gocardless},
    "easypost": {"easypost": easypost},
    "adyen_platform": {"Adyen": adyen_platform},
}


def json_web_token(shown, _):
    """Not the provider's own library: the token as its guide takes it apart."""
    import hashlib

    import jwt

    at = shown.headers.get
    if shown.provider == "monday":
        if "challenge" in shown.case:
            raise Unjudged
        for secret in shown.config["secrets"]:
            try:
                return jwt.decode(at("authorization"), secret, algorithms=["HS256"], options={"verify_aud": False}) is not None
            except jwt.InvalidTokenError:
                continue
        return False
    if shown.provider == "fusionauth":
        for secret in shown.config["secrets"]:
            try:
                claims = jwt.decode(at("x-fusionauth-signature-jwt"), secret, algorithms=["HS256"])
            except jwt.InvalidTokenError:
                continue
            return claims["request_body_sha256"] == base64.b64encode(hashlib.sha256(shown.body).digest()).decode()
        return False
    token = at("plaid-verification")
    named = jwt.get_unverified_header(token)["kid"]
    keys = {one["kid"]: one for one in map(json.loads, shown.config["public_keys"])}
    if named not in keys:
        return False
    claims = jwt.decode(token, jwt.PyJWK.from_dict(keys[named]).key, algorithms=["ES256"])
    fresh = shown.now - claims["iat"] <= 300
    return fresh and claims["request_body_sha256"] == hashlib.sha256(shown.body).hexdigest()


# Where no library of the provider's verifies anything, somebody else's.
THIRD_PARTY = {name: {"PyJWT": json_web_token} for name in ("plaid", "monday", "fusionauth")}
# These judge a part of what a receiver has to: the rest of the label is ours.
PARTIAL = {"paypal", "pubsub"}


def python_verdicts(rows):
    import time_machine

    for one in rows:
        shown = Shown(one)
        libraries = LIBRARIES.get(one["provider"], {}) | THIRD_PARTY.get(one["provider"], {})
        for package, check in libraries.items():
            name = f"pypi:{package}=={importlib.metadata.version(package)}"
            with time_machine.travel(shown.now, tick=False):
                verdict = any_secret(check)(shown)
            if verdict:
                yield one["id"], name, verdict


def node_verdicts(rows, modules):
    text = "".join(json.dumps(one) + "\n" for one in rows)
    command = ["node", str(HERE / "judge_own.mjs"), modules]
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=True)
    sys.stderr.write(done.stderr)
    for line in done.stdout.splitlines():
        if line.startswith('{"id"'):
            said = json.loads(line)
            yield said["id"], said["sdk"], said["verdict"]


def main():
    rows = [json.loads(line) for line in corpus(verdicts={}).splitlines()]
    only = [arg for arg in sys.argv[1:] if not arg.startswith("--")]
    modules = next((arg.split("=", 1)[1] for arg in sys.argv if arg.startswith("--node-modules=")), "")
    target = HERE / "own" / "verdicts.json"
    kept = json.loads(target.read_text()) if only and target.exists() else {}
    rows = [one for one in rows if not only or one["provider"] in only]
    kept = {key: value for key, value in kept.items() if key not in {one["id"] for one in rows}}
    told = {}
    found = [*python_verdicts(rows), *(node_verdicts(rows, modules) if modules else ())]
    for key, name, verdict in found:
        told.setdefault(key, {})[name] = verdict
    for one in rows:
        if one["id"] in told:
            kept[one["id"]] = {"of": fingerprint(one), "said": dict(sorted(told[one["id"]].items()))}
            if one["provider"] in THIRD_PARTY:
                kept[one["id"]]["third_party"] = True
            if one["provider"] in PARTIAL:
                kept[one["id"]]["partial"] = True
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(kept.items()))
    target.write_text("{\n" + lines + "\n}\n")
    report(rows, kept)


def report(rows, kept):
    """What the labels and the libraries do not agree on."""
    for one in rows:
        label = "reject" if one["expect"] == "reject" else "accept"
        said = kept.get(one["id"], {}).get("said", {})
        other = {name: verdict for name, verdict in said.items() if verdict.split()[0] != label}
        if other:
            mark = "debatable" if one.get("debatable") else "SCORED"
            print(mark, one["id"], "label", label, other)


if __name__ == "__main__":
    main()
