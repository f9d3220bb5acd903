"""The network of Services for an API server of ours, which has neither kube-proxy nor pods: it dials each webhook's Service
by a proxy, which takes the connection to a process here. The API server believes in the Service throughout.

https://kubernetes.io/docs/tasks/extend-kubernetes/setup-konnectivity/ has the configuration's form.
"""

import contextlib
import json
import os
import socket
import threading

from webhook_process import Proxy


class ServiceNetwork:
    """Takes connections to `ADDRESS:PORT` of a Service to the port of this machine that `routes` has for it."""

    def __init__(self, folder):
        self.routes, self.pairs = {}, []
        path = folder / "services.sock"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(64)
        self.configuration = folder / "egress.json"
        self.configuration.write_text(json.dumps({
            "apiVersion": "apiserver.k8s.io/v1beta1", "kind": "EgressSelectorConfiguration", "egressSelections": [{
                "name": "cluster", "connection": {"proxyProtocol": "HTTPConnect", "transport": {"uds": {"udsName": os.fspath(path)}}}}]}))
        threading.Thread(target=self.accept, daemon=True).start()

    def argument(self):
        """What the API server is started with."""
        return f"--egress-selector-config-file={self.configuration}"

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(4096)
            if not data:
                return client.close()
            head += data
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        port = self.routes.get(target)
        if method != "CONNECT" or port is None:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return client.close()
        server = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.pairs.append((client, server))
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=Proxy.copy, args=(source, sink), daemon=True).start()

    def cut(self):
        """Ends the connections that are open: the next call makes one of its own."""
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for one in pair:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
