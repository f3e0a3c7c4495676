"""Records the samples: real clients talk to mock.py, real recorders write the files. See README.md.

    python3 tests/lab/record.py [NAME-PART ...]     only scenarios whose file name holds one of these
    python3 tests/lab/record.py --table             only writes samples/EXPECTED.tsv again

Runs in a network and mount namespace of its own (root or `unshare -r`): documentation addresses, ports 80
and 443 and the lab's CA exist only there, so that no machine path stands in a sample.
"""
import atexit
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import termios
import time

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "out"
SAMPLES = pathlib.Path(os.environ.get("LAB_SAMPLES", HERE.parent.parent / "samples"))
TOOLS = pathlib.Path(os.environ.get("LAB_VENV", OUT / "venv")) / "bin"
NODE = pathlib.Path(os.environ.get("LAB_NODE_MODULES", OUT / "node_modules"))
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
CLOCK, FAKE_CLOCK = OUT / "clock", OUT / "clock.faketime"
# Hosts behind the nginx edge (HTTP/2, access logs), hosts with the mock's own HTTP/1.1.
EDGE = "drf-harbor api-ferry id-ferry orders-net weather-pier desk-harbor bi-orchard rides-tram".split()
PLAIN = ("bi-harbor bi-mill bi-quarry sso-tram mirror-ferry app-ferry app-tram app-pier orders-py orders-js login-dock files-harbor cam-harbor "
         "registry-pier auth-pier hooks-harbor cors-pier graph-pier chat-pier tiles-pier spa-harbor shop-pier proxy-harbor plain-harbor old-harbor bound-pier k8s-harbor").split()
CLOUD = ["example1.cloud.looker.com", "example2.cloud.looker.com", "dynamodb.eu-central-1.amazonaws.com", "berths.s3.eu-west-1.amazonaws.com", "k3x9q0lab7.execute-api.eu-central-1.amazonaws.com",
         "api.github.com", "login.salesforce.com", "harbour-lab.my.salesforce.com", "api.stripe.com", "gitlab.com", "login.microsoftonline.com", "graph.microsoft.com", "api.twilio.com", "slack.com",
         "oauth2.googleapis.com", "www.googleapis.com"]
ADDRESS = {f"{name}.example.test": f"203.0.113.{10 + n}" for n, name in enumerate(EDGE)}
ADDRESS |= {f"{name}.example.test": f"198.51.100.{10 + n}" for n, name in enumerate(PLAIN)}
ADDRESS |= {name: f"192.0.2.{10 + n}" for n, name in enumerate(CLOUD)}
# Where the clients of the edge's logs call from (curl --interface).
CALLERS = ["192.0.2.201", "192.0.2.202", "192.0.2.203"]
SCENARIOS = []


def scenario(file, *rows, notes="", real_time=False):
    """Marks a function (Lab) -> None that records `file`. A row is (rule, root, followers); no row: healthy."""
    def mark(function):
        SCENARIOS.append((file, rows, notes, function, real_time))
        return function
    return mark


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options).stdout


def start(*command, env=None):
    process = subprocess.Popen([str(part) for part in command], env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL, stderr=open(OUT / "stderr.log", "a"))
    atexit.register(process.terminate)  # not kill: nginx must end its worker too
    return process


def certificates():
    if (OUT / "ca.pem").exists():
        return
    # Two years old, so that scenarios may play in the past.
    env, days = {**os.environ, "LD_PRELOAD": FAKETIME, "FAKETIME": "-730d"}, ["-days", "5000"]
    names = ",".join(["DNS:*.example.test", *(f"DNS:{name}" for name in CLOUD)])
    (OUT / "ext").write_text(f"subjectAltName={names}\n")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", OUT / "ca.key", "-out", OUT / "ca.pem", "-subj", "/O=Recording lab/CN=Lab CA", *days,
        "-addext", "keyUsage=critical,keyCertSign,cRLSign", env=env)
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", OUT / "host.key", "-out", OUT / "host.csr", "-subj", "/O=Recording lab/CN=example.test", env=env)
    run("openssl", "x509", "-req", "-in", OUT / "host.csr", "-CA", OUT / "ca.pem", "-CAkey", OUT / "ca.key", "-CAcreateserial", "-out", OUT / "host.pem", "-extfile", OUT / "ext", *days, env=env)
    (OUT / "mitm").mkdir(exist_ok=True)
    (OUT / "mitm" / "mitmproxy-ca.pem").write_text((OUT / "ca.key").read_text() + (OUT / "ca.pem").read_text())


def network():
    run("ip", "link", "set", "lo", "up")
    for address in {*ADDRESS.values(), *CALLERS}:
        run("ip", "addr", "add", address + "/32", "dev", "lo")
    (OUT / "hosts").write_text("127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in ADDRESS.items()))
    run("mount", "--bind", OUT / "hosts", "/etc/hosts")
    run("mount", "--bind", OUT / "ca.pem", "/etc/ssl/certs/ca-certificates.crt")


NGINX = """
env LD_PRELOAD; env FAKETIME_TIMESTAMP_FILE; env FAKETIME_NO_CACHE; env FAKETIME_DONT_FAKE_MONOTONIC;
daemon off; pid {out}/nginx.pid; error_log {out}/nginx.err; worker_processes 1;
events {{}}
http {{
  access_log off; client_body_temp_path {out}/t1; proxy_temp_path {out}/t2; fastcgi_temp_path {out}/t3; uwsgi_temp_path {out}/t4; scgi_temp_path {out}/t5;
  log_format auth '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
                  'host="$host" authorization="$http_authorization" www_authenticate="$sent_http_www_authenticate" request_id=$request_id';
  ssl_certificate {out}/host.pem; ssl_certificate_key {out}/host.key;
  log_format ltsv escape=none 'time:$time_iso8601\thost:$remote_addr\tvhost:$host\treq:$request\tstatus:$status\tsize:$body_bytes_sent\tua:$http_user_agent\tauthorization:$http_authorization';
  log_format json escape=json '{{"time":"$time_iso8601","remote_addr":"$remote_addr","host":"$host","request_method":"$request_method","request_uri":"$request_uri","status":$status,'
                  '"http_user_agent":"$http_user_agent","http_authorization":"$http_authorization","sent_http_www_authenticate":"$sent_http_www_authenticate","request_id":"$request_id"}}';
  log_format upstream '$http_x_forwarded_for - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
                      'host="$host" authorization="$http_authorization" www_authenticate="$sent_http_www_authenticate" request_id=$http_x_request_id';
  server {{
    listen 127.0.0.1:8001; access_log {out}/upstream.log upstream;
    location / {{
      proxy_pass http://127.0.0.1:8000; proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto https;
      proxy_pass_header Date; proxy_pass_header Server; proxy_http_version 1.1;
    }}
  }}
  server {{
    listen 0.0.0.0:9443 ssl http2;
{listens}
    access_log {out}/combined.log combined; access_log {out}/auth.log auth; access_log {out}/json.log json; access_log {out}/ltsv.log ltsv;
    location / {{
      proxy_pass http://127.0.0.1:8000; proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto https;
      proxy_pass_header Date; proxy_pass_header Server; proxy_http_version 1.1;
    }}
    # This location loses the header, as a careless edge does.
    location /stripped/ {{
      proxy_set_header X-Request-ID $request_id; proxy_pass http://127.0.0.1:8001; proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto https; proxy_set_header Authorization ""; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_pass_header Date; proxy_pass_header Server; proxy_http_version 1.1;
    }}
  }}
}}
"""


class Lab:
    def __init__(self):
        self.clock(0)
        plain = [f"{address}:443/tls" for name, address in ADDRESS.items() if not address.startswith("203.")]
        start(sys.executable, HERE / "mock.py", OUT / "host.pem", OUT / "host.key", "127.0.0.1:8000", *plain,
              *(f"{ADDRESS['bi-quarry.example.test']}:19999/tls {ADDRESS['old-harbor.example.test']}:80 {ADDRESS['proxy-harbor.example.test']}:3128 {ADDRESS['plain-harbor.example.test']}:80".split()),
              env={"LAB_CLOCK_FILE": str(CLOCK)})
        listens = "".join(f"    listen {address}:443 ssl http2;\n" for address in ADDRESS.values() if address.startswith("203."))
        (OUT / "nginx.conf").write_text(NGINX.format(out=OUT, listens=listens))
        start("nginx", "-c", OUT / "nginx.conf", env=self.fake())
        time.sleep(1.5)

    def clock(self, seconds):
        """Moves the clock of server, edge and recorders to this many seconds from now."""
        self.offset = seconds
        CLOCK.write_text(str(seconds))
        FAKE_CLOCK.write_text(f"{seconds:+d}\n")

    def server_clock(self, seconds):
        """Moves the server's clock alone: it is then this much ahead of clients and recorders."""
        CLOCK.write_text(str(self.offset + seconds))

    def wait(self, seconds):
        self.clock(self.offset + seconds)

    def now(self):
        return time.time() + self.offset

    def fake(self):
        return {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(FAKE_CLOCK), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    # --- curl: typed lines and what a terminal shows

    def terminal(self, file, prompt="$ ", tty=True):
        return Terminal(self, SAMPLES / file, prompt, tty)

    def quiet(self, line):
        """Runs a line of which nothing is kept: the edge's log is the recording."""
        self.output(line)

    def output(self, line):
        return subprocess.run(["bash", "-c", line], env={**os.environ, **self.fake()}, capture_output=True, check=True, text=True).stdout

    # --- HAR and text by mitmproxy

    def mitm(self, file):
        return Mitm(self, SAMPLES / file)

    # --- browsers

    def browser(self, file, script, proxied=False, events=False):
        """Runs JavaScript (page, context, pause in scope) in Chromium. Playwright writes the HAR; it leaves out
        preflights, so that with `proxied` mitmproxy writes it; with `events` chrome-har makes it of DevTools events."""
        source = OUT / "browser.js"
        record = "proxy: { server: 'http://127.0.0.1:8899' }" if proxied else "" if events else f"recordHar: {{ path: {json.dumps(str(SAMPLES / file))}, content: 'embed' }}"
        source.write_text(BROWSER.format(record=record, script=script, begin=EVENTS if events else "", end=EVENTS_END.replace("FILE", json.dumps(str(SAMPLES / file))) if events else ""))
        env = {k: v for k, v in os.environ.items()} | {"NODE_PATH": str(NODE)}
        done = subprocess.run(["node", str(source)], env=env, capture_output=True, text=True, timeout=90)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])

    # --- logs of the edge

    def log(self, file, *kinds):
        """Copies what the edge (and the server behind it) has logged since `forget`."""
        time.sleep(0.3)
        (SAMPLES / file).write_text("".join((OUT / f"{kind}.log").read_text() for kind in kinds))

    def forget(self):
        for kind in ("combined", "auth", "json", "ltsv", "upstream"):
            (OUT / f"{kind}.log").write_text("")


EVENTS = """
  const cdp = await context.newCDPSession(page), log = [], bodies = [];
  for (const method of ['Page.loadEventFired', 'Page.domContentEventFired', 'Page.frameStartedLoading', 'Page.frameAttached', 'Network.requestWillBeSent', 'Network.requestWillBeSentExtraInfo', 'Network.requestServedFromCache',
    'Network.dataReceived', 'Network.responseReceived', 'Network.responseReceivedExtraInfo', 'Network.resourceChangedPriority', 'Network.loadingFinished', 'Network.loadingFailed'])
    cdp.on(method, params => {
      log.push({ method, params });
      if (method === 'Network.loadingFinished') bodies.push(cdp.send('Network.getResponseBody', params).then(b => {
        const answer = log.find(e => e.method === 'Network.responseReceived' && e.params.requestId === params.requestId);
        if (answer) Object.assign(answer.params.response, { body: b.body, encoding: b.base64Encoded ? 'base64' : undefined });
      }).catch(() => 0));
    });
  await cdp.send('Page.enable'); await cdp.send('Network.enable');
"""
EVENTS_END = """
  await Promise.all(bodies);
  require('fs').writeFileSync(FILE, JSON.stringify(require('chrome-har').harFromMessages(log, { includeTextFromResponseBody: true }), null, 1));
"""
BROWSER = """
const {{ chromium }} = require('playwright-core');
(async () => {{
  const browser = await chromium.launch({{ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'] }});
  const context = await browser.newContext({{ ignoreHTTPSErrors: true, {record} }});
  const page = await context.newPage();
  const pause = ms => new Promise(done => setTimeout(done, ms));
{begin}
  try {{
{script}
{end}
  }} finally {{ await context.close(); await browser.close(); }}
}})().catch(error => {{ console.error(error); process.exit(1); }});
"""


class Terminal:
    """A transcript: the driver prints the prompt and the typed line, everything else is the client's."""
    def __init__(self, lab, path, prompt, tty):
        self.lab, self.path, self.prompt, self.tty = lab, path, prompt, tty
        path.write_bytes(b"")

    def __call__(self, line, shown=True):
        """Types a line into bash; returns the last line of the output (the body). The typed line is kept if `shown`."""
        output = self.on_tty(line) if self.tty else subprocess.run(["bash", "-c", line + " 2>&1"], capture_output=True, env=self.env()).stdout
        if output and not output.endswith(b"\n"):
            output += b"\n"
        with self.path.open("ab") as file:
            file.write(((self.prompt + line + "\n").encode() if shown else b"") + output)
        return output.decode(errors="replace").strip().rsplit("\n", 1)[-1]

    def env(self):
        return {**os.environ, **self.lab.fake(), "HOME": "/root", "CURL_HOME": str(OUT), "LC_ALL": "C.UTF-8"}

    def on_tty(self, line):
        """As on a terminal: no progress meter, no carriage returns in what is copied from it."""
        master, slave = pty.openpty()
        mode = termios.tcgetattr(slave)
        mode[1] &= ~termios.OPOST
        termios.tcsetattr(slave, termios.TCSANOW, mode)
        process = subprocess.Popen(["bash", "-c", line], stdin=slave, stdout=slave, stderr=slave, env=self.env(), close_fds=True)
        os.close(slave)
        parts = []
        try:
            while data := os.read(master, 65536):
                parts.append(data)
        except OSError:
            pass
        process.wait()
        os.close(master)
        return b"".join(parts).replace(b"\r\n", b"\n")


class Mitm:
    """mitmdump on 8899 for the time of a `with`; writes a HAR, or its own text if the name ends so."""
    def __init__(self, lab, path):
        self.lab, self.path = lab, path

    def __enter__(self):
        text = self.path.suffix != ".har"
        command = [TOOLS / "mitmdump", "-p", "8899", "--set", f"confdir={OUT}/mitm", "--set", f"ssl_verify_upstream_trusted_ca={OUT}/ca.pem"]
        command += ["--flow-detail", "3"] if text else ["-q", "--set", f"hardump={self.path}"]
        target = self.path.open("wb") if text else subprocess.DEVNULL
        self.process = subprocess.Popen([str(part) for part in command], env={**os.environ, **self.lab.fake(), "COLUMNS": "160"}, stdout=target, stderr=subprocess.STDOUT)
        for _ in range(200):
            if subprocess.run(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8899"], capture_output=True).returncode == 0:
                return self
            time.sleep(0.1)
        raise RuntimeError("mitmdump does not answer")

    def __exit__(self, *_):
        time.sleep(0.3)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)

    def env(self):
        proxy = "http://127.0.0.1:8899"
        return {**os.environ, **self.lab.fake(), "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "https_proxy": proxy, "http_proxy": proxy, "REQUESTS_CA_BUNDLE": str(OUT / "ca.pem"),
                "SSL_CERT_FILE": str(OUT / "ca.pem"), "NODE_EXTRA_CA_CERTS": str(OUT / "ca.pem"), "NODE_PATH": str(NODE), "HOME": str(OUT)}

    def client(self, command, code):
        done = subprocess.run([str(part) for part in command], input=code, env=self.env(), capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout.strip()

    def python(self, code, **values):
        """Runs Python; `values` are bound first. What it prints is returned."""
        return self.client([TOOLS / "python", "-"], "".join(f"{k} = {v!r}\n" for k, v in values.items()) + code)

    def node(self, code, **values):
        """Runs JavaScript (await allowed; `axios` and a proxied `fetch` in scope)."""
        head = ("const { ProxyAgent, setGlobalDispatcher } = require('undici'); const { fetch } = require('undici'); setGlobalDispatcher(new ProxyAgent('http://127.0.0.1:8899'));\n"
                "const { HttpsProxyAgent } = require('https-proxy-agent');\n"
                "const axios = require('axios').create({ proxy: false, httpsAgent: new HttpsProxyAgent('http://127.0.0.1:8899') });\n")
        head += "".join(f"const {k} = {json.dumps(v)};\n" for k, v in values.items())
        return self.client(["node", "-"], head + "(async () => {\n" + code + "\n})().catch(e => { console.error(e); process.exit(1); });\n")

    def curl(self, *arguments):
        return self.client(["curl", "-s", *arguments], "")


def exchanges(path):
    """How many exchanges the file holds, counted without the tool."""
    text = path.read_text(errors="replace")
    if path.suffix == ".har":
        return len(json.loads(text)["log"]["entries"])
    if path.suffix == ".log":
        return text.count("\n")
    if path.name.endswith(".mitm.txt"):
        return len(re.findall(r"^ << ", text, re.M))
    return len(re.findall(r"^> [A-Z]+ \S+ HTTP/", text, re.M)) or len(re.findall(r"^\S*[$] curl ", text, re.M))


def kind(name):
    if name.endswith(".har"):
        return "har"
    if name.endswith(".json.log"):
        return "json-log"
    if name.endswith(".log"):
        return "access-log"
    return "mitmdump" if name.endswith(".mitm.txt") else "curl"


def table():
    """samples/EXPECTED.tsv, from the scenarios and the files that exist."""
    lines = ["file\tformat\texchanges\trule\troot\tfollowers\tnotes"]
    for file, rows, notes, *_ in sorted(SCENARIOS, key=lambda s: s[0]):
        if not (SAMPLES / file).exists():
            continue
        count = exchanges(SAMPLES / file)
        for rule, root, followers in rows or [("ok", "-", [])]:
            lines.append(f"{file}\t{kind(file)}\t{count}\t{rule}\t{root}\t{','.join(map(str, followers)) or '-'}\t{notes}")
    (SAMPLES / "EXPECTED.tsv").write_text("\n".join(lines) + "\n")


def main():
    OUT.mkdir(exist_ok=True)
    if os.environ.get("LAB_INSIDE") != "1":
        os.environ["LAB_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-mn", sys.executable, *sys.argv])
    sys.path.insert(0, str(HERE))
    sys.modules["record"] = sys.modules["__main__"]
    import scenarios  # noqa: F401
    if sys.argv[1:] == ["--table"]:
        return table()
    certificates()
    network()
    lab, failed = Lab(), []
    for number, (file, _, _, function, real_time) in enumerate(SCENARIOS):
        if len(sys.argv) > 1 and not any(part in file for part in sys.argv[1:]):
            continue
        # Every scenario has a day of its own; browsers run on real time.
        lab.clock(0 if real_time else -86400 * (40 + 2 * number) + 1731 * number)
        lab.forget()
        try:
            function(lab)
            print("recorded", file, exchanges(SAMPLES / file), (SAMPLES / file).stat().st_size)
        except Exception as error:  # the others go on
            failed.append(file)
            print("FAILED", file, error)
    table()
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
