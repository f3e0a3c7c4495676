"""Looker-like instances: bi-*.example.test (customer-hosted) and example*.cloud.looker.com."""
import base64
import hashlib
import secrets
import string
import urllib.parse

from mock import Reply, now, serves

KEYS = {"Tq7wPnZr5XkV2mDc9LhB": "gW4sJ8fRt6yHp3NqXzKv5bMd", "bR6yKc3VnW8sGf5TjM2p": "Zt9xQd4LmHs7RwPk2vFg6NcJ"}
APP = {"id": "pier-dashboards", "redirect": "https://app-pier.example.test/oauth/callback"}
VAGUE = {"message": "Requires authentication.", "documentation_url": "https://cloud.google.com/looker/docs/"}
NOT_FOUND = {"message": "Not found", "documentation_url": "https://cloud.google.com/looker/docs/"}
PAGE = """<!DOCTYPE html>
<html>
<head>
<title>Looker Not Found (404)</title>
</head>
<body>
<div class="message">
<h1>Looker is unavailable.</h1>
<h2>If you typed in a URL, double-check the spelling.</h2>
<h2>This may also be due to a temporary condition such as an outage or upgrade.</h2>
</div>
</body>
</html>
"""
TOKENS = {}   # (host, token) -> (end of life, client id)
CODES = {}    # (host, code) -> (challenge, redirect_uri, client id)
REFRESH = {}  # (host, refresh token) -> client id


def word(length):
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def issue(host, who):
    token = word(40)
    TOKENS[host, token] = (now() + 3600, who)
    return token


def not_found(host):
    """Path-routing hosts show a page, the others JSON."""
    if host == "bi-mill.example.test" or host.endswith("looker.com"):
        return Reply(404, PAGE)
    return Reply(404, NOT_FOUND)


def login(request):
    form = request.form
    who = form.get("client_id", "")
    if request.method != "POST" or who not in KEYS or KEYS[who] != form.get("client_secret"):
        return not_found(request.host)
    body = {"access_token": issue(request.host, who), "token_type": "Bearer", "expires_in": 3600, "refresh_token": None}
    return Reply(200, body, [("X-Content-Type-Options", "nosniff")])


def authorize(request):
    query = request.query
    if query.get("client_id") != APP["id"] or query.get("redirect_uri") != APP["redirect"]:
        return Reply(400, "<html><title>Looker</title><p>Invalid client_id or redirect_uri</p></html>")
    if query.get("scope") != "cors_api":
        return Reply(400, "<html><title>Looker</title><p>Missing or invalid parameter: scope</p></html>")
    code = word(32)
    CODES[request.host, code] = (query.get("code_challenge"), query["redirect_uri"], query["client_id"])
    # The `&` before code is how these instances write it.
    back = f"{query['redirect_uri']}?&code={code}&state={urllib.parse.quote(query.get('state', ''))}"
    return Reply(302, headers=[("Location", back)])


def exchange(request):
    body, host = request.json, request.host
    if "application/json" not in request.headers.get("content-type", ""):
        return Reply(400, {"error": "invalid_request", "error_description": "Unsupported content type"})
    if body.get("grant_type") == "refresh_token":
        who = REFRESH.get((host, body.get("refresh_token")))
        if who is None or who != body.get("client_id"):
            return Reply(400, {"error": "invalid_grant"})
        return Reply(200, {"access_token": issue(host, who), "token_type": "Bearer", "expires_in": 3600})
    grant = CODES.pop((host, body.get("code")), None)
    digest = hashlib.sha256((body.get("code_verifier") or "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if grant != (challenge, body.get("redirect_uri"), body.get("client_id")):
        return Reply(400, {"error": "invalid_grant", "error_description": "The grant is not valid"})
    refresh = word(40)
    REFRESH[host, refresh] = grant[2]
    return Reply(200, {"access_token": issue(host, grant[2]), "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh})


def api(request, path):
    token = request.bearer("token", "Bearer", exact=True)
    end, who = TOKENS.get((request.host, token), (0, None))
    alive = end > now()
    if path == "/logout":
        if request.method != "DELETE" or not alive:
            return Reply(404, NOT_FOUND)
        del TOKENS[request.host, token]
        return Reply(204)
    if not alive:
        return Reply(401, VAGUE, [("X-Content-Type-Options", "nosniff")])
    if path == "/user":
        return Reply(200, {"id": 17, "display_name": "Report Runner", "credentials_api3": [{"client_id": who}], "is_disabled": False})
    if path.startswith(("/users", "/connections")):
        return Reply(403, {"message": "You do not have permission to see this.", "documentation_url": VAGUE["documentation_url"]})
    return Reply(200, {"id": path.rsplit("/", 1)[-1], "title": "Berths by week", "can": {"show": True}})


@serves("bi-*.example.test", "example*.cloud.looker.com")
def allowlisted(request):
    """Adds CORS for the one page on the embedded domain allowlist; never for the login."""
    page = "https://app-pier.example.test"
    known = request.headers.get("origin") == page and not request.path.endswith("/login")
    preflight = request.method == "OPTIONS" and request.headers.get("access-control-request-method")
    reply = Reply(204 if known else 404) if preflight else looker(request)
    if known:
        reply.headers += [("Access-Control-Allow-Origin", page), ("Vary", "Origin")]
    if known and preflight:
        reply.headers += [("Access-Control-Allow-Headers", "authorization, content-type, x-looker-appid"), ("Access-Control-Allow-Methods", "GET, POST, DELETE")]
    return reply


def looker(request):
    # Only this one has its web server on 443 and its API on 19999; the others route by path.
    split = request.host == "bi-quarry.example.test"
    path = request.path
    if split and request.port != 19999 and path.startswith("/api/"):
        return Reply(401, {"error": "Unauthorized"}) if path != "/api/token" else Reply(404, PAGE)
    if path == "/auth":
        return authorize(request) if not (split and request.port == 19999) else Reply(404, NOT_FOUND)
    if path == "/api/token":
        return exchange(request)
    if path == "/api/4.0/login":
        return login(request)
    if path.startswith("/api/4.0/"):
        return api(request, path[len("/api/4.0"):])
    return Reply(403, "<html><head><title>403 Forbidden</title></head><body>Forbidden</body></html>") if path in ("/login", "/user") else not_found(request.host)
