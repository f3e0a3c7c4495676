"""Signed requests: a SigV4 front (*.amazonaws.com), presigned storage, API Gateway; DPoP."""
import calendar
import hashlib
import json
import re
import secrets
import time

from hosts import jose
from mock import Reply, now, serves

DPOP = set()


def amz_time(text):
    return calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))


def fault(kind, text, status=403):
    return Reply(status, {"__type": "com.amazon.coral.service#" + kind, "message": text}, [("x-amzn-RequestId", secrets.token_hex(13).upper())], "application/x-amz-json-1.0")


@serves("dynamodb.*.amazonaws.com")
def sigv4(request):
    """Looks at clock and scope; a signature that passes these is believed."""
    region = request.host.split(".")[1]
    found = re.match(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/aws4_request", request.authorization)
    if not found:
        return fault("MissingAuthenticationTokenException", "Missing Authentication Token", 400)
    if found[1].startswith("ASIA") and not request.headers.get("x-amz-security-token"):
        return fault("UnrecognizedClientException", "The security token included in the request is invalid.", 400)
    sent = request.headers.get("x-amz-date", "")
    if abs(amz_time(sent) - now()) > 300:
        edge = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now() - 300))
        return fault("InvalidSignatureException", f"Signature expired: {sent} is now earlier than {edge} ({jose.stamp()} - 5 min.)")
    if found[3] != region:
        return fault("InvalidSignatureException", f"Credential should be scoped to a valid region, not '{found[3]}'. ")
    if request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD") not in ("UNSIGNED-PAYLOAD", hashlib.sha256(request.body).hexdigest()):
        return fault("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.")
    return Reply(200, {"TableNames": ["berths", "tides"]}, kind="application/x-amz-json-1.0")


@serves("*.s3.*.amazonaws.com")
def storage(request):
    xml = lambda status, code, text, more="": Reply(status, f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{text}</Message>{more}<RequestId>{secrets.token_hex(8).upper()}</RequestId></Error>', kind="application/xml")
    if request.authorization and "X-Amz-Signature" in request.query:
        return xml(400, "InvalidArgument", "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified")
    if "X-Amz-Date" not in request.query:
        return xml(403, "AccessDenied", "Access Denied")
    if amz_time(request.query["X-Amz-Date"]) + int(request.query["X-Amz-Expires"]) < now():
        return xml(403, "AccessDenied", "Request has expired", f"<X-Amz-Expires>{request.query['X-Amz-Expires']}</X-Amz-Expires>")
    return Reply(200, b"%PDF-1.4 lab\n", kind="application/pdf")


@serves("*.execute-api.*.amazonaws.com")
def gateway(request):
    if request.path != "/prod/berths":
        return Reply(403, {"message": "Missing Authentication Token"}, [("x-amzn-ErrorType", "MissingAuthenticationTokenException"), ("x-amz-apigw-id", secrets.token_urlsafe(11))])
    return Reply(200, {"berths": 12}) if request.bearer() == "gw-77Lq" else Reply(401, {"message": "Unauthorized"}, [("x-amzn-ErrorType", "UnauthorizedException")])


@serves("bound-pier.example.test")
def dpop(request):
    """Tokens bound to a key: the scheme must be DPoP and the proof must name this very call."""
    if request.path == "/token":
        token = "dp_" + secrets.token_urlsafe(24)
        DPOP.add(token)
        return Reply(200, {"access_token": token, "token_type": "DPoP", "expires_in": 600}, [("Cache-Control", "no-store")])
    refuse = lambda text: Reply(401, {"error": "invalid_token"}, [("WWW-Authenticate", f'DPoP error="invalid_token", error_description="{text}", algs="ES256"')])
    if request.bearer("DPoP") not in DPOP:
        return refuse("The token must be sent with the DPoP scheme")
    proof = json.loads(jose.unb64(request.headers.get("dpop", "e30.e30.").split(".")[1]))
    if request.path == "/v1/vault" and proof.get("nonce") != "nq-5512":
        return Reply(401, {"error": "use_dpop_nonce"}, [("DPoP-Nonce", "nq-5512"), ("WWW-Authenticate", 'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"')])
    if proof.get("htm") != request.method or proof.get("htu") != f"https://{request.host}{request.path}":
        return Reply(401, {"error": "invalid_dpop_proof"}, [("WWW-Authenticate", 'DPoP error="invalid_dpop_proof", error_description="htu or htm does not match", algs="ES256"')])
    return Reply(200, {"ok": True})
