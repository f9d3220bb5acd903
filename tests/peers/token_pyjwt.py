#!/usr/bin/env python3
"""Tokens, keys and key sets with PyJWT, cryptography and openssl, independent implementations.

    token_pyjwt.py PATH_OF_ATTACHE

Needs: pip install pyjwt cryptography; openssl. Prints one line for each case; exits with 1 if one failed.
`attache token verify` verifies PyJWT's tokens, PyJWT verifies Attaché's, and invalid tokens must be refused
for the right reason.
"""

import base64
import datetime
import hashlib
import hmac
import json
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

ISSUER = "https://issuer.example/cluster"
SUBJECT = "system:serviceaccount:causely:causely-mediator"
STS = "sts.amazonaws.com"
ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-token-")
WORK = Path(SCRATCH.name)
FAILED = []


def case(name, good, detail=""):
    print(f"{'ok  ' if good else 'FAIL'} {name}" + (f": {detail}" if not good else ""), flush=True)
    if not good:
        FAILED.append(name)


def attache(*args, stdin=None):
    done = subprocess.run([ATTACHE, "token", *map(str, args)], input=stdin, text=True,
                          capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def b64(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def jwk(algorithm, key, **members):
    shown = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    shown.pop("key_ops", None)
    return {**shown, **members}


def claims(**members):
    now = int(time.time())
    base = {"iss": ISSUER, "sub": SUBJECT, "aud": [STS], "iat": now, "nbf": now, "exp": now + 3600}
    return {name: value for name, value in {**base, **members}.items() if value is not None}


def key_set(name, *keys):
    path = WORK / f"{name}.json"
    path.write_text(json.dumps({"keys": keys}))
    return path


def judge(token, jwks, *more):
    """The reason of the refusal, or `None` if the token is accepted."""
    code, out, err = attache("verify", "-", "--jwks", jwks, "--issuer", ISSUER, "--output", "json",
                             *more, stdin=token)
    if code not in (0, 1):
        return f"exit {code}: {err.strip()}"
    answer = json.loads(out)
    assert answer["verified"] == (code == 0), answer
    return answer["refused"] and answer["refused"]["reason"]


KEYS = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "RS384": rsa.generate_private_key(65537, 3072),
    "RS512": rsa.generate_private_key(65537, 4096),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
}
JWKS = key_set("all", *(jwk(a, k, kid=a, use="sig") for a, k in KEYS.items()))


def sign(algorithm="RS256", header=None, key=None, **members):
    header = {"kid": algorithm, **(header or {})}
    return jwt.encode(claims(**members), key or KEYS[algorithm], algorithm, headers=header)


def theirs_judged_by_us():
    for algorithm in KEYS:
        case(f"PyJWT's {algorithm} token is accepted", judge(sign(algorithm), JWKS) is None)
    now = int(time.time())
    for name, members, reason in [
        ("expired", {"exp": now - 301}, "expired"),
        ("expired within the leeway", {"exp": now - 200}, None),
        ("not yet valid", {"nbf": now + 400}, "not-yet-valid"),
        ("issued in the future", {"iat": now + 400}, "not-yet-valid"),
        ("from the future within the leeway", {"nbf": now + 200, "iat": now + 200}, None),
        ("for another audience", {"aud": "other"}, "audience"),
        ("for several audiences", {"aud": [STS, "other"]}, "several-audiences"),
        ("for several, with azp", {"aud": [STS, "other"], "azp": STS}, None),
        ("for us, but azp is another", {"azp": "other"}, "audience"),
        ("from another issuer", {"iss": ISSUER + "/"}, "issuer"),
        ("without sub", {"sub": None}, "missing-claim"),
        ("without exp", {"exp": None}, "missing-claim"),
        ("without iat", {"iat": None}, "missing-claim"),
        ("with a fractional exp", {"exp": now + 3600.5}, "bad-timestamp"),
        ("over 20000 characters", {"filler": "x" * 20000}, "too-long"),
    ]:
        got = judge(sign(**members), JWKS)
        case(f"a token {name} is {'refused' if reason else 'accepted'}", got == reason, got)
    text_times = f'{{"iss":"{ISSUER}","sub":"s","aud":"{STS}","iat":"{now}","exp":"{now + 60}"}}'
    token = raw({"alg": "RS256", "kid": "RS256"}, text_times.encode())
    case("whole seconds as a string are accepted", judge(token, JWKS) is None)


def raw(header, payload, key=None):
    """A token that PyJWT does not create: signed with RS256 by hand."""
    message = f"{b64(header)}.{b64(payload)}"
    signature = jwt.get_algorithm_by_name("RS256").sign(message.encode(), key or KEYS["RS256"])
    return f"{message}.{b64(signature)}"


def attacks_on_us():
    good = sign()
    header, payload, signature = good.split(".")
    public = KEYS["RS256"].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    message = f"{b64({'alg': 'HS256', 'kid': 'RS256'})}.{payload}"
    confused = f"{message}.{b64(hmac.digest(public, message.encode(), hashlib.sha256))}"
    mallory = rsa.generate_private_key(65537, 2048)
    brought = {"jwk": jwk("RS256", mallory), "jku": "https://mallory.example/jwks.json"}
    admin = b64(claims(sub="system:serviceaccount:kube-system:admin"))
    for name, token, reason in [
        ("alg none", f"{b64({'alg': 'none', 'kid': 'RS256'})}.{payload}.", "algorithm"),
        ("alg None", f"{b64({'alg': 'None', 'kid': 'RS256'})}.{payload}.", "algorithm"),
        ("HMAC with the public key", confused, "algorithm"),
        ("PS256", good.replace(header, b64({"alg": "PS256", "kid": "RS256"})), "algorithm"),
        ("another payload", f"{header}.{admin}.{signature}", "signature"),
        ("no signature", f"{header}.{payload}.", "signature"),
        ("a signature cut off", good[:-8], "signature"),
        ("a key of its own", sign(header=brought, key=mallory), "signature"),
        ("an unknown kid", sign(header={"kid": "x"}), "unknown-key"),
        ("no kid, and many keys", raw({"alg": "RS256"}, claims()), "unknown-key"),
        ("a kid of another type", sign(header={"kid": "ES256"}), "wrong-key"),
        ("a critical header", raw({"alg": "RS256", "kid": "RS256", "crit": ["b64"], "b64": True}, claims()),
         "critical"),
        ("two parts", f"{header}.{payload}", "not-a-jwt"),
        ("four parts", good + ".x", "not-a-jwt"),
        ("padding", f"{header}.{payload}.{signature}=", "not-a-jwt"),
        ("no JSON", f"{header}.{b64(b'hello')}.{signature}", "not-a-jwt"),
        ("three characters", "a.b", "too-short"),
    ]:
        got = judge(token, JWKS)
        case(f"refused: {name}", got == reason, got)
    one = key_set("one", jwk("RS256", KEYS["RS256"], kid="other-name"))
    token = raw({"alg": "RS256"}, claims())
    case("a token without kid is accepted with one key", judge(token, one) is None)
    twice = b'{"sub":"first",' + json.dumps(claims(sub="last")).encode()[1:]
    code, out, _ = attache("verify", raw({"alg": "RS256", "kid": "RS256"}, twice), "--jwks", JWKS,
                           "--output", "json")
    case("of duplicate members the last one counts", code == 0 and json.loads(out)["subject"] == "last")


def certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer.example")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now,
                                    now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    return base64.b64encode(built.public_bytes(serialization.Encoding.DER)).decode()


def key_sets():
    for algorithm, key in KEYS.items():
        token = sign(algorithm)
        own = jwk(algorithm, key, kid=algorithm, x5c=[certificate(key)])
        case(f"{algorithm}: a key with its certificate", judge(token, key_set("k", own)) is None)
        other = rsa.generate_private_key(65537, 2048) if "RS" in algorithm else \
            ec.generate_private_key(key.curve)
        for name, members in [
            ("another key's certificate", {"x5c": [certificate(other)]}),
            ("use enc", {"use": "enc"}),
            ("no kid", {"kid": None}),
        ]:
            got = judge(token, key_set("k", jwk(algorithm, key, **{"kid": algorithm, **members})))
            case(f"{algorithm}: a key with {name} is not used", got == "unknown-key", got)
        got = judge(token, key_set("k", jwk(algorithm, key, kid=algorithm, key_ops=["verify"])))
        case(f"{algorithm}: a key with key_ops is not used", got == "key-operations", got)
    many = [jwk("RS256", KEYS["RS256"], kid=f"{n}") for n in range(101)]
    jwks = key_set("many", *many, jwk("ES256", KEYS["ES256"], kid="ES256"))
    got = judge(sign(header={"kid": "0"}), jwks)
    case("101 RSA keys: an RSA token is refused", got == "too-many-keys", got)
    case("101 RSA keys: an EC token is accepted", judge(sign("ES256"), jwks) is None)


def ours_judged_by_them():
    for algorithm in ["RS256", "ES256"]:
        path = WORK / f"ours-{algorithm}.key"
        code, out, err = attache("keygen", "--out", path, "--algorithm", algorithm.lower(),
                                 "--output", "json")
        case(f"{algorithm}: keygen", code == 0, err)
        made = json.loads(out)
        case(f"{algorithm}: the file has mode 0600", stat.S_IMODE(path.stat().st_mode) == 0o600)
        before = path.read_bytes()
        code, _, err = attache("keygen", "--out", path)
        kept = code == 2 and path.read_bytes() == before and "--force" in err
        case(f"{algorithm}: keygen does not overwrite the file", kept, err)
        private = serialization.load_pem_private_key(before, None)
        checked = subprocess.run(["openssl", "pkey", "-in", path, "-noout", "-check"],
                                 capture_output=True, text=True)
        case(f"{algorithm}: openssl accepts the key", "is valid" in checked.stdout + checked.stderr,
             checked.stderr)

        _, text, _ = attache("jwks", "--key", path)
        keys = jwt.PyJWKSet.from_dict(json.loads(text))
        case(f"{algorithm}: PyJWT finds the key by its ID", keys[made["key_id"]] is not None)
        public = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        key_id = b64(hashlib.sha256(public).digest())
        case(f"{algorithm}: the key ID is the one of Kubernetes", key_id == made["key_id"])
        same = keys[made["key_id"]].key.public_numbers() == private.public_key().public_numbers()
        case(f"{algorithm}: the published key belongs to the private key", same)

        code, token, err = attache("mint", "--issuer", ISSUER, "--key", path, "--subject", SUBJECT,
                                   "--audience", STS, "--ttl", "15m", "--claim", "groups=[\"ops\"]")
        token = token.strip()
        case(f"{algorithm}: mint prints only the token", code == 0 and token.count(".") == 2, err)
        header = jwt.get_unverified_header(token)
        case(f"{algorithm}: the header", header == {"alg": algorithm, "kid": made["key_id"]}, header)
        said = jwt.decode(token, keys[header["kid"]].key, [algorithm], audience=STS, issuer=ISSUER,
                          options={"require": ["iss", "sub", "aud", "exp", "iat", "nbf", "jti"]})
        good = (said["sub"], said["aud"], said["exp"] - said["iat"], said["groups"]) == \
            (SUBJECT, [STS], 900, ["ops"])
        case(f"{algorithm}: PyJWT accepts Attaché's token", good, said)
        bound = said["kubernetes.io"]
        case(f"{algorithm}: it has the claims of a service account",
             (bound["namespace"], bound["serviceaccount"]["name"]) == ("causely", "causely-mediator"))
        jwks = WORK / f"ours-{algorithm}.json"
        jwks.write_text(text)
        case(f"{algorithm}: attache accepts it too", judge(token, jwks) is None)
        signed_by_openssl(algorithm, path, token)
        _, shown, _ = attache("show", "-", stdin=token)
        hidden = token.rsplit(".", 1)[1] not in shown and "good for" in shown and SUBJECT in shown
        case(f"{algorithm}: show hides the signature", hidden)


def signed_by_openssl(algorithm, path, token):
    """openssl verifies Attaché's signature; for ECDSA it needs r and s as ASN.1."""
    message, signature = token.rsplit(".", 1)
    raw_signature = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    if algorithm == "ES256":
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
        half = len(raw_signature) // 2
        raw_signature = encode_dss_signature(int.from_bytes(raw_signature[:half], "big"),
                                             int.from_bytes(raw_signature[half:], "big"))
    (WORK / "message").write_text(message)
    (WORK / "signature").write_bytes(raw_signature)
    public = WORK / "public.pem"
    subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", public], check=True)
    done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", public, "-signature",
                           WORK / "signature", WORK / "message"], capture_output=True, text=True)
    case(f"{algorithm}: openssl verifies the signature", "Verified OK" in done.stdout, done.stderr)


def keys_of_openssl():
    def openssl(*args):
        subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)

    at = lambda name: WORK / f"{name}.pem"
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072", "-out", at("PKCS #8"))
    openssl("genrsa", "-traditional", "-out", at("PKCS #1, as kubeadm's sa.key"), "2048")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", at("SEC 1, with parameters"))
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", at("SEC 1"))
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", at("PKCS #8, EC"))
    for name in ["PKCS #8", "PKCS #1, as kubeadm's sa.key", "SEC 1, with parameters", "SEC 1", "PKCS #8, EC"]:
        code, token, err = attache("mint", "--issuer", ISSUER, "--key", at(name), "--subject", "s")
        public = serialization.load_pem_private_key(at(name).read_bytes(), None).public_key()
        algorithm = "RS256" if isinstance(public, rsa.RSAPublicKey) else "ES256"
        good = code == 0 and jwt.decode(token.strip(), public, [algorithm], audience=STS)["sub"] == "s"
        case(f"openssl's {name} issues tokens", good, err)
    openssl("genrsa", "-out", at("1024 bits"), "1024")
    openssl("ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", at("P-384"))
    openssl("genpkey", "-algorithm", "ED25519", "-out", at("Ed25519"))
    openssl("genrsa", "-aes128", "-passout", "pass:x", "-out", at("encrypted"), "2048")
    openssl("pkey", "-in", at("SEC 1"), "-pubout", "-out", at("public"))
    for name in ["1024 bits", "P-384", "Ed25519", "encrypted", "public"]:
        code, out, err = attache("mint", "--issuer", ISSUER, "--key", at(name), "--subject", "s")
        case(f"openssl's key, {name}, is refused", code == 2 and not out and err.strip(), (code, err))


def bad_usage():
    key = WORK / "ours-RS256.key"
    for name, args in [
        ("no such key file", ["mint", "--issuer", ISSUER, "--key", WORK / "none", "--subject", "s"]),
        ("an issuer without https", ["mint", "--issuer", "http://i.example", "--key", key, "--subject", "s"]),
        ("a lifetime that is none", ["mint", "--issuer", ISSUER, "--key", key, "--subject", "s", "--ttl", "soon"]),
        ("a claim that is not JSON", ["mint", "--issuer", ISSUER, "--key", key, "--subject", "s", "--claim", "a=b"]),
        ("a token too long to be read", ["mint", "--issuer", ISSUER, "--key", key, "--subject", "s" * 20000]),
        ("a key set that is none", ["verify", "-", "--jwks", key]),
        ("no such token file", ["show", WORK / "none"]),
        ("a token that is none", ["show", "a.b.c"]),
    ]:
        code, out, err = attache(*args, stdin="a.b.c")
        case(f"exit code 2 and one error: {name}", code == 2 and not out and err.strip(), (code, out, err))


for section in [theirs_judged_by_us, attacks_on_us, key_sets, ours_judged_by_them, keys_of_openssl, bad_usage]:
    section()
print(f"{len(FAILED)} failed" if FAILED else "all cases passed")
sys.exit(1 if FAILED else 0)
