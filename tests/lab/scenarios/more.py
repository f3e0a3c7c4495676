"""Further rules: host roles, timing, helpers, proofs, two logs of one request."""
from record import scenario
from scenarios.browser import browser
from scenarios.construct import DESK, DRF, curl, ferry, ferry_curl, proof
from scenarios.life import grant
from scenarios.looker import H, LOGIN, Q

AUTH = "response_type=code&client_id=pier-dashboards&redirect_uri=https%3A%2F%2Fapp-pier.example.test%2Foauth%2Fcallback&state=77aa01&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
curl("auth-endpoint-on-api-host.curl.txt", [("auth-endpoint-on-api-host", 0, [])], f"curl -v '{Q}:19999/auth?{AUTH}&scope=cors_api'")
curl("token-endpoint-on-ui-host.curl.txt", [("token-endpoint-on-ui-host", 0, [])], f"""curl -v --json '{{"grant_type":"authorization_code","client_id":"pier-dashboards","redirect_uri":"https://app-pier.example.test/oauth/callback","code":"x8QkZ2mVtR","code_verifier":"nK4vRz8Lq2Xw7Tb1Yc6Md9Hs3Pg5Jf0QaEuWoIiZxVy"}}' {Q}/api/token""")
curl("oauth-authorize-parameter-missing.curl.txt", [("oauth-authorize-parameter-missing", 0, [])], f"curl -v '{H}/auth?{AUTH}'", notes="scope=cors_api is missing")
ferry_curl("step-up-required.curl.txt", [("step-up-required", 1, [])], "curl -v -H 'Authorization: Bearer TOKEN' https://api-ferry.example.test/v2/payouts")
ferry("fresh-token-rejected.har", [("fresh-token-rejected", 1, [2])], "h = {'Authorization': 'Bearer ' + token('ghost')}\ncall('/me', h); call('/sailings', h)", "issued a second before, refused with no visible flaw")
grant("oauth-iss-mismatch.har", [("oauth-iss-mismatch", 1, [])], "authorize(F, 'ferry-web', FB, login_hint='other-tenant')", "the callback names another issuer")
grant("pkce-plain.har", [("pkce-plain", 1, [])], "authorize(F, 'ferry-web', FB, code_challenge=VERIFIER, code_challenge_method='plain')", "refused in the callback")
grant("superseded-token.har", [("superseded-token", 4, [])], """a = authorize(F, 'ferry-web', FB)
t = redeem(FT, 'ferry-web', FB, a['code'])
n = s.post(FT, data={'grant_type': 'refresh_token', 'client_id': 'ferry-web', 'refresh_token': t['refresh_token']}).json()
get('/me', t['access_token']); get('/me', n['access_token'])""", "the refresh ended the old access token")


@scenario("request-before-login.har", ("request-before-login", 0, []), notes="no await: the call leaves while the login is under way; the file is not sorted by time")
def _(lab):
    with lab.mitm("request-before-login.har") as m:
        m.node("""let token;
const login = fetch('https://login-dock.example.test/oauth/token', { method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ grant_type: 'client_credentials', client_id: 'dock-jobs', client_secret: 'dock-Xw72pLq9Rm', audience: 'orders' }) }).then(async r => { token = (await r.json()).access_token; });
await new Promise(done => setTimeout(done, 150));
await fetch('https://orders-js.example.test/v1/orders', { headers: { authorization: 'Bearer ' + token } });
await login;
await fetch('https://orders-js.example.test/v1/orders', { headers: { authorization: 'Bearer ' + token } });""")


@scenario("csrf-cookie-not-set.har", ("csrf-cookie-not-set", 0, [1]), notes="the helper call is answered by the page; the login is refused with 419")
def _(lab):
    with lab.mitm("csrf-cookie-not-set.har") as m:
        m.node("""await axios.get('https://spa-harbor.example.test/sanctum/csrf-cookie');
await axios.post('https://spa-harbor.example.test/login', { email: 'nora@example.test', password: 'buoy-12-green' }).catch(() => 0);""")


@scenario("dpop-nonce-missing.har", ("dpop-nonce-missing", 2, [1]), notes="the retry has a new proof, but not the nonce")
def _(lab):
    base = "https://bound-pier.example.test"
    with lab.mitm("dpop-nonce-missing.har") as m:
        now = int(lab.now())
        m.python("""import base64, hashlib, json, requests
r = requests.post(base + '/token', data={'grant_type': 'client_credentials', 'client_id': 'bound-app', 'client_secret': 'bq-41Lz'}, headers={'DPoP': one})
t = r.json()['access_token']
def b64(raw): return base64.urlsafe_b64encode(raw).rstrip(b'=').decode()
for n in (1, 2):
    head, claims, end = two.split('.')
    claims = json.loads(base64.urlsafe_b64decode(claims + '==')) | {'jti': 'v%d' % n, 'ath': b64(hashlib.sha256(t.encode()).digest())}
    requests.get(base + '/v1/vault', headers={'Authorization': 'DPoP ' + t, 'DPoP': '.'.join([head, b64(json.dumps(claims).encode()), end])})
""", base=base, one=proof(base + "/token", "POST", now), two=proof(base + "/v1/vault", "GET", now))


@scenario("credentials-stripped.log", ("credentials-stripped", "0|2", []), notes="edge and upstream lines of one request, joined by request_id; the second request passes unharmed")
def _(lab):
    for path in ("/stripped/parts/", "/api/parts/"):
        lab.quiet(f"curl -s --interface 192.0.2.201 -A parts-sync/1 -H 'Authorization: Token {DRF}' https://drf-harbor.example.test{path}")
    lab.log("credentials-stripped.log", "auth", "upstream")


browser("authorize-via-xhr.har", ("authorize-via-xhr", 1, []), proxied=True, notes="fetch() instead of a navigation", script=f"""
await page.goto('https://app-ferry.example.test/');
await page.evaluate(() => fetch('{H}/auth?{AUTH}&scope=cors_api', {{ credentials: 'include' }}).catch(() => 0)); await pause(300);""")


@scenario("sigv4-payload-mismatch.har", ("sigv4-payload-mismatch", 0, []), notes="signed for an empty body, sent with one")
def _(lab):
    with lab.mitm("sigv4-payload-mismatch.har") as m:
        m.curl("--aws-sigv4", "aws:amz:eu-central-1:dynamodb", "--user", "AKIAQ7EXAMPLE3KLPA2V:Zq81lab+NotASecret/x7Kd02mPvR", "-H", "X-Amz-Target: DynamoDB_20120810.ListTables",
               "-H", "X-Amz-Content-Sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "-d", '{"Limit":5}', "https://dynamodb.eu-central-1.amazonaws.com/")


grant("ok-no-state.har", [("ok|oauth-missing-state", "-", [])], "a = authorize(F, 'ferry-web', FB, state=None)\nt = redeem(FT, 'ferry-web', FB, a['code']); get('/me', t['access_token'])", "no state, but PKCE: worth a note at most")
grant("ok-password-grant.har", [("ok|oauth-password-grant", "-", [])], "t = s.post(TT, data={'grant_type': 'password', 'client_id': 'tram-app', 'username': 'mira', 'password': 'saltwater-91'}).json(); rides(t['access_token'])", "the password grant works; worth a warning")
grant("ok-denied-on-purpose.har", [("ok|oauth-error-response", "-", [])], """q = {'response_type': 'code', 'client_id': 'ferry-web', 'redirect_uri': FB, 'state': 'a1', 'prompt': 'none', 'code_challenge': 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'code_challenge_method': 'S256'}
s.get(s.get(F, params=q, allow_redirects=False).headers['location'])
a = authorize(F, 'ferry-web', FB); t = redeem(FT, 'ferry-web', FB, a['code']); get('/me', t['access_token'])""", "a silent login (prompt=none) is answered login_required, then the user logs in")


@scenario("token-after-logout.mitm.txt", ("token-after-logout", 3, []), notes="text of mitmdump")
def _(lab):
    with lab.mitm("token-after-logout.mitm.txt") as m:
        m.python(LOGIN + f"t = 'token ' + login('{H}')\nget('{H}/api/4.0/user', t); get('{H}/api/4.0/logout', t, 'DELETE'); get('{H}/api/4.0/looks/5', t)")


@scenario("mixed-session-and-csrf.har", ("csrf-token-missing", 3, []), ("session-expired", 4, []), notes="a POST without the CSRF token, and 40 minutes later the session is over")
def _(lab):
    with lab.mitm("mixed-session-and-csrf.har") as m:
        jar = m.python(DESK + "s.get(base + '/api/tickets'); s.post(base + '/tickets/', json={'title': 'Rope'}, headers={'Referer': base}); print(s.cookies['sessionid'])")
        lab.wait(2400)
        m.python("import requests\nrequests.get('https://desk-harbor.example.test/api/tickets', cookies={'sessionid': jar})", jar=jar)


@scenario("mixed-jwt-two-faults.har", ("jwt-wrong-audience", 1, []), ("jwt-expired", 3, []), notes="first a token for another API, then the right one too late")
def _(lab):
    get_token = "def dock(aud): return requests.post('https://login-dock.example.test/oauth/token', json={'grant_type': 'client_credentials', 'client_id': 'dock-jobs', 'client_secret': 'dock-Xw72pLq9Rm', 'audience': aud}).json()['access_token']\n"
    call = "import requests\ndef orders(t): requests.get('https://orders-net.example.test/v1/orders', headers={'Authorization': 'Bearer ' + t})\n"
    with lab.mitm("mixed-jwt-two-faults.har") as m:
        kept = m.python(call + get_token + "orders(dock('invoices')); t = dock('orders'); print(t)")
        lab.wait(1500)
        m.python(call + "orders(t)", t=kept)
