"""Answers one event with a packaged function, under AWS's own runtime interface emulator.

    invoke.py --packages target/package/x86_64 --function receiver --event events/receiver-github.json

The function runs as it would on Lambda: the release `bootstrap`, its `holdfast.toml` beside it, the environment that the
template gives it, and the emulator that comes with the SAM command in the place of Lambda. Only the configuration is
that of the sample events. Tables, queue, bucket and secret are those of the template, on a local AWS that lives as
long as the call. The functions that the template deploys beside it do not run: a placeholder is in their place.

Prints the answer; what the function logged goes to standard error with --logs.
"""

import argparse
import json
import os
import pathlib
import platform
import sys
import tempfile
import time
import urllib.error
import urllib.request

from deploy import FUNCTIONS, DeployError, deploy, local_architecture
from emulator import Emulator
from process import Kept, StartError, free_port

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLACEHOLDER = b"#!/bin/sh\nexit 1\n"
STACK_NAME = "holdfast-invoke"


def arguments():
    parser = argparse.ArgumentParser(description="Answer one event with a packaged function.")
    parser.add_argument("--packages", type=pathlib.Path, required=True, help="folder with receiver/, processor/ and reconciler/")
    parser.add_argument("--packager", type=pathlib.Path, default=ROOT / ".venv/package", help="Python environment with the SAM command")
    parser.add_argument("--function", choices=FUNCTIONS.values(), required=True)
    parser.add_argument("--event", type=pathlib.Path, required=True, help="JSON file with the event as Lambda gets it")
    parser.add_argument("--config", type=pathlib.Path, default=ROOT / "events/holdfast.toml")
    parser.add_argument("--secrets", type=pathlib.Path, default=ROOT / "events/secrets.json")
    parser.add_argument("--logs", action="store_true", help="print what the function logged to standard error")
    return parser.parse_args()


def runtime_interface_emulator(packager):
    """AWS's emulator, which comes inside the SAM command."""
    found = list(packager.glob(f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{local_architecture()}"))
    if not found:
        raise StartError(f"no runtime interface emulator in {packager}; `make {packager}/ready` installs it")
    return found[0].resolve()


def function_environment(emulator, outputs, function, config):
    """The variables the template gives to `function`, and those Lambda adds."""
    name = outputs[f"{function.capitalize()}FunctionName"]
    deployed = emulator.client("lambda").get_function_configuration(FunctionName=name)
    return deployed["Environment"]["Variables"] | emulator.environment() | {
        "HOLDFAST_CONFIG": str(config.resolve()),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(deployed["Timeout"]),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(deployed["MemorySize"]),
        "PATH": os.environ["PATH"],
    }


def answer(url, event, deadline):
    """Posts `event`; the interface emulator listens a moment after it started."""
    while True:
        try:
            request = urllib.request.Request(url, data=event, method="POST")
            return urllib.request.urlopen(request, timeout=60).read()
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def placeholders(folder):
    """A folder of binaries that only let the template be deployed."""
    for name in FUNCTIONS.values():
        (folder / name).write_bytes(PLACEHOLDER)
    return folder


def invoke(options, run_dir):
    emulator = runtime = None
    log_path = run_dir / "function.log"
    try:
        emulator = Emulator(run_dir)
        stand_ins = run_dir / "placeholders"
        stand_ins.mkdir()
        parameters = {"Architecture": local_architecture(), "Schedules": "DISABLED"}
        outputs = deploy(emulator, ROOT / "template.yaml", STACK_NAME, placeholders(stand_ins), b"", parameters)
        emulator.client("secretsmanager").put_secret_value(SecretId=outputs["SecretId"], SecretString=options.secrets.read_text())
        # Nobody but the function under the interface emulator is to touch the tickets.
        client = emulator.client("lambda")
        for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
            client.delete_event_source_mapping(UUID=mapping["UUID"])

        # The working directory, as on Lambda.
        package = (options.packages / options.function).resolve()
        port = free_port()
        command = [str(runtime_interface_emulator(options.packager))]
        command += ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        command += ["--runtime-api-address", f"127.0.0.1:{free_port()}"]
        command += [str(package / "bootstrap")]
        env = function_environment(emulator, outputs, options.function, options.config)
        runtime = Kept("the runtime interface emulator", command, env, log_path, folder=package)
        url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        return answer(url, options.event.read_bytes(), time.monotonic() + 10)
    finally:
        if runtime:
            runtime.end()
        if emulator:
            emulator.end()
        if options.logs and log_path.exists():
            sys.stderr.write(log_path.read_text(errors="replace"))


def main():
    options = arguments()
    if platform.system() != "Linux":
        print("invoke: the runtime interface emulator runs on Linux only", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="holdfast-invoke-") as run_dir:
        try:
            body = invoke(options, pathlib.Path(run_dir))
        except (DeployError, StartError) as problem:
            print(f"invoke: {problem}", file=sys.stderr)
            return 1
    try:
        print(json.dumps(json.loads(body), indent=2))
    except ValueError:
        sys.stdout.buffer.write(body + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
