#!/usr/bin/python3
"""A mail server for the tests: `server.py [CERTIFICATE KEY starttls|tls]`.

It prints its port, and then one JSON object a line for each mail that comes in whole. With a certificate it demands
encryption, after STARTTLS or from the first byte, and a sign-in as panel with the password hush. Who is written to
decides what happens:

    refused@   550, for good
    later@     451 the first time
    slow@      taken after two seconds
    stuck@     the first time never answered, until the client is gone
"""

import asyncio
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

SLOW_SECONDS = 2


class Handler:
    def __init__(self):
        self.seen = set()

    def is_first(self, name, address):
        """Whether somebody of that name is written to for the first time."""
        first = address.split("@")[0] == name and address not in self.seen
        if first:
            self.seen.add(address)
        return first

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 nobody of that name"
        if self.is_first("later", address):
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        stuck = self.is_first("stuck", envelope.rcpt_tos[0])
        if envelope.rcpt_tos[0].startswith("slow@"):
            await asyncio.sleep(SLOW_SECONDS)
        mail = {
            "to": envelope.rcpt_tos,
            "answered": not stuck,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.authenticated else None,
            "text": envelope.content.decode(),
        }
        print(json.dumps(mail), flush=True)
        if stuck:
            await asyncio.Event().wait()
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"panel", b"hush")
    return AuthResult(success=right, handled=False, auth_data=data)


async def main():
    options, wrapped = {}, None
    if len(sys.argv) == 4:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        options = {"authenticator": authenticate, "auth_required": True}
        if sys.argv[3] == "tls":
            wrapped = context
            options["auth_require_tls"] = False
        else:
            options |= {"tls_context": context, "require_starttls": True}
    handler = Handler()
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(handler, hostname="localhost", **options)
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# What goes wrong here is meant to.
logging.disable()
warnings.simplefilter("ignore")
asyncio.run(main())
