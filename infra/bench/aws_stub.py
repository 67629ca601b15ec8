"""DynamoDB, SQS and Secrets Manager as the functions see them on the measured paths, answering at once, and the HTTP
endpoint that the processor delivers to.

Not an emulator: it keeps one record and one body, and says yes. Conditions are not looked at; `refuse_puts` decides.
"""

import base64
import collections
import json
import re

from wire import response

PLAIN = [("content-type", "application/x-amz-json-1.0")]
NOTHING = response("200 OK", b"{}", PLAIN)
DELIVERED = response("200 OK", b"ok", [("content-type", "text/plain")])
TARGET = re.compile(rb"\r\nx-amz-target: *(?:\w+\.)?(\w+)", re.IGNORECASE)
SET = re.compile(r"(#\w+) = (?:if_not_exists\(#\w+, )?(:\w+)")
ADD = re.compile(r"(#\w+) (:\w+)")
BODIES_TABLE = b'"bench-bodies"'


def item_bytes(put):
    """About what DynamoDB takes the item of a put for ("Item sizes and formats", developer guide)."""
    return sum(len(name.encode()) + value_bytes(value) for name, value in json.loads(put)["Item"].items())


def value_bytes(value):
    (kind, content), = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content) // 2 + 2
    if kind == "B":
        return len(base64.b64decode(content))
    if kind == "L":
        return 3 + sum(1 + value_bytes(part) for part in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + value_bytes(part) for name, part in content.items())
    return 1


class AwsStub:
    """What the functions call. `calls` counts by operation, bodies and records apart."""

    def __init__(self, secrets):
        self.calls = collections.Counter()
        self.refuse_puts = False
        self.record = None
        self.body = None
        secret = {"ARN": "bench", "Name": "bench", "VersionId": "00000000000000000000000000000000", "SecretString": json.dumps(secrets)}
        self._secret = response("200 OK", json.dumps(secret).encode(), PLAIN)
        self._attributes = response("200 OK", b'{"Attributes":{"ApproximateNumberOfMessages":"0"}}', PLAIN)
        self._sent = response("200 OK", b'{"MessageId":"00000000-0000-4000-8000-000000000000"}', PLAIN)
        self._empty_page = response("200 OK", b'{"Count":0,"ScannedCount":0,"Items":[]}', PLAIN)
        self._refusal = None
        self._body_answer = NOTHING

    def __call__(self, connection, head, body):
        connection.send(self.answer(head, body))

    def answer(self, head, body):
        """The answer to one request."""
        target = TARGET.search(head)
        if not target:
            self.calls["delivery"] += 1
            return DELIVERED
        operation = target.group(1).decode()
        if operation in ("PutItem", "GetItem", "UpdateItem"):
            of_body = BODIES_TABLE in body
            self.calls[f"{operation} {'body' if of_body else 'record'}"] += 1
            return getattr(self, f"_{operation}")(body, of_body)
        self.calls[operation] += 1
        if operation == "SendMessage":
            return self._sent
        if operation == "GetQueueAttributes":
            return self._attributes
        if operation == "GetSecretValue":
            return self._secret
        if operation == "Query":
            return self._empty_page
        # Not on a measured path: the function's answer will be a wrong one, and its log will say why.
        return NOTHING

    def _PutItem(self, body, of_body):
        if of_body:
            self.body = body
        elif self.refuse_puts:
            return self._refusal
        else:
            self.record = body
        return NOTHING

    def _GetItem(self, body, of_body):
        return self._body_answer if of_body else NOTHING

    def _UpdateItem(self, body, of_body):
        """Says yes, with what the one record would look like afterwards."""
        request = json.loads(body)
        names, values = request["ExpressionAttributeNames"], request.get("ExpressionAttributeValues", {})
        item = self._item | request["Key"]
        clauses = re.split(r"\b(SET|ADD|REMOVE) ", request["UpdateExpression"])
        for verb, clause in zip(clauses[1::2], clauses[2::2]):
            if verb == "SET":
                item |= {names[name]: values[value] for name, value in SET.findall(clause)}
            elif verb == "ADD":
                for name, value in ADD.findall(clause):
                    before = int(item.get(names[name], {"N": "0"})["N"])
                    item[names[name]] = {"N": str(before + int(values[value]["N"]))}
            else:
                for name in clause.split(", "):
                    item.pop(names[name.strip()], None)
        return response("200 OK", json.dumps({"Attributes": item}).encode(), PLAIN)

    def keep(self):
        """Answers from now on with what was put last: to a refused put, a claim, a read of the body."""
        self._item = json.loads(self.record)["Item"]
        refusal = {
            "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
            "message": "The conditional request failed",
            "Item": self._item,
        }
        self._refusal = response("400 Bad Request", json.dumps(refusal).encode(), PLAIN)
        self._body_answer = response("200 OK", json.dumps({"Item": json.loads(self.body)["Item"]}).encode(), PLAIN)
