"""The mock server of the recording lab: one process, many hosts, Python standard library only.

What a host does stands in hosts/*.py; the Host header picks it. The clock is moved through a file
(LAB_CLOCK_FILE, seconds) or a fixed LAB_CLOCK_OFFSET, so that an hour passes at once.

    python3 mock.py CERT KEY ADDRESS:PORT[/tls] ...
"""
import email.utils
import fnmatch
import importlib
import json
import os
import pathlib
import ssl
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOSTS = []  # (pattern, function), in the order of their definition


def now():
    """Seconds since 1970 on the lab's moved clock."""
    path = os.environ.get("LAB_CLOCK_FILE")
    if path:
        return time.time() + float(pathlib.Path(path).read_text() or 0)
    return time.time() + float(os.environ.get("LAB_CLOCK_OFFSET", 0))


def serves(*patterns):
    """Registers a function (Request) -> Reply for host names like these."""
    def mark(function):
        HOSTS.extend((pattern, function) for pattern in patterns)
        return function
    return mark


class Request:
    def __init__(self, handler, body, tls):
        self.method, self.target, self.headers, self.body = handler.command, handler.path, handler.headers, body
        self.port = handler.server.server_address[1]
        url = urllib.parse.urlsplit(handler.path)
        self.path, self.query = url.path, dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        # An edge in front says by X-Forwarded-Proto what the client used.
        self.scheme = self.headers.get("x-forwarded-proto") or ("https" if tls else "http")
        self.host = (url.hostname or self.headers.get("host", "").split(":")[0]).lower()

    @property
    def authorization(self):
        return self.headers.get("authorization") or ""

    @property
    def form(self):
        if "urlencoded" not in self.headers.get("content-type", ""):
            return {}
        return dict(urllib.parse.parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def json(self):
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def cookies(self):
        parts = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in parts if name}

    def bearer(self, *schemes, exact=False):
        """The token, or None if the value is not `scheme SP token` with one of these schemes."""
        scheme, _, token = self.authorization.partition(" ")
        wanted = schemes or ("bearer",)
        known = scheme in wanted if exact else scheme.lower() in [s.lower() for s in wanted]
        return token.strip() if known and token.strip() else None


class Reply:
    """An answer; a dict or list as body is sent as JSON."""
    def __init__(self, status, body=b"", headers=(), kind=None):
        self.status, self.headers = status, list(headers)
        if isinstance(body, (dict, list)):
            kind, body = kind or "application/json", json.dumps(body, separators=(",", ":"))
        self.body = body.encode() if isinstance(body, str) else body
        if self.body:
            self.headers.append(("Content-Type", kind or "text/html; charset=utf-8"))


def answer(request):
    for pattern, function in HOSTS:
        if fnmatch.fnmatch(request.host, pattern):
            return function(request)
    return Reply(404, {"error": "no such host"})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.tls = isinstance(self.connection, ssl.SSLSocket)

    def read_body(self):
        if "chunked" in self.headers.get("transfer-encoding", ""):
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def handle_any(self):
        reply = answer(Request(self, self.read_body(), self.tls))
        self.send_response_only(reply.status)
        self.send_header("Date", email.utils.formatdate(now(), usegmt=True))
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = do_CONNECT = handle_any

    def log_message(self, *_):
        pass


def listen(address, context):
    place, _, tls = address.partition("/")
    ip, _, port = place.rpartition(":")
    server = ThreadingHTTPServer((ip, int(port)), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    # The hosts import this file under its own name: one module, one HOSTS.
    sys.modules["mock"] = sys.modules["__main__"]
    here = pathlib.Path(__file__).parent
    sys.path.insert(0, str(here))
    for file in sorted((here / "hosts").glob("*.py")):
        importlib.import_module("hosts." + file.stem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    for address in sys.argv[3:]:
        listen(address, context)
    threading.Event().wait()


if __name__ == "__main__":
    main()
