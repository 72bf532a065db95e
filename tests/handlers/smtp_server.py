#!/usr/bin/python3
"""A mail server for tests, on aiosmtpd. Prints its port, then one JSON object for each mail.

smtp_server.py [--certificate FILE --key FILE] [--mode starttls|tls|none] [--login USER:PASSWORD]
               [--silent-at-quit]

A recipient's name says what becomes of the mail: busy@ is refused for now, nobody@ for ever,
spam@ and full@ the same after the mail was read, late@ and slow@ get no answer, and to rude@
the connection is cut.
"""
import argparse
import asyncio
import email
import email.policy
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

RCPT = {"busy": "451 4.3.2 Come back later", "nobody": "550 5.1.1 No such user here"}
DATA = {"spam": "554 5.7.1 We do not want that", "full": "452 4.2.2 Mailbox full"}


def part(message, kind):
    found = message.get_body((kind,))
    return found.get_content().replace("\r\n", "\n") if found else None


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name in RCPT:
            return RCPT[name]
        if name == "late":
            await asyncio.sleep(600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):
        if silent_at_quit:
            await asyncio.sleep(600)
        return "221 Bye"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            name = address.split("@")[0]
            if name in DATA:
                return DATA[name]
            if name == "slow":
                await asyncio.sleep(600)
            if name == "rude":
                server.transport.abort()
                return "250 nobody reads that"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({
            "peer": session.peer[1],
            "tls": session.ssl is not None,
            "login": session.authenticated,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": {name: str(value) for name, value in message.items()},
            "defects": [str(d) for p in message.walk() for d in p.defects],
            "longest": max(len(line) for line in envelope.content.split(b"\r\n")),
            "ascii": envelope.content.isascii(),
            "text": part(message, "plain"),
            "html": part(message, "html"),
        }), flush=True)
        return "250 2.0.0 Kept as number 7"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--mode", default="none")
    parser.add_argument("--login")
    parser.add_argument("--silent-at-quit", action="store_true")
    options = parser.parse_args()
    global silent_at_quit
    silent_at_quit = options.silent_at_quit

    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)

    def authenticate(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        right = given == options.login
        return AuthResult(success=right, handled=right)

    def protocol():
        return SMTP(Handler(), hostname="mail.example.org",
                    tls_context=context if options.mode == "starttls" else None,
                    require_starttls=options.mode == "starttls",
                    authenticator=authenticate if options.login else None,
                    auth_required=bool(options.login), auth_require_tls=False, loop=loop)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(loop.create_server(
        protocol, "127.0.0.1", 0, ssl=context if options.mode == "tls" else None))
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.run_forever()


main()
