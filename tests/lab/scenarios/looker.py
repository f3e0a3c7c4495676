"""The mistakes of the article on 401 errors, on Looker-like instances: as curl -v transcript and as HAR."""
import json

from record import scenario

H, O, M, Q = (f"https://bi-{name}.example.test" for name in ("harbor", "orchard", "mill", "quarry"))
ONE, TWO = "https://example1.cloud.looker.com", "https://example2.cloud.looker.com"
KEYS = "client_id=Tq7wPnZr5XkV2mDc9LhB&client_secret=gW4sJ8fRt6yHp3NqXzKv5bMd"
WRONG = "client_id=Tq7wPnZr5XkV2mDc9LhB&client_secret=gW4sJ8fRt6yHp3NqXzKv5bMe"
LOGIN = """
import requests
s = requests.Session()
def login(base, secret='gW4sJ8fRt6yHp3NqXzKv5bMd'):
    r = s.post(base + '/api/4.0/login', data={'client_id': 'Tq7wPnZr5XkV2mDc9LhB', 'client_secret': secret})
    return r.json().get('access_token') if r.headers.get('content-type') == 'application/json' else None
def get(url, value=None, method='GET', **more):
    return s.request(method, url, headers={'Authorization': value} if value is not None else {}, **more).status_code
"""


def login(terminal, base=H):
    return json.loads(terminal(f'curl -v -d "{KEYS}" {base}/api/4.0/login'))["access_token"]


@scenario("no-login.curl.txt", ("no-login", 0, []))
def _(lab):
    lab.terminal("no-login.curl.txt")(f"curl -v {ONE}/api/4.0/user")


@scenario("no-login.har", ("no-login", 0, [1]), notes="requests, two calls, never a login")
def _(lab):
    with lab.mitm("no-login.har") as m:
        m.python(LOGIN + "get(base + '/api/4.0/user'); get(base + '/api/4.0/looks/12')", base=O)


@scenario("login-failed.curl.txt", ("login-failed", 0, []), notes="404 as JSON")
def _(lab):
    lab.terminal("login-failed.curl.txt")(f'curl -v -d "{WRONG}" {H}/api/4.0/login')


@scenario("login-failed-page.curl.txt", ("login-failed", 0, []), notes="404 as HTML page")
def _(lab):
    lab.terminal("login-failed-page.curl.txt")(f'curl -v -d "{WRONG}" {ONE}/api/4.0/login')


@scenario("login-failed.har", ("login-failed", 0, [1, 2]), notes="404 as HTML page, then two blank tokens")
def _(lab):
    with lab.mitm("login-failed.har") as m:
        m.python(LOGIN + "t = login(base, 'nope') or ''\nget(base + '/api/4.0/user', 'token ' + t); get(base + '/api/4.0/looks/4', 'token ' + t)", base=M)


@scenario("login-failed-then-blank.curl.txt", ("login-failed", 0, [1, 2]), notes="404 as JSON; $TOKEN stays empty")
def _(lab):
    t = lab.terminal("login-failed-then-blank.curl.txt")
    t(f'curl -v -d "{WRONG}" {H}/api/4.0/login')
    t(f'curl -v -H "Authorization: token $TOKEN" {H}/api/4.0/user')
    t(f'curl -v -H "Authorization: token $TOKEN" {H}/api/4.0/looks/31')


@scenario("blank-token.curl.txt", ("blank-token", 0, []))
def _(lab):
    lab.terminal("blank-token.curl.txt")(f'curl -v -H "Authorization: token " {O}/api/4.0/user')


@scenario("blank-token.har", ("blank-token", 0, []), notes="httpx, Bearer and nothing after it")
def _(lab):
    with lab.mitm("blank-token.har") as m:
        m.python("import httpx\nhttpx.get(base + '/api/4.0/user', headers={'Authorization': 'Bearer'})", base=H)


@scenario("token-cross-host.curl.txt", ("token-cross-host", 1, []), notes="two hosted instances, as in the article")
def _(lab):
    t = lab.terminal("token-cross-host.curl.txt")
    token = login(t, ONE)
    t(f'curl -v -H "Authorization: token {token}" {TWO}/api/4.0/user')


@scenario("token-cross-host.har", ("token-cross-host", 2, [3]), notes="accepted where it was issued, refused on the other host")
def _(lab):
    with lab.mitm("token-cross-host.har") as m:
        m.python(LOGIN + "t = 'Bearer ' + login(one)\nget(one + '/api/4.0/user', t); get(two + '/api/4.0/user', t); get(two + '/api/4.0/looks/8', t)", one=H, two=M)


@scenario("expired-token.curl.txt", ("expired-token", 2, []))
def _(lab):
    t = lab.terminal("expired-token.curl.txt")
    token = login(t)
    t(f'curl -v -H "Authorization: Bearer {token}" {H}/api/4.0/looks/12')
    lab.wait(4100)
    t(f'curl -v -H "Authorization: Bearer {token}" {H}/api/4.0/looks/12')


@scenario("expired-token.har", ("expired-token", 2, [3]))
def _(lab):
    with lab.mitm("expired-token.har") as m:
        token = m.python(LOGIN + "t = login(base); get(base + '/api/4.0/user', 'token ' + t); print(t)", base=O)
        lab.wait(3710)
        m.python(LOGIN + "get(base + '/api/4.0/looks/2', 'token ' + t); get(base + '/api/4.0/looks/3', 'token ' + t)", base=O, t=token)


@scenario("token-after-logout.curl.txt", ("token-after-logout", 3, []))
def _(lab):
    t = lab.terminal("token-after-logout.curl.txt")
    token = login(t)
    t(f'curl -v -H "Authorization: token {token}" {H}/api/4.0/user')
    t(f'curl -v -X DELETE -H "Authorization: token {token}" {H}/api/4.0/logout')
    t(f'curl -v -H "Authorization: token {token}" {H}/api/4.0/user')


@scenario("token-after-logout.har", ("token-after-logout", 2, []), notes="node fetch")
def _(lab):
    with lab.mitm("token-after-logout.har") as m:
        m.node("""const r = await fetch(base + '/api/4.0/login', { method: 'POST', body: new URLSearchParams(keys) });
const h = { Authorization: 'Bearer ' + (await r.json()).access_token };
await fetch(base + '/api/4.0/logout', { method: 'DELETE', headers: h });
await fetch(base + '/api/4.0/looks/7', { headers: h });""", base=M, keys=KEYS)


@scenario("malformed-header.curl.txt", ("malformed-header", 1, []), notes="no colon: curl drops the header, only the typed line shows it")
def _(lab):
    t = lab.terminal("malformed-header.curl.txt")
    token = login(t, ONE)
    t(f'curl -v -H "Authorization token {token}" {ONE}/api/4.0/user')


@scenario("scheme-case.curl.txt", ("scheme-case", 1, []))
def _(lab):
    t = lab.terminal("scheme-case.curl.txt")
    token = login(t)
    t(f'curl -v -H "Authorization: Token {token}" {H}/api/4.0/user')


@scenario("scheme-case.har", ("scheme-case", 1, []), notes="axios, lower-case bearer; the same token is accepted after that")
def _(lab):
    with lab.mitm("scheme-case.har") as m:
        m.node("""const r = await axios.post(base + '/api/4.0/login', new URLSearchParams(keys));
for (const scheme of ['bearer', 'Bearer'])
  await axios.get(base + '/api/4.0/user', { headers: { Authorization: scheme + ' ' + r.data.access_token } }).catch(() => 0);""", base=O, keys=KEYS)


@scenario("header-in-body.curl.txt", ("header-in-body", 1, []))
def _(lab):
    t = lab.terminal("header-in-body.curl.txt")
    token = login(t)
    t(f'curl -v -H "Content-Type: application/json" -d "{{\\"headers\\": {{\\"Authorization\\": \\"token {token}\\"}}}}" {H}/api/4.0/queries')


@scenario("header-in-body.har", ("header-in-body", 1, []), notes="axios.post with the headers as second argument")
def _(lab):
    with lab.mitm("header-in-body.har") as m:
        m.node("""const r = await axios.post(base + '/api/4.0/login', new URLSearchParams(keys));
await axios.post(base + '/api/4.0/queries', { headers: { Authorization: 'Bearer ' + r.data.access_token } }).catch(() => 0);""", base=M, keys=KEYS)


@scenario("wrong-port.curl.txt", ("wrong-port", 1, []))
def _(lab):
    t = lab.terminal("wrong-port.curl.txt")
    token = login(t, Q + ":19999")
    t(f'curl -v -H "Authorization: token {token}" {Q}/api/4.0/user')


@scenario("wrong-port.har", ("wrong-port", 0, [1]), notes="even the login goes to the web port")
def _(lab):
    with lab.mitm("wrong-port.har") as m:
        m.python(LOGIN + "login(base); get(base + '/api/4.0/user', 'token ')", base=Q)


@scenario("placeholder-token.curl.txt", ("placeholder-token", 1, []), notes="single quotes: the shell leaves $TOKEN as it is")
def _(lab):
    t = lab.terminal("placeholder-token.curl.txt")
    login(t)
    t(f"curl -v -H 'Authorization: token $TOKEN' {H}/api/4.0/user")


@scenario("placeholder-token.har", ("placeholder-token", 1, [2]), notes="undefined: the wrong field of the login answer was read")
def _(lab):
    with lab.mitm("placeholder-token.har") as m:
        m.node("""const r = await axios.post(base + '/api/4.0/login', new URLSearchParams(keys));
for (const id of [1, 2]) await axios.get(base + '/api/4.0/looks/' + id, { headers: { Authorization: `Bearer ${r.data.token}` } }).catch(() => 0);""", base=H, keys=KEYS)


@scenario("insufficient-permissions.har", ("insufficient-permissions", 2, []), notes="who-am-i works, the user list is forbidden")
def _(lab):
    with lab.mitm("insufficient-permissions.har") as m:
        m.python(LOGIN + "t = 'token ' + login(base)\nget(base + '/api/4.0/user', t); get(base + '/api/4.0/users', t)", base=O)


@scenario("wrong-api-version.curl.txt", ("wrong-api-version", 0, []), notes="path without /api/4.0")
def _(lab):
    lab.terminal("wrong-api-version.curl.txt", tty=False)(f'curl -sv -d "{KEYS}" {ONE}/login')


@scenario("login-wrong-content-type.curl.txt", ("login-wrong-content-type|login-failed", 0, []), notes="JSON sent with the form type of -d")
def _(lab):
    lab.terminal("login-wrong-content-type.curl.txt")(f"""curl -v -d '{{"client_id":"Tq7wPnZr5XkV2mDc9LhB","client_secret":"gW4sJ8fRt6yHp3NqXzKv5bMd"}}' {H}/api/4.0/login""")


@scenario("login-field-missing.curl.txt", ("login-field-missing", 0, []), notes="$SECRET was never set")
def _(lab):
    lab.terminal("login-field-missing.curl.txt")(f'curl -v -d "client_id=Tq7wPnZr5XkV2mDc9LhB&client_secret=$SECRET" {H}/api/4.0/login')


@scenario("login-field-missing.har", ("login-field-missing", 0, []), notes="empty secret, seen in the body")
def _(lab):
    with lab.mitm("login-field-missing.har") as m:
        m.python(LOGIN + "login(base, '')", base=H)


@scenario("login-wrong-method.har", ("login-wrong-method", 0, []), notes="keys in the query of a GET")
def _(lab):
    with lab.mitm("login-wrong-method.har") as m:
        m.python(LOGIN + f"get(base + '/api/4.0/login?{KEYS}')", base=H)


@scenario("wrong-port.mitm.txt", ("wrong-port", 1, []), notes="text of mitmdump")
def _(lab):
    with lab.mitm("wrong-port.mitm.txt") as m:
        m.python(LOGIN + "t = login(base + ':19999')\nget(base + '/api/4.0/looks/9', 'Bearer ' + t)", base=Q)
