"""Records sessions side by side: curl calls through mitmdump, which writes its flow file, a HAR and its text at the same time. See README.md.

    python3 tests/lab/sides.py [NAME-PART ...]      writes tests/sides/NAME.{curl.txt,har,mitm,mitm.txt}

Pages are opened by Chromium, and Playwright writes NAME.browser.har of them in place of the transcript.
"""
import json
import os
import subprocess
import sys
import time
import urllib.parse

import record
from record import HERE, NODE, OUT, TOOLS

SIDES = HERE.parent / "sides"
SESSIONS, PAGES = [], []


def session(function):
    """Marks a function (t, lab) that types lines; its name is the session's."""
    SESSIONS.append((function.__name__.replace("_", "-"), function))
    return function


def page(function):
    """Marks a function () -> JavaScript that acts on a page (page, context, pause in scope)."""
    PAGES.append((function.__name__.replace("_", "-"), function))
    return function


class Beside(record.Mitm):
    """mitmdump on 8899, writing all that it can."""
    def __enter__(self):
        text = self.path.with_suffix(".mitm.txt")
        saved = self.path.with_suffix(".har")
        for stale in (self.path, saved):
            stale.unlink(missing_ok=True)
        command = [TOOLS / "mitmdump", "-p", "8899", "--set", f"confdir={OUT}/mitm", "--set", f"ssl_verify_upstream_trusted_ca={OUT}/ca.pem"]
        command += ["--flow-detail", "3", "-w", self.path, "--set", f"hardump={saved}"]
        env = {**os.environ, **self.lab.fake(), "COLUMNS": "160"}
        self.process = subprocess.Popen([str(part) for part in command], env=env, stdout=text.open("wb"), stderr=subprocess.STDOUT)
        return self.wait()

    def wait(self):
        for _ in range(200):
            if subprocess.run(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8899"], capture_output=True).returncode == 0:
                return self
            time.sleep(0.1)
        raise RuntimeError("mitmdump does not answer")


class Typed(record.Terminal):
    """A terminal whose curl knows the proxy from its environment, as at many firms."""
    def env(self):
        proxy = "http://127.0.0.1:8899"
        return {**super().env(), "https_proxy": proxy, "http_proxy": proxy}

    def json(self, line):
        return json.loads(self(line))


KEYS = "client_id=Tq7wPnZr5XkV2mDc9LhB&client_secret=gW4sJ8fRt6yHp3NqXzKv5bMd"
FERRY, API, TRAM, RIDES = "https://id-ferry.example.test/oauth", "https://api-ferry.example.test/v2", "https://sso-tram.example.test/realms/tram/protocol/openid-connect", "https://rides-tram.example.test/v1"
BATCH = "grant_type=client_credentials&client_id=ferry-batch&client_secret=k7Hq2vZsX9pLdW4nRt"
VERIFIER, CHALLENGE = "tV7k2LwQz9Xn4RbYp8Gd3HsMf6JcAe1Ku5Zx0WqTyBo", "UCHgWDhlKM8jGt0MO8oGS-GFTdDfxWq4HWcraUReWns"
BACK = "https://app-ferry.example.test/cb"


def location(terminal):
    """The query of the redirect that the last answer named."""
    lines = [line for line in terminal.path.read_text().splitlines() if line.lower().startswith("< location: ")]
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(lines[-1].split(": ", 1)[1].strip()).query)), lines[-1].split(": ", 1)[1].strip()


def code(t, challenge=CHALLENGE):
    back = urllib.parse.quote(BACK, safe="")
    t(f"curl -v '{FERRY}/authorize?response_type=code&client_id=ferry-web&redirect_uri={back}&scope=sailings:read&state=k93jd72ls0&code_challenge={challenge}&code_challenge_method=S256'")
    query, url = location(t)
    t(f"curl -v '{url}'")
    return query["code"]


def batch_token(t):
    return t.json(f"curl -v -d '{BATCH}' {FERRY}/token")["access_token"]


def redeem(t, code, verifier=VERIFIER):
    return t.json(f"curl -v -d grant_type=authorization_code -d client_id=ferry-web -d code={code} -d code_verifier={verifier} --data-urlencode redirect_uri={BACK} {FERRY}/token")


@session
def bearer_accepted(t, lab):
    token = batch_token(t)
    t(f"curl -v -H 'Authorization: Bearer {token}' {API}/me")
    t(f"curl -v -H 'Authorization: Bearer {token}' {API}/sailings {API}/sailings/9999")


@session
def bearer_expired(t, lab):
    token = t.json(f"curl -v -u ferry-batch:k7Hq2vZsX9pLdW4nRt -d grant_type=client_credentials {FERRY}/token")["access_token"]
    t(f"curl -v -H 'Authorization: Bearer {token}' {API}/me")
    lab.wait(1000)
    t(f"curl -v -H 'Authorization: Bearer {token}' {API}/me")
    t(f"curl -v -H 'Authorization: Bearer {token}' {API}/sailings")


@session
def bearer_mangled(t, lab):
    token = batch_token(t)
    t(f"curl -v -H 'Authorization: Bearer {token[:-1]}' {API}/me")
    t(f"curl -v -H 'Authorization: Bearer {token}' {API}/me")


@session
def scheme_word(t, lab):
    t("curl -v -H 'Authorization: Bearer 6b1f0e9a7c34d28855aa10cc93be77d0417f2e66' https://drf-harbor.example.test/api/parts/")
    t("curl -v -H 'Authorization: Token 6b1f0e9a7c34d28855aa10cc93be77d0417f2e66' https://drf-harbor.example.test/api/parts/")


@session
def scheme_case(t, lab):
    token = t.json(f'curl -v -d "{KEYS}" https://bi-mill.example.test/api/4.0/login')["access_token"]
    t(f'curl -v -H "Authorization: Token {token}" https://bi-mill.example.test/api/4.0/user')


@session
def header_missing(t, lab):
    token = batch_token(t)
    t(f"curl -v -H 'Authorization: Bearer {token}' {API}/sailings")
    t(f"curl -v {API}/sailings/4")


@session
def login_failed_then_blank(t, lab):
    t(f'curl -v -d "{KEYS[:-1]}e" https://bi-harbor.example.test/api/4.0/login')
    t('curl -v -H "Authorization: token $TOKEN" https://bi-harbor.example.test/api/4.0/user')


@session
def token_cross_host(t, lab):
    token = t.json(f'curl -v -d "{KEYS}" https://bi-harbor.example.test/api/4.0/login')["access_token"]
    t(f'curl -v -H "Authorization: token {token}" https://bi-harbor.example.test/api/4.0/user')
    t(f'curl -v -H "Authorization: token {token}" https://bi-mill.example.test/api/4.0/user')


@session
def jwt_expired(t, lab):
    token = t.json(f"curl -v -d grant_type=password -d client_id=tram-app -d username=mira -d password=saltwater-91 {TRAM}/token")["access_token"]
    t(f"curl -v -H 'Authorization: Bearer {token}' {RIDES}/rides")
    lab.wait(420)
    t(f"curl -v -H 'Authorization: Bearer {token}' {RIDES}/rides")


@session
def jwt_wrong_audience(t, lab):
    body = {"grant_type": "client_credentials", "client_id": "dock-jobs", "client_secret": "dock-Xw72pLq9Rm", "audience": "invoices"}
    token = t.json(f"curl -v --json '{json.dumps(body)}' https://login-dock.example.test/oauth/token")["access_token"]
    t(f"curl -v -H 'Authorization: Bearer {token}' https://orders-net.example.test/v1/orders")


@session
def basic_wrong_password(t, lab):
    t("curl -v -u 'skipper:Tide&Moon8' https://files-harbor.example.test/tables/tide.txt")
    t("curl -v -u 'skipper:Tide&Moon7' https://files-harbor.example.test/tables/tide.txt")


@session
def digest_wrong_password(t, lab):
    t("curl -v --digest -u keeper:lamp0il https://cam-harbor.example.test/snapshot")
    t("curl -v --digest -u keeper:lampoil https://cam-harbor.example.test/snapshot")


@session
def client_secret_wrong(t, lab):
    t(f"curl -v -u ferry-batch:k7Hq2vZsX9pLdW4nRx -d grant_type=client_credentials {FERRY}/token")
    t(f"curl -v -u ferry-batch:k7Hq2vZsX9pLdW4nRt -d grant_type=client_credentials {FERRY}/token")


@session
def pkce_mismatch(t, lab):
    redeem(t, code(t), VERIFIER[::-1])


@session
def code_twice(t, lab):
    first = code(t)
    redeem(t, first)
    redeem(t, first)


@session
def refresh_twice(t, lab):
    refresh = redeem(t, code(t))["refresh_token"]
    for _ in range(2):
        t(f"curl -v -d grant_type=refresh_token -d client_id=ferry-web -d refresh_token={refresh} {FERRY}/token")


@session
def insufficient_scope(t, lab):
    token = batch_token(t)
    t(f"curl -v -H 'Authorization: Bearer {token}' --json '{{\"sailing\": 4}}' {API}/bookings")


@session
def redirect_dropped(t, lab):
    token = batch_token(t)
    t(f"curl -v -L -H 'Authorization: Bearer {token}' {API}/old-sailings")


DESK = "https://desk-harbor.example.test"


def desk(t):
    t(f"curl -v -c jar {DESK}/accounts/login/")
    csrf = next(line.split("\t")[6] for line in (OUT / "jar").read_text().splitlines() if "\tcsrftoken\t" in line)
    t(f"curl -v -b jar -c jar -d csrfmiddlewaretoken={csrf} -d username=nora -d password=buoy-12-green {DESK}/accounts/login/")
    return csrf


@session
def session_after_logout(t, lab):
    desk(t)
    t(f"curl -v -b jar {DESK}/api/tickets/")
    t(f"curl -v -b jar {DESK}/accounts/logout/")
    t(f"curl -v -b jar {DESK}/api/tickets/")


@session
def csrf_token_missing(t, lab):
    desk(t)
    t(f"curl -v -b jar -d title=Lamp {DESK}/tickets/")


@session
def api_key(t, lab):
    t("curl -v https://weather-pier.example.test/v1/wind")
    t("curl -v -H 'X-Api-Key: wk-5tYqB81nMzR4vLs1' https://weather-pier.example.test/v1/wind")
    t("curl -v -H 'X-Api-Key: wk-5tYqB81nMzR4vLs0' https://weather-pier.example.test/v1/wind")


@session
def soft_denial(t, lab):
    t("curl -v -d token=xoxb-29471-lab-pierTokem https://chat-pier.example.test/api/auth.test")
    t("curl -v -d token=xoxb-29471-lab-pierToken https://chat-pier.example.test/api/auth.test")


@page
def page_session_ended():
    return f"""
    await page.goto('{DESK}/accounts/login/');
    await page.fill('input[name=username]', 'nora'); await page.fill('input[name=password]', 'buoy-12-green');
    await page.evaluate(() => {{
      const field = document.createElement('input'); field.name = 'csrfmiddlewaretoken'; field.value = document.cookie.match(/csrftoken=(\\w+)/)[1];
      document.querySelector('form').append(field); }});
    await Promise.all([page.waitForNavigation(), page.click('button')]);
    await page.evaluate(() => fetch('/api/tickets/').then(r => r.text()));
    await page.evaluate(() => fetch('/accounts/logout/').then(r => r.text()));
    await page.evaluate(() => fetch('/api/tickets/').then(r => r.text())); await pause(300);
"""


@page
def page_preflight_header():
    return """
    await page.goto('https://app-pier.example.test/');
    for (const path of ['/berths', '/strict/berths'])
      await page.evaluate(p => fetch('https://cors-pier.example.test' + p, { headers: { Authorization: 'Bearer pier-9Kq3Zx7Lw2' } }).then(r => r.text(), () => 0), path);
    await pause(300);
"""


@page
def page_token_wrong():
    return """
    await page.goto('https://app-pier.example.test/');
    for (const token of ['pier-9Kq3Zx7Lw2', 'undefined'])
      await page.evaluate(t => fetch('https://cors-pier.example.test/berths', { headers: { Authorization: 'Bearer ' + t } }).then(r => r.text(), () => 0), token);
    await pause(300);
"""


def browse(script, har):
    source = OUT / "browser.js"
    options = f"proxy: {{ server: 'http://127.0.0.1:8899' }}, recordHar: {{ path: {json.dumps(str(har))}, content: 'embed' }}"
    source.write_text(record.BROWSER.format(record=options, script=script, begin="", end=""))
    done = subprocess.run(["node", str(source)], env={**os.environ, "NODE_PATH": str(NODE)}, capture_output=True, text=True, timeout=90)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])


def main():
    if os.environ.get("LAB_INSIDE") != "1":
        os.environ["LAB_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-mn", sys.executable, *sys.argv])
    SIDES.mkdir(exist_ok=True)
    record.certificates()
    record.network()
    os.chdir(OUT)  # where curl keeps its jar
    lab = record.Lab()
    wanted = lambda name: len(sys.argv) < 2 or any(part in name for part in sys.argv[1:])
    for number, (name, function) in enumerate(SESSIONS):
        if not wanted(name):
            continue
        (OUT / "jar").unlink(missing_ok=True)
        lab.clock(-86400 * (20 + number) + 1731 * number)
        with Beside(lab, SIDES / f"{name}.mitm"):
            function(Typed(lab, SIDES / f"{name}.curl.txt", "$ ", True), lab)
        print("recorded", name)
    for name, function in PAGES:
        if wanted(name):
            lab.clock(0)  # browsers run on real time
            with Beside(lab, SIDES / f"{name}.mitm"):
                browse(function(), SIDES / f"{name}.browser.har")
            print("recorded", name)


if __name__ == "__main__":
    main()
