"""Writes recorded sessions again in formats whose programs could not be run here, after their documentation. See README.md.

    python3 tests/lab/rewrite.py        writes tests/written/ from tests/sides/*.har
"""
import base64
import datetime
import io
import json
import pathlib
import urllib.parse
import zipfile
from xml.sax.saxutils import quoteattr

HERE = pathlib.Path(__file__).resolve().parent
SIDES, TO = HERE.parent / "sides", HERE.parent / "written"
SESSIONS = ["jwt-expired", "pkce-mismatch", "session-after-logout", "header-missing"]


def entries(name):
    for e in json.loads((SIDES / f"{name}.har").read_text())["log"]["entries"]:
        q, r = e["request"], e["response"]
        url = urllib.parse.urlsplit(q["url"])
        sent = q.get("postData", {}).get("text", "").encode()
        got = r["content"].get("text", "").encode()
        heads = [(h["name"], h["value"]) for h in q["headers"]]
        if not any(n.lower() == "host" for n, _ in heads):
            heads.insert(0, ("Host", url.netloc))
        yield {"method": q["method"], "url": q["url"], "parts": url, "target": url.path + ("?" + url.query if url.query else ""), "sent": sent, "got": got, "status": r["status"],
               "reason": r["statusText"] or {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized"}[r["status"]], "asked": heads,
               "answered": [(h["name"], h["value"]) for h in r["headers"]], "start": datetime.datetime.fromisoformat(e["startedDateTime"]), "ms": int(sum(max(e["timings"][k], 0) for k in ("send", "wait", "receive")))}


def head(first, lines):
    return (first + "\r\n" + "".join(f"{n}: {v}\r\n" for n, v in lines) + "\r\n").encode()


def request(e, absolute=False):
    return head(f"{e['method']} {e['url'] if absolute else e['target']} HTTP/1.1", e["asked"]) + e["sent"]


def response(e):
    return head(f"HTTP/1.1 {e['status']} {e['reason']}", e["answered"]) + e["got"]


def saz(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        put = lambda path, data: z.writestr(zipfile.ZipInfo(path, (2026, 11, 1, 0, 0, 0)), data)
        put("[Content_Types].xml", '<?xml version="1.0" encoding="utf-8" ?>\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>')
        for n, e in enumerate(entries(name), 1):
            at = lambda ms: (e["start"] + datetime.timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0+00:00"
            put(f"raw/{n:02}_c.txt", request(e, absolute=True))
            put(f"raw/{n:02}_s.txt", response(e))
            put(f"raw/{n:02}_m.xml", f'<?xml version="1.0" encoding="utf-8"?>\n<Session SID="{n}" BitFlags="1"><SessionTimers ClientConnected="{at(0)}" ClientBeginRequest="{at(0)}" '
                f'ServerDoneResponse="{at(e["ms"])}" ClientDoneResponse="{at(e["ms"])}" /><SessionFlags /></Session>')
    return out.getvalue()


def burp(name):
    lines = ['<?xml version="1.0"?>', '<items burpVersion="2024.11" exportTime="Sat Nov 21 10:00:00 UTC 2026">']
    for e in entries(name):
        b64 = lambda data: base64.b64encode(data).decode()
        port = e["parts"].port or 443
        lines += ["  <item>", f"    <time>{e['start'].strftime('%a %b %d %H:%M:%S UTC %Y')}</time>", f"    <url><![CDATA[{e['url']}]]></url>",
                  f"    <host ip={quoteattr('203.0.113.7')}>{e['parts'].hostname}</host>", f"    <port>{port}</port>", f"    <protocol>{e['parts'].scheme}</protocol>",
                  f"    <method><![CDATA[{e['method']}]]></method>", f"    <path><![CDATA[{e['target']}]]></path>", "    <extension>null</extension>",
                  f'    <request base64="true"><![CDATA[{b64(request(e))}]]></request>', f"    <status>{e['status']}</status>", f"    <responselength>{len(response(e))}</responselength>",
                  "    <mimetype>JSON</mimetype>", f'    <response base64="true"><![CDATA[{b64(response(e))}]]></response>', "    <comment></comment>", "  </item>"]
    return "\n".join([*lines, "</items>", ""]).encode()


def charles(name):
    out = []
    for e in entries(name):
        time = lambda ms: (e["start"] + datetime.timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        half = lambda first, lines, body: {"sizes": {"headers": 1, "body": len(body)}, "mimeType": None, "charset": None, "contentEncoding": None,
                                           "header": {"firstLine": first, "headers": [{"name": n, "value": v} for n, v in lines]}, **({"body": {"text": body.decode(), "charset": "UTF-8"}} if body else {})}
        out.append({"status": "COMPLETE", "method": e["method"], "protocolVersion": "HTTP/1.1", "scheme": e["parts"].scheme, "host": e["parts"].hostname, "port": None, "actualPort": e["parts"].port or 443,
                    "path": e["parts"].path, "query": e["parts"].query or None, "tunnel": False, "keptAlive": False, "webSocket": False, "remoteAddress": "203.0.113.7", "clientAddress": "127.0.0.1",
                    "times": {"start": time(0), "requestBegin": time(0), "responseBegin": time(e["ms"]), "end": time(e["ms"])}, "durations": {"total": e["ms"]},
                    "request": half(f"{e['method']} {e['target']} HTTP/1.1", e["asked"], e["sent"]),
                    "response": {"status": e["status"], **half(f"HTTP/1.1 {e['status']} {e['reason']}", e["answered"], e["got"])}})
    return json.dumps(out, indent=1).encode()


def zap(name):
    out = b""
    for n, e in enumerate(entries(name), 1):
        out += f"==== {n} ==========\n".encode() + request(e, absolute=True) + b"\n" + response(e) + b"\n"
    return out


def iis(name):
    lines = ["#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0", "#Date: 2026-11-01 00:00:00",
             "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken cs-host"]
    for e in entries(name):
        end = e["start"] + datetime.timedelta(milliseconds=e["ms"])
        agent = dict((n.lower(), v) for n, v in e["asked"]).get("user-agent", "-").replace(" ", "+")
        sub, win = ("2", "5") if e["status"] == 401 else ("0", "0")
        lines.append(f"{end:%Y-%m-%d %H:%M:%S} 203.0.113.7 {e['method']} {e['parts'].path} {e['parts'].query or '-'} 443 - 192.0.2.9 {agent} - {e['status']} {sub} {win} {e['ms']} {e['parts'].hostname}")
    return "\r\n".join([*lines, ""]).encode()


def gcp(name):
    out = []
    for e in entries(name):
        agent = dict((n.lower(), v) for n, v in e["asked"]).get("user-agent", "")
        out.append({"httpRequest": {"requestMethod": e["method"], "requestUrl": e["url"], "requestSize": "512", "status": e["status"], "responseSize": str(len(e["got"])), "userAgent": agent,
                                    "remoteIp": "192.0.2.9:40112", "serverIp": "203.0.113.7", "latency": f"{e['ms'] / 1000:.6f}s"},
                    "insertId": f"1x{len(out)}f3k", "jsonPayload": {"@type": "type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry", "statusDetails": "response_sent_by_backend"},
                    "logName": "projects/lab/logs/requests", "resource": {"type": "http_load_balancer", "labels": {"project_id": "lab"}}, "severity": "WARNING" if e["status"] >= 400 else "INFO",
                    "timestamp": e["start"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
    return json.dumps(out, indent=1).encode()


def main():
    TO.mkdir(exist_ok=True)
    for name in SESSIONS:
        for end, write in (("saz", saz), ("burp.xml", burp), ("chlsj", charles), ("zap.txt", zap)):
            (TO / f"{name}.{end}").write_bytes(write(name))
    (TO / "header-missing.iis.log").write_bytes(iis("header-missing"))
    (TO / "header-missing.gcp.json").write_bytes(gcp("header-missing"))


if __name__ == "__main__":
    main()
