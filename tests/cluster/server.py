#!/usr/bin/env python3
"""A Kubernetes API server for as long as a command runs, with KUBECONFIG and a PATH that has kubectl and helm.

    server.py [--issuer URL] COMMAND...

For example `server.py bash`, then `kubectl get namespaces`.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from cluster import ISSUER, cluster  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issuer", default=ISSUER, help="the issuer of service account tokens")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if not given.command:
        parser.error("give a command")
    os.environ.pop("KUBECONFIG", None)
    with cluster(given.issuer) as own:
        return subprocess.run(given.command, env=os.environ | own.environment()).returncode


if __name__ == "__main__":
    raise SystemExit(main())
