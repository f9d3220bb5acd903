"""A webhook as a process, with the chart's own service account, whose API server can be cut off."""

import contextlib
import json
import os
import re
import secrets
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit


class Proxy:
    """Passes TCP connections on to the API server, until it is cut."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.target, self.host, self.open = (parts.hostname, parts.port or 443), parts.hostname, True
        self.listener, self.pairs = socket.create_server(("127.0.0.1", 0)), []
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                if not self.open:
                    raise OSError("cut")
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            self.pairs.append((client, server))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def cut(self):
        self.open = False
        for pair in self.pairs:
            for one in pair:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self.pairs = []

    def mend(self):
        self.open = True


class Webhook:
    """`attache webhook` with these arguments. All that it logs is kept, by default at every level: nothing secret may be in it."""

    def __init__(self, attache, arguments, kubeconfig, folder, port=0, log="trace"):
        self.log, self.kubeconfig = Path(folder) / f"webhook-{secrets.token_hex(4)}.log", kubeconfig
        command = ["setpriv", "--pdeathsig", "KILL", attache, "webhook", "--kubeconfig", str(kubeconfig), *arguments, f"--listen=127.0.0.1:{port}"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KUBE", "POD_"))}
        environment["ATTACHE_LOG"] = log
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        self.port = self.wait_for_port()
        self.url = f"https://127.0.0.1:{self.port}"

    def wait_for_port(self):
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"serving on https://127\.0\.0\.1:(\d+)/mutate", self.log.read_text(errors="replace"))
            if found:
                return int(found[1])
            time.sleep(0.1)
        raise RuntimeError(self.log.read_text(errors="replace")[-3000:])

    def ask(self, path, body=None, method=None, kind="application/json", cafile=None):
        """The status and the text of an answer; (0, problem) where there is none."""
        context = ssl.create_default_context(cafile=cafile) if cafile else ssl._create_unverified_context()
        request = urllib.request.Request(self.url + path, data=body, method=method, headers={"Content-Type": kind} if body is not None else {})
        try:
            with urllib.request.urlopen(request, timeout=10, context=context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def ready(self, seconds=40):
        return until(lambda: self.ask("/readyz")[0] == 200, seconds)

    def metric(self, name):
        found = re.search(rf"^{re.escape(name)} (\d+)$", self.ask("/metrics")[1], re.M)
        return int(found[1]) if found else None

    def certificate(self):
        with contextlib.suppress(OSError):
            return ssl.get_server_certificate(("127.0.0.1", self.port), timeout=5)

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None


def until(good, seconds):
    """Whether it got true within this time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if good():
            return True
        time.sleep(0.25)
    return False


def kubeconfig(path, server, url, token):
    """A file for a token, by the certificate of the cluster's own file."""
    view = json.loads(server.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    cluster = view["clusters"][0]["cluster"]
    name = cluster.get("tls-server-name") or urlsplit(cluster["server"]).hostname
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster | {"server": url, "tls-server-name": name}}],
        "users": [{"name": "pod", "user": {"token": token}}], "contexts": [{"name": "test", "context": {"cluster": "test", "user": "pod"}}]}))
    path.chmod(0o600)
    return path
