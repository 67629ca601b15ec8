#!/usr/bin/env python3
"""Shows the rows of own.jsonl to the providers' official libraries and keeps what they say.

Not needed to make the corpus, and the libraries are no part of this repository: install the ones
that verdicts.json names (and time-machine) into an environment of their own, then

    python3 judge.py [--node-modules=DIR] [provider ...]      writes verdicts.json

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
sys.path.insert(0, str(HERE.parent))

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


def any_secret(check):
    """Whether one of the configured secrets is accepted; the last refusal otherwise."""

    def judge(shown):
        refusal = None
        for secret in shown.config["secrets"]:
            try:
                if check(shown, secret) is not False:
                    return "accept"
                refusal = "reject"
            except Exception as error:  # noqa: BLE001
                if after_the_signature(error):
                    return "accept"
                refusal = "reject by exception" if unhandled(error) else "reject"
        return refusal

    return judge


def after_the_signature(error):
    """The body was parsed, and so the signature had held."""
    chain = [error, error.__cause__, error.__context__]
    names = {type(one).__name__ for one in chain if one is not None}
    return bool(names & {"JSONDecodeError", "ValidationError", "PolarWebhookUnknownTypeError", "ParseError",
                         "ParsedEventError"})


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


LIBRARIES = {
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
# These judge a part of what a receiver has to: the rest of the label is ours.
PARTIAL = set()


def python_verdicts(rows):
    import time_machine

    for one in rows:
        shown = Shown(one)
        for package, check in LIBRARIES.get(one["provider"], {}).items():
            name = f"pypi:{package}=={importlib.metadata.version(package)}"
            with time_machine.travel(shown.now, tick=False):
                yield one["id"], name, any_secret(check)(shown)


def node_verdicts(rows, modules):
    text = "".join(json.dumps(one) + "\n" for one in rows)
    command = ["node", str(HERE / "judge.mjs"), modules]
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
    target = HERE / "verdicts.json"
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
