#!/usr/bin/env python3
"""Operations that nobody serves here, by boto3: of each service whose calls have a method and a path some are called
with made-up parameters, and the refusal must name the operation that boto3 called.

    authority_unserved.py PATH_OF_ATTACHE [EVERY]      # every tenth operation, unless told otherwise
"""

import datetime
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
import botocore.session  # noqa: E402
from authority import TARGET, Authority, case, finish  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

ATTACHE, EVERY = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
# These are served, and their operations stand elsewhere.
SERVED = {"account", "eks", "eks-auth", "lambda", "s3"}
# Called by other than HTTP's method of their model, at a host of their own, or by forms alone; with a token instead of
# a signature; signed for several regions at once.
OTHERWISE = {"cloudsearchdomain", "s3control", "signin", "iam-toolbox", "account-access-runtime", "codecatalyst", "sustainability"}
# Both versions of Lex have these paths; a body with a hash of ours; HEAD, whose answer has no sentence.
APART = {("lex-models", "GetImport"), ("lexv2-models", "ListImports"), ("codeartifact", "PublishPackageVersion"),
         ("mediastore-data", "DescribeObject")}
# API Gateway's actions are its methods.
BY_METHOD = {"apigateway", "apigatewayv2"}


def made_up(shape, depth=0):
    """A value that boto3 takes for a shape: its required members, and of a union one."""
    kind = shape.type_name
    if kind == "structure":
        names = shape.required_members or (list(shape.members)[:1] if shape.is_tagged_union else [])
        return {name: made_up(shape.members[name], depth + 1) for name in names} if depth < 8 else {}
    if kind == "list":
        return [made_up(shape.member, depth + 1)] * max(1, shape.metadata.get("min", 1)) if depth < 8 else []
    if kind == "string":
        return shape.enum[0] if shape.enum else "a" * min(max(1, shape.metadata.get("min", 1)), 1000)
    if kind in ("integer", "long"):
        return max(1, shape.metadata.get("min", 1))
    return {"map": {}, "float": 1.0, "double": 1.0, "boolean": True, "blob": b"a"}.get(kind, datetime.datetime(2026, 1, 1))


def refusal(client, name, arguments):
    try:
        client._make_api_call(name, arguments)
    except ClientError as error:
        return error.response["Error"].get("Message", "")
    except Exception as problem:  # noqa: BLE001 (what boto3 itself does not send)
        return f"not sent: {type(problem).__name__}: {problem}"
    return "not refused"


def main():
    authority = Authority(ATTACHE)
    session = botocore.session.get_session()
    session.set_credentials(*authority.keys(TARGET))
    config = Config(retries={"max_attempts": 0}, inject_host_prefix=False)
    called, not_sent = 0, 0
    for service in session.get_available_services():
        if service in SERVED | OTHERWISE | BY_METHOD:
            continue
        model = session.get_service_model(service)
        if not model.metadata["protocol"].startswith("rest"):
            continue
        client, wrong = session.create_client(service, region_name="us-east-1", endpoint_url=authority.url, config=config), []
        for name in model.operation_names[::EVERY]:
            operation = model.operation_model(name)
            if operation.auth_type == "none" or (service, name) in APART:
                continue
            message = refusal(client, name, made_up(operation.input_shape) if operation.input_shape else {})
            called, not_sent = called + 1, not_sent + message.startswith("not sent")
            if f"does not serve {model.signing_name}:{name}." not in message and not message.startswith("not sent"):
                wrong.append((name, message[:150]))
        if wrong:
            case(service, False, wrong)
    print(f"{called} operations, {not_sent} not sent")
    case("most of them were called", called > 500 and not_sent < called / 20, (called, not_sent))
    finish()


if __name__ == "__main__":
    main()
