"""Pusher: the key that signed is named."""

from .battery import Hook
from .draft import Event, Made, compact


def pusher(made, now):
    # https://pusher.com/docs/channels/server_api/webhooks/
    events = [{"name": "channel_occupied", "channel": "room-" + made.text(6)},
              {"name": "member_added", "channel": "presence-" + made.text(6), "user_id": "u1"}]
    return Event({"time_ms": now * 1000, "events": events}, None, None)


class Pusher(Hook):
    """X-Pusher-Key says whose secret it was: https://pusher.com/docs/channels/server_api/webhooks/"""

    def __init__(self):
        scheme = {
            "alg": "hmac-sha256", "key": "utf8", "signed": "{body}", "sig_header": "X-Pusher-Signature",
            "sig_format": "{sig}", "encoding": "hex", "key_header": "X-Pusher-Key",
        }
        super().__init__("pusher", scheme, lambda made: made.hex(20), pusher)
        self.key_ids = [Made(f"pusher/key/{secret}").hex(20) for secret in self.secrets]
        self.fixed = {"X-Pusher-Key": self.key_ids[0]}

    def config(self, *secrets):
        made = super().config(*secrets)
        made["key_ids"] = [self.key_ids[self.secrets.index(one)] for one in made["secrets"]]
        return made

    def signed(self, case, shape=compact, age=2, secret=None):
        draft = super().signed(case, shape, age, secret)
        draft.headers["X-Pusher-Key"] = self.key_ids[self.secrets.index(secret or self.secrets[0])]
        return draft

    def extra(self):
        draft = self.signed("other_key_id")
        draft.headers["X-Pusher-Key"] = self.key_ids[2]
        yield self.reject("other_key_id", draft, "the key that is named is not ours, the signature is", debatable=True)
        draft = self.signed("missing_key_id")
        del draft.headers["X-Pusher-Key"]
        yield self.reject("missing_key_id", draft, "no key is named, the signature is ours", debatable=True)
