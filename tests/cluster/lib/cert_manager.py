"""cert-manager's part: its kinds on an API server, by its own published schemas, and what its controllers do with a chart's
Certificates. See https://cert-manager.io/docs/usage/certificate/ and .../concepts/ca-injector/.

Needs: pip install cloudcoil-models-cert-manager cryptography.
"""

import base64
import datetime
import json

from cloudcoil.models.cert_manager import v1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as Extended

GROUP = "cert-manager.io"
INJECT, OF_CERTIFICATE = f"{GROUP}/inject-ca-from", f"{GROUP}/certificate-name"


def definition(model, plural):
    """A kind's definition, by the model that was made from cert-manager's own."""
    schema = model.model_json_schema()
    shape = structural({"type": "object", "properties": {"spec": schema["properties"]["spec"]}}, schema["$defs"])
    shape["properties"]["status"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": shape}}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{GROUP}"},
            "spec": {"group": GROUP, "scope": "Namespaced", "versions": [version],
                     "names": {"kind": model.__name__, "plural": plural, "singular": model.__name__.lower()}}}


def structural(schema, parts):
    """A JSON Schema as a definition may have it: without references, titles and the type null."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        schema, = [one for one in schema["anyOf"] if one != {"type": "null"}]
        return structural(schema, parts)
    kept = {key: schema[key] for key in ("type", "enum", "required", "pattern") if key in schema}
    if "properties" in schema:
        kept["properties"] = {name: structural(one, parts) for name, one in schema["properties"].items()}
    if "items" in schema:
        kept["items"] = structural(schema["items"], parts)
    if isinstance(schema.get("additionalProperties"), dict):
        kept["additionalProperties"] = structural(schema["additionalProperties"], parts)
    return kept or {"x-kubernetes-preserve-unknown-fields": True}


def define(server):
    for model, plural in ((v1.Certificate, "certificates"), (v1.Issuer, "issuers")):
        server.create(definition(model, plural))
        server.kubectl("wait", "--for=condition=Established", f"crd/{plural}.{GROUP}", "--timeout=30s")


class Controllers:
    """Issues the Certificates of a namespace, and puts authorities where annotations ask for them."""

    def __init__(self, server, namespace):
        self.server, self.namespace = server, namespace

    def objects(self, kind):
        found = json.loads(self.server.kubectl("get", kind, "-n", self.namespace, "-o", "json"))["items"]
        return {one["metadata"]["name"]: one for one in found}

    def secret(self, name):
        """The values of a Secret by their keys, none where it is not there."""
        code, out, _ = self.server.run("get", "secret", name, "-n", self.namespace, "-o", "json")
        return {key: base64.b64decode(value) for key, value in json.loads(out)["data"].items()} if code == 0 else None

    def issue(self, name):
        """Makes or renews the Secret of a Certificate, and before it that of its issuer's authority."""
        spec = self.objects("certificates")[name]["spec"]
        issuer = self.objects("issuers")[spec["issuerRef"]["name"]]["spec"]
        signer = None
        if "ca" in issuer:
            authority = issuer["ca"]["secretName"]
            if self.secret(authority) is None:
                self.issue(next(each for each, one in self.objects("certificates").items() if one["spec"]["secretName"] == authority))
            held = self.secret(authority)
            signer = (x509.load_pem_x509_certificate(held["tls.crt"]), serialization.load_pem_private_key(held["tls.key"], None))
        made, key = signed(spec, signer)
        values = {"tls.crt": pem(made), "ca.crt": pem(signer[0] if signer else made), "tls.key": key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())}
        self.server.kubectl("apply", "--server-side", "--field-manager=cert-manager", "--force-conflicts", "-f", "-", text=json.dumps({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"name": spec["secretName"], "namespace": self.namespace, "annotations": {OF_CERTIFICATE: name}},
            "data": {each: base64.b64encode(value).decode() for each, value in values.items()}}))
        return values

    def inject(self):
        """The authorities, into all webhook configurations that ask for one; how many did."""
        count = 0
        for kind in ("mutatingwebhookconfiguration", "validatingwebhookconfiguration"):
            for one in json.loads(self.server.kubectl("get", kind, "-o", "json"))["items"]:
                source = one["metadata"].get("annotations", {}).get(INJECT)
                if not source:
                    continue
                namespace, name = source.split("/")
                spec = json.loads(self.server.kubectl("get", f"certificates/{name}", "-n", namespace, "-o", "json"))["spec"]
                bundle = base64.b64encode(self.secret(spec["secretName"])["ca.crt"]).decode()
                steps = [{"op": "add", "path": f"/webhooks/{number}/clientConfig/caBundle", "value": bundle} for number in range(len(one["webhooks"]))]
                self.server.kubectl("patch", kind, one["metadata"]["name"], "--type=json", "-p", json.dumps(steps))
                count += 1
        return count


def signed(spec, signer):
    """A certificate for a Certificate's spec, and its key: by itself, where there is no signer. Ninety days, if it does not say."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.timezone.utc)
    names = [x509.NameAttribute(x509.NameOID.COMMON_NAME, spec["commonName"])] if "commonName" in spec else []
    hours = int(spec.get("duration", "2160h").removesuffix("h"))
    builder = (x509.CertificateBuilder().subject_name(x509.Name(names)).issuer_name(signer[0].subject if signer else x509.Name(names))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now).not_valid_after(now + datetime.timedelta(hours=hours))
               .add_extension(x509.BasicConstraints(spec.get("isCA", False), None), critical=True))
    if spec.get("dnsNames"):
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in spec["dnsNames"]]), critical=not names)
    if "server auth" in spec.get("usages", []):
        builder = builder.add_extension(x509.ExtendedKeyUsage([Extended.SERVER_AUTH]), critical=False)
    return builder.sign(signer[1] if signer else key, hashes.SHA256()), key


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)
