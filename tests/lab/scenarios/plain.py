"""Tickets as people write them: typed commands and bodies, without -v; and other prompts."""
import json

from record import scenario
from scenarios.looker import H, KEYS, M, O, ONE, Q, TWO, WRONG


def plain(file, rule, root, *lines, base=None, followers=(), prompt="$ ", notes="bodies only, no status line"):
    """If `base` is given, a login there comes first and TOKEN stands for what it returns."""
    rows = [(rule, root, list(followers))] if rule else []

    @scenario(file, *rows, notes=notes)
    def _(lab):
        t, token = lab.terminal(file, prompt=prompt), ""
        if base:
            token = json.loads(t(f'curl -d "{KEYS}" {base}/api/4.0/login'))["access_token"]
        for line in lines:
            t(line.replace("TOKEN", token))


plain("no-login-plain.curl.txt", "no-login", 0, f"curl {ONE}/api/4.0/user")
plain("login-failed-plain.curl.txt", "login-failed", 0, f'curl -d "{WRONG}" {ONE}/api/4.0/login', f'curl -H "Authorization: token " {ONE}/api/4.0/user', followers=[1])
plain("token-cross-host-plain.curl.txt", "token-cross-host", 1, f'curl -H "Authorization: token TOKEN" {TWO}/api/4.0/user', base=ONE)
plain("malformed-header-plain.curl.txt", "malformed-header", 1, f'curl -H "Authorization token TOKEN" {H}/api/4.0/user', base=H)
plain("scheme-case-plain.curl.txt", "scheme-case", 1, f'curl -H "Authorization: Token TOKEN" {M}/api/4.0/user', base=M, prompt="ops@jump:~$ ")
plain("header-in-body-plain.curl.txt", "header-in-body", 1, f"""curl -H "Content-Type: application/json" -d '{{"headers": {{"Authorization": "token TOKEN"}}}}' {O}/api/4.0/user""", base=O)
plain("wrong-port-plain.curl.txt", "wrong-port", 1, f'curl -H "Authorization: token TOKEN" {Q}/api/4.0/user', base=Q + ":19999")
plain("ok-plain.curl.txt", None, 0, f'curl -H "Authorization: token TOKEN" {H}/api/4.0/user', base=H, notes="bodies only, all accepted")
