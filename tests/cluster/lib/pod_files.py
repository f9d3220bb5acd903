"""A pod's files and arguments, as the kubelet would give them to its first container, below a folder."""

import json


def mounted(server, namespace, pod, folder):
    """Writes what the pod's volumes hold, and returns the folder. `pod` is the pod's spec."""
    for volume in pod["volumes"]:
        mount = next(one for one in pod["containers"][0]["volumeMounts"] if one["name"] == volume["name"])
        at = folder / mount["mountPath"].lstrip("/")
        at.mkdir(parents=True)
        if "configMap" in volume:
            found = json.loads(server.kubectl("get", "configmap", volume["configMap"]["name"], "-n", namespace, "-o", "json"))
            for key, text in found["data"].items():
                (at / key).write_text(text)
        for source in volume.get("projected", {}).get("sources", []):
            if "secret" in source:
                for item in source["secret"]["items"]:
                    text = server.kubectl("get", "secret", source["secret"]["name"], "-n", namespace,
                                          "-o", f"go-template={{{{index .data \"{item['key']}\" | base64decode}}}}")
                    (at / item["path"]).parent.mkdir(exist_ok=True)
                    (at / item["path"]).write_text(text)
            asked = source.get("serviceAccountToken")
            # The token for the API server itself has no audience, and nothing here reads it.
            if asked and "audience" in asked:
                token = server.token(namespace, pod["serviceAccountName"], asked["audience"], "--duration", f"{asked['expirationSeconds']}s")
                (at / asked["path"]).write_text(token)
    return folder


def placed(arguments, folder):
    """The arguments with their paths below the folder."""
    pairs = (argument.partition("=") for argument in arguments)
    return [f"{name}={folder}{value}" if value.startswith("/") else f"{name}{equals}{value}" for name, equals, value in pairs]
