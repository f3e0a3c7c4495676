"""Sites around sessions, Basic, Digest, registries, CORS, webhooks and keys."""
import base64
import hashlib
import hmac
import re
import secrets

from mock import Reply, now, serves

SESSIONS, NONCES, PULLS = {}, {}, set()


@serves("files-harbor.example.test")
def basic(request):
    """WebDAV-like store behind Basic."""
    if request.authorization == "Basic " + base64.b64encode(b"skipper:Tide&Moon7").decode():
        return Reply(201 if request.method == "PUT" else 200, "stored\n" if request.method == "PUT" else "tide table\n", kind="text/plain")
    return Reply(401, "<html><head><title>401 Unauthorized</title></head><body><h1>Unauthorized</h1></body></html>", [("WWW-Authenticate", 'Basic realm="Harbour files", charset="UTF-8"'), ("Server", "Apache")])


@serves("cam-harbor.example.test")
def digest(request):
    """A camera behind Digest (MD5, qop auth); a nonce lives for 60 s."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', request.authorization))
    md5 = lambda text: hashlib.md5(text.encode()).hexdigest()
    made = NONCES.get(given.get("nonce"))
    stale = made is not None and now() - made > 60
    if made is not None and not stale and given.get("uri") == request.target:
        key = ":".join([md5("keeper:Camera Room:lamp0il"), given["nonce"], given["nc"], given["cnonce"], "auth", md5(f"{request.method}:{request.target}")])
        if given.get("response") == md5(key):
            return Reply(200, {"camera": "north mole", "recording": True})
    nonce = secrets.token_hex(16)
    NONCES[nonce] = now()
    challenge = f'Digest realm="Camera Room", qop="auth", algorithm=MD5, nonce="{nonce}", opaque="6c616d70"' + (", stale=true" if stale else "")
    return Reply(401, "Unauthorized\n", [("WWW-Authenticate", challenge)], "text/plain")


@serves("registry-pier.example.test", "auth-pier.example.test")
def registry(request):
    if request.host.startswith("auth"):
        token = secrets.token_urlsafe(30)
        PULLS.add(token)
        return Reply(200, {"token": token, "expires_in": 300})
    if request.bearer() in PULLS:
        return Reply(200, {"schemaVersion": 2, "layers": []}, [("Docker-Distribution-Api-Version", "registry/2.0")])
    return Reply(401, {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}, [
        ("Docker-Distribution-Api-Version", "registry/2.0"),
        ("WWW-Authenticate", 'Bearer realm="https://auth-pier.example.test/token",service="registry-pier",scope="repository:tools/crane:pull"')])


@serves("hooks-harbor.example.test")
def webhook(request):
    """Takes calls of others; /signed checks `Stripe-Signature: t=..,v1=..` with 300 s of patience."""
    if request.path != "/signed":
        return Reply(202, {"accepted": True})
    given = dict(part.split("=", 1) for part in request.headers.get("stripe-signature", "t=0,v1=").split(","))
    want = hmac.new(b"whsec_lab", given["t"].encode() + b"." + request.body, hashlib.sha256).hexdigest()
    if given["v1"] != want or now() - int(given["t"]) > 300:
        return Reply(400, {"error": "Timestamp outside the tolerance zone"})
    return Reply(200, {"received": True})


@serves("cors-pier.example.test")
def cors(request):
    """An API for one page only; /strict forgets to allow the header, /closed wants a token on the preflight."""
    origin = [("Access-Control-Allow-Origin", "https://app-pier.example.test"), ("Vary", "Origin")]
    if request.method == "OPTIONS":
        if request.path.startswith("/closed"):
            return Reply(401, {"error": "unauthorized"}, [("WWW-Authenticate", "Bearer")])
        allowed = "content-type" if request.path.startswith("/strict") else "authorization, content-type"
        return Reply(204, headers=[*origin, ("Access-Control-Allow-Headers", allowed), ("Access-Control-Allow-Methods", "GET, POST")])
    if request.bearer() != "pier-9Kq3Zx7Lw2":
        return Reply(401, {"error": "unauthorized"}, [*origin, ("WWW-Authenticate", 'Bearer realm="pier"')])
    return Reply(200, {"ok": True, "berths": 12}, origin)


LOGIN = """<!doctype html><html><head><title>Log in</title><link rel=icon href='data:,'></head><body><form method="post"><input name="username"><input type="password" name="password"><button>Log in</button></form></body></html>"""
CSRF = """<!doctype html><html><head><title>403 Forbidden</title></head><body><h1>Forbidden <span>(403)</span></h1><p>CSRF verification failed. Request aborted.</p></body></html>"""


def session_of(request):
    user, seen = SESSIONS.get(request.cookies.get("sessionid"), (None, 0))
    if user is None or now() - seen > 1800:
        return None
    SESSIONS[request.cookies["sessionid"]] = (user, now())
    return user


@serves("desk-harbor.example.test")
def desk(request):
    """A cookie session with CSRF protection, as Django does it; 30 idle minutes end a session."""
    csrf, sent = request.cookies.get("csrftoken"), request.headers.get("x-csrftoken") or request.form.get("csrfmiddlewaretoken")
    if request.method == "POST" and (not csrf or csrf != sent):
        return Reply(403, CSRF)
    if request.path == "/accounts/login/":
        if request.method == "GET":
            return Reply(200, LOGIN, [("Set-Cookie", f"csrftoken={secrets.token_hex(16)}; Path=/; SameSite=Lax; Secure")])
        if (request.form.get("username"), request.form.get("password")) != ("nora", "buoy-12-green"):
            return Reply(200, LOGIN.replace("<form", "<ul class=errorlist><li>Please enter a correct username and password.</li></ul><form"))
        name = secrets.token_hex(16)
        SESSIONS[name] = ("nora", now())
        path = "/tickets" if request.query.get("scope") == "narrow" else "/"
        return Reply(302, headers=[("Location", "/tickets/"), ("Set-Cookie", f"sessionid={name}; Path={path}; HttpOnly; SameSite=Lax; Secure")])
    if session_of(request) is None:
        if request.path.startswith("/api/"):
            return Reply(401, {"detail": "Session is missing or has ended."})
        return Reply(302, headers=[("Location", f"/accounts/login/?next={request.path}")])
    if request.path == "/accounts/logout/":
        SESSIONS.pop(request.cookies["sessionid"])
        return Reply(200, "<html><title>Bye</title></html>", [("Set-Cookie", "sessionid=; Path=/; Max-Age=0")])
    return Reply(200, {"tickets": [{"id": 5, "title": "Lamp out"}]})


@serves("weather-pier.example.test")
def key(request):
    """An API key in X-Api-Key, with Kong's texts."""
    sent = request.headers.get("x-api-key")
    if sent is None:
        return Reply(401, {"message": "No API key found in request"}, [("WWW-Authenticate", 'Key realm="kong"'), ("Server", "kong/3.4.2")])
    if sent != "wk-5tYqB81nMzR4vLs0":
        return Reply(401, {"message": "Unauthorized"}, [("WWW-Authenticate", 'Key realm="kong"'), ("Server", "kong/3.4.2")])
    return Reply(200, {"wind": 14, "gusts": 22})


@serves("drf-harbor.example.test")
def drf(request):
    """Django REST framework with TokenAuthentication."""
    refuse = lambda text: Reply(401, {"detail": text}, [("WWW-Authenticate", "Token"), ("Allow", "GET, POST, HEAD, OPTIONS"), ("Server", "gunicorn")])
    words = request.authorization.split()
    if not words or words[0].lower() != "token":
        return refuse("Authentication credentials were not provided.")
    if len(words) == 1:
        return refuse("Invalid token header. No credentials provided.")
    if len(words) > 2:
        return refuse("Invalid token header. Token string should not contain spaces.")
    if words[1] != "6b1f0e9a7c34d28855aa10cc93be77d0417f2e66":
        return refuse("Invalid token.")
    return Reply(200, {"count": 1, "results": [{"id": 3, "name": "Winch"}]}, [("Server", "gunicorn")])


@serves("graph-pier.example.test")
def graphql(request):
    if request.bearer() == "gq-live-71Zd":
        return Reply(200, {"data": {"viewer": {"name": "Nora"}}})
    return Reply(200, {"data": None, "errors": [{"message": "You must be signed in.", "path": ["viewer"], "extensions": {"code": "UNAUTHENTICATED"}}]})


@serves("chat-pier.example.test")
def chat(request):
    """Says everything with status 200, as Slack does."""
    token = request.bearer() or request.form.get("token")
    if not token:
        return Reply(200, {"ok": False, "error": "not_authed"})
    if token != "xoxb-29471-lab-pierToken":
        return Reply(200, {"ok": False, "error": "invalid_auth"})
    return Reply(200, {"ok": True, "user": "harbourmaster"})


@serves("tiles-pier.example.test")
def limited(request):
    if request.path == "/busy":
        return Reply(403, {"message": "API rate limit exceeded for this key"}, [("X-RateLimit-Limit", "60"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", str(int(now()) + 900))])
    return Reply(200, {"tile": 1}, [("X-RateLimit-Limit", "60"), ("X-RateLimit-Remaining", "1")])


@serves("shop-pier.example.test")
def shop(request):
    """An API behind a firewall that answers some calls itself."""
    ray = [("CF-RAY", secrets.token_hex(8) + "-FRA"), ("Server", "cloudflare")]
    if "curl" in request.headers.get("user-agent", "") or "select" in request.target.lower():
        return Reply(403, f"<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1><p>Cloudflare Ray ID: {ray[0][1][:16]}</p></body></html>", ray)
    if request.bearer() != "shop-4Wq8Lm":
        return Reply(401, {"error": "token missing or unknown"}, [*ray, ("WWW-Authenticate", "Bearer")])
    return Reply(200, {"items": ["rope", "anchor"]}, ray)


@serves("proxy-harbor.example.test", "plain-harbor.example.test")
def proxy(request):
    """As a proxy on 3128 it wants a login; behind it stands a page without any."""
    if request.port == 3128 and not request.headers.get("proxy-authorization"):
        return Reply(407, "Proxy Authentication Required\n", [("Proxy-Authenticate", 'Basic realm="Harbour proxy"'), ("Via", "1.1 proxy-harbor (squid/5.7)")], "text/plain")
    return Reply(200, "hello\n", kind="text/plain")


@serves("old-harbor.example.test")
def moved(request):
    """A name that moved: everything goes to the Looker-like instance or the API by 301."""
    if request.scheme == "http":
        return Reply(301, headers=[("Location", f"https://{request.host}{request.target}")])
    if request.path == "/session" and request.method == "POST" and request.form.get("password") == "buoy-12-green":
        return Reply(200, {"token": "oh-" + secrets.token_urlsafe(18), "expires_in": 600})
    if request.path == "/berths" and (request.bearer() or "").startswith("oh-"):  # every call starts the life anew
        return Reply(200, {"berths": 12})
    return Reply(405, {"error": "method not allowed"}, [("Allow", "POST")])


@serves("spa-harbor.example.test")
def spa(request):
    """A single-page app whose helper call never reaches the backend: the page itself is the answer."""
    if request.path.endswith("csrf-cookie"):
        return Reply(200, "<!doctype html><html><head><title>App</title></head><body><div id=app></div></body></html>")
    return Reply(419, {"message": "CSRF token mismatch."})
