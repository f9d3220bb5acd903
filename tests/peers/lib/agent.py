"""An `attache agent` process on loopback, and requests of pods to it."""

import atexit
import http.client
import json
import os
import signal
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

AUDIENCE = "pods.eks.amazonaws.com"
# What the agent was given and what it gave away, with where: none of it may be in a log.
SECRETS = {}
LOGS = []


class Agent:
    """The agent as a process of its own, on free ports, which logs everything."""

    def __init__(self, attache, *arguments, environment=None, logs="trace"):
        self.scratch = tempfile.TemporaryDirectory(prefix="attache-agent-")
        self.log = Path(self.scratch.name) / "log"
        LOGS.append(self)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [attache, "agent", "--bind-hosts", "127.0.0.1", "--port", "0", "--probe-port", "0", "--metrics-address", "127.0.0.1",
                 "--metrics-port", "0", "--output", "json", *(str(one) for one in arguments)], stdout=subprocess.PIPE, stderr=log, text=True,
                env=kept | {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                            "AWS_EC2_METADATA_DISABLED": "true", "ATTACHE_LOG": logs} | (environment or {}))
        atexit.register(self.stop)
        text = ""
        while not text.rstrip().endswith("}"):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"the agent did not start: {self.log.read_text()}")
            text += line
        told = json.loads(text)
        self.url, self.probes, self.metrics_url, self.source = told["credentials"][0], told["probes"], told["metrics"], told["source"]

    def stop(self):
        """Ends the process with SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def ask(self, token, client="127.0.0.1", headers=None, method="GET", path="/v1/credentials"):
        """Status and text of the answer to a pod that has that address."""
        at = urlsplit(self.url)
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=60, source_address=(client, 0))
        given = {"Authorization": token} if token is not None else {}
        try:
            connection.request(method, path, headers=given | (headers or {}))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if token and len(token) > 100:
            SECRETS[token] = "a token"
        if answer.status == 200 and path == "/v1/credentials":
            given = json.loads(text)
            SECRETS[given["SecretAccessKey"]], SECRETS[given["Token"]] = "a secret access key", "a session token"
        return answer.status, text

    def credentials(self, token, **more):
        status, text = self.ask(token, **more)
        if status != 200:
            raise RuntimeError(f"{status}: {text}\n{self.log.read_text()[-3000:]}")
        return json.loads(text)

    def metrics(self):
        with urllib.request.urlopen(f"{self.metrics_url}metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))

    def pod(self, token_file, **more):
        """The environment of a pod, as EKS injects it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.url, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token_file),
                       "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/dev/null",
                       "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""} | more


def leaks():
    """Where a secret is in a log of an agent."""
    found = []
    for agent in LOGS:
        log = agent.log.read_text(errors="replace")
        for secret, what in SECRETS.items():
            # Also a part of it: a token's signature alone, the first half of a session token.
            parts = [secret, *(part for part in secret.split(".") if len(part) > 60)]
            if any(part in log for part in parts) or (len(secret) > 200 and secret[:100] in log):
                found.append((what, agent.source))
    return found
