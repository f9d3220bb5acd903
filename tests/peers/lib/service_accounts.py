"""An API server of service accounts alone, for what needs no real one: it lists them in pages, gets one, and has nothing to
watch. And a webhook that is connected to it."""

import http.server
import json
import re
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


def metadata(namespace, name, annotations):
    return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {
        "namespace": namespace, "name": name, "uid": "169f1006-e9fc-42bc-979b-2d90e77ea250", "resourceVersion": "7",
        "creationTimestamp": "2026-11-27T00:00:00Z", "annotations": annotations, "managedFields": [{
            "manager": "helm", "operation": "Apply", "apiVersion": "v1", "time": "2026-11-27T00:00:00Z", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:annotations": {f"f:{key}": {} for key in annotations}, "f:labels": {"f:app": {}}}}}]}}


class ServiceAccounts:
    """`accounts` is a list of (namespace, name, annotations)."""

    def __init__(self, accounts):
        self.accounts, self.gets = accounts, 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kubeconfig(self, path):
        path = Path(path)
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test", "clusters": [{"name": "test", "cluster": {"server": self.url}}],
            "users": [{"name": "test", "user": {}}], "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}]}))
        return path

    def listed(self, query):
        at, limit = int(query.get("continue", ["0"])[0]), int(query.get("limit", ["500"])[0])
        page = self.accounts[at:at + limit]
        rest = {"continue": str(at + limit)} if at + limit < len(self.accounts) else {}
        return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": {"resourceVersion": "7"} | rest,
                "items": [metadata(*one) for one in page]}

    def get(self, namespace, name):
        self.gets += 1
        return next((metadata(*one) for one in self.accounts if one[:2] == (namespace, name)), None)


def handler(accounts):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            one = re.fullmatch(r"/api/v1/namespaces/([^/]+)/serviceaccounts/([^/]+)", parts.path)
            if "watch" in query:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Connection", "close")
                self.end_headers()
                time.sleep(600)
                return
            answer = accounts.get(*one.groups()) if one else accounts.listed(query) if parts.path == "/api/v1/serviceaccounts" else None
            absent = {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound", "message": "not found"}
            body = json.dumps(answer or absent).encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
    return Handler
