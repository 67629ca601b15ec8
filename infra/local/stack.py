"""The local stack: the real template with the real binaries on a local AWS, until Ctrl-C.

    stack.py [--bin-dir DIR] [--config FILE --secrets FILE] [--ready-file FILE] [--faults] [--no-schedules]

Starts ministack, deploys template.yaml with the `receiver`, `processor` and `reconciler` of --bin-dir, writes the signing
secrets, prints how to reach it all and waits. Without --config it runs a sample whose destination is an endpoint of its
own, which prints each delivery. Ends with Ctrl-C, SIGTERM or its parent, and leaves nothing running.

Everything it needs on disk is in --run-dir. It listens on 127.0.0.1 only.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading

from deploy import DeployError, FUNCTIONS, deploy, load_template, local_architecture
from destination import Destination
from emulator import REGION, Emulator
from process import StartError

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STACK_NAME = "holdfast-local"
# How often to look whether our parent is still there.
PARENT_POLL_SECS = 0.5
# Output of the template -> variable that the functions and the `holdfast` command read.
VARIABLES = {
    "TableName": "HOLDFAST_TABLE",
    "BodiesTableName": "HOLDFAST_BODIES_TABLE",
    "BodiesBucketName": "HOLDFAST_BODIES_BUCKET",
    "QueueUrl": "HOLDFAST_QUEUE_URL",
    "SecretId": "HOLDFAST_SECRET_ID",
}


def arguments():
    parser = argparse.ArgumentParser(description="Run the real template on a local AWS.")
    parser.add_argument("--bin-dir", type=pathlib.Path, default=ROOT / "target/debug", help="where receiver, processor and reconciler are")
    parser.add_argument("--config", type=pathlib.Path, help="holdfast.toml to package (default: a sample with a destination of its own)")
    parser.add_argument("--secrets", type=pathlib.Path, help="JSON file, name -> value or list of values (default: the sample's)")
    parser.add_argument("--template", type=pathlib.Path, default=ROOT / "template.yaml")
    parser.add_argument("--port", type=int, help="port of the local AWS (default: a free one)")
    parser.add_argument("--faults", action="store_true", help="put microburst between the functions and AWS")
    parser.add_argument("--no-schedules", action="store_true", help="deploy with the reconciler's schedules off")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", help="template parameter; may be repeated")
    parser.add_argument("--ready-file", type=pathlib.Path, help="write what is printed as JSON to this file once all is ready")
    parser.add_argument("--sam-env", type=pathlib.Path, help="write a file for `sam local invoke --env-vars`")
    parser.add_argument("--run-dir", type=pathlib.Path, help="keep logs and temporary files here (default: a folder that is removed)")
    parser.add_argument("--quiet", action="store_true", help="print nothing but problems")
    options = parser.parse_args()
    missing = [name for name in FUNCTIONS.values() if not (options.bin_dir / name).is_file()]
    if missing:
        parser.error(f"{options.bin_dir} has no {', '.join(missing)}; build them first, or say --bin-dir")
    if options.config and not options.secrets:
        parser.error("--config needs --secrets")
    return options


def template_parameters(options):
    """The template's parameters: this machine's architecture, the options, and what --parameter says."""
    parameters = {"Architecture": local_architecture()}
    if options.no_schedules:
        parameters["Schedules"] = "DISABLED"
    for assignment in options.parameter:
        name, _, value = assignment.partition("=")
        parameters[name] = value
    unknown = sorted(set(parameters) - set(load_template(options.template)["Parameters"]))
    if unknown:
        raise DeployError(f"the template has no parameter {', '.join(unknown)}")
    return parameters


def description(emulator, outputs):
    """What a test or a command needs to know about the running stack."""
    webhook_url = f"{emulator.endpoint}/_aws/execute-api/{outputs['ApiId']}/$default/hooks"
    variables = {variable: outputs[output] for output, variable in VARIABLES.items()}
    return {
        "endpoint": emulator.endpoint,
        "faults": emulator.faults,
        "region": REGION,
        "webhook_url": webhook_url,
        "outputs": outputs,
        "environment": emulator.environment() | variables,
        "pid": os.getpid(),
    }


def welcome(ready, secrets_path, destination):
    """What a reader sees once the stack is up."""
    exports = "\n".join(f"  export {name}='{value}'" for name, value in ready["environment"].items())
    lines = [
        "The stack is up.",
        "",
        f"Webhooks:    POST {ready['webhook_url']}/<source>",
        f"Local AWS:   {ready['endpoint']}",
    ]
    if ready["faults"]:
        lines.append(f"Faults:      POST {ready['faults']}/_microburst/rules")
    if destination:
        secret = json.loads(secrets_path.read_text())["stripe"]
        lines += [
            f"Destination: {destination.url} (deliveries are printed below)",
            "",
            "Send a signed sample:",
            f"  cargo run -p holdfast-cli -- send stripe --url '{ready['webhook_url']}/stripe' --secret '{secret}'",
        ]
    lines += ["", "For the holdfast command, in another terminal:", exports, "", "Ctrl-C ends everything.", ""]
    return "\n".join(lines)


def write_ready_file(path, ready):
    """Appears complete or not at all, since a test waits for it."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(ready, indent=2))
    partial.replace(path)


def end_with_parent(ended):
    """Sets `ended` once the process that started us is gone."""
    parent = os.getppid()

    def watch():
        while not ended.wait(PARENT_POLL_SECS):
            if os.getppid() != parent:
                ended.set()

    threading.Thread(target=watch, daemon=True).start()


def run(options, run_dir, ended):
    def show(text):
        if not options.quiet:
            print(text, flush=True)

    secrets_path = options.secrets or HERE / "sample-secrets.json"
    secrets = secrets_path.read_text()
    destination = emulator = None
    try:
        if options.config:
            config = options.config.read_bytes()
        else:
            destination = Destination(json.loads(secrets)["destinations.printer"], show)
            config = (HERE / "sample.toml").read_text().replace("@DESTINATION_URL@", destination.url).encode()
        parameters = template_parameters(options)

        show("Starting the local AWS ...")
        emulator = Emulator(run_dir, options.port, options.faults)
        show("Deploying template.yaml ...")
        outputs = deploy(emulator, options.template, STACK_NAME, options.bin_dir, config, parameters)
        emulator.client("secretsmanager").put_secret_value(SecretId=outputs["SecretId"], SecretString=secrets)

        ready = description(emulator, outputs)
        show(welcome(ready, secrets_path, destination))
        if options.ready_file:
            write_ready_file(options.ready_file, ready)
        if options.sam_env:
            variables = {name: ready["environment"][name] for name in VARIABLES.values()}
            options.sam_env.parent.mkdir(parents=True, exist_ok=True)
            options.sam_env.write_text(json.dumps({"Parameters": variables}, indent=2))
        while not ended.wait(PARENT_POLL_SECS):
            if not emulator.running():
                raise StartError(f"the local AWS ended by itself; its output is in {run_dir}")
    finally:
        if emulator:
            emulator.end()
            shutil.rmtree(run_dir / "tmp", ignore_errors=True)
        if destination:
            destination.end()
        if options.ready_file:
            options.ready_file.unlink(missing_ok=True)


def main():
    options = arguments()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    end_with_parent(ended)

    run_dir = options.run_dir or pathlib.Path(tempfile.mkdtemp(prefix="holdfast-stack-"))
    run_dir.mkdir(parents=True, exist_ok=True)
    keep = options.run_dir is not None
    try:
        run(options, run_dir, ended)
    except (DeployError, StartError) as problem:
        keep = keep or any(run_dir.iterdir())
        print(f"stack: {problem}", file=sys.stderr)
        return 1
    finally:
        if not keep:
            shutil.rmtree(run_dir, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
