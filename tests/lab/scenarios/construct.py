"""How a request is built: Basic, keys, JWTs, signatures, cookies, routing. Hosts without a profile."""
import base64
import hashlib
import hmac
import json

from hosts import jose
from record import scenario

FERRY, API = "https://id-ferry.example.test", "https://api-ferry.example.test/v2"
BATCH = "grant_type=client_credentials&client_id=ferry-batch&client_secret=k7Hq2vZsX9pLdW4nRt"
SSO = "https://sso-tram.example.test/realms/tram/protocol/openid-connect"
DOCK = "https://login-dock.example.test/"
DRF = "6b1f0e9a7c34d28855aa10cc93be77d0417f2e66"
TOKEN = """
import httpx
c = httpx.Client()
def token(scope='sailings:read'):
    r = c.post('https://id-ferry.example.test/oauth/token', auth=('ferry-batch', 'k7Hq2vZsX9pLdW4nRt'), data={'grant_type': 'client_credentials', 'scope': scope})
    return r.json()['access_token']
def call(path, headers=None, method='GET', **more):
    return c.request(method, 'https://api-ferry.example.test/v2' + path, headers=headers or {}, **more).status_code
"""


def token(terminal):
    return json.loads(terminal(f"curl -v -d '{BATCH}' {FERRY}/oauth/token"))["access_token"]


def ferry(file, rows, code, notes=""):
    @scenario(file, *rows, notes=notes)
    def _(lab):
        with lab.mitm(file) as m:
            m.python(TOKEN + code)


def curl(file, rows, *lines, notes="", tty=True):
    @scenario(file, *rows, notes=notes)
    def _(lab):
        t = lab.terminal(file, tty=tty)
        for line in lines:
            t(line)


def ferry_curl(file, rows, line, notes=""):
    @scenario(file, *rows, notes=notes)
    def _(lab):
        t = lab.terminal(file)
        t(line.replace("TOKEN", token(t)))


curl("missing-credentials.curl.txt", [("missing-credentials|no-login", 0, [])], f"curl -v {API}/sailings")
curl("missing-credentials-key.curl.txt", [("missing-credentials", 0, [])], "curl -v https://weather-pier.example.test/v1/wind", notes="API key absent, Kong says so")
curl("malformed-basic.curl.txt", [("malformed-basic", 0, [])], "curl -v -H 'Authorization: Basic skipper:Tide&Moon7' https://files-harbor.example.test/tides.txt")
curl("unknown-token.curl.txt", [("unknown-token", 0, [])], f"curl -v -H 'Authorization: Bearer fyat_Kd82hsQpLmZx04TnVbRy7eWc' {API}/sailings", notes="nothing visible is wrong: cannot tell")
curl("unknown-token-basic.curl.txt", [("unknown-token", 0, [])], "curl -v -u 'skipper:tide&moon7' https://files-harbor.example.test/tides.txt", notes="wrong password, well-formed Basic")
curl("wrong-scheme.curl.txt", [("wrong-scheme", 0, [])], f"curl -sv -u 'ferry-batch:k7Hq2vZsX9pLdW4nRt' {API}/sailings", tty=False, notes="Basic where the challenge asks for Bearer")
curl("wrong-scheme-drf.curl.txt", [("wrong-scheme", 0, [])], f"curl -v -H 'Authorization: Bearer {DRF}' https://drf-harbor.example.test/api/parts/", notes="the server wants Token")
curl("malformed-authorization.curl.txt", [("malformed-authorization", 0, [])], f"curl -v -H 'Authorization: Token: {DRF}' https://drf-harbor.example.test/api/parts/", notes="a colon after the scheme")
curl("doubled-scheme.curl.txt", [("doubled-scheme", 0, [])], f"curl -v -H 'Authorization: Token Token {DRF}' https://drf-harbor.example.test/api/parts/")
ferry_curl("duplicate-authorization.curl.txt", [("duplicate-authorization", 1, [])], f"curl -v -H 'Authorization: Basic c2tpcHBlcjp4' -H 'Authorization: Bearer TOKEN' https://mirror-ferry.example.test/v2/sailings")
ferry_curl("duplicate-authorization-edge.curl.txt", [("duplicate-authorization", 1, [])], f"curl -v -H 'Authorization: Basic c2tpcHBlcjp4' -H 'Authorization: Bearer TOKEN' {API}/sailings", "nginx itself answers 400")
ferry_curl("missing-scheme.curl.txt", [("missing-scheme", 1, [])], f"curl -v -H 'Authorization: TOKEN' {API}/sailings")
ferry_curl("token-in-url.curl.txt", [("token-in-url", 1, [])], f"curl -v '{API}/sailings?access_token=TOKEN'")
ferry_curl("wrong-header-name.curl.txt", [("wrong-header-name", 1, [])], f"curl -v -H 'Authentication: Bearer TOKEN' {API}/sailings")
curl("rate-limit-not-auth.curl.txt", [("rate-limit-not-auth", 0, [])], "curl -v -H 'X-Api-Key: tk-88LqPz01' https://tiles-pier.example.test/busy")
curl("missing-route-masked.curl.txt", [("missing-route-masked", 0, [])], "curl -v -H 'Authorization: Bearer gw-77Lq' https://k3x9q0lab7.execute-api.eu-central-1.amazonaws.com/prod/berth")
curl("proxy-auth-required.curl.txt", [("proxy-auth-required", 0, [])], "curl -v -x http://proxy-harbor.example.test:3128 https://plain-harbor.example.test/")
curl("intermediary-denied.curl.txt", [("intermediary-denied", 0, [])], "curl -v -H 'Authorization: Bearer shop-4Wq8Lm' 'https://shop-pier.example.test/items?name=rope'")
curl("redirect-changed-method.curl.txt", [("redirect-changed-method", 1, [])], "curl -v -L -d 'username=nora&password=buoy-12-green' http://old-harbor.example.test/session")
curl("credentials-stripped.curl.txt", [("credentials-stripped|unknown-token", 0, [])], f"curl -v -H 'Authorization: Token {DRF}' https://drf-harbor.example.test/stripped/parts/", notes="the header is right and DRF says that it saw none")
curl("oauth-client-auth-failed.curl.txt", [("oauth-client-auth-failed", 0, [])], f"curl -v -u 'ferry-batch:k7Hq2vZsX9pLdW4nRT' -d grant_type=client_credentials {FERRY}/oauth/token")
curl("login-failed-password.curl.txt", [("login-failed", 0, [])], f"curl -v -d 'grant_type=password&client_id=tram-app&username=mira&password=saltwater' {SSO}/token", notes="Keycloak's text")
curl("login-wrong-content-type-token.curl.txt", [("login-wrong-content-type", 0, [])], f"""curl -v -H 'Content-Type: application/json' -d '{{"grant_type":"client_credentials","client_id":"ferry-batch","client_secret":"k7Hq2vZsX9pLdW4nRt"}}' {FERRY}/oauth/token""", notes="a token endpoint reads forms")


@scenario("redirect-dropped-credentials.curl.txt", ("redirect-dropped-credentials", 2, []), notes="301 to another host, curl -L drops the header")
def _(lab):
    t = lab.terminal("redirect-dropped-credentials.curl.txt")
    t(f"curl -v -L -H 'Authorization: Bearer {token(t)}' {API}/old-sailings")


ferry("token-not-sent.har", [("token-not-sent", 2, [])], "t = token()\ncall('/me', {'Authorization': 'Bearer ' + t}); call('/sailings')")
ferry("token-in-body.har", [("token-in-body", 1, [])], "call('/search', method='POST', json={'access_token': token(), 'from': 'quay 4'})")
ferry("mangled-token.har", [("mangled-token", 1, [])], "call('/me', {'Authorization': 'Bearer \"' + token() + '\"'})", "jq without -r: quotes around the token")
ferry("mangled-token-cut.har", [("mangled-token", 1, [2])], "t = token()[:-5]\ncall('/me', {'Authorization': 'Bearer ' + t}); call('/sailings', {'Authorization': 'Bearer ' + t})", "five characters are missing")
ferry("insufficient-scope.har", [("insufficient-scope", 2, [])], "h = {'Authorization': 'Bearer ' + token()}\ncall('/sailings', h); call('/bookings', h, 'POST', json={'sailing': 7})")
ferry("insufficient-permissions-service.har", [("insufficient-permissions", 2, [])], "h = {'Authorization': 'Bearer ' + token()}\ncall('/me', h); call('/fleet/3', h, 'DELETE')", "no profile, 403 after accepted use")
ferry("wrong-credential-type.har", [("wrong-credential-type", 1, [])], "token(); call('/me', {'Authorization': 'Bearer k7Hq2vZsX9pLdW4nRt'})", "the client secret as bearer; it was sent by Basic before")
ferry("token-in-cookie.har", [("token-in-cookie", 1, [])], "call('/me', {'Cookie': 'access_token=' + token()})")
ferry("conflicting-credentials.har", [("conflicting-credentials", 2, [])], """h = {'Authorization': 'Bearer ' + token()}
r = c.get('https://api-ferry.example.test/v2/manifest.pdf', headers=h)
c.get(r.headers['location'], headers=h)""", "the bearer header is sent along to a presigned URL")


@scenario("presigned-url-expired.har", ("presigned-url-expired", 2, []))
def _(lab):
    with lab.mitm("presigned-url-expired.har") as m:
        link = m.python(TOKEN + "print(c.get('https://api-ferry.example.test/v2/manifest.pdf', headers={'Authorization': 'Bearer ' + token()}).headers['location'])")
        lab.wait(410)
        m.python("import requests\nrequests.get(link)", link=link)


def jwt(file, row, host, change, notes="", har=False, alg="HS256"):
    """A self-signed token with one thing wrong, first use in the capture."""
    @scenario(file, row, notes=notes)
    def _(lab):
        now = int(lab.now())
        claims = {"iss": DOCK, "aud": "orders", "sub": "dock-jobs", "iat": now - 60, "exp": now + 900} | change(now)
        token = jose.sign(claims, alg)
        if har:
            with lab.mitm(file) as m:
                m.node("await fetch(url, { headers: { authorization: 'Bearer ' + token } });", url=f"https://{host}.example.test/v1/orders", token=token)
        else:
            lab.terminal(file)(f"curl -v -H 'Authorization: Bearer {token}' https://{host}.example.test/v1/orders")


jwt("jwt-expired.curl.txt", ("jwt-expired", 0, []), "orders-js", lambda now: {"iat": now - 3000, "exp": now - 1800})
jwt("jwt-expired-dotnet.har", ("jwt-expired", 0, []), "orders-net", lambda now: {"iat": now - 3000, "exp": now - 1200}, har=True)
jwt("jwt-not-yet-valid.curl.txt", ("jwt-not-yet-valid", 0, []), "orders-net", lambda now: {"nbf": now + 1200, "exp": now + 4000})
jwt("jwt-wrong-audience.har", ("jwt-wrong-audience", 0, []), "orders-js", lambda now: {"aud": "invoices"}, har=True)
jwt("jwt-wrong-audience-dotnet.curl.txt", ("jwt-wrong-audience", 0, []), "orders-net", lambda now: {"aud": "api://invoices"})
jwt("jwt-wrong-issuer.curl.txt", ("jwt-wrong-issuer", 0, []), "orders-net", lambda now: {"iss": "https://login-dock-test.example.test/"})
jwt("jwt-alg-none.curl.txt", ("jwt-alg-none", 0, []), "orders-py", lambda now: {}, alg="none")


@scenario("jwt-malformed.har", ("jwt-malformed", 0, []), notes="only two of three parts")
def _(lab):
    token = jose.sign({"iss": DOCK, "aud": "orders", "exp": int(lab.now()) + 900}).rsplit(".", 1)[0]
    with lab.mitm("jwt-malformed.har") as m:
        m.python("import requests\nrequests.get('https://orders-py.example.test/v1/orders', headers={'Authorization': 'Bearer ' + token})", token=token)


@scenario("jwt-wrong-audience-issued.har", ("jwt-wrong-audience", 1, []), notes="the login asked for another audience")
def _(lab):
    with lab.mitm("jwt-wrong-audience-issued.har") as m:
        m.node("""const r = await fetch('https://login-dock.example.test/oauth/token', { method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ grant_type: 'client_credentials', client_id: 'dock-jobs', client_secret: 'dock-Xw72pLq9Rm', audience: 'invoices' }) });
await fetch('https://orders-net.example.test/v1/orders', { headers: { authorization: 'Bearer ' + (await r.json()).access_token } });""")


@scenario("clock-skew.har", ("clock-skew", 0, [1]), notes="the client signs its own token and its clock is 9 minutes ahead of the server")
def _(lab):
    with lab.mitm("clock-skew.har") as m:
        now = int(lab.now())
        lab.server_clock(-540)
        token = jose.sign({"iss": DOCK, "aud": "orders", "sub": "dock-jobs", "iat": now, "nbf": now, "exp": now + 900})
        for path in ("orders", "returns"):
            m.python("import requests\nrequests.get('https://orders-py.example.test/v1/' + path, headers={'Authorization': 'Bearer ' + token})", token=token, path=path)


def sigv4(file, row, region="eu-central-1", skew=0, key="AKIAQ7EXAMPLE3KLPA2V", notes=""):
    """curl signs itself; its clock is moved by faketime, the server's is not."""
    @scenario(file, row, notes=notes)
    def _(lab):
        t = lab.terminal(file)
        lab.server_clock(skew)
        t(f"curl -v --aws-sigv4 aws:amz:{region}:dynamodb --user '{key}:Zq81lab+NotASecret/x7Kd02mPvR' -H 'Content-Type: application/x-amz-json-1.0' -H 'X-Amz-Target: DynamoDB_20120810.ListTables' -d '{{}}' https://dynamodb.eu-central-1.amazonaws.com/")


sigv4("sigv4-clock-skew.curl.txt", ("sigv4-clock-skew", 0, []), skew=1260, notes="signed 21 minutes before the server's clock")
sigv4("sigv4-scope-mismatch.curl.txt", ("sigv4-scope-mismatch", 0, []), region="us-east-1", notes="signed for another region")
sigv4("sigv4-malformed.curl.txt", ("sigv4-malformed", 0, []), key="ASIAQ7EXAMPLE3KLPA2V", notes="temporary key without its session token")


@scenario("hmac-timestamp-stale.har", ("hmac-timestamp-stale", 0, []), notes="signed 22 minutes before it was sent")
def _(lab):
    with lab.mitm("hmac-timestamp-stale.har") as m:
        then, body = int(lab.now()) - 1320, '{"id":"evt_41","type":"berth.freed"}'
        v1 = hmac.new(b"whsec_lab", f"{then}.{body}".encode(), hashlib.sha256).hexdigest()
        m.python("import requests\nrequests.post('https://hooks-harbor.example.test/signed', data=body, headers={'Stripe-Signature': sig, 'Content-Type': 'application/json'})", body=body, sig=f"t={then},v1={v1}")


def proof(url, method, now):
    encode = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    jwk = {"kty": "EC", "crv": "P-256", "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"}
    return encode({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}) + "." + encode({"jti": f"j{now}", "htm": method, "htu": url, "iat": now}) + "." + "q7_lab" * 14 + "aa"


def dpop(file, row, scheme, with_proof, notes=""):
    @scenario(file, row, notes=notes)
    def _(lab):
        base = "https://bound-pier.example.test"
        with lab.mitm(file) as m:
            now = int(lab.now())
            m.python("""import requests
r = requests.post(base + '/token', data={'grant_type': 'client_credentials', 'client_id': 'bound-app', 'client_secret': 'bq-41Lz'}, headers={'DPoP': one})
h = {'Authorization': scheme + ' ' + r.json()['access_token']}
if two: h['DPoP'] = two
requests.get(base + '/v1/locks', headers=h)""", base=base, one=proof(base + "/token", "POST", now), two=proof(base + "/v1/keys", "GET", now + 1) if with_proof else None, scheme=scheme)


dpop("dpop-scheme-mismatch.har", ("dpop-scheme-mismatch", 1, []), "Bearer", False, "token_type DPoP, sent as Bearer")
dpop("dpop-proof-invalid.har", ("dpop-proof-invalid", 1, []), "DPoP", True, "htu of another path; ath is missing too")


@scenario("digest-malformed.har", ("digest-malformed", 1, []), notes="the answer names another uri than the request")
def _(lab):
    with lab.mitm("digest-malformed.har") as m:
        m.python("""import requests
class Slip(requests.auth.HTTPDigestAuth):
    def build_digest_header(self, method, url):
        return super().build_digest_header(method, url.replace('/live', '/'))
requests.get('https://cam-harbor.example.test/live', auth=Slip('keeper', 'lamp0il'))""")


@scenario("digest-stale-nonce.har", ("digest-stale-nonce", 2, []), notes="the old nonce is used on, the client ignores stale=true")
def _(lab):
    code = """import requests
a = requests.auth.HTTPDigestAuth('keeper', 'lamp0il'); a.init_per_thread_state()
"""
    with lab.mitm("digest-stale-nonce.har") as m:
        header = m.python(code + "r = requests.get('https://cam-harbor.example.test/live', auth=a)\nprint(a.build_digest_header('GET', 'https://cam-harbor.example.test/live'))")
        lab.wait(90)
        m.python("import requests\nrequests.get('https://cam-harbor.example.test/live', headers={'Authorization': h})", h=header)


@scenario("csrf-token-missing.har", ("csrf-token-missing", 3, []), notes="Django: logged in, the POST has no token")
def _(lab):
    with lab.mitm("csrf-token-missing.har") as m:
        m.python(DESK + "s.get(base + '/tickets/')\ns.post(base + '/tickets/', json={'title': 'Rope torn'}, headers={'Referer': base})")


@scenario("session-expired.har", ("session-expired", 3, []), notes="accepted, then 50 idle minutes")
def _(lab):
    with lab.mitm("session-expired.har") as m:
        jar = m.python(DESK + "s.get(base + '/api/tickets'); print(s.cookies['sessionid'])")
        lab.wait(3000)
        m.python("import requests\nrequests.get('https://desk-harbor.example.test/api/tickets', cookies={'sessionid': jar}, headers={'Accept': 'application/json'})", jar=jar)


@scenario("session-cookie-not-sent.har", ("session-cookie-not-sent", 3, []), notes="the cookie's path does not reach the API")
def _(lab):
    with lab.mitm("session-cookie-not-sent.har") as m:
        m.python(DESK.replace("/accounts/login/'", "/accounts/login/?scope=narrow'") + "s.get(base + '/tickets'); s.get(base + '/api/tickets')")


DESK = """
import requests
s = requests.Session()
base = 'https://desk-harbor.example.test'
s.get(base + '/accounts/login/')
s.post(base + '/accounts/login/', data={'username': 'nora', 'password': 'buoy-12-green', 'csrfmiddlewaretoken': s.cookies['csrftoken']}, headers={'Referer': base}, allow_redirects=False)
"""


@scenario("soft-denial-graphql.har", ("unknown-token", 0, []), notes="status 200, errors[].extensions.code UNAUTHENTICATED")
def _(lab):
    with lab.mitm("soft-denial-graphql.har") as m:
        m.node("await fetch('https://graph-pier.example.test/graphql', { method: 'POST', headers: { authorization: 'Bearer gq-live-71Zx', 'content-type': 'application/json' }, body: JSON.stringify({ query: '{ viewer { name } }' }) });")


@scenario("soft-denial-ok-false.har", ("missing-credentials|no-login", 0, []), notes="status 200 with ok:false, not_authed")
def _(lab):
    with lab.mitm("soft-denial-ok-false.har") as m:
        m.python("import requests\nrequests.post('https://chat-pier.example.test/api/chat.postMessage', json={'channel': 'C1', 'text': 'hi'})")


@scenario("missing-credentials.log", ("missing-credentials|no-login", 0, []), notes="format with authorization=\"-\"")
def _(lab):
    lab.quiet("curl -s --interface 192.0.2.202 -A 'tide-bot/2' https://api-ferry.example.test/v2/sailings")
    lab.log("missing-credentials.log", "auth")
