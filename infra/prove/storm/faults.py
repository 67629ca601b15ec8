"""Faults of the calls that the functions make to AWS, injected by microburst: some all the time, and now and then one
kind of call is hit hard for a few seconds.

A call is throttled, fails, or its connection is reset before it has an effect; it has its effect and the answer is lost;
or it is slow, some of the time longer than the caller waits: then it may still have its effect when nobody expects it
any more. What happened is counted by microburst itself, not by what was asked for.
"""

import collections
import json
import random
import threading
import urllib.request

# Any one of them, for any one call.
DRIZZLE = 0.01
# Of the one call that is hit hard.
DOWNPOUR = (0.2, 0.9)
WEATHER_SECS = (2, 6)


def _calls(table, bodies_table):
    """Name -> what the rule for microburst has to match."""

    def dynamodb(operation, resource=None, expression=None):
        rule = {"service": "dynamodb", "operation": operation}
        if resource:
            rule["resource"] = resource
        if expression:
            rule["body"] = f"contains(UpdateExpression, '{expression}')"
        return rule

    return {
        "put of a body": dynamodb("PutItem", bodies_table),
        "put of a large body": {"service": "s3", "operation": "PutObject"},
        "put of a record": dynamodb("PutItem", table),
        "send": {"service": "sqs", "operation": "SendMessage"},
        # The more special one first: of several rules that match, the first one counts.
        "completion": dynamodb("UpdateItem", table, "#processed_at ="),
        "completion with an effect": dynamodb("TransactWriteItems"),
        "claim": dynamodb("UpdateItem", table, "#lease_until ="),
        "other update": dynamodb("UpdateItem", table),
        "read": dynamodb("GetItem"),
        "read of the index": dynamodb("Query"),
        "read of a large body": {"service": "s3", "operation": "GetObject"},
        "hiding of a ticket": {"service": "sqs", "operation": "ChangeMessageVisibility"},
        "length of the queue": {"service": "sqs", "operation": "GetQueueAttributes"},
        "read of the secrets": {"service": "secretsmanager", "operation": "GetSecretValue"},
    }


THROTTLED = {"dynamodb": ("ProvisionedThroughputExceededException", 400), "s3": ("SlowDown", 503)}
CANCELLED = {
    "code": "TransactionCanceledException",
    "status": 400,
    "fields": {"CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "None"}]},
}


def _kinds(call):
    """Kind -> what microburst is to do to such a call."""
    code, status = THROTTLED.get(call["service"], ("ThrottlingException", 400))
    kinds = {
        "throttled": {"error": {"code": code, "status": status}},
        "failed": {"error": {"code": "InternalServerError", "status": 500}},
        "reset": {"reset": True},
        "answer lost": {"response": {"abort_bytes": 0}},
        "slow": {"latency": {"dist": "uniform", "min": 50, "max": 2600}},
    }
    if call["operation"] == "TransactWriteItems":
        kinds["conflict"] = {"error": CANCELLED}
    return kinds


class Faults:
    """The weather, from the start on until `stop`."""

    def __init__(self, world, seed):
        self._url = f"{world.emulator.faults}/_microburst"
        self._calls = _calls(world.table, world.outputs["BodiesTableName"])
        self._dice = random.Random(f"{seed}/faults")
        # Number of a rule -> (call, kind).
        self._rules = {}
        self._ended = threading.Event()
        self._change()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ended.wait(self._dice.uniform(*WEATHER_SECS)):
            try:
                self._change()
            except OSError:
                pass  # A proxy that is too busy to hear keeps its weather for another while.

    def _change(self):
        hit = self._dice.choice(list(self._calls))
        how = self._dice.choice(list(_kinds(self._calls[hit])))
        rules, names = [], []
        for call, match in self._calls.items():
            for kind, fault in _kinds(match).items():
                probability = self._dice.uniform(*DOWNPOUR) if (call, kind) == (hit, how) else DRIZZLE
                rules.append(match | fault | {"probability": probability})
                names.append((call, kind))
        set_rules = self._ask("rules", rules)
        self._rules |= {rule["id"]: name for rule, name in zip(set_rules, names, strict=True)}

    def _ask(self, path, rules=None):
        data = None if rules is None else json.dumps(rules).encode()
        request = urllib.request.Request(f"{self._url}/{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def stop(self):
        """Fair weather from now on; what was injected, by call and by kind."""
        self._ended.set()
        self._thread.join()
        self._ask("rules", [])
        injected = collections.defaultdict(collections.Counter)
        for rule in self._ask("stats")["by_rule"]:
            call, kind = self._rules.get(rule["id"], ("unknown", "unknown"))
            injected[call][kind] += rule["fired"]
        return injected
