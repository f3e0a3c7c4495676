"""Sessions with several causes, or with one cause and what follows from it among healthy traffic."""
import json

from record import scenario
from scenarios.construct import API, BATCH, DRF, token
from scenarios.life import GRANT, later
from scenarios.looker import H, KEYS, LOGIN, M, O, ONE, TWO, login

FROM = {"q": "192.0.2.201", "p": "192.0.2.201", "c": "192.0.2.202", "t": "192.0.2.202", "w": "192.0.2.203"}
NODE_USER = """const r = await axios.post(base + '/api/4.0/login', new URLSearchParams('client_id=bR6yKc3VnW8sGf5TjM2p&client_secret=Zt9xQd4LmHs7RwPk2vFg6NcJ'));
console.log(r.data.access_token);"""
NODE_CALL = "await axios.get(base + '/api/4.0/looks/' + id, { headers: { Authorization: 'token ' + token } }).catch(() => 0);"


@scenario("mixed-failed-login-five.har", ("login-failed", 2, [3, 5, 6, 8, 9]), notes="a failed login and its five consequences; another user's calls between them are healthy")
def _(lab):
    with lab.mitm("mixed-failed-login-five.har") as m:
        good = m.node(NODE_USER, base=H)
        m.node(NODE_CALL, base=H, id=1, token=good)
        blank = lambda n: m.python(LOGIN + "get(base + '/api/4.0/looks/%d' % n, 'token ')", base=H, n=n)
        m.python(LOGIN + "login(base, 'was-rotated-last-week')\nget(base + '/api/4.0/user', 'token ')", base=H)
        m.node(NODE_CALL, base=H, id=2, token=good)
        blank(41)
        blank(42)
        m.node(NODE_CALL, base=H, id=3, token=good)
        blank(43)
        blank(44)
        m.node(NODE_CALL, base=H, id=4, token=good)


@scenario("mixed-case-and-body.curl.txt", ("scheme-case", 2, []), ("header-in-body", 3, []), notes="two different slips with one good token")
def _(lab):
    t = lab.terminal("mixed-case-and-body.curl.txt")
    value = login(t, O)
    t(f'curl -v -H "Authorization: token {value}" {O}/api/4.0/user')
    t(f'curl -v -H "Authorization: TOKEN {value}" {O}/api/4.0/looks/3')
    t(f'curl -v -H "Content-Type: application/json" -d \'{{"authorization":"token {value}","limit":5}}\' {O}/api/4.0/queries')


@scenario("mixed-expired-and-cross.har", ("token-cross-host", 2, []), ("expired-token", 3, []), notes="first the wrong host, an hour later the right host with the old token")
def _(lab):
    with lab.mitm("mixed-expired-and-cross.har") as m:
        value = m.python(LOGIN + "t = login(one); get(one + '/api/4.0/user', 'token ' + t); get(two + '/api/4.0/user', 'token ' + t); print(t)", one=H, two=M)
        lab.wait(3900)
        m.python(LOGIN + "get(one + '/api/4.0/user', 'token ' + t)", one=H, t=value)


@scenario("mixed-scope-scheme-blank.curl.txt", ("insufficient-scope", 2, []), ("missing-scheme", 3, []), ("blank-token", 4, []), notes="three causes at an API without a profile, HTTP/2")
def _(lab):
    t = lab.terminal("mixed-scope-scheme-blank.curl.txt")
    value = token(t)
    t(f"curl -v -H 'Authorization: Bearer {value}' {API}/me")
    t(f"curl -v -H 'Authorization: Bearer {value}' -d sailing=7 {API}/bookings")
    t(f"curl -v -H 'Authorization: {value}' {API}/me")
    t(f'curl -v -H "Authorization: Bearer $FERRY_TOKEN" {API}/me')


@scenario("mixed-pkce-then-spent.har", ("pkce-mismatch", 2, [3, 4]), notes="the wrong verifier spends the code; the repeat and the call with Bearer undefined follow from it")
def _(lab):
    with lab.mitm("mixed-pkce-then-spent.har") as m:
        m.python(GRANT + """a = authorize(TA, 'tram-app', TB)
for v in (VERIFIER.lower(), VERIFIER): t = redeem(TT, 'tram-app', TB, a['code'], code_verifier=v)
rides(t.get('access_token', 'undefined'))""")


later("mixed-reuse-then-old.har", [("refresh-token-reuse", 4, [5])],
      "a = authorize(F, 'ferry-web', FB)\nt = redeem(FT, 'ferry-web', FB, a['code'])\nn = s.post(FT, data={'grant_type': 'refresh_token', 'client_id': 'ferry-web', 'refresh_token': t['refresh_token']}).json()\nprint(t['refresh_token'] + ' ' + t['access_token'])", 960,
      "refresh, old = kept.split()\ns.post(FT, data={'grant_type': 'refresh_token', 'client_id': 'ferry-web', 'refresh_token': refresh})\nget('/me', old)", "the spent refresh token, then the expired access token because of it")


@scenario("mixed-two-clients.log", ("placeholder-token", 1, [3]), ("missing-scheme", 4, []), notes="log with the Authorization header: two clients go wrong, a third is healthy")
def _(lab):
    value = json.loads(lab.output(f"curl -s -d '{BATCH}' https://id-ferry.example.test/oauth/token"))["access_token"]
    lab.forget()
    for agent, header in (("quay/1", f"Bearer {value}"), ("crane/7", "Bearer null"), ("quay/1", f"Bearer {value}"), ("crane/7", "Bearer null"), ("winch/2", value), ("quay/1", f"Bearer {value}")):
        lab.quiet(f"curl -s --interface {FROM[agent[0]]} -A {agent} -H 'Authorization: {header}' https://api-ferry.example.test/v2/sailings")
    lab.log("mixed-two-clients.log", "auth")


@scenario("mixed-not-recorded.log", ("credentials-not-recorded", 2, [3]), notes="combined log: there is no place for a credential")
def _(lab):
    for agent, header in (("parts-sync/1", f"Token {DRF}"), ("tide-bot/2", f"Token {DRF}"), ("winch/2", "Token 0"), ("winch/2", "Bearer 0")):
        lab.quiet(f"curl -s --interface {FROM[agent[0]]} -A {agent} -H 'Authorization: {header}' https://drf-harbor.example.test/api/parts/")
    lab.log("mixed-not-recorded.log", "combined")


@scenario("mixed-logout-and-port.curl.txt", ("token-after-logout", 3, []), ("wrong-port", 4, []), notes="two causes on a customer-hosted instance")
def _(lab):
    t, base = lab.terminal("mixed-logout-and-port.curl.txt"), "https://bi-quarry.example.test"
    value = login(t, base + ":19999")
    header = f'-H "Authorization: token {value}"'
    t(f"curl -v {header} {base}:19999/api/4.0/user")
    t(f"curl -v -X DELETE {header} {base}:19999/api/4.0/logout")
    t(f"curl -v {header} {base}:19999/api/4.0/user")
    t(f"curl -v {header} {base}/api/4.0/user")


@scenario("mixed-tenants.har", ("login-failed", 0, [1]), ("token-cross-host", 4, []), notes="one instance refuses the keys, then the token of the other is tried there")
def _(lab):
    with lab.mitm("mixed-tenants.har") as m:
        m.python(LOGIN + "login(two, 'old')\nget(two + '/api/4.0/user', 'token None')\nt = login(one)\nget(one + '/api/4.0/user', 'token ' + t); get(two + '/api/4.0/user', 'token ' + t)", one=ONE, two=TWO)


def gateway(file, kind, *rows, notes):
    """The same five calls in another log format."""
    @scenario(file, *rows, notes=notes)
    def _(lab):
        value = json.loads(lab.output(f"curl -s -d '{BATCH}' https://id-ferry.example.test/oauth/token"))["access_token"]
        lab.forget()
        for agent, header in (("quay/1", f"Bearer {value}"), ("crane/7", "Bearer [object Object]"), ("winch/2", f"Bearer Bearer {value}"), ("quay/1", f"Bearer {value}"), ("crane/7", "Bearer [object Object]")):
            lab.quiet(f"curl -s --interface {FROM[agent[0]]} -A {agent} -H 'Authorization: {header}' https://api-ferry.example.test/v2/quays")
        lab.log(file, kind)


GATEWAY = [("placeholder-token", 1, [4]), ("doubled-scheme", 2, [])]
gateway("mixed-gateway.json.log", "json", *GATEWAY, notes="JSON lines of nginx")
gateway("mixed-gateway.ltsv.log", "ltsv", *GATEWAY, notes="LTSV of nginx")


@scenario("mixed-output-only.curl.txt", ("scheme-case", 1, []), ("blank-token", 2, []), notes="curl -sv 2>&1 saved to a file: no prompts, no typed lines")
def _(lab):
    import re
    t = lab.terminal("mixed-output-only.curl.txt", tty=False)
    value = re.search('"access_token":"(\\w+)"', lab.output(f"curl -s -d '{KEYS}' {H}/api/4.0/login"))[1]
    t(f'curl -sv -H "Authorization: token {value}" {H}/api/4.0/user', shown=False)
    t(f'curl -sv -H "Authorization: BEARER {value}" {H}/api/4.0/user', shown=False)
    t(f'curl -sv -H "Authorization: Bearer " {H}/api/4.0/user', shown=False)


@scenario("mixed-prompt.curl.txt", ("wrong-scheme", 0, []), ("doubled-scheme", 1, []), notes="user@host prompt, progress meter, curl -i beside -v")
def _(lab):
    t = lab.terminal("mixed-prompt.curl.txt", prompt="deploy@build-7:~/jobs$ ", tty=False)
    t(f"curl -v -H 'Authorization: Basic {DRF}' https://drf-harbor.example.test/api/parts/")
    t(f"curl -i -v -H 'Authorization: Token Token {DRF}' https://drf-harbor.example.test/api/parts/")
    t(f"curl -v -H 'Authorization: Token {DRF}' https://drf-harbor.example.test/api/parts/")
