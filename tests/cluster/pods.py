#!/usr/bin/env python3
"""The tables of pods are pods: a real API server takes each of them, before and after the injection that it stands for. It
takes the Secrets of `attache render kubernetes --file`, too.

    pods.py PATH_OF_ATTACHE

Uses the cluster of KUBECONFIG, or starts an API server of its own. Nothing is kept (pods by
`--dry-run=server`) but the namespace for the time of the test. Needs: pip install pyyaml.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import yaml

sys.path[:0] = [str(Path(__file__).parent / "lib"), str(Path(__file__).parents[1] / "peers" / "lib")]
from authority import case, finish  # noqa: E402
from cluster import cluster  # noqa: E402
from table import PODS, complete, expected  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
EXAMPLE = Path(__file__).parents[2] / "examples" / "federation.yaml"
NAMESPACE = f"attache-{int(time.time())}"


def rendered(attache, *arguments):
    command = [attache, "render", "kubernetes", *(str(one) for one in arguments)]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def admitted(server, pods):
    """Creates the pods in one call, each under a name of its own, as far as admission and validation go."""
    named = [pod | {"apiVersion": "v1", "kind": "Pod", "metadata": pod["metadata"] | {"name": f"row-{number}", "namespace": NAMESPACE}}
             for number, pod in enumerate(pods)]
    # An older server does not know a native sidecar's `restartPolicy`, and passes it over.
    _, out, problem = server.run("create", "--dry-run=server", "--validate=false", "-o", "name", "-f", "-",
                                 text=json.dumps({"apiVersion": "v1", "kind": "List", "items": named}))
    made = set(out.split())
    for number in range(len(pods)):
        said = [line for line in problem.splitlines() if f'"row-{number}"' in line]
        yield number, f"pod/row-{number}" in made, said


def main():
    with cluster() as server:
        server.kubectl("create", "namespace", NAMESPACE)
        try:
            for account in ("mediator", "another"):
                server.kubectl("create", "serviceaccount", account, "-n", NAMESPACE)
            rows = yaml.safe_load((PODS / "injected.yaml").read_text())
            before = [complete(row.get("pod", {})) for row in rows]
            after = [expected(row.get("pod", {}), row) for row in rows]
            for what, pods in (("before", before), ("after", after)):
                for number, good, problem in admitted(server, pods):
                    case(f"{what} injection: {rows[number]['name']}", good, problem)
            secrets = rendered(ATTACHE, "--file", EXAMPLE).replace("causely", NAMESPACE)
            case("the Secrets of a federation", "Secret" in secrets)
            for attempt in ("once", "twice"):
                code, out, problem = server.run("apply", "--server-side", "-f", "-", text=secrets)
                case(f"the API server takes its Secrets {attempt}", code == 0 and "serverside-applied" in out, problem)
            gated = yaml.safe_load((PODS / "gated.yaml").read_text())
            for number, good, problem in admitted(server, [complete(row.get("pod", {})) for row in gated]):
                case(f"gate: {gated[number]['name']}", good, problem)
        finally:
            server.run("delete", "namespace", NAMESPACE, "--wait=false")
    finish()


main()
