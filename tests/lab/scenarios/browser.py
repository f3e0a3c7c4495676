"""What a browser does: Chromium with Playwright's recordHar, on real time."""
import json

from record import SAMPLES, scenario

APP = "await page.goto('https://app-pier.example.test/');\n"
VERIFIER = "nK4vRz8Lq2Xw7Tb1Yc6Md9Hs3Pg5Jf0QaEuWoIiZxVy"
PKCE = f"""
const verifier = '{VERIFIER}';
const challenge = await page.evaluate(async v => btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(v))))).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, ''), verifier);
const start = (extra = '') => page.goto('https://bi-harbor.example.test/auth?response_type=code&client_id=pier-dashboards&redirect_uri=' + encodeURIComponent('https://app-pier.example.test/oauth/callback') + '&scope=cors_api&state=9d1c77&code_challenge_method=S256&code_challenge=' + challenge + extra);
"""


def browser(file, *rows, script, notes="", then=None, proxied=False, events=False):
    @scenario(file, *rows, notes=notes, real_time=True)
    def _(lab):
        if proxied:
            with lab.mitm(file):
                lab.browser(file, script, proxied)
        else:
            lab.browser(file, script, events=events)
        if then:
            then(SAMPLES / file)


def chrome_default(path):
    """What Chrome's own export leaves out since 2024, and how it names itself."""
    har = json.loads(path.read_text())
    har["log"]["creator"] = {"name": "WebInspector", "version": "537.36"}
    har["log"].pop("browser", None)
    for entry in har["log"]["entries"]:
        for part in ("request", "response"):
            entry[part]["headers"] = [h for h in entry[part]["headers"] if h["name"].lower() not in ("authorization", "cookie", "set-cookie")]
            entry[part]["cookies"] = []
    path.write_text(json.dumps(har, indent=1))


FETCH = "await page.evaluate(([url, token]) => fetch(url, { headers: { Authorization: 'Bearer ' + token } }).catch(() => 0), [%r, %r]); await pause(200);\n"
GOOD = "pier-9Kq3Zx7Lw2"
browser("no-login-address-bar.har", ("no-login", 0, []), script="await page.goto('https://bi-harbor.example.test/api/4.0/user'); await pause(300);", notes="the URL typed into the address bar")
browser("cors-preflight-failed.har", ("cors-preflight-failed", 1, []), proxied=True, script=APP + FETCH % ("https://cors-pier.example.test/closed/berths", GOOD), notes="401 on the preflight")
browser("unknown-token-browser.har", ("unknown-token", 2, []), proxied=True, script=APP + FETCH % ("https://cors-pier.example.test/berths", "pier-0000000000"), notes="a good preflight, then a refused token")
browser("capture-sanitized.har", ("capture-sanitized", 1, []), script=APP + FETCH % ("https://cors-pier.example.test/berths", "pier-0000000000"), then=chrome_default, notes="three headers left out as Chrome's default export does")
browser("login-failed-form.har", ("login-failed", 1, []), notes="a form login answered 200 with the form again", script="""
await page.goto('https://desk-harbor.example.test/accounts/login/');
await page.evaluate(() => { const i = document.createElement('input'); i.type = 'hidden'; i.name = 'csrfmiddlewaretoken'; i.value = document.cookie.split('csrftoken=')[1]; document.querySelector('form').append(i); });
await page.fill('[name=username]', 'nora'); await page.fill('[name=password]', 'buoy-12');
await Promise.all([page.waitForNavigation(), page.press('[name=password]', 'Enter')]); await pause(300);""")
browser("oauth-state-mismatch-browser.har", ("oauth-state-mismatch", 2, []), script="""
await page.goto('https://app-ferry.example.test/');
await page.goto('https://id-ferry.example.test/oauth/authorize?response_type=code&client_id=ferry-web&redirect_uri=' + encodeURIComponent('https://app-ferry.example.test/cb') + '&scope=sailings%3Aread&state=5512aa&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&login_hint=mixed-up'); await pause(300);""")
browser("ok-preflight.har", proxied=True, script=APP + FETCH % ("https://cors-pier.example.test/berths", GOOD), notes="preflight without a credential, then the call with one")
browser("ok-sanitised-chrome.har", script=APP + FETCH % ("https://cors-pier.example.test/berths", GOOD), then=chrome_default, notes="three headers left out as Chrome's default export does; all accepted")
browser("ok-cookie-login.har", notes="form login, session cookie, CSRF cookie, a redirect after the POST", script="""
await page.goto('https://desk-harbor.example.test/accounts/login/?next=/tickets/');
await page.evaluate(() => { const i = document.createElement('input'); i.type = 'hidden'; i.name = 'csrfmiddlewaretoken'; i.value = document.cookie.split('csrftoken=')[1]; document.querySelector('form').append(i); });
await page.fill('[name=username]', 'nora'); await page.fill('[name=password]', 'buoy-12-green');
await Promise.all([page.waitForNavigation(), page.press('[name=password]', 'Enter')]);
await page.evaluate(() => fetch('/api/tickets').then(r => r.json())); await pause(300);""")

REDEEM = """
const code = new URL(page.url()).searchParams.get('code');
const token = await page.evaluate(async body => (await fetch('https://bi-harbor.example.test/api/token', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).json().then(a => a.access_token),
  { grant_type: 'authorization_code', client_id: 'pier-dashboards', redirect_uri: 'https://app-pier.example.test/oauth/callback', code, code_verifier: VERIFIER });
"""
CALL = "await page.evaluate(t => fetch('https://bi-harbor.example.test/api/4.0/user', { headers: { Authorization: 'token ' + t } }).then(r => r.text()).catch(() => 0), token); await pause(200);\n"
FLOW = APP + PKCE + "await start(); await pause(200);\n"
browser("ok-code-flow.har", script=FLOW + REDEEM.replace("VERIFIER", "verifier") + CALL, notes="code flow with PKCE in a page; the callback is written ?&code=")
browser("ok-code-flow-proxied.har", proxied=True, script=FLOW + REDEEM.replace("VERIFIER", "verifier") + CALL, notes="the same with its preflights")
browser("pkce-missing-verifier-browser.har", ("pkce-missing-verifier", 3, [4]), notes="sessionStorage was empty: null as verifier; the call with `token undefined` follows", script=FLOW + REDEEM.replace("VERIFIER", "null") + CALL)
browser("pkce-mismatch-browser.har", ("pkce-mismatch", 3, [4]), notes="the verifier of another tab; the call with `token undefined` follows", script=FLOW + REDEEM.replace("VERIFIER", "verifier.slice(1) + verifier[0]") + CALL)
browser("secret-in-browser.har", ("secret-in-browser|cors-origin-not-allowed", 1, []), notes="the page logs in with the API keys: refused by CORS", proxied=True, script=APP + """
await page.evaluate(() => fetch('https://bi-harbor.example.test/api/4.0/login', { method: 'POST', body: new URLSearchParams({ client_id: 'Tq7wPnZr5XkV2mDc9LhB', client_secret: 'gW4sJ8fRt6yHp3NqXzKv5bMd' }) }).catch(() => 0)); await pause(200);""")
browser("cors-origin-not-allowed.har", ("cors-origin-not-allowed", 1, []), notes="the page's origin is not the one that the API allows", proxied=True, script=(APP + FETCH % ("https://cors-pier.example.test/berths", GOOD)).replace("app-pier", "app-ferry"))
browser("cors-preflight-header.har", ("cors-preflight-failed", 1, []), notes="Allow-Headers lacks authorization", proxied=True, script=APP + FETCH % ("https://cors-pier.example.test/strict/berths", GOOD))

browser("unknown-token-devtools.har", ("unknown-token", 2, []), events=True, notes="HAR made of DevTools events", script=APP + FETCH % ("https://cors-pier.example.test/berths", "pier-0000000000"))
browser("placeholder-token-devtools.har", ("placeholder-token", 1, [3]), events=True, notes="HAR made of DevTools events: Bearer null from an empty localStorage", script=APP + "for (const p of ['berths', 'quays']) await page.evaluate(p => fetch('https://cors-pier.example.test/' + p, { headers: { Authorization: 'Bearer ' + localStorage.getItem('token') } }), p); await pause(200);")
browser("ok-code-flow-devtools.har", events=True, notes="HAR made of DevTools events: code flow with PKCE in a page", script=FLOW + REDEEM.replace("VERIFIER", "verifier") + CALL)
