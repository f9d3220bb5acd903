"""A web server with TLS that serves a folder as an issuer's URL, and can be made to misbehave."""

import contextlib
import datetime
import hashlib
import http.server
import ssl
import threading
import time
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(name, signer=None, shift=0):
    """A certificate and its key: an authority's, or one that an authority signed for a host. `shift` is in days: it is valid from one
    before to two after."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:60])])
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=shift)
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(signer[0].subject if signer else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=2))
               .add_extension(x509.BasicConstraints(signer is None, None), critical=True))
    if signer:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(signer[1] if signer else key, hashes.SHA256()), key


class Site:
    """Serves `folder` under the issuer's path. The chain ends in an authority whose file is `authority`."""

    def __init__(self, scratch, folder, issuer):
        self.folder, self.path, self.changes = folder, urlsplit(issuer).path.rstrip("/"), {}
        top = certificate("an authority")
        leaf = certificate(self.host_of(issuer), top)
        self.authority, chain = scratch / "authority.pem", scratch / "chain.pem"
        pem = [one[0].public_bytes(serialization.Encoding.PEM) for one in (leaf, top)]
        self.authority.write_bytes(pem[1])
        chain.write_bytes(b"".join(pem) + leaf[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        self.thumbprint = hashlib.sha1(top[0].public_bytes(serialization.Encoding.DER)).hexdigest()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]

    @staticmethod
    def host_of(issuer):
        return urlsplit(issuer).hostname

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @contextlib.contextmanager
    def change(self, path, status=200, body=None, wait=0):
        """Answers a path in another way for a while."""
        self.changes[path] = (status, body, wait)
        try:
            yield
        finally:
            del self.changes[path]


def handler(site):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.removeprefix(site.path)
            status, body, wait = site.changes.get(path, (200, None, 0))
            time.sleep(wait)
            if body is None:
                file = site.folder / path.lstrip("/")
                status, body = (status, file.read_bytes()) if file.is_file() else (404, b"")
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "https://elsewhere.example/")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Says nothing."""
    return Handler
