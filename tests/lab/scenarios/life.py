"""The life of tokens and grants at two authorization servers, without a profile."""
from record import scenario
from scenarios.construct import TOKEN, token

SSO = "https://sso-tram.example.test/realms/tram/protocol/openid-connect"
FERRY = "https://id-ferry.example.test/oauth"
GRANT = """
import base64, hashlib, requests, urllib.parse
s = requests.Session()
VERIFIER = 'tV7k2LwQz9Xn4RbYp8Gd3HsMf6JcAe1Ku5Zx0WqTyBo'
def b64(raw): return base64.urlsafe_b64encode(raw).rstrip(b'=').decode()
def authorize(base, client, back, **more):
    query = {'response_type': 'code', 'client_id': client, 'redirect_uri': back, 'scope': 'sailings:read', 'state': 'k93jd72ls0', 'code_challenge': b64(hashlib.sha256(VERIFIER.encode()).digest()), 'code_challenge_method': 'S256'} | more
    query = {k: v for k, v in query.items() if v is not None}
    r = s.get(base, params=query, allow_redirects=False)
    back = r.headers.get('location', '')
    if back: s.get(back)
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))
def redeem(base, client, back, code, **more):
    data = {'grant_type': 'authorization_code', 'client_id': client, 'redirect_uri': back, 'code': code, 'code_verifier': VERIFIER} | more
    return s.post(base, data={k: v for k, v in data.items() if v is not None}).json()
def get(path, token): return s.get('https://api-ferry.example.test/v2' + path, headers={'Authorization': 'Bearer ' + token})
def rides(token): return s.get('https://rides-tram.example.test/v1/rides', headers={'Authorization': 'Bearer ' + token})
F, FT, FB = 'https://id-ferry.example.test/oauth/authorize', 'https://id-ferry.example.test/oauth/token', 'https://app-ferry.example.test/cb'
T = 'https://sso-tram.example.test/realms/tram/protocol/openid-connect/'
TA, TT, TB = T + 'auth', T + 'token', 'https://app-tram.example.test/signin'
"""


def grant(file, rows, code, notes=""):
    @scenario(file, *rows, notes=notes)
    def _(lab):
        with lab.mitm(file) as m:
            m.python(GRANT + code)


def later(file, rows, first, seconds, then, notes=""):
    """What `first` prints comes back as `kept` this many seconds later."""
    @scenario(file, *rows, notes=notes)
    def _(lab):
        with lab.mitm(file) as m:
            kept = m.python(GRANT + first)
            lab.wait(seconds)
            m.python(GRANT + then, kept=kept)


CODE = "a = authorize(F, 'ferry-web', FB)\n"
TRAM = "a = authorize(TA, 'tram-app', TB)\n"
grant("pkce-mismatch.har", [("pkce-mismatch", 2, [])], "a = authorize(F, 'ferry-web', FB, code_challenge=b64(hashlib.sha256(VERIFIER.encode()).hexdigest().encode()))\nredeem(FT, 'ferry-web', FB, a['code'])", "challenge is base64url of the hex digest")
grant("pkce-mismatch-tram.har", [("pkce-mismatch", 2, [])], TRAM + "redeem(TT, 'tram-app', TB, a['code'], code_verifier=VERIFIER[::-1])", "another verifier; Keycloak's text")
grant("pkce-missing-verifier.har", [("pkce-missing-verifier", 2, [])], TRAM + "redeem(TT, 'tram-app', TB, a['code'], code_verifier=None)")
grant("pkce-malformed-verifier.har", [("pkce-malformed-verifier", 2, [])], "VERIFIER = 'tV7k2LwQz9Xn4RbYp8Gd3H'\n" + CODE + "redeem(FT, 'ferry-web', FB, a['code'], code_verifier=VERIFIER + '!')", "23 characters, one of them a !")
grant("pkce-not-used.har", [("pkce-not-used", 1, [])], "authorize(TA, 'tram-app', TB, code_challenge=None, code_challenge_method=None)", "the callback carries the error")
grant("oauth-state-mismatch.har", [("oauth-state-mismatch", 1, [])], "authorize(F, 'ferry-web', FB, login_hint='mixed-up')")
grant("redirect-uri-mismatch.har", [("redirect-uri-mismatch", 2, [])], TRAM + "redeem(TT, 'tram-app', TB + '/', a['code'])", "a slash more at the token call")
grant("redirect-uri-mismatch-authorize.har", [("redirect-uri-mismatch", 0, [])], "authorize(TA, 'tram-app', 'http://localhost:3000/signin')", "not registered: 400 page")
grant("oauth-client-mismatch.har", [("oauth-client-mismatch", 2, [])], CODE + "redeem(FT, 'tram-app', FB, a['code'])")
grant("oauth-code-missing.har", [("oauth-code-missing", 2, [])], CODE + "redeem(FT, 'ferry-web', FB, 'undefined')", "the page read the wrong parameter")
grant("oauth-code-reuse.har", [("oauth-code-reuse", 3, [])], TRAM + "redeem(TT, 'tram-app', TB, a['code']); redeem(TT, 'tram-app', TB, a['code'])")
later("oauth-code-expired.har", [("oauth-code-expired", 2, [])], TRAM + "print(a['code'])", 700, "redeem(TT, 'tram-app', TB, kept)", "redeemed after 700 s; the server allows 60")
grant("oauth-error-response.har", [("oauth-error-response", 1, [])], "authorize(F, 'ferry-web', FB, prompt='deny')", "access_denied in the callback")
grant("refresh-token-reuse.har", [("refresh-token-reuse", 4, [])], CODE + """t = redeem(FT, 'ferry-web', FB, a['code'])
for _ in range(2): s.post(FT, data={'grant_type': 'refresh_token', 'client_id': 'ferry-web', 'refresh_token': t['refresh_token']})""")
later("refresh-token-expired.har", [("refresh-token-expired", 1, [])], "print(s.post(TT, data={'grant_type': 'password', 'client_id': 'tram-app', 'username': 'mira', 'password': 'saltwater-91'}).json()['refresh_token'])", 40 * 3600,
      "s.post(TT, data={'grant_type': 'refresh_token', 'client_id': 'tram-app', 'refresh_token': kept})", "40 hours later; Keycloak's text")
grant("refresh-token-as-access-token.har", [("refresh-token-as-access-token", 3, [])], CODE + "t = redeem(FT, 'ferry-web', FB, a['code']); get('/me', t['refresh_token'])")
grant("id-token-as-access-token.har", [("id-token-as-access-token", 3, [])], "a = authorize(F, 'ferry-web', FB, scope='openid sailings:read', nonce='n-4471')\nt = redeem(FT, 'ferry-web', FB, a['code']); get('/me', t['id_token'])")
later("expired-token-opaque.har", [("expired-token", 2, [3])], "t = s.post(FT, auth=('ferry-batch', 'k7Hq2vZsX9pLdW4nRt'), data={'grant_type': 'client_credentials'}).json()['access_token']\nget('/me', t); print(t)", 1000, "get('/me', kept); get('/sailings', kept)", "expires_in 900")
later("jwt-expired-issued.har", [("jwt-expired", 4, [])], TRAM + "t = redeem(TT, 'tram-app', TB, a['code'])['access_token']; rides(t); print(t)", 420, "rides(kept)", "300 s of life, used after 420")
grant("token-after-revoke.har", [("token-after-logout", 3, [])], "t = s.post(FT, auth=('ferry-batch', 'k7Hq2vZsX9pLdW4nRt'), data={'grant_type': 'client_credentials'}).json()['access_token']\nget('/me', t)\ns.post('https://id-ferry.example.test/oauth/revoke', auth=('ferry-batch', 'k7Hq2vZsX9pLdW4nRt'), data={'token': t}); get('/me', t)", "RFC 7009 revocation on another host")
grant("login-failed-oauth.har", [("login-failed", 0, [1])], "t = s.post(TT, data={'grant_type': 'password', 'client_id': 'tram-app', 'username': 'mira', 'password': 'Saltwater-91'}).json().get('access_token')\nrides(str(t))", "then Bearer None")


@scenario("retry-storm.har", ("expired-token", 2, [3, 4, 5, 6, 7]), notes="six times the same refused request (retry-storm is a hint beside it)")
def _(lab):
    with lab.mitm("retry-storm.har") as m:
        t = m.python(TOKEN + "t = token(); call('/me', {'Authorization': 'Bearer ' + t}); print(t)")
        lab.wait(1200)
        m.python(TOKEN + "for _ in range(6): call('/me', {'Authorization': 'Bearer ' + t})", t=t)


@scenario("expired-token-opaque.curl.txt", ("expired-token", 2, []), notes="HTTP/2")
def _(lab):
    t = lab.terminal("expired-token-opaque.curl.txt")
    value = token(t)
    line = f"curl -v -H 'Authorization: Bearer {value}' https://api-ferry.example.test/v2/sailings"
    t(line)
    lab.wait(1500)
    t(line)
