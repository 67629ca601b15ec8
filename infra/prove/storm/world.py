"""The stack under test: the real template with the real receiver and reconciler, and a processor that counts
(crates/processor/examples/counting.rs), behind microburst.

Time-outs are as short as the start-up inequalities allow: a destination's second and the margin of five fit the
processor's seven, and a killed batch shows again after six times that.
"""

import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "infra/local"))

from deploy import deploy, local_architecture  # noqa: E402
from emulator import Emulator  # noqa: E402
from stack import description  # noqa: E402

from storm.endpoint import SIGNING_SECRET  # noqa: E402
from storm.events import SECRETS  # noqa: E402

COUNTS = "holdfast-counts"
PROCESSOR_SECS = 7
VISIBILITY_SECS = 6 * PROCESSOR_SECS
# Output of the template -> which function it names.
FUNCTIONS = {"ReceiverFunctionName": "receiver", "ProcessorFunctionName": "processor", "ReconcilerFunctionName": "reconciler"}
PARAMETERS = {
    "Architecture": local_architecture(),
    # The sweep is called by us, more often than every minute, so that it can be killed more often.
    "Schedules": "DISABLED",
    "ProcessorTimeoutSecs": str(PROCESSOR_SECS),
    "VisibilitySecs": str(VISIBILITY_SECS),
    "ProcessorConcurrency": "8",
    "LogFilter": "warn",
}
SOURCES = {"stripe": "stripe", "github": "github", "shopify": "shopify", "notices": "standard-webhooks"}
ROUTES = [("stripe", "steady.*", "steady"), ("stripe", "doomed.*", "doomed"), ("notices", "*", "fragile"), ("github", "*", "steady"), ("shopify", "*", "steady")]
# Destination -> attempts.
DESTINATIONS = {"steady": 5, "fragile": 8, "doomed": 3}


def configuration(url):
    lines = [f'[sources.{name}]\nprovider = "{provider}"' for name, provider in SOURCES.items()]
    lines += [f'[[routes]]\nfrom = "{source}"\nkinds = ["{kinds}"]\nto = "{to}"' for source, kinds, to in ROUTES]
    lines += [
        f'[destinations.{name}]\nkind = "http"\nurl = "{url}/{name}"\nallow_private = ["127.0.0.0/8"]\ntimeout_secs = 1\n'
        f'retry = {{ attempts = {attempts}, first = "1s", factor = 2, cap = "4s" }}'
        for name, attempts in DESTINATIONS.items()
    ]
    return "\n".join(lines) + "\n"


def staged(bin_dir, run_dir):
    """A folder with the three functions by their names, the processor being the one that counts."""
    folder = run_dir / "functions"
    folder.mkdir(parents=True, exist_ok=True)
    for name, binary in (("receiver", "receiver"), ("reconciler", "reconciler"), ("processor", "examples/counting")):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to((bin_dir / binary).resolve())
    return folder


class World:
    """A deployed stack, until `end`."""

    def __init__(self, bin_dir, run_dir, endpoint_url):
        self.bin_dir = bin_dir
        self.run_dir = run_dir
        self.emulator = Emulator(run_dir, faults=True)
        try:
            self.dynamodb = self.emulator.client("dynamodb")
            self.sqs = self.emulator.client("sqs")
            self.dynamodb.create_table(
                TableName=COUNTS,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            )
            config = configuration(endpoint_url).encode()
            functions = staged(bin_dir, run_dir)
            self.outputs = deploy(self.emulator, ROOT / "template.yaml", "holdfast-storm", functions, config, PARAMETERS)
            secrets = SECRETS | {f"destinations.{name}": SIGNING_SECRET for name in DESTINATIONS}
            secretsmanager = self.emulator.client("secretsmanager")
            secretsmanager.put_secret_value(SecretId=self.outputs["SecretId"], SecretString=json.dumps(secrets))
        except BaseException:
            self.emulator.end()
            raise
        said = description(self.emulator, self.outputs)
        self.webhook_url = said["webhook_url"]
        self.environment = said["environment"]
        self.functions = {self.outputs[output]: name for output, name in FUNCTIONS.items()}
        self.table = self.outputs["TableName"]
        self.queue_url = self.outputs["QueueUrl"]
        self.dead_letter_url = self.outputs["DeadLetterQueueUrl"]

    def sweep_url(self):
        return f"{self.emulator.endpoint}/2015-03-31/functions/{self.outputs['ReconcilerFunctionName']}/invocations"

    def items(self, table):
        """Every item of a table, its values plain."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [{name: _plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]

    def tickets(self, url):
        """How many messages a queue holds, hidden ones included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(int(count) for count in self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())

    def holdfast(self, *arguments):
        """Runs the `holdfast` command on this stack, without faults between; its exit code and output."""
        command = [str(self.bin_dir / "holdfast"), *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout + done.stderr

    def end(self):
        self.emulator.end()
        shutil.rmtree(self.run_dir / "tmp", ignore_errors=True)


def _plain(value):
    (kind, content), = value.items()
    return int(content) if kind == "N" else content
