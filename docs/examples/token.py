#!/usr/bin/env python3
"""Makes a token, asks with it what it may do, gives it a new secret, and revokes it.

    LATCHKEY_URL=https://panel.example HOSTING_API_TOKEN=lk_... python3 token.py

HOSTING_API_TOKEN may manage tokens and do what the new one is to do: the scopes tokens:manage and backups:create.
It needs Python 3.8 or newer and no packages.
"""

import json
import os
import secrets
import sys
import urllib.error
import urllib.request


class Refused(Exception):
    """The API answered with a problem document."""


class Api:
    def __init__(self, url, token):
        self.url, self.token = url.rstrip("/"), token

    def call(self, method, path, body=None, **headers):
        """What was answered, and its ETag. Headers are given as Idempotency_Key="..."."""
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                return (json.loads(text) if text else None), answer.headers.get("ETag")
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                problem = json.loads(text)
                raise Refused(f"{problem['detail']} ({problem['type']})") from None
            except (ValueError, KeyError):
                raise Refused(f"{method} {path} was answered with {error.code}") from None
        except urllib.error.URLError as error:
            raise Refused(f"{self.url} cannot be reached: {error.reason}") from None


def main():
    url, token = os.environ.get("LATCHKEY_URL"), os.environ.get("HOSTING_API_TOKEN")
    if not url or not token:
        sys.exit("Set LATCHKEY_URL and HOSTING_API_TOKEN: see the first lines of this file.")
    api = Api(url, token)

    # The same key with the same body never makes a second token, so that a lost answer can be asked for again.
    key = secrets.token_hex(16)
    new = {
        "name": f"Example {key}",
        "scopes": ["backups:create"],
        "sites": "all",
        "addresses": "any",
        "expires": {"days": 1},
    }
    made, revision = api.call("POST", "/api/v1/tokens", new, Idempotency_Key=key)
    path = f"/api/v1/tokens/{made['token']['id']}"
    print(f"Made token {made['token']['id']}.")
    try:
        own, _ = Api(url, made["secret"]).call("GET", "/api/v1/token")
        print("It may", ", ".join(one["can"] for one in own["scopes"]["effective"]) + ".")

        rotated, _ = api.call("POST", f"{path}/rotate", {"overlap": "none"}, If_Match=revision)
        Api(url, rotated["secret"]).call("GET", "/api/v1/token")
        print("It has a new secret, and works with that.")
    finally:
        # What was made is not left behind, whatever goes wrong.
        api.call("DELETE", path)
        print("It is revoked.")


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(str(refused))
