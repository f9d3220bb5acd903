#!/usr/bin/env python3
"""Every test of this folder with one API server, or with the cluster of KUBECONFIG.

    run.py PATH_OF_ATTACHE

Builds the server once (see build.py). Needs: pip install boto3 cryptography cel-python cel-expr-python kubernetes-validate
cloudcoil-models-cert-manager pyyaml; and for the image Debian's skopeo, umoci and crun.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "lib"))
from cluster import cluster  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
# Longer than the longest, several times.
LIMIT = 300


def run(script, environment):
    print(f"--- {script.name}", flush=True)
    begun = time.monotonic()
    code = subprocess.run([sys.executable, str(script), ATTACHE], env=environment, timeout=LIMIT).returncode
    print(f"--- {script.name}: {time.monotonic() - begun:.1f} s", flush=True)
    return code


def main():
    begun = time.monotonic()
    with cluster() as server:
        print(f"Kubernetes {'.'.join(str(part) for part in server.version())}: {time.monotonic() - begun:.1f} s", flush=True)
        names = ("policies.py", "policy_types.py", "pods.py", "tokens.py", "issuer.py", "agent.py", "chart.py", "webhook.py", "cert_manager.py", "live.py", "image.py")
        scripts = [HERE / name for name in names]
        failed = [script.name for script in scripts if run(script, os.environ | server.environment())]
    print(f"failed: {', '.join(failed)}" if failed else "every script passed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
