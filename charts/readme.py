#!/usr/bin/env python3
"""Writes charts/attache/README.md from the values' schema and defaults; with --check, fails where it differs."""

import json
import sys
from pathlib import Path

import yaml

CHART = Path(__file__).parent / "attache"
BEGIN = """# The chart of Attaché

Installs the mediator, which lists the resources of AWS accounts without a stored key. Made for Helm 4.

```console
helm upgrade --install causely charts/attache -n causely --create-namespace -f causely-values.yaml
```

A release `causely` in the namespace `causely` has the service account `causely-mediator`: the roles' trust
policies name `system:serviceaccount:causely:causely-mediator`. Each account's Secret is yours: the chart reads
it and never makes it.

```console
attache render -f federation.yaml --out rendered
kubectl apply --server-side -f rendered/aws-secret.yaml
helm upgrade --install causely charts/attache -n causely -f rendered/causely-values.yaml
```

The token is mounted by the chart itself (`mediator.token.project`), in any cluster whose issuer AWS can reach: no
webhook is needed. The pod runs as an ordinary user with a read-only root file system and no capabilities, and has no
access to the Kubernetes API. Every value is checked against `values.schema.json`; a misspelt one is refused.

`webhook.enabled` installs the pod identity webhook for the rest of the cluster, best as a release of its own in a
namespace of its own, which it leaves alone: see [docs/webhook.md](../../docs/webhook.md).

```console
helm upgrade --install attache charts/attache -n attache --create-namespace --set webhook.enabled=true
```

With EKS Pod Identity or the agent below, and `mediator.token.project=false`, each account's role is assumed with the pod's
own credentials instead: see [docs/mediator.md](../../docs/mediator.md#with-the-pods-own-credentials).

`agent.enabled` installs the agent on each node, which gives other pods their roles' credentials as the EKS Pod Identity
Agent does (docs/agent.md). It has the one capability `NET_BIND_SERVICE` and no access to the Kubernetes API (with
`agent.annotations`: it lists and watches service accounts; with `agent.startupTaint`: it gets and patches nodes), and
needs the network of its node.

## Values

| value | default | meaning |
| --- | --- | --- |
"""


def rows(schema, defaults, path=()):
    for name, of in schema.get("properties", {}).items():
        here, default = (*path, name), (defaults or {}).get(name)
        if of.get("properties") and of["type"] == "object":
            yield ".".join(here), None, of["description"]
            yield from rows(of, default, here)
            continue
        yield ".".join(here), default, of["description"]
        items = of.get("items", {})
        for key, item in items.get("properties", {}).items():
            if "description" in item:
                yield f"{'.'.join(here)}[].{key}", None, item["description"]


def text():
    schema = json.loads((CHART / "values.schema.json").read_text())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    lines = []
    for name, default, meaning in rows(schema, defaults):
        shown = "" if default is None else f"`{json.dumps(default)}`"
        lines.append(f"| `{name}` | {shown} | {meaning} |")
    return BEGIN + "\n".join(lines) + "\n"


def main():
    readme = CHART / "README.md"
    if "--check" in sys.argv[1:]:
        if readme.read_text() != text():
            sys.exit(f"{readme} is not what the schema says: run {sys.argv[0]}")
        return
    readme.write_text(text())


if __name__ == "__main__":
    main()
