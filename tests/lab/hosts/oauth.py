"""Authorization servers (id-ferry, sso-tram) and the APIs that take their tokens (api-ferry, rides-tram)."""
import base64
import hashlib
import secrets
import urllib.parse

from hosts import jose
from mock import Reply, now, serves

CLIENTS = {"ferry-web": None, "ferry-batch": "k7Hq2vZsX9pLdW4nRt", "tram-app": None, "tram-jobs": "Vd8sQm3xKz7LpRw2Yh"}
REDIRECTS = {"https://app-ferry.example.test/cb", "https://app-tram.example.test/signin"}
USERS = {"mira": "saltwater-91"}
CODES, TOKENS, REFRESH, SPENT, DEVICES = {}, {}, {}, set(), {}

# Each server words its refusals in its own way: one plain, one as Keycloak does.
TEXTS = {
    "id-ferry.example.test": {
        "code": "The authorization code is not valid", "pkce": "code_verifier does not match", "redirect": "redirect_uri differs from the authorization request",
        "refresh": "The refresh token is not valid", "client": "Client authentication failed", "user": "Wrong user name or password"},
    "sso-tram.example.test": {
        "code": "Code not valid", "pkce": "PKCE verification failed: Invalid code verifier", "redirect": "Incorrect redirect_uri",
        "refresh": "Token is not active", "client": "Invalid client or Invalid client credentials", "user": "Invalid user credentials"},
}


def refuse(error, text, status=400):
    return Reply(status, {"error": error, "error_description": text}, [("Cache-Control", "no-store")])


def client_of(request):
    """(client id, authenticated?) from Basic or the form."""
    user, form = request.form.get("client_id"), request.form
    secret = form.get("client_secret")
    if request.authorization.startswith("Basic "):
        user, _, secret = base64.b64decode(request.authorization[6:]).decode().partition(":")
    return user, user in CLIENTS and CLIENTS[user] == secret


def issue(request, client, scope, refresh=True):
    host, life = request.host, 900 if request.host.startswith("id-") else 300
    if host.startswith("sso-"):
        claims = {"iss": f"https://{host}/realms/tram", "aud": "rides", "azp": client, "sub": "9f1c", "scope": scope, "iat": int(now()), "exp": int(now()) + life}
        token = jose.sign(claims)
    else:
        token = "fyat_" + secrets.token_urlsafe(24)
    if client == "ferry-web" and refresh:  # one access token at a time for this client
        for old in [old for old, seen in TOKENS.items() if seen["client"] == client]:
            del TOKENS[old]
    if scope != "ghost":  # issued, but the API never hears of it
        TOKENS[token] = {"end": now() + life, "scope": scope.split(), "client": client}
    body = {"access_token": token, "token_type": "Bearer", "expires_in": life, "scope": scope}
    if refresh:
        body["refresh_token"] = "fyrt_" + secrets.token_urlsafe(24)
        REFRESH[body["refresh_token"]] = (client, scope, now() + 86400)
    if "openid" in scope.split():
        body["id_token"] = jose.sign({"iss": f"https://{host}", "aud": client, "sub": "9f1c", "nonce": "n-4471", "iat": int(now()), "exp": int(now()) + 300})
    return Reply(200, body, [("Cache-Control", "no-store")])


def authorize(request):
    query = request.query
    back, state = query.get("redirect_uri", ""), query.get("state", "")
    if query.get("client_id") not in CLIENTS or back not in REDIRECTS:
        return Reply(400, "<html><title>Sign in</title><p>Invalid parameter: redirect_uri</p></html>")
    answer = {"state": state} if state else {}
    if "code_challenge" not in query:
        answer |= {"error": "invalid_request", "error_description": "Missing parameter: code_challenge_method"}
    elif query.get("code_challenge_method") != "S256":
        answer |= {"error": "invalid_request", "error_description": "Invalid parameter: code_challenge_method"}
    elif query.get("prompt") == "none":
        answer |= {"error": "login_required", "error_description": "No session"}
    elif query.get("prompt") == "deny":
        answer |= {"error": "access_denied", "error_description": "The user refused the request"}
    else:
        answer["code"] = secrets.token_urlsafe(18)
        if query.get("login_hint") == "mixed-up":  # a server that loses the state
            answer["state"] = secrets.token_urlsafe(8)
        if query.get("login_hint") == "other-tenant":
            answer["iss"] = "https://id-barge.example.test"
        CODES[answer["code"]] = (query, now())
    return Reply(302, headers=[("Location", back + "?" + urllib.parse.urlencode(answer))])


def code_grant(request, form, text):
    query, made = CODES.pop(form.get("code"), (None, 0))
    if query is None or now() - made > 60:
        return refuse("invalid_grant", text["code"])
    if query["redirect_uri"] != form.get("redirect_uri"):
        return refuse("invalid_grant", text["redirect"])
    if not form.get("code_verifier"):
        return refuse("invalid_grant", "PKCE code verifier not specified")
    digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    if digest != query["code_challenge"]:
        return refuse("invalid_grant", text["pkce"])
    if query["client_id"] != form.get("client_id"):
        return refuse("invalid_grant", text["code"])
    return issue(request, query["client_id"], query.get("scope", "sailings:read"))


def refresh_grant(request, form, text):
    client, scope, end = REFRESH.pop(form.get("refresh_token"), (None, "", 0))
    if client is None or end < now():
        return refuse("invalid_grant", text["refresh"])
    return issue(request, client, scope)


def token(request):
    text, form = TEXTS[request.host], request.form
    if request.method != "POST":
        return Reply(405, {"error": "method not allowed"}, [("Allow", "POST")])
    grant = form.get("grant_type")
    if grant is None:
        return refuse("invalid_request", "Missing form parameter: grant_type")
    client, good = client_of(request)
    if not good:
        basic = [("WWW-Authenticate", 'Basic realm="token"')] if request.authorization else []
        reply = refuse("invalid_client", text["client"], 401)
        reply.headers += basic
        return reply
    if grant == "authorization_code":
        return code_grant(request, form, text)
    if grant == "refresh_token":
        return refresh_grant(request, form, text)
    if grant == "client_credentials":
        return issue(request, client, form.get("scope", "sailings:read"), refresh=False)
    if grant == "password":
        if USERS.get(form.get("username")) != form.get("password"):
            return refuse("invalid_grant", text["user"], 401)
        return issue(request, client, form.get("scope", "sailings:read"))
    if grant.endswith("device_code"):
        DEVICES[form.get("device_code")] = DEVICES.get(form.get("device_code"), 0) + 1
        if DEVICES[form.get("device_code")] < 3:
            return refuse("authorization_pending", "The user has not answered yet")
        return issue(request, client, "sailings:read")
    return refuse("unsupported_grant_type", "Unsupported grant_type")


def revoke(request):
    TOKENS.pop(request.form.get("token"), None)
    return Reply(200)


def introspect(request):
    seen = TOKENS.get(request.form.get("token"))
    return Reply(200, {"active": True, "scope": " ".join(seen["scope"])} if seen and seen["end"] > now() else {"active": False})


def device(request):
    code = secrets.token_urlsafe(16)
    return Reply(200, {"device_code": code, "user_code": "QFDK-LMPT", "verification_uri": f"https://{request.host}/device", "expires_in": 600, "interval": 1})


@serves("id-ferry.example.test", "sso-tram.example.test")
def server(request):
    last = request.path.rstrip("/").rsplit("/", 1)[-1]
    rooms = {"authorize": authorize, "auth": authorize, "token": token, "revoke": revoke, "introspect": introspect, "device_authorization": device}
    room = rooms.get(last)
    return room(request) if room else Reply(404, {"error": "not_found"})


@serves("app-*.example.test")
def page(request):
    """The pages of the apps: enough for a browser to stand on."""
    return Reply(200, "<!doctype html><html><head><title>App</title><link rel=icon href='data:,'></head><body><p>App</p></body></html>")


def denied(text=None, error="invalid_token", status=401, realm="ferry", extra=""):
    challenge = f'Bearer realm="{realm}"' + (f', error="{error}", error_description="{text}"' if text else "") + extra
    return Reply(status, {"code": error if text else "unauthorized", "detail": text or "A bearer token is needed"}, [("WWW-Authenticate", challenge)])


@serves("api-ferry.example.test", "mirror-ferry.example.test")
def api(request):
    value = request.bearer()
    if request.path == "/v2/status":
        return Reply(200, {"status": "up"})
    if request.path == "/v2/old-sailings":
        return Reply(301, headers=[("Location", "https://mirror-ferry.example.test/v2/sailings")])
    if request.path == "/v2/manifest.pdf" and value in TOKENS:
        return Reply(302, headers=[("Location", "https://berths.s3.eu-west-1.amazonaws.com/manifest.pdf?" + urllib.parse.urlencode({
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": "AKIAQ7EXAMPLE3KLPA2V/" + jose.day() + "/eu-west-1/s3/aws4_request",
            "X-Amz-Date": jose.stamp(), "X-Amz-Expires": "300", "X-Amz-SignedHeaders": "host", "X-Amz-Signature": secrets.token_hex(32)}))])
    if not value:
        return denied()
    seen = TOKENS.get(value)
    if not seen:
        return denied("The access token is not known")
    if seen["end"] < now():
        return denied("The access token expired")
    if request.path.startswith("/v2/bookings") and "bookings:write" not in seen["scope"]:
        return denied("This call needs another scope", "insufficient_scope", 403, extra=', scope="bookings:write"')
    if request.path == "/v2/sailings/9999":
        return Reply(404, {"code": "not_found", "detail": "No such sailing"})
    if request.path == "/v2/waitlist":
        return Reply(422, {"code": "invalid", "detail": "quay must be a number"})
    if request.path.startswith("/v2/payouts"):
        return denied("A more recent login is needed", "insufficient_user_authentication", extra=', acr_values="mfa", max_age="300"')
    if request.path.startswith("/v2/fleet"):
        return Reply(403, {"code": "forbidden", "detail": "Account ferry-batch may not manage the fleet"})
    return Reply(200, {"path": request.path, "items": [{"ship": "Aurelia", "quay": 4}]})
