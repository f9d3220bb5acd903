#!/usr/bin/env python3
"""Starts an authority and a cluster's issuer for authority_js.mjs, which uses the AWS SDK for JavaScript v3.

    NODE_PATH=FOLDER/node_modules authority_js.py PATH_OF_ATTACHE

Needs: npm install @aws-sdk/client-sts @aws-sdk/client-iam @aws-sdk/client-organizations
@aws-sdk/credential-providers, in FOLDER.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import Authority, Issuer

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-js-")
ISSUER = Issuer(ATTACHE, SCRATCH.name, "https://issuer.example/a")
AUTHORITY = Authority(ATTACHE, arguments=["--issuer", f"{ISSUER.url}={ISSUER.jwks}"])
TOKEN = Path(SCRATCH.name) / "token"
TOKEN.write_text(ISSUER.token())
environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
done = subprocess.run(["node", Path(__file__).with_suffix(".mjs"), AUTHORITY.url, AUTHORITY.credentials, TOKEN],
                      env=environment, timeout=120)
raise SystemExit(done.returncode)
