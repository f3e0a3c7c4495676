"""Healthy recordings that look guilty: each tempts a false alarm."""
import json

from record import SAMPLES, scenario
from scenarios.construct import BATCH, DESK, TOKEN, curl, token
from scenarios.life import later
from scenarios.looker import H, LOGIN, M, login


def healthy(file, code, notes):
    @scenario(file, notes=notes)
    def _(lab):
        with lab.mitm(file) as m:
            m.python(code)


curl("ok-basic-challenge.curl.txt", [], "curl -v --anyauth -u 'skipper:Tide&Moon7' https://files-harbor.example.test/tides.txt", notes="401 with a challenge, then the answer")
curl("ok-digest.curl.txt", [], "curl -v --digest -u keeper:lamp0il https://cam-harbor.example.test/live", notes="both legs of Digest")
curl("ok-lower-scheme.curl.txt", [], "curl -v -H 'authorization: token 6b1f0e9a7c34d28855aa10cc93be77d0417f2e66' https://drf-harbor.example.test/api/parts/", notes="DRF reads the scheme without case")
curl("ok-api-key.curl.txt", [], "curl -v -H 'X-Api-Key: wk-5tYqB81nMzR4vLs0' https://weather-pier.example.test/v1/wind", notes="a key in its own header, no Authorization")
curl("ok-slack-form-token.curl.txt", [], "curl -v -d 'token=xoxb-29471-lab-pierToken&channel=C1' https://chat-pier.example.test/api/auth.test", notes="a token in the form, accepted")
curl("ok-sigv4.curl.txt", [], "curl -v --aws-sigv4 aws:amz:eu-central-1:dynamodb --user 'AKIAQ7EXAMPLE3KLPA2V:Zq81lab+NotASecret/x7Kd02mPvR' -H 'X-Amz-Target: DynamoDB_20120810.ListTables' -d '{}' https://dynamodb.eu-central-1.amazonaws.com/")
curl("ok-proxy-login.curl.txt", [], "curl -v --proxy-anyauth -U 'deck:hand-44' -x http://proxy-harbor.example.test:3128 http://plain-harbor.example.test/", notes="407 with a challenge, then the answer")
healthy("ok-basic-challenge.har", """import urllib.request as u
import os
p = u.HTTPPasswordMgrWithDefaultRealm(); p.add_password(None, 'https://files-harbor.example.test/', 'skipper', 'Tide&Moon7')
import ssl
o = u.build_opener(u.HTTPBasicAuthHandler(p), u.HTTPSHandler(context=ssl.create_default_context(cafile=os.environ['SSL_CERT_FILE'])))
o.open('https://files-harbor.example.test/tides.txt').read()
""", "urllib waits for the challenge before it sends the password")
later("ok-refresh-after-401.har", [("ok|expired-token", "-", [])], "a = authorize(F, 'ferry-web', FB)\nt = redeem(FT, 'ferry-web', FB, a['code']); get('/me', t['access_token']); print(t['access_token'] + ' ' + t['refresh_token'])", 930, """
old, refresh = kept.split()
r = get('/sailings', old)
t = s.post(FT, data={'grant_type': 'refresh_token', 'client_id': 'ferry-web', 'refresh_token': refresh}).json()
get('/sailings', t['access_token'])""", "one 401 at the end of life, refreshed and repeated at once; expired-token as a hint is right, an alarm is not")
healthy("ok-identity-provider.har", TOKEN + "h = {'Authorization': 'Bearer ' + token()}\ncall('/me', h); call('/sailings', h)", "the token comes from another host than the API: normal")
healthy("ok-registry-probe.har", """import requests
s = requests.Session(); base = 'https://registry-pier.example.test'
s.get(base + '/v2/')
t = s.get('https://auth-pier.example.test/token', params={'service': 'registry-pier', 'scope': 'repository:tools/crane:pull'}).json()['token']
s.get(base + '/v2/tools/crane/manifests/latest', headers={'Authorization': 'Bearer ' + t})""", "401 on /v2/, then a token for the realm of the challenge")
healthy("ok-two-logins.har", LOGIN + "one, two = login('https://bi-harbor.example.test'), login('https://bi-mill.example.test')\n" + "for n in (1, 2):\n  get('https://bi-harbor.example.test/api/4.0/looks/%d' % n, 'token ' + one); get('https://bi-mill.example.test/api/4.0/looks/%d' % n, 'Bearer ' + two)", "two instances side by side, each with its own token")
healthy("ok-webhook.har", """import requests
requests.post('https://hooks-harbor.example.test/in/orders', json={'event': 'call.recorded', 'request': {'url': 'https://elsewhere.example.test/x', 'headers': {'Authorization': 'Bearer somebody-elses-4471'}}, 'status': 401})
requests.post('https://hooks-harbor.example.test/in/orders', json={'event': 'ping', 'access_token': 'not-ours-at-all-77120'})""", "bodies that report somebody else's failed call")
healthy("ok-device-polling.har", """import requests
b = 'https://id-ferry.example.test/oauth/'
d = requests.post(b + 'device_authorization', data={'client_id': 'ferry-web'}).json()
for _ in range(3):
    r = requests.post(b + 'token', data={'grant_type': 'urn:ietf:params:oauth:grant-type:device_code', 'device_code': d['device_code'], 'client_id': 'ferry-web'})
requests.get('https://api-ferry.example.test/v2/me', headers={'Authorization': 'Bearer ' + r.json()['access_token']})""", "authorization_pending twice is how polling works")
healthy("ok-presigned-redirect.har", TOKEN + "r = c.get('https://api-ferry.example.test/v2/manifest.pdf', headers={'Authorization': 'Bearer ' + token()}, follow_redirects=True)", "302 to signed storage without Authorization: right so")
healthy("ok-introspection.har", TOKEN + "t = token()\nc.post('https://id-ferry.example.test/oauth/introspect', auth=('ferry-batch', 'k7Hq2vZsX9pLdW4nRt'), data={'token': t}); c.post('https://id-ferry.example.test/oauth/introspect', auth=('ferry-batch', 'k7Hq2vZsX9pLdW4nRt'), data={'token': 'fyat_gone'})", "a token in a body that belongs there; active:false is an answer")
healthy("ok-cookie-session.har", DESK + "s.get(base + '/tickets/'); s.post(base + '/tickets/', json={'title': 'Paint'}, headers={'X-CSRFToken': s.cookies['csrftoken'], 'Referer': base})", "cookies only, no Authorization anywhere")
@scenario("ok-login-per-request.har", ("ok|login-per-request", "-", []), notes="works; a login before each of four calls")
def _(lab):
    with lab.mitm("ok-login-per-request.har") as m:
        m.python(LOGIN + f"for n in range(4): get('{H}/api/4.0/looks/%d' % n, 'token ' + login('{H}'))")


@scenario("login-failed-retyped.har", ("login-failed", 0, []), notes="a failed login, then a good one: nothing follows from the first")
def _(lab):
    with lab.mitm("login-failed-retyped.har") as m:
        m.python(LOGIN + f"login('{H}', 'typo')\nt = 'token ' + login('{H}')\nget('{H}/api/4.0/user', t)")




@scenario("ok-looker-session.curl.txt", notes="login with refresh_token null, two calls, logout")
def _(lab):
    t = lab.terminal("ok-looker-session.curl.txt")
    value = login(t, M)
    for method, path in (("GET", "user"), ("GET", "looks/5"), ("DELETE", "logout")):
        t(f'curl -v -X {method} -H "Authorization: token {value}" {M}/api/4.0/{path}')


@scenario("ok-looker-old-token.har", notes="a second login does not end the first token")
def _(lab):
    with lab.mitm("ok-looker-old-token.har") as m:
        m.python(LOGIN + f"one = login('{H}'); two = login('{H}')\nget('{H}/api/4.0/user', 'token ' + two); get('{H}/api/4.0/user', 'token ' + one)")


@scenario("ok-edge.log", notes="combined log of several clients, all accepted")
def _(lab):
    for agent, line in (("tide-bot/2", "-H 'X-Api-Key: wk-5tYqB81nMzR4vLs0' https://weather-pier.example.test/v1/wind"), ("parts-sync/1", "-H 'Authorization: Token 6b1f0e9a7c34d28855aa10cc93be77d0417f2e66' https://drf-harbor.example.test/api/parts/"),
                        ("tide-bot/2", "https://api-ferry.example.test/v2/status"), ("parts-sync/1", f"-d '{BATCH}' https://id-ferry.example.test/oauth/token")):
        lab.quiet(f"curl -s -o /dev/null --interface 192.0.2.20{1 if agent[0] == 't' else 3} -A {agent} {line}")
    lab.log("ok-edge.log", "combined")


@scenario("ok-edge-auth.log", notes="log with the Authorization header; two users")
def _(lab):
    body = lambda: json.loads(lab.output(f"curl -s --interface 192.0.2.201 -A batch/3 -d '{BATCH}' https://id-ferry.example.test/oauth/token"))["access_token"]
    one, two = body(), body()
    for agent, value in (("batch/3", one), ("reader/1", two), ("batch/3", one)):
        lab.quiet(f"curl -s --interface 192.0.2.20{1 if agent[0] == 'b' else 2} -A {agent} -H 'Authorization: Bearer {value}' https://api-ferry.example.test/v2/sailings")
    lab.log("ok-edge-auth.log", "auth")


healthy("ok-not-found.har", TOKEN + "h = {'Authorization': 'Bearer ' + token()}\ncall('/me', h); call('/sailings/9999', h); call('/waitlist', h, 'POST', json={'quay': 'four'})", "404 and 422 that have nothing to do with authentication")


@scenario("ok-sliding-lifetime.har", notes="older than its expires_in, but still accepted")
def _(lab):
    with lab.mitm("ok-sliding-lifetime.har") as m:
        value = m.python("import requests\nprint(requests.post('https://old-harbor.example.test/session', data={'username': 'nora', 'password': 'buoy-12-green'}).json()['token'])")
        for _ in range(2):
            lab.wait(500)
            m.python("import requests\nrequests.get('https://old-harbor.example.test/berths', headers={'Authorization': 'Bearer ' + t})", t=value)


@scenario("ok-clock-behind.har", ("ok|clock-skew", "-", []), notes="the server's clock is 8 minutes behind; opaque tokens do not care")
def _(lab):
    with lab.mitm("ok-clock-behind.har") as m:
        lab.server_clock(-480)
        m.python(TOKEN + "h = {'Authorization': 'Bearer ' + token()}\ncall('/me', h); call('/sailings', h)")


later("ok-parallel-refresh.har", [("ok|expired-token", "-", [])], "a = authorize(F, 'ferry-web', FB)\nt = redeem(FT, 'ferry-web', FB, a['code']); get('/me', t['access_token']); print(t['access_token'] + ' ' + t['refresh_token'])", 905, """
from concurrent.futures import ThreadPoolExecutor
old, refresh = kept.split()
paths = ['/me', '/sailings', '/quays']
with ThreadPoolExecutor(3) as pool: list(pool.map(lambda p: get(p, old), paths))
t = s.post(FT, data={'grant_type': 'refresh_token', 'client_id': 'ferry-web', 'refresh_token': refresh}).json()
with ThreadPoolExecutor(3) as pool: list(pool.map(lambda p: get(p, t['access_token']), paths))""", "three calls in flight meet the end of the token's life; one refresh, all three repeated")


def masked(path):
    """What a scrubbing script does before a HAR is sent to support."""
    har = json.loads(path.read_text())
    for entry in har["log"]["entries"]:
        for part in ("request", "response"):
            for header in entry[part]["headers"]:
                if header["name"].lower() in ("authorization", "cookie", "set-cookie"):
                    header["value"] = "[REDACTED]"
            entry[part]["cookies"] = []
        entry["request"]["postData"] = {"mimeType": "text/plain", "text": "[REDACTED]"} if "postData" in entry["request"] else None
        if "access_token" in entry["response"]["content"].get("text", ""):
            entry["response"]["content"]["text"] = "[REDACTED]"
        if entry["request"]["postData"] is None:
            del entry["request"]["postData"]
    path.write_text(json.dumps(har, indent=1))


@scenario("ok-masked.har", notes="masked by a script after recording; all accepted")
def _(lab):
    with lab.mitm("ok-masked.har") as m:
        m.python(TOKEN + "h = {'Authorization': 'Bearer ' + token()}\ncall('/me', h); call('/sailings', h)")
    masked(SAMPLES / "ok-masked.har")


@scenario("capture-sanitized-masked.har", ("capture-sanitized", 1, [2]), notes="masked by a script after recording; refused, the cause cannot be read")
def _(lab):
    with lab.mitm("capture-sanitized-masked.har") as m:
        m.python(TOKEN + "h = {'Authorization': 'Bearer ' + token()[:-1]}\ncall('/me', h); call('/sailings', h)")
    masked(SAMPLES / "capture-sanitized-masked.har")


curl("ok-cleartext.curl.txt", [("ok|cleartext-credentials", "-", [])], "curl -v -u 'deck:hand-44' http://plain-harbor.example.test/", notes="accepted; the password travels in the clear")


@scenario("ok-login-again.curl.txt", notes="logout, then a second login: only the new token is used after it")
def _(lab):
    t = lab.terminal("ok-login-again.curl.txt")
    one = login(t)
    t(f'curl -v -X DELETE -H "Authorization: token {one}" {H}/api/4.0/logout')
    two = login(t)
    t(f'curl -v -H "Authorization: token {two}" {H}/api/4.0/user')


@scenario("ok-renewed-in-time.har", notes="an hour passes, but a new login comes before the next call")
def _(lab):
    with lab.mitm("ok-renewed-in-time.har") as m:
        call = LOGIN + f"get('{M}/api/4.0/looks/3', 'token ' + login('{M}'))"
        m.python(call)
        lab.wait(4000)
        m.python(call)


@scenario("ok-two-sessions.har", notes="two cookie sessions side by side: one logs out, the other goes on")
def _(lab):
    with lab.mitm("ok-two-sessions.har") as m:
        one = m.python(DESK + "s.get(base + '/api/tickets'); print(s.cookies['sessionid'])")
        m.python(DESK + "s.get(base + '/api/tickets'); s.get(base + '/accounts/logout/')")
        m.python("import requests\nrequests.get('https://desk-harbor.example.test/api/tickets', cookies={'sessionid': one})", one=one)


@scenario("ok-many-schemes.har", notes="Basic here, Bearer there, a key at a third host: each right at its place")
def _(lab):
    with lab.mitm("ok-many-schemes.har") as m:
        m.python(TOKEN + """c.get('https://files-harbor.example.test/tides.txt', auth=('skipper', 'Tide&Moon7'))
call('/me', {'Authorization': 'Bearer ' + token()})
c.get('https://weather-pier.example.test/v1/wind', headers={'X-Api-Key': 'wk-5tYqB81nMzR4vLs0'})
c.get('https://drf-harbor.example.test/api/parts/', headers={'Authorization': 'Token 6b1f0e9a7c34d28855aa10cc93be77d0417f2e66'})""")


@scenario("ok-location-trusted.curl.txt", notes="301 to another host, the header is kept on purpose and accepted there")
def _(lab):
    t = lab.terminal("ok-location-trusted.curl.txt")
    t(f"curl -v --location-trusted -H 'Authorization: Bearer {token(t)}' https://api-ferry.example.test/v2/old-sailings")


@scenario("ok-two-logins.mitm.txt", notes="text of mitmdump: two instances, each with its own token")
def _(lab):
    with lab.mitm("ok-two-logins.mitm.txt") as m:
        m.python(LOGIN + f"one, two = login('{H}'), login('{M}')\nget('{H}/api/4.0/looks/1', 'token ' + one); get('{M}/api/4.0/looks/1', 'Bearer ' + two)")
