#!/usr/bin/env python3
"""Every expression of the admission policies, checked by the types of another CEL library than the one that carries
them out in policies.py: Google's own. Needs no cluster.

    policy_types.py PATH_OF_ATTACHE

Needs: pip install cel-expr-python pyyaml.
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml
from cel_expr_python import cel
from cel_expr_python.ext import ext_strings

sys.path.insert(0, str(Path(__file__).parents[1] / "peers" / "lib"))
from authority import case, finish  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)


def portable(expression):
    """Without what Kubernetes adds to the language: objects become maps, and a variable's name is one word."""
    expression = re.sub(r"\b(JSONPatch|Object(\.\w+)*)\{", "{", expression)
    expression = re.sub(r"([{,]\s*)([A-Za-z]+):\s", r"\1'\2': ", expression)
    return re.sub(r"\bvariables\.(\w+)", r"variables_\1", expression)


def checked(name, expression, types, wanted=None):
    """Compiles an expression, and returns its type."""
    try:
        environment = cel.NewEnv(variables=types, extensions=[ext_strings.ExtStrings()])
        found = environment.compile(portable(expression)).return_type()
    except Exception as error:  # noqa: BLE001
        case(name, False, str(error)[:600])
        return cel.Type.DYN
    case(name, wanted is None or str(found) in (str(wanted), str(cel.Type.DYN)), found)
    return found


def check(policy):
    """In the order in which they see each other: a variable has the type of its expression."""
    name, spec, types = policy["metadata"]["name"], policy["spec"], {"object": cel.Type.DYN, "params": cel.Type.DYN}
    for one in spec.get("matchConditions", []):
        checked(f"{name}: condition {one['name']}", one["expression"], types, cel.Type.BOOL)
    for one in spec.get("variables", []):
        types[f"variables_{one['name']}"] = checked(f"{name}: variable {one['name']}", one["expression"], types)
    for number, one in enumerate(spec.get("validations", []), 1):
        checked(f"{name}: validation {number}", one["expression"], types, cel.Type.BOOL)
        if "messageExpression" in one:
            checked(f"{name}: message {number}", one["messageExpression"], types, cel.Type.STRING)
    for one in spec.get("mutations", []):
        kind = one["patchType"][0].lower() + one["patchType"][1:]
        kind = "jsonPatch" if one["patchType"] == "JSONPatch" else kind
        checked(f"{name}: {kind}", one[kind]["expression"], types)


def main():
    text = subprocess.run([ATTACHE, "render", "kubernetes", "--injector", "policy", "--gate", "deny", "--region", "eu-west-1"],
                          check=True, text=True, capture_output=True).stdout
    for document in yaml.safe_load_all(text):
        if not document["kind"].endswith("Binding"):
            check(document)
    types = {"object": cel.Type.DYN}
    try:
        cel.NewEnv(variables=types).compile("object.a + ")
        case("what is no expression is found", False)
    except Exception:  # noqa: BLE001
        case("what is no expression is found", True)
    finish()


main()
