"""Deploys the real template.yaml to the local AWS, with binaries of this machine.

Does what `sam deploy` does after `sam build`: packs each function, uploads it, puts the address in place of CodeUri,
and runs a change set. The template is otherwise deployed as it stands, but for alarms on queries, which the emulator
does not take.
"""

import io
import json
import platform
import time
import zipfile

import yaml

CODE_BUCKET = "holdfast-local-code"
# Logical id in the template -> name of the binary.
FUNCTIONS = {
    "ReceiverFunction": "receiver",
    "ProcessorFunction": "processor",
    "ReconcilerFunction": "reconciler",
}
# A fixed date keeps the packages of equal binaries equal.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class DeployError(Exception):
    """The stack was not created; the message names the resource and the reason."""


class _TemplateLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short functions (!Ref, !Sub, ...)."""


def _long_form(loader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_TemplateLoader.add_multi_constructor("!", _long_form)


def load_template(path):
    with open(path, encoding="utf-8") as text:
        return yaml.load(text, Loader=_TemplateLoader)


def local_architecture():
    """The template's name for this machine's instruction set."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def package(bootstrap, config):
    """A function's package: the binary as `bootstrap`, and `holdfast.toml` beside it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content, mode in (("bootstrap", bootstrap, 0o755), ("holdfast.toml", config, 0o644)):
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def with_numbers(node, numbers):
    """`node` with references to Number parameters replaced by their values, as CloudFormation hands them on.

    The emulator hands on text. Only variables of functions are text on AWS, too.
    """
    if isinstance(node, dict):
        if set(node) == {"Ref"} and node["Ref"] in numbers:
            return numbers[node["Ref"]]
        return {key: value if key == "Environment" else with_numbers(value, numbers) for key, value in node.items()}
    if isinstance(node, list):
        return [with_numbers(value, numbers) for value in node]
    return node


def without_queries(resources):
    """`resources` without the alarms that watch a query instead of one metric: the emulator has none of those."""
    return {
        name: resource
        for name, resource in resources.items()
        if not (resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"])
    }


def deploy(emulator, template_path, stack_name, bin_dir, config, parameters):
    """Creates the stack and returns its outputs."""
    template = load_template(template_path)
    numbers = {
        name: int(parameters.get(name, declared["Default"]))
        for name, declared in template["Parameters"].items()
        if declared["Type"] == "Number"
    }
    template["Resources"] = with_numbers(without_queries(template["Resources"]), numbers)
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=CODE_BUCKET)
    for logical_id, binary in FUNCTIONS.items():
        key = f"{stack_name}/{binary}.zip"
        s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=package((bin_dir / binary).read_bytes(), config))
        template["Resources"][logical_id]["Properties"]["CodeUri"] = f"s3://{CODE_BUCKET}/{key}"
    template["Globals"]["Function"].pop("CodeUri", None)

    cloudformation = emulator.client("cloudformation")
    cloudformation.create_change_set(
        StackName=stack_name,
        ChangeSetName="create",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    _until(lambda: cloudformation.describe_change_set(StackName=stack_name, ChangeSetName="create"), "Status", "CREATE_COMPLETE")
    cloudformation.execute_change_set(StackName=stack_name, ChangeSetName="create")

    def stack():
        return cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]

    try:
        _until(stack, "StackStatus", "CREATE_COMPLETE")
    except DeployError as failure:
        events = cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"]
        reasons = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]
        raise DeployError("\n  ".join([str(failure), *reasons])) from None
    _enable_ttl(emulator, template, stack_name)
    return {output["OutputKey"]: output["OutputValue"] for output in stack()["Outputs"]}


def _enable_ttl(emulator, template, stack_name):
    """Switches on what the template declares: the emulator creates tables without it."""
    cloudformation, dynamodb = emulator.client("cloudformation"), emulator.client("dynamodb")
    for logical_id, resource in template["Resources"].items():
        ttl = resource.get("Properties", {}).get("TimeToLiveSpecification")
        if resource["Type"] != "AWS::DynamoDB::Table" or not ttl:
            continue
        table = cloudformation.describe_stack_resource(StackName=stack_name, LogicalResourceId=logical_id)
        name = table["StackResourceDetail"]["PhysicalResourceId"]
        if dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED":
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)


def _until(describe, field, wanted, timeout_secs=120):
    deadline = time.monotonic() + timeout_secs
    while True:
        state = describe()
        if state[field] == wanted:
            return
        if any(word in state[field] for word in ("FAILED", "ROLLBACK")) or time.monotonic() > deadline:
            raise DeployError(f"{field} is {state[field]}: {state.get('StatusReason', state.get('StackStatusReason', ''))}")
        time.sleep(0.1)
