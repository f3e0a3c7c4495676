"""Public APIs by their own names. The answers are modelled on the rule catalogue and on memory, not recorded from
the vendors and not checked word by word against their documentation. Nothing leaves the machine."""
import base64
import secrets

from hosts import jose
from mock import Reply, now, serves


@serves("api.github.com")
def github(request):
    docs = {"documentation_url": "https://docs.github.com/rest", "status": "401"}
    token = request.bearer("bearer", "token")
    if not request.authorization:
        return Reply(404, {"message": "Not Found"} | docs | {"status": "404"}) if request.path.startswith("/repos/") else Reply(401, {"message": "Requires authentication"} | docs)
    if token != "ghp_LabOnly4Kq7Zx1Wm9Tb2Rc8Vd5Np3Hs6Jf0Qy":
        return Reply(401, {"message": "Bad credentials"} | docs)
    granted = [("X-OAuth-Scopes", "read:user, gist"), ("X-RateLimit-Limit", "5000"), ("X-RateLimit-Remaining", "4987")]
    if request.method == "POST":
        return Reply(403, {"message": "Must have the right scope.", "documentation_url": docs["documentation_url"], "status": "403"}, granted + [("X-Accepted-OAuth-Scopes", "repo")])
    return Reply(200, {"login": "harbour-lab", "id": 4471}, granted)


SESSIONS = set()


@serves("login.salesforce.com", "*.my.salesforce.com")
def salesforce(request):
    """The token answer names the host to call; every other host calls the session invalid."""
    home = "harbour-lab.my.salesforce.com"
    if request.path.endswith("/oauth2/token"):
        if request.form.get("client_secret") != "8842017LAB":
            return Reply(400, {"error": "invalid_client", "error_description": "invalid client credentials"})
        token = "00DLAB000000001!" + secrets.token_urlsafe(40)
        SESSIONS.add(token)
        return Reply(200, {"access_token": token, "instance_url": f"https://{home}", "token_type": "Bearer", "issued_at": str(int(now() * 1000))}, [("Cache-Control", "no-store")])
    if request.host == home and request.bearer("bearer", "oauth") in SESSIONS:
        return Reply(200, {"totalSize": 0, "records": []})
    return Reply(401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], [("WWW-Authenticate", "Token")])


@serves("api.stripe.com")
def stripe(request):
    key = request.bearer() or ""
    if request.authorization.startswith("Basic "):
        key = base64.b64decode(request.authorization[6:]).decode().partition(":")[0]
    challenge = [("WWW-Authenticate", 'Basic realm="Stripe"'), ("Stripe-Version", "2024-06-20")]
    error = lambda text: Reply(401, {"error": {"message": text, "type": "invalid_request_error"}}, challenge)
    if not key:
        return error("You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').")
    if key.startswith("pk_"):
        return error("This API call cannot be made with a publishable API key. Please use a secret API key.")
    if key != "sk_" + "test_LabOnly00harbour":
        return error("Invalid API Key provided: " + key[:8] + "*" * 6)
    return Reply(200, {"object": "balance", "livemode": False})


@serves("gitlab.com")
def gitlab(request):
    if request.headers.get("private-token") == "glpat-LabOnly-7Zq2" or request.bearer() == "glpat-LabOnly-7Zq2":
        return Reply(200, {"id": 17, "username": "harbour-lab"})
    return Reply(401, {"message": "401 Unauthorized"})


@serves("login.microsoftonline.com", "graph.microsoft.com")
def entra(request):
    if request.host.startswith("login"):
        scope = request.form.get("scope", "")
        if request.form.get("client_secret") != "Lab~8Q.harbour":
            return Reply(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.", "error_codes": [7000215]})
        claims = {"aud": scope.removesuffix("/.default"), "iss": "https://sts.windows.net/5c4e-lab/", "appid": "2f61-lab", "roles": ["User.Read.All"], "iat": int(now()), "nbf": int(now()), "exp": int(now()) + 3900}
        return Reply(200, {"token_type": "Bearer", "expires_in": 3900, "access_token": jose.sign(claims)}, [("Cache-Control", "no-store, no-cache")])
    token = request.bearer()
    error = lambda text: Reply(401, {"error": {"code": "InvalidAuthenticationToken", "message": text, "innerError": {"date": "2026-01-01T00:00:00"}}}, [("WWW-Authenticate", 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"')])
    if not token:
        return error("Access token is empty.")
    fault, claims = jose.check(token, "https://graph.microsoft.com", "https://sts.windows.net/5c4e-lab/")
    texts = {"audience": "Access token validation failure. Invalid audience.", "expired": "Lifetime validation failed, the token is expired.", "malformed": "CompactToken parsing failed with error code: 80049217"}
    return error(texts.get(fault, "Access token validation failure.")) if fault else Reply(200, {"value": [{"displayName": "Nora"}]})


@serves("k8s-harbor.example.test")
def kubernetes(request):
    status = lambda code, reason, text: Reply(code, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": text, "reason": reason, "code": code})
    if not request.authorization:
        return status(403, "Forbidden", 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "quay"')
    if request.bearer() != "lab-sa-token-4471":
        return status(401, "Unauthorized", "Unauthorized")
    if "secrets" in request.path:
        return status(403, "Forbidden", 'secrets is forbidden: User "system:serviceaccount:quay:crane" cannot list resource "secrets" in API group "" in the namespace "quay"')
    return Reply(200, {"kind": "PodList", "apiVersion": "v1", "items": []})


@serves("api.twilio.com")
def twilio(request):
    if request.authorization == "Basic " + base64.b64encode(b"AC00lab00harbour:tw-4471").decode():
        return Reply(200, {"sid": "AC00lab00harbour", "status": "active"})
    return Reply(401, {"code": 20003, "message": "Authenticate", "more_info": "https://www.twilio.com/docs/errors/20003", "status": 401}, [("WWW-Authenticate", 'Basic realm="Twilio API"')])


@serves("slack.com")
def slack(request):
    token = request.bearer() or request.form.get("token")
    if not token:
        return Reply(200, {"ok": False, "error": "not_authed"})
    if token != "xoxb-" + "lab-4471-harbour":
        return Reply(200, {"ok": False, "error": "token_expired" if "old" in token else "invalid_auth"})
    if request.path == "/api/channels.create":
        return Reply(200, {"ok": False, "error": "missing_scope", "needed": "channels:manage", "provided": "chat:write"})
    return Reply(200, {"ok": True})


@serves("oauth2.googleapis.com", "www.googleapis.com")
def google(request):
    if request.host.startswith("oauth2"):
        return Reply(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, [("Cache-Control", "no-store")])
    if request.authorization:
        return Reply(401, {"error": {"code": 401, "message": "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.", "status": "UNAUTHENTICATED",
                                     "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_EXPIRED", "domain": "googleapis.com"}]}}, [("WWW-Authenticate", 'Bearer realm="https://accounts.google.com/", error="invalid_token"')])
    return Reply(401, {"error": {"code": 401, "message": "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.", "status": "UNAUTHENTICATED",
                                 "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "CREDENTIALS_MISSING", "domain": "googleapis.com"}]}}, [("WWW-Authenticate", 'Bearer realm="https://accounts.google.com/"')])
