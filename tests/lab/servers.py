"""Records what servers, proxies and sniffers write of the same calls. See README.md.

    python3 tests/lab/servers.py [NAME-PART ...]      writes tests/recorded/

Needs, besides what record.py needs: apache2 haproxy squid varnish caddy tshark netcat-openbsd (Debian packages).
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import record
from record import HERE, OUT

TO = HERE.parent / "recorded"
W = pathlib.Path("/tmp/why401-lab")  # servers that run as somebody else must reach it
RECORDERS = []
MOCK = "127.0.0.1:8000"


def recorder(function):
    """Marks a function (call, keep) that starts a server, has it called and keeps what it wrote."""
    RECORDERS.append((function.__name__.replace("_", "-"), function))
    return function


def wait(port):
    for _ in range(100):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on {port}")


def keep(name, text, base=None):
    """Writes a file without the lab's own paths."""
    data = text if isinstance(text, bytes) else text.encode()
    (TO / name).write_bytes(data.replace(str(W).encode(), b"/srv/lab").replace(str(OUT).encode(), b"/srv/lab"))
    print("recorded", name, (TO / name).stat().st_size)


def curl(*arguments):
    return subprocess.run(["curl", "-s", "-m", "10", *arguments], capture_output=True).stdout.decode(errors="replace")


def calls(port, basic="files-harbor.example.test"):
    """The same calls to every reverse proxy: a login, good, wrong and missing tokens, odd values, broken requests."""
    base = f"http://127.0.0.1:{port}"
    to = lambda host: ["-H", f"Host: {host}"]
    login = curl(*to("id-ferry.example.test"), "-d", "grant_type=client_credentials&client_id=ferry-batch&client_secret=k7Hq2vZsX9pLdW4nRt", base + "/oauth/token")
    token = json.loads(login)["access_token"]
    api = to("api-ferry.example.test")
    curl(*api, "-H", f"Authorization: Bearer {token}", base + "/v2/me")
    curl(*api, "-H", "Authorization: Bearer fyat_unknown", "-H", "X-Request-Id: 7d1f60c2", base + "/v2/sailings?quay=4&from=a%20b")
    curl(*api, base + "/v2/sailings")
    curl(*api, "-H", "Authorization: Bearer quote\"and\\back\tslash", base + "/v2/me")
    curl(*api, "-A", 'agent "of" \\ stränge\tname', "-e", "https://app-ferry.example.test/start?x=\"1\"", base + "/v2/me?access_token=fyat_inTheUrl")
    curl(*to(basic), "-u", "skipper:Tide&Moon8", base + "/tables/tide.txt")
    curl(*to(basic), "-u", "skipper:Tide&Moon7", base + "/tables/tide.txt")
    curl(*to(basic), "-u", "two words:x", "-X", "PUT", "-d", "x", base + "/tables/%C3%BC.txt")
    curl(*api, "-I", base + "/v2/status")
    for raw in (b"GARBAGE\r\n\r\n", b"GET /v2/me HTTP/1.1\r\nHost: api-ferry.example.test\r\nAuthorization Bearer nocolon\r\nConnection: close\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=3) as s:
                s.sendall(raw)
                s.shutdown(socket.SHUT_WR)
                s.recv(4096)
        except OSError:
            pass
    time.sleep(1.0)


def serve(*command, port, user=None):
    process = subprocess.Popen([str(c) for c in command], stdout=open(W / "stdout", "wb"), stderr=open(W / "stderr", "wb"))
    try:
        wait(port)
    except RuntimeError:
        process.terminate()
        raise RuntimeError("".join((W / name).read_text()[-1500:] for name in ("stderr", "stdout", "squid.cache") if (W / name).exists()))
    return process


def stop(process):
    process.send_signal(signal.SIGINT if process.args[0] == "tshark" else signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()


class Syslog(threading.Thread):
    """Keeps datagrams as they come."""
    def __init__(self, port):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.lines = []
        self.start()

    def run(self):
        while True:
            self.lines.append(self.socket.recv(65536).rstrip(b"\n") + b"\n")


HAPROXY = """
global
  log 127.0.0.1:5140 format {kind} local0
defaults
  mode http
  log global
  timeout connect 2s
  timeout client 2s
  timeout server 5s
frontend edge
  bind 127.0.0.1:8101
  {option}
  capture request header Host len 40
  capture request header Authorization len 24
  capture response header WWW-Authenticate len 60
  default_backend api
backend api
  server mock {mock}
"""


@recorder
def haproxy():
    """Four ways to write: httplog in three syslog framings, and format strings."""
    json_format = 'log-format \'{"time":"%tr","client":"%ci","method":"%HM","uri":"%HU","status":%ST,"authorization":"%[capture.req.hdr(1),json(utf8s)]","host":"%[capture.req.hdr(0)]","termination":"%ts"}\''
    for name, kind, option in [("haproxy-2.6-httplog-rfc3164.log", "rfc3164", "option httplog"), ("haproxy-2.6-httplog-rfc5424.log", "rfc5424", "option httplog"),
                               ("haproxy-2.6-httplog-raw.log", "raw", "option httplog"), ("haproxy-2.6-clf.log", "raw", "option httplog clf"),
                               ("haproxy-2.6-json.log", "raw", json_format)]:
        (W / "haproxy.cfg").write_text(HAPROXY.format(kind=kind, option=option, mock=MOCK))
        log = SYSLOG
        log.lines.clear()
        process = serve("haproxy", "-f", W / "haproxy.cfg", port=8101)
        log.lines.clear()
        calls(8101)
        stop(process)
        keep(name, b"".join(line for line in log.lines if b"edge" in line or b"method" in line))


APACHE = """
ServerRoot /usr/lib/apache2
LoadModule mpm_event_module modules/mod_mpm_event.so
{modules}
PidFile {w}/apache.pid
ServerName edge.example.test
Listen 127.0.0.1:8102
ErrorLog {w}/apache.error
LogLevel info
ForensicLog {w}/apache.forensic
LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" vhost_combined
LogFormat "{custom}" custom
LogFormat "{spread}" spread
LogFormat "{{ \\"time\\":\\"%{{%Y-%m-%dT%H:%M:%S%z}}t\\", \\"remote\\":\\"%a\\", \\"method\\":\\"%m\\", \\"uri\\":\\"%U%q\\", \\"status\\":%>s, \\"host\\":\\"%{{Host}}i\\", \\"authorization\\":\\"%{{Authorization}}i\\" }}" json
{logs}
ProxyPreserveHost On
ProxyPass / http://{mock}/
"""
APACHE_CUSTOM = r'%a %{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t %m %U%q %H %>s %D \"%{Authorization}i\" \"%{WWW-Authenticate}o\" \"%{X-Forwarded-For}i\" %{UNIQUE_ID}e'
APACHE_SPREAD = r'%{sec}t %{ms}T %>s %{Host}i %m %U %q auth=\"%{Authorization}i\" user=[%u] vhost=%v pid=%P \"%r\"'


@recorder
def apache():
    modules = ["authn_core", "authz_core", "proxy", "proxy_http", "log_forensic", "unique_id"]
    kinds = ["common", "combined", "vhost_combined", "custom", "spread", "json"]
    config = APACHE.format(w=W, mock=MOCK, custom=APACHE_CUSTOM, spread=APACHE_SPREAD, modules="\n".join(f"LoadModule {m}_module modules/mod_{m}.so" for m in modules),
                           logs="\n".join(f"CustomLog {W}/apache.{k} {k}" for k in kinds))
    (W / "apache.conf").write_text(config)
    for old in W.glob("apache.*"):
        if old.name != "apache.conf":
            old.unlink()
    process = serve("apache2", "-X", "-f", W / "apache.conf", port=8102)
    calls(8102)
    stop(process)
    for kind in [*kinds, "forensic", "error"]:
        keep(f"apache-2.4-{kind}.log", (W / f"apache.{kind}").read_bytes())
    (TO / "apache-2.4.formats").write_text(f"custom\t{APACHE_CUSTOM}\nspread\t{APACHE_SPREAD}\n")


SQUID = """
http_port 127.0.0.1:8103
shutdown_lifetime 1 second
visible_hostname proxy-harbor.example.test
pid_filename {w}/squid.pid
cache_log {w}/squid.cache
coredump_dir {w}
cache deny all
auth_param basic program /usr/lib/squid/basic_fake_auth
auth_param basic realm Harbour proxy
acl known proxy_auth REQUIRED
acl open dstdomain plain-harbor.example.test
http_access allow open
http_access allow known
http_access deny all
{log}
strip_query_terms {strip}
"""


@recorder
def squid():
    kinds = {"native": "access_log stdio:{w}/squid.log squid", "combined": "access_log stdio:{w}/squid.log combined", "common": "access_log stdio:{w}/squid.log common",
             "mime": "log_mime_hdrs on\naccess_log stdio:{w}/squid.log squid",
             "json": 'logformat j {{"ts":%ts.%03tu,"client":"%>a","method":"%rm","url":"%ru","status":%>Hs,"auth":"%{{Proxy-Authorization}}>h"}}\naccess_log stdio:{w}/squid.log j'}
    for kind, log in kinds.items():
        for old in ("squid.log", "squid.pid"):
            (W / old).unlink(missing_ok=True)
        (W / "squid.conf").write_text(SQUID.format(w=W, log=log.format(w=W), strip="off" if kind in ("combined", "mime") else "on"))
        subprocess.run(["chown", "-R", "proxy", W])
        process = serve("squid", "-N", "-f", W / "squid.conf", port=8103)
        via = ["-x", "http://127.0.0.1:8103"]
        curl(*via, "http://plain-harbor.example.test/open?x=1")
        curl(*via, "http://old-harbor.example.test/berths?token=oh-inTheUrl")
        curl(*via, "-U", "keeper:lamp oil", "-H", "Authorization: Bearer oh-unknown", "http://old-harbor.example.test/berths?token=oh-inTheUrl")
        curl(*via, "https://api-ferry.example.test/v2/me")
        curl(*via, "-U", "keeper:lampoil", "--proxy-insecure", "-k", "https://api-ferry.example.test/v2/me")
        curl(*via, "--proxy-anyauth", "-U", "keeper:lampoil", "http://old-harbor.example.test/berths")
        time.sleep(0.5)
        stop(process)
        keep(f"squid-5.7-{kind}.log", (W / "squid.log").read_bytes())


VCL = """
vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "8000"; }
sub vcl_recv { if (req.url ~ "^/v2/sailings") { unset req.http.Authorization; } return (pass); }
"""


@recorder
def varnish():
    (W / "lab.vcl").write_text(VCL)
    subprocess.run(["chmod", "a+rwx", W])
    process = serve("varnishd", "-F", "-n", W / "vd", "-a", "127.0.0.1:8104", "-f", W / "lab.vcl", "-T", "none", port=8104)
    custom = '%{%Y-%m-%dT%H:%M:%S%z}t %m %U%q %s "%{Authorization}i" "%{WWW-Authenticate}o" %D %{Varnish:handling}x'
    readers = {"varnishlog-raw": ["varnishlog", "-g", "raw"], "varnishlog": ["varnishlog"], "varnishlog-request": ["varnishlog", "-g", "request"], "ncsa": ["varnishncsa"],
               "ncsa-custom": ["varnishncsa", "-F", custom]}
    running = {k: subprocess.Popen([*c, "-n", str(W / "vd")], stdout=open(W / f"varnish.{k}", "wb"), stderr=subprocess.DEVNULL) for k, c in readers.items()}
    time.sleep(2)
    calls(8104)
    for p in running.values():
        stop(p)
    stop(process)
    for kind in readers:
        if kind != "varnishlog-raw":
            keep(f"varnish-7.1-{kind}.log", (W / f"varnish.{kind}").read_bytes())
    (TO / "varnish-7.1.formats").write_text(f"ncsa-custom\t{custom}\n")


CADDY = """
{{
  admin off
  auto_https off
  {global_}
}}
http://:8105 {{
  log {{
    output file {w}/caddy.log
    format {format}
  }}
  reverse_proxy {mock}
}}
"""


@recorder
def caddy():
    for name, format_, more in [("json", "json", ""), ("console", "console", ""), ("json-credentials", "json", "servers {\n log_credentials\n }"),
                                ("filtered", "filter {\n wrap json\n fields {\n request>headers>Authorization replace MASKED\n request>headers>User-Agent delete\n }\n }", "servers {\n log_credentials\n }")]:
        (W / "caddy.log").unlink(missing_ok=True)
        (W / "Caddyfile").write_text(CADDY.format(w=W, mock=MOCK, format=format_, global_=more))
        os.environ["HOME"] = str(W)
        process = serve("caddy", "run", "--config", W / "Caddyfile", "--adapter", "caddyfile", port=8105)
        calls(8105)
        stop(process)
        keep(f"caddy-2.6-{name}.log", (W / "caddy.log").read_bytes())


NGINX = """
daemon off; pid {w}/nginx.pid; error_log {w}/nginx.error info; worker_processes 1;
events {{}}
http {{
  access_log off; client_body_temp_path {w}/n1; proxy_temp_path {w}/n2; fastcgi_temp_path {w}/n3; uwsgi_temp_path {w}/n4; scgi_temp_path {w}/n5;
  {formats}
  server {{
    listen 127.0.0.1:8106; {logs}
    location / {{ proxy_pass http://{mock}; proxy_set_header Host $host; }}
  }}
}}
"""
NGINX_FORMATS = {
    "auth": """'$remote_addr $host [$time_iso8601] "$request" $status $request_time "$http_authorization" up=$upstream_status:$upstream_response_time www="$sent_http_www_authenticate" id=$request_id'""",
    "spread": """'$msec|$remote_addr|$request_method|$scheme://$host$request_uri|$status|$http_authorization|$sent_http_www_authenticate|$request_time'""",
    "json": """escape=json '{"time":"$time_iso8601","msec":$msec,"host":"$host","method":"$request_method","uri":"$request_uri","status":$status,"up":"$upstream_status","authorization":"$http_authorization","user":"$remote_user","body":"$request_body"}'""",
    "ltsv": "'time:$time_iso8601\thost:$remote_addr\tvhost:$host\tmethod:$request_method\turi:$request_uri\tstatus:$status\tauth:$http_authorization'",
    "pairs": """'ts=$msec method=$request_method host=$host path="$request_uri" status=$status dur=$request_time auth="$http_authorization" ua="$http_user_agent"'""",
}


@recorder
def nginx():
    formats = " ".join(f"log_format {name} {text};" for name, text in NGINX_FORMATS.items())
    logs = " ".join(f"access_log {W}/nginx.{name} {name};" for name in [*NGINX_FORMATS, "combined"])
    (W / "nginx.conf").write_text(NGINX.format(w=W, mock=MOCK, formats=formats, logs=logs))
    process = serve("nginx", "-c", W / "nginx.conf", port=8106)
    calls(8106)
    stop(process)
    for name in [*NGINX_FORMATS, "combined", "error"]:
        keep(f"nginx-1.22-{name}.log", (W / f"nginx.{name}").read_bytes())
    (TO / "nginx-1.22.formats").write_text("".join(f"{name}\t{text}\n" for name, text in NGINX_FORMATS.items()))


@recorder
def tshark():
    """HTTP/1.1 in clear, HTTP/2 with the session keys that curl wrote."""
    (W / "keys").unlink(missing_ok=True)
    process = subprocess.Popen(["tshark", "-q", "-i", "lo", "-w", str(W / "all.pcapng"), "-f", "tcp port 80 or tcp port 443"], stderr=subprocess.DEVNULL)
    time.sleep(3)
    os.environ["SSLKEYLOGFILE"] = str(W / "keys")
    curl("http://old-harbor.example.test/berths")
    curl("-H", "Authorization: Bearer oh-unknown", "http://plain-harbor.example.test/open")
    login = curl("-d", "grant_type=client_credentials&client_id=ferry-batch&client_secret=k7Hq2vZsX9pLdW4nRt", "https://id-ferry.example.test/oauth/token")
    token = json.loads(login)["access_token"]
    curl("-H", f"Authorization: Bearer {token}", "https://api-ferry.example.test/v2/me", "https://api-ferry.example.test/v2/sailings")
    curl("-H", "Authorization: Bearer fyat_unknown", "https://api-ferry.example.test/v2/sailings/4")
    curl("-u", "skipper:Tide&Moon8", "https://files-harbor.example.test/tables/tide.txt")
    del os.environ["SSLKEYLOGFILE"]
    time.sleep(1.5)
    stop(process)
    read = ["tshark", "-r", str(W / "all.pcapng"), "-o", f"tls.keylog_file:{W}/keys"]
    show = lambda *more: subprocess.run([*read, *more], capture_output=True).stdout
    told = "http or http2.header.count or http2.data.data"
    keep("tshark-4.0-json.json", show("-Y", told, "-T", "json", "-J", "frame tcp http http2"))
    keep("tshark-4.0-ek.ndjson", show("-Y", told, "-T", "ek", "-J", "frame tcp http http2"))
    chosen = "frame.time_epoch tcp.stream http.request.method http.request.full_uri http.authorization http.response.code".split()
    keep("tshark-4.0-json-chosen.json", show("-Y", "http", "-T", "json", *(a for f in chosen for a in ("-e", f))))
    fields = "frame.time_epoch ip.src ip.dst tcp.srcport tcp.dstport tcp.stream http.request.method http.request.full_uri http.authorization http.response.code http.www_authenticate http.file_data".split()
    keep("tshark-4.0-fields.tsv", show("-Y", "http", "-T", "fields", "-E", "header=y", *(a for f in fields for a in ("-e", f))))
    keep("tshark-4.0-fields-quoted.csv", show("-Y", "http", "-T", "fields", "-E", "header=y", "-E", "separator=,", "-E", "quote=d", "-E", "occurrence=f", *(a for f in fields for a in ("-e", f))))
    keep("tshark-4.0-follow-tcp.txt", show("-q", "-z", "follow,tcp,ascii,1"))
    keep("tshark-4.0-follow-http.txt", show("-q", "-z", "follow,http,ascii,1"))


NETLOG = """
    await page.goto('https://app-pier.example.test/');
    for (const [path, token] of [['/berths', 'pier-9Kq3Zx7Lw2'], ['/berths', 'pier-unknown'], ['/strict/berths', 'pier-9Kq3Zx7Lw2']])
      await page.evaluate(([p, t]) => fetch('https://cors-pier.example.test' + p, { headers: { Authorization: 'Bearer ' + t } }).then(r => r.text(), () => 0), [path, token]);
    await pause(500);
"""


@recorder
def netlog():
    """Chromium's own log, at two of its levels; only the events of its requests are kept."""
    for name, mode in [("netlog-chromium-156-default.json", "Default"), ("netlog-chromium-156-sensitive.json", "IncludeSensitive"), ("netlog-chromium-156-everything.json", "Everything")]:
        source = OUT / "browser.js"
        script = record.BROWSER.format(record="", script=NETLOG, begin="", end="")
        source.write_text(script.replace("args: [", f"args: ['--log-net-log={W}/netlog.json', '--net-log-capture-mode={mode}', "))
        subprocess.run(["node", str(source)], env={**os.environ, "NODE_PATH": str(record.NODE)}, check=True, timeout=90)
        log = json.loads((W / "netlog.json").read_text())
        kinds = {v: k for k, v in log["constants"]["logEventTypes"].items()}
        used = lambda e: kinds[e["type"]].startswith(("URL_REQUEST", "HTTP_TRANSACTION", "CORS_", "REQUEST_ALIVE"))
        mine = {e["source"]["id"] for e in log["events"] if "example.test" in json.dumps(e.get("params", {})) and used(e)}
        events = [e for e in log["events"] if e["source"]["id"] in mine and used(e)]
        types = {kinds[e["type"]]: e["type"] for e in events}
        sources = {k: v for k, v in log["constants"]["logSourceType"].items()}
        constants = {"logEventTypes": types, "logSourceType": sources, "logEventPhase": log["constants"]["logEventPhase"], "timeTickOffset": log["constants"]["timeTickOffset"],
                     "netError": {k: v for k, v in log["constants"]["netError"].items() if v > -30}, "clientInfo": {k: log["constants"]["clientInfo"][k] for k in ("name", "version")}}
        lines = ",\n".join(json.dumps(e, separators=(",", ":")) for e in events)
        keep(name, '{"constants":' + json.dumps(constants, separators=(",", ":")) + ',\n"events": [\n' + lines + "]}\n")


def main():
    global SYSLOG
    if os.environ.get("LAB_INSIDE") != "1":
        os.environ["LAB_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-mn", sys.executable, *sys.argv])
    TO.mkdir(exist_ok=True)
    W.mkdir(exist_ok=True)
    record.certificates()
    record.network()
    W.chmod(0o777)
    SYSLOG = Syslog(5140)
    record.Lab()
    for name, function in RECORDERS:
        if len(sys.argv) > 1 and not any(part in name for part in sys.argv[1:]):
            continue
        try:
            function()
        except Exception as error:  # the others go on
            print("FAILED", name, error)


if __name__ == "__main__":
    main()
