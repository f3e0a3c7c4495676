"""JSON web tokens (HS256 and none) and the APIs that check them, with the texts of well-known libraries."""
import base64
import hashlib
import hmac
import json
import time

from mock import Reply, now, serves

KEY = b"lab-signing-key-not-a-secret"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(claims, alg="HS256"):
    head = b64(json.dumps({"alg": alg, "typ": "JWT"}).encode()) + "." + b64(json.dumps(claims).encode())
    return head + "." + ("" if alg == "none" else b64(hmac.new(KEY, head.encode(), hashlib.sha256).digest()))


def stamp():
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now()))


def day():
    return stamp()[:8]


def check(token, audience, issuer):
    """The first fault's name, or None."""
    parts = token.split(".")
    try:
        head, claims = json.loads(unb64(parts[0])), json.loads(unb64(parts[1]))
    except (ValueError, IndexError):
        return "malformed", {}
    if len(parts) != 3:
        return "malformed", claims
    signed = b64(hmac.new(KEY, ".".join(parts[:2]).encode(), hashlib.sha256).digest())
    if head.get("alg") == "none":
        return "none", claims
    if parts[2] != signed:
        return "signature", claims
    if claims.get("exp", 0) < now():
        return "expired", claims
    if claims.get("nbf", 0) > now():
        return "early", claims
    if audience not in ([claims.get("aud")] if isinstance(claims.get("aud"), str) else claims.get("aud", [])):
        return "audience", claims
    return ("issuer", claims) if claims.get("iss") != issuer else (None, claims)


PYJWT = {"malformed": "Not enough segments", "none": "The specified alg value is not allowed", "signature": "Signature verification failed",
         "expired": "Signature has expired", "early": "The token is not yet valid (nbf)", "audience": "Audience doesn't match", "issuer": "Invalid issuer"}
EXPRESS = {"malformed": "jwt malformed", "none": "jwt signature is required", "signature": "invalid signature", "expired": "jwt expired",
           "early": "jwt not active", "audience": "jwt audience invalid. expected: orders", "issuer": "jwt issuer invalid. expected: https://login-dock.example.test/"}


def dotnet(fault, claims):
    when = lambda name: time.strftime("%m/%d/%Y %H:%M:%S", time.gmtime(claims.get(name, 0)))
    text = {"malformed": None, "none": "The signature is invalid", "signature": "The signature key was not found", "expired": f"The token expired at '{when('exp')}'",
            "early": f"The token is not valid before '{when('nbf')}'", "audience": f"The audience '{claims.get('aud')}' is invalid",
            "issuer": f"The issuer '{claims.get('iss')}' is invalid"}[fault]
    return 'Bearer error="invalid_token"' + (f', error_description="{text}"' if text else "")


@serves("orders-py.example.test", "orders-js.example.test", "orders-net.example.test", "rides-tram.example.test")
def api(request):
    tram = request.host.startswith("rides")
    issuer = "https://sso-tram.example.test/realms/tram" if tram else "https://login-dock.example.test/"
    net, js = "net" in request.host, "js" in request.host
    token = request.bearer()
    if token is None:
        if net:
            return Reply(401, headers=[("WWW-Authenticate", "Bearer"), ("Server", "Kestrel")])
        if js:
            return Reply(401, {"code": "credentials_required", "message": "No authorization token was found"})
        return Reply(401, {"detail": "Not authenticated"}, [("WWW-Authenticate", "Bearer")])
    fault, claims = check(token, "rides" if tram else "orders", issuer)
    if fault and net:
        return Reply(401, headers=[("WWW-Authenticate", dotnet(fault, claims)), ("Server", "Kestrel")])
    if fault and js:
        return Reply(401, {"code": "invalid_token", "message": EXPRESS[fault]})
    if fault:
        return Reply(401, {"detail": PYJWT[fault]}, [("WWW-Authenticate", 'Bearer error="invalid_token"')])
    return Reply(200, {"orders": [{"id": 801, "state": "packed"}]})


@serves("login-dock.example.test")
def login(request):
    """Machine logins for the three order APIs; `audience` says for whom the token is."""
    body = request.json or request.form
    time.sleep(0.4)  # slow enough for a client that does not wait
    if body.get("client_secret") != "dock-Xw72pLq9Rm":
        return Reply(401, {"error": "access_denied", "error_description": "Unauthorized"})
    claims = {"iss": "https://login-dock.example.test/", "aud": body.get("audience", ""), "sub": "dock-jobs@clients", "iat": int(now()), "exp": int(now()) + 1200}
    return Reply(200, {"access_token": sign(claims), "token_type": "Bearer", "expires_in": 1200}, [("Cache-Control", "no-store")])
