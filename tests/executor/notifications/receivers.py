"""Who is told in tests: a web server that takes JSON, and a mail server, both real and on this machine."""

from __future__ import annotations

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HERE = "127.0.0.1"


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent; answers with the next of `answers`, then with 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HERE, 0), _Post)
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.place = f"{HERE}:{self.server_address[1]}"
        self.url = f"http://{self.place}/hook/token-7f3a"


class _Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.headers.append(dict(self.headers))
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"http://{self.server.place}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP to take mail; with `tls` only after STARTTLS, with `login` only from that user."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> None:
        super().__init__((HERE, 0), _Smtp)
        self.tls, self.login = tls, login
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.refused: set[str] = set()
        self.port: int = self.server_address[1]

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]  # type: ignore[misc]


class _Smtp(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        secure, known = False, self.server.login is None
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                offers = "STARTTLS" if self.server.tls and not secure else "AUTH PLAIN"
                self._say(f"250-here\r\n250 {offers}")
            elif verb == "STARTTLS" and self.server.tls:
                self._say("220 go on")
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
                secure = True
            elif verb.startswith("AUTH PLAIN"):
                given = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
                known = tuple(given) == self.server.login and secure
                self._say("235 welcome" if known else "535 no")
            elif verb.startswith("RCPT"):
                address = line.partition("<")[2].partition(">")[0]
                wanted = known and address not in self.server.refused
                if wanted:
                    self.server.recipients.append(address)
                self._say("250 ok" if wanted else "550 no such person")
            elif verb == "DATA":
                self._say("354 go on")
                self.server.raw.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """A server at work in a thread."""
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
