#!/usr/bin/env python3
"""Write big, made-up captures for the benchmarks. Standard library only; the same seed gives the same bytes.

    generate.py api     --bytes 200M --out api.har      one compact HAR of API calls
    generate.py browser --bytes 200M --out browser.har  one pretty HAR with heavy bodies
    generate.py batch   --bytes 100K --files 2000 --out batch/
    generate.py nginx   --bytes 500M --out access.log   combined + "$http_authorization"
    generate.py jsonl   --bytes 200M --out access.jsonl one JSON object a line
    generate.py curl    --bytes 100M --out calls.txt    curl -v transcripts

    generate.py api --bytes 10G --days 50 --out - | ...  the same sessions day after day, as fast as a pipe takes them

    generate.py one-token|tokens|hosts|retries|authorize --records 1000000 --out x.har   what must stay linear

Clients log in, call, are challenged (Basic 401, then 200), preflight, follow redirects and walk through OAuth code
flows. Some sessions carry one mistake. Some entries or lines are damaged. The last line on standard output is a JSON
summary: bytes, records, refused requests by planted mistake, expected refusals, damaged places.
"""
import argparse
import base64
import hashlib
import json
import os
import io
import random
import sys
import time as clock

START = 1_767_225_600
AGENTS = ("curl/8.5.0", "python-requests/2.31.0", "okhttp/4.12.0",
          "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36")
WORDS = ("account address amount archive asset audit balance batch billing bucket cache campaign category channel client "
         "column content counter currency customer dashboard date detail dimension document domain element entry event "
         "field file filter folder format function group history index invoice item label layout level limit").split()
PATHS = ("users/%d", "looks/%d", "looks/%d/run/json", "dashboards/%d", "queries/%d", "folders/%d/looks", "models?limit=%d")
REASONS = {200: "OK", 204: "No Content", 302: "Found", 303: "See Other", 401: "Unauthorized", 404: "Not Found"}
MISTAKES = ("doubled-scheme", "missing-scheme", "placeholder-token", "token-after-logout", "blank-token", "expired-token")
# What a log that prints the Authorization header, but no bodies, can tell.
IN_LOGS = ("doubled-scheme", "placeholder-token")


class Exchange:
    __slots__ = ("time", "host", "method", "target", "request", "body", "status", "response", "answer", "client",
                 "mistake", "expected")

    def __init__(self, **fields):
        for name in self.__slots__:
            setattr(self, name, fields.get(name))


def day(now, form, memo={}):
    key = (int(now), form)
    if key not in memo:
        if len(memo) > 20_000:
            memo.clear()
        memo[key] = clock.strftime(form, clock.gmtime(int(now)))
    return memo[key]


class World:
    """Clients that act one after the other."""

    def __init__(self, seed, clients, hosts, mistakes, faulty=0.06, oauth=True):
        self.random = random.Random(seed)
        self.real = self.random.random
        self.made, self.seed = 0, str(seed)
        self.hosts = [f"t{n}.api.example" for n in range(hosts)]
        self.mistakes, self.faulty, self.oauth = mistakes, faulty, oauth
        self.live = [self.session(n) for n in range(clients)]
        self.now = float(START)

    def below(self, n):
        return int(self.real() * n)

    def pick(self, items):
        return items[int(self.real() * len(items))]

    def secret(self, length=40):
        self.made += 1
        raw = hashlib.sha512((self.seed + "/" + str(self.made)).encode()).digest()
        return base64.b64encode(raw, b"xY")[:length].decode()

    def records(self, pace=0.05):
        while True:
            # Longer than an answer takes: no request starts before the login is answered.
            self.now += 0.02 + self.real() * pace
            n = self.below(len(self.live))
            try:
                made = next(self.live[n])
            except StopIteration:
                self.live[n] = self.session(n)
                made = next(self.live[n])
            # What belongs together comes together.
            yield from made if isinstance(made, list) else [made]

    def exchange(self, client, host, method, target, headers, status, answer, kind="application/json", **more):
        """One exchange, answered now."""
        request = [("Host", host), ("User-Agent", client[1]), ("Accept", "application/json")] + headers
        body = more.pop("body", None)
        if body is not None:
            request += [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(body)))]
        response = [("Date", day(self.now, "%a, %d %b %Y %H:%M:%S GMT")), ("Content-Type", kind),
                    ("Content-Length", str(len(answer))), ("Server", "nginx"), ("X-Request-Id", self.secret(22))]
        return Exchange(time=self.now, client=client[0], host=host, method=method, target=target, request=request,
                        body=body, status=status, response=response + more.pop("response", []), answer=answer, **more)

    def path(self):
        return "/api/4.0/" + self.pick(PATHS) % self.below(9000)

    def data(self):
        return json.dumps({self.pick(WORDS): self.pick(WORDS), "id": self.below(99999), "title": self.pick(WORDS)})

    def session(self, n):
        """Log in, call, log out; at times another flow in between, at times one mistake."""
        client = (f"10.{n // 62500}.{n // 250 % 250}.{n % 250 + 1}", AGENTS[n % len(AGENTS)])
        host = self.pick(self.hosts)
        mistake = self.pick(self.mistakes) if self.mistakes and self.real() < self.faulty else None
        yield from self.flows(client, host)
        token, life = self.secret(), 2 if mistake == "expired-token" else 3600
        form = f"client_id={self.secret(20)}&client_secret={self.secret(24)}"
        grant = json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": life})
        yield self.exchange(client, host, "POST", "/api/4.0/login", [], 200, grant, body=form)
        ends = self.now + life
        for _ in range(10 + self.below(50)):
            wrong = {"doubled-scheme": "Bearer Bearer " + token, "missing-scheme": token, "blank-token": "Bearer ",
                     "placeholder-token": "Bearer undefined"}.get(mistake)
            late = mistake == "expired-token" and self.now > ends + 7
            if late or wrong is not None and self.real() < 0.5:
                yield self.refused(client, host, wrong or "Bearer " + token, mistake)
            elif mistake != "expired-token" or self.now < ends:
                yield self.exchange(client, host, "GET", self.path(), [("Authorization", "Bearer " + token)], 200,
                                    self.data())
            else:
                yield self.exchange(client, host, "GET", "/health", [], 200, "ok", kind="text/plain")
        if mistake == "token-after-logout" or self.real() < 0.5:
            yield self.exchange(client, host, "DELETE", "/api/4.0/logout", [("Authorization", "Bearer " + token)], 204, "")
        if mistake == "token-after-logout":
            yield self.refused(client, host, "Bearer " + token, mistake)

    def refused(self, client, host, sent, mistake):
        answer = '{"message":"Requires authentication.","documentation_url":"https://docs.example/"}'
        return self.exchange(client, host, "GET", self.path(), [("Authorization", sent)], 401, answer, mistake=mistake)

    def flows(self, client, host):
        """What looks like a failure, and is none."""
        chance = self.real()
        if chance < 0.1 and self.oauth:  # a challenge that is answered
            challenge = [("WWW-Authenticate", 'Basic realm="files"')]
            target = "/files/%d" % self.below(999)
            asked = self.exchange(client, host, "GET", target, [], 401, "", response=challenge, expected=True)
            basic = "Basic " + base64.b64encode(f"u{self.below(99)}:{self.secret(12)}".encode()).decode()
            yield [asked, self.exchange(client, host, "GET", target, [("Authorization", basic)], 200, self.data())]
        elif chance < 0.2:  # a redirect
            target = "/old/%d" % self.below(999)
            to = [("Location", f"https://{host}/new{target}")]
            yield [self.exchange(client, host, "GET", target, [], 302, "", response=to),
                   self.exchange(client, host, "GET", "/new" + target, [], 200, self.data())]
        elif chance < 0.25 and self.oauth:  # authorization code with PKCE
            verifier, state, code = self.secret(43), self.secret(20), self.secret(32)
            hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
            back = "https://app.example/cb"
            ask = (f"/oauth/authorize?response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"
                   f"&state={state}&code_challenge={hashed}&code_challenge_method=S256")
            to = [("Location", f"{back}?code={code}&state={state}")]
            asked = self.exchange(client, host, "GET", ask, [], 302, "", response=to)
            came = self.exchange(client, "app.example", "GET", f"/cb?code={code}&state={state}", [], 200, "<html></html>",
                                 kind="text/html")
            form = (f"grant_type=authorization_code&code={code}&client_id=app&code_verifier={verifier}"
                    f"&redirect_uri=https%3A%2F%2Fapp.example%2Fcb")
            grant = json.dumps({"access_token": self.secret(), "token_type": "Bearer", "expires_in": 3600})
            yield [asked, came, self.exchange(client, host, "POST", "/oauth/token", [], 200, grant, body=form)]


# --- renderings -------------------------------------------------------------------------------------------------

def har_entry(x, indent=None, size=0, text=None, kind=None):
    pairs = lambda items: [{"name": n, "value": v} for n, v in items]
    request = {"method": x.method, "url": f"https://{x.host}{x.target}", "httpVersion": "HTTP/1.1",
               "headers": pairs(x.request), "queryString": [], "cookies": [], "headersSize": -1, "bodySize": -1}
    if x.body is not None:
        request["postData"] = {"mimeType": "application/x-www-form-urlencoded", "text": x.body}
    entry = {"startedDateTime": day(x.time, "%Y-%m-%dT%H:%M:%S") + ".%03dZ" % (x.time % 1 * 1000), "time": 9,
             "request": request,
             "response": {"status": x.status, "statusText": REASONS[x.status], "httpVersion": "HTTP/1.1",
                          "headers": pairs(x.response), "cookies": [], "redirectURL": "", "headersSize": -1,
                          "content": {"size": len(x.answer), "mimeType": "application/json", "text": x.answer},
                          "bodySize": len(x.answer)},
             "cache": {}, "timings": {"send": 0.1, "wait": 8, "receive": 0.4}}
    # Clients that a HAR tells apart by their connection.
    entry["_client"] = x.client
    return json.dumps(entry, indent=indent, separators=None if indent else (",", ":"), ensure_ascii=False)


def nginx_line(x):
    escaped = lambda text: text.replace("\\", "\\x5C").replace('"', "\\x22")
    sent = next((v for n, v in x.request if n == "Authorization"), "-")
    return '%s - - [%s] "%s %s HTTP/1.1" %d %d "-" "%s" "%s"\n' % (
        x.client, day(x.time, "%d/%b/%Y:%H:%M:%S +0000"), x.method, escaped(x.target), x.status, len(x.answer),
        x.request[1][1], escaped(sent))


def json_line(x):
    return json.dumps({"time": day(x.time, "%Y-%m-%dT%H:%M:%SZ"), "remote_addr": x.client, "host": x.host,
                       "method": x.method, "uri": x.target, "status": x.status, "body_bytes_sent": len(x.answer),
                       "user_agent": x.request[1][1],
                       "authorization": next((v for n, v in x.request if n == "Authorization"), "-")},
                      separators=(",", ":")) + "\n"


def curl_transcript(x):
    shown = [f"-H '{n}: {v}'" for n, v in x.request if n == "Authorization"]
    if x.body is not None:
        shown.append(f"-d '{x.body}'")
    elif x.method != "GET":
        shown.append("-X " + x.method)
    lines = [f"$ curl -v {' '.join(shown)} 'https://{x.host}{x.target}'", "*   Trying 198.51.100.20:443...",
             f"* Connected to {x.host} (198.51.100.20) port 443 (#0)", "* using HTTP/1.1",
             f"> {x.method} {x.target} HTTP/1.1"]
    lines += [f"> {n}: {v}" for n, v in x.request]
    lines += ["> ", f"< HTTP/1.1 {x.status} {REASONS[x.status]}"]
    lines += [f"< {n}: {v}" for n, v in x.response]
    return "\n".join(lines) + f"\n< \n* Connection #0 to host {x.host} left intact\n{x.answer}\n"


# --- writing ----------------------------------------------------------------------------------------------------

def write(path, limit, records, render, tally, before="", between="", after="", damage=None, most=None):
    done, count, x = 0, 0, None
    with path if isinstance(path, io.BytesIO) else open(path, "wb", buffering=1 << 20) as out:
        done += out.write(before.encode())
        # A capture does not end between a challenge and its answer.
        while (done < limit or x and x.expected) and (most is None or count < most):
            if damage and count and count % 20_000 == 0:
                done += out.write(damage.encode())
                tally["damaged"] += 1
            x = next(records)
            done += out.write(((between if count else "") + render(x)).encode())
            count += 1
            tally["records"] += 1
            tally["expected"] += bool(x.expected)
            if x.mistake:
                tally["planted"][x.mistake] = tally["planted"].get(x.mistake, 0) + 1
        done += out.write(after.encode())
    tally["bytes"] += done


class Kept(io.BytesIO):
    """A file in memory that outlives its writing."""

    def close(self):
        pass


def daily(want, tally, render, frame, between, damage):
    """Five blocks of sessions, all of them day after day: fast enough to feed a pipe. Logins come again, times move on."""
    blocks, days = 5, max(1, want.days // 5)
    seconds = {b"2026-01-01T": "%Y-%m-%dT", b"Thu, 01 Jan 2026": "%a, %d %b %Y", b"[01/Jan/2026:": "[%d/%b/%Y:"}
    # A server that hands out a token which it took back is none of the sessions that are meant.
    mistakes = [m for m in MISTAKES if m != "token-after-logout"] if frame[0] else IN_LOGS
    out = sys.stdout.buffer if want.out == "-" else open(want.out, "wb")
    out.write(frame[0].encode())
    for n in range(blocks):
        block, own = Kept(), {"bytes": 0, "records": 0, "expected": 0, "damaged": 0, "planted": {}}
        world = World(want.seed + n, 64, 12, mistakes, oauth=bool(frame[0]))
        records = world.records(0.05 if frame[0] else 0.02)
        write(block, want.bytes // (blocks * days), records, render, own, between=between, damage=damage)
        raw = block.getvalue()
        for day_of_block in range(days):
            moved, when = raw, clock.gmtime(START + (n * days + day_of_block) * 86_400)
            for old, form in seconds.items():
                moved = moved.replace(old, clock.strftime(form, when).encode())
            first = n == 0 and day_of_block == 0
            tally["bytes"] += out.write(moved if first else between.encode() + moved)
            for name in ("records", "expected", "damaged"):
                tally[name] += own[name]
            for name, count in own["planted"].items():
                tally["planted"][name] = tally["planted"].get(name, 0) + count
    out.write(frame[1].encode())
    out.close()


def heavy(world):
    """Pages and scripts; one exchange in ten is an API call."""
    calls = world.records(pace=0.3)
    pool = []
    for n in range(60):
        size = 2000 + int(400_000 * world.real() ** 3)
        words = " ".join(f"{world.pick(WORDS)}({world.below(999)})" for _ in range(size // 14))
        pool.append(f'function f{n}(e){{return "{words}"}}')
    client = ("10.9.9.9", AGENTS[3])
    while True:
        if world.real() < 0.1:
            yield next(calls)
            continue
        world.now += world.real() * 0.1
        yield world.exchange(client, "static.cdn.example", "GET", f"/{world.pick(WORDS)}.{world.below(10**6)}.js", [], 200,
                             world.pick(pool), kind="application/javascript")


def adversary(kind, world):
    """Captures that punish whoever searches instead of looking up."""
    client, host, n = ("10.0.0.1", AGENTS[1]), "a.api.example", 0
    token = world.secret()
    ok = lambda h, sent, **more: world.exchange(client, h, "GET", f"/v1/items/{n}", [("Authorization", sent)], 200, "{}")
    while True:
        n += 1
        world.now += 0.01
        if kind == "one-token":
            yield ok(host, "Bearer " + token)
        elif kind == "tokens":
            yield ok(host, "Bearer " + world.secret())
        elif kind == "hosts":
            yield ok(f"h{n % 100_000}.api.example", "Bearer " + token)
        elif kind == "retries":
            yield world.exchange(client, host, "GET", f"/v1/items/{n // 20 * 20}", [("Authorization", "Bearer undefined")],
                                 401, '{"message":"no"}', mistake="placeholder-token")
        else:
            ask = (f"/oauth/authorize?response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"
                   f"&state={world.secret(20)}&code_challenge={world.secret(43)}&code_challenge_method=S256")
            to = [("Location", f"https://app.example/cb?code={world.secret(32)}&state=x")]
            yield world.exchange(client, host, "GET", ask, [], 302, "", response=to)


def size_of(text):
    unit = {"K": 1000, "M": 1000**2, "G": 1000**3}.get(text[-1:].upper(), 1)
    return int(float(text[:-1] if unit > 1 else text) * unit)


FRAME = ('{"log":{"version":"1.2","creator":{"name":"generate.py","version":"1"},"pages":[],"entries":[', "]}}\n")


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("kind")
    ask.add_argument("--bytes", type=size_of, default=size_of("10M"))
    ask.add_argument("--records", type=int)
    ask.add_argument("--files", type=int, default=2000)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--out", required=True, help="file or folder; - for standard output, with --days")
    ask.add_argument("--days", type=int, help="api, nginx: so many days of the same sessions, at least 5")
    want = ask.parse_args()
    tally = {"kind": want.kind, "bytes": 0, "records": 0, "expected": 0, "damaged": 0, "planted": {}}
    har = dict(tally=tally, before=FRAME[0], between=",", after=FRAME[1])
    entry = lambda x: har_entry(x)
    if want.days and want.kind == "api":
        daily(want, tally, entry, FRAME, ",", ',{"startedDateTime":"x","request":17}')
    elif want.days and want.kind == "nginx":
        daily(want, tally, nginx_line, ("", ""), "", "kernel: link is up\n")
    elif want.kind == "api":
        world = World(want.seed, 64, 12, MISTAKES)
        write(want.out, want.bytes, world.records(), entry, damage=',{"startedDateTime":"x","request":17}', **har)
    elif want.kind == "browser":
        world = World(want.seed, 4, 3, MISTAKES, faulty=0.7)
        write(want.out, want.bytes, heavy(world), lambda x: har_entry(x, 2), **har)
    elif want.kind == "batch":
        os.makedirs(want.out, exist_ok=True)
        for n in range(want.files):
            world = World(want.seed * 100_003 + n, 3, 2, MISTAKES, faulty=0.3)
            write(os.path.join(want.out, f"{n:05}.har"), want.bytes, world.records(), entry, **har)
    elif want.kind in ("nginx", "jsonl"):
        world = World(want.seed, 64, 12, IN_LOGS, oauth=False)
        render = nginx_line if want.kind == "nginx" else json_line
        write(want.out, want.bytes, world.records(0.02), render, tally, damage="kernel: link is up\n")
    elif want.kind == "curl":
        world = World(want.seed, 1, 2, MISTAKES)
        write(want.out, want.bytes, world.records(), curl_transcript, tally)
    else:
        world = World(want.seed, 1, 1, ())
        write(want.out, 1 << 50, adversary(want.kind, world), entry, most=want.records or 1000, **har)
    print(json.dumps(tally), file=sys.stderr if want.out == "-" else sys.stdout)


if __name__ == "__main__":
    main()
