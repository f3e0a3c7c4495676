use super::{CaseResult, Config};
use crate::analysis::{Options, Run, analyze};

const CAPTURE: &str = "\
$ curl -v https://gw.internal.example/v1/me
> GET /v1/me HTTP/1.1
> Host: gw.internal.example
> Authorization: Bearer 8sKq2mZ9xT4vL8kR3wN6yP1sD
>
< HTTP/1.1 401 Unauthorized
< Content-Type: application/json
<
{\"code\": 17, \"message\": \"Who are you\"}
$ curl -v https://gw.internal.example/v1/open
> GET /v1/open HTTP/1.1
> Host: gw.internal.example
>
< HTTP/1.1 200 OK
<
";

const TENANT: &str = r#"
[[rule]]
name = "acme-tenant-header"
severity = "error"
tier = 3
confidence = "strong"
message = "the gateway needs an X-Tenant header"
fix = "send X-Tenant: <your tenant>"
[rule.when]
all = [ { field = "denied", eq = true }, { field = "url.host", suffix = ".internal.example" }, { field = "req.header.x-tenant", absent = true } ]
"#;

pub(super) fn run(config: &str) -> Run {
    let config = Config::parse(config, "why401.toml").unwrap();
    analyze("c.txt", CAPTURE.as_bytes(), &Options { config, ..Options::default() }).unwrap()
}

pub(super) fn roots(run: &Run) -> Vec<&str> {
    run.report.findings.iter().filter(|f| f.root_cause).map(|f| f.rule.as_str()).collect()
}

pub(super) fn error(config: &str) -> String {
    Config::parse(config, "why401.toml").unwrap_err().message
}

fn with_when(when: &str) -> String {
    let (head, _) = TENANT.split_once("all =").unwrap();
    format!("{head}all = [ {{ {when} }} ]\n")
}

#[test]
fn a_rule_of_the_users_is_a_diagnosis() {
    assert_eq!(roots(&run("")), ["unknown-token"]);
    assert_eq!(roots(&run(TENANT)), ["acme-tenant-header"]);
}

#[test]
fn every_kind_of_test_is_answered() {
    let yes = [
        r#"field = "status", eq = 401"#,
        r#"field = "status", in = [400, 401]"#,
        r#"field = "status", gt = 400"#,
        r#"field = "status", lt = 402"#,
        r#"field = "url.path", prefix = "/v1/""#,
        r#"field = "url.path", suffix = "me""#,
        r#"field = "url.scheme", eq = "https""#,
        r#"field = "url.port", eq = 443"#,
        r#"field = "res.body", contains = "who are you""#,
        r#"field = "res.json./code", eq = 17"#,
        r#"field = "res.json./message", regex = "^Who (are|is) you$""#,
        r#"field = "req.header.authorization", prefix = "Bearer *""#,
        r#"field = "credential.kind", eq = "token""#,
        r#"field = "credential.place", eq = "header:authorization""#,
        r#"field = "credential.scheme", eq = "Bearer""#,
        r#"field = "credential.seen_before", eq = false"#,
        r#"field = "actor.logins_before", eq = 0"#,
        r#"field = "credential.jwt.iss", absent = true"#,
        r#"field = "req.header.x-tenant", present = false"#,
    ];
    for test in yes {
        let both = format!("all = [ {{ field = \"denied\", eq = true }}, {{ {test} }} ]");
        assert_eq!(roots(&run(&with_when(&both))), ["acme-tenant-header"], "{test}");
        let not = format!("all = [ {{ field = \"denied\", eq = true }}, {{ not = {{ {test} }} }} ]");
        assert_eq!(roots(&run(&with_when(&not))), ["unknown-token"], "not {test}");
    }
}

#[test]
fn secrets_cannot_be_read() {
    let when = r#"field = "req.header.authorization", contains = "8sKq2mZ9xT4vL8kR3wN6yP1sD""#;
    assert_eq!(roots(&run(&with_when(when))), ["unknown-token"]);
}

#[test]
fn what_was_not_recorded_is_no_answer() {
    let config = Config::parse(&with_when(r#"field = "credential.age_s", gt = 5"#), "why401.toml").unwrap();
    let run = analyze("c.txt", CAPTURE.as_bytes(), &Options { config, ..Options::default() }).unwrap();
    assert_eq!(roots(&run), ["unknown-token"]);
    let not_checked = &run.report.captures[0].not_checked;
    assert!(not_checked.iter().any(|n| n.rule == "acme-tenant-header" && n.count == 1), "{not_checked:?}");
}

#[test]
fn rules_can_be_off_and_milder() {
    let run = run(&format!("[rules]\nacme-tenant-header = \"warning\"\n{TENANT}"));
    assert_eq!(run.report.findings[0].severity, "warning");
    assert_eq!(roots(&self::run(&format!("[rules]\nacme-tenant-header = \"off\"\n{TENANT}"))), ["unknown-token"]);
}

#[test]
fn wanted_refusals_are_counted_and_no_cause() {
    let run = run("[[expect]]\nmethod = \"GET\"\npath = \"/v1/m*\"\nstatus = 401\nreason = \"contract test\"\n");
    let c = &run.report.captures[0];
    assert_eq!((c.denied, c.expected_denials, roots(&run).len()), (0, 1, 0));
    assert_eq!(run.report.summary.denied, 0);
    assert_eq!(run.report.entries[0].matched, 1);
}

#[test]
fn another_diagnosis_than_the_wanted_one_is_reported() {
    let text = "[[expect]]\npath = \"/v1/me\"\nrule = \"missing-credentials\"\nreason = \"no token\"\n";
    let run = run(text);
    assert_eq!(roots(&run), ["unknown-token"]);
    assert!(run.report.entries[0].warning.as_deref().unwrap().contains("public"));
    assert_eq!(run.report.summary.warnings, 1);
}

#[test]
fn an_expectation_of_a_public_route_is_a_warning() {
    let run = run("[[expect]]\npath = \"/v1/open\"\nreason = \"needs a token\"\n");
    assert_eq!(run.report.entries[0].called, 1);
    assert!(run.report.entries[0].warning.is_some());
}

#[test]
fn ignored_findings_need_a_reason_and_are_counted() {
    let run = run("[[ignore]]\nrule = \"unknown-token\"\npath = \"/v1/*\"\nreason = \"known, ticket 7\"\n");
    assert_eq!((roots(&run).len(), run.report.captures[0].ignored_denials), (0, 1));
    assert_eq!(
        error("[[ignore]]\nrule = \"unknown-token\"\npath = \"/\"\nreason = \" \"\n"),
        "why401.toml:4: a reason is needed: whoever reads this later wants to know why"
    );
}

#[test]
fn mistakes_are_named_with_their_line() {
    let cases = [
        ("[[ignor]]\n", "why401.toml:1: unknown key `ignor`; did you mean `ignore`?"),
        (
            "[rules]\nscheme-cas = \"off\"\n",
            "why401.toml:2: unknown rule \"scheme-cas\"; did you mean \"scheme-case\"?",
        ),
        ("[rules]\nscheme-case = \"of\"\n", "why401.toml:2: unknown level \"of\"; did you mean \"off\"?"),
    ];
    for (text, message) in cases {
        assert_eq!(error(text), message);
    }
    assert!(error("[rules]\nunknown-token = \"off\"\n").contains("cannot be off"));
    let at = |when: &str| error(&with_when(when));
    assert_eq!(
        at(r#"field = "url.hots", eq = "x""#),
        "why401.toml:10: unknown field \"url.hots\"; did you mean \"url.host\"?"
    );
    assert!(at(r#"field = "status""#).contains("exactly one test"));
    assert!(at(r#"field = "status", eq = 1, gt = 2"#).contains("exactly one test"));
    assert!(at(r#"field = "url.path", regex = "(""#).contains("why401.toml:10: no regular expression"));
    assert!(at(&format!(r#"field = "url.path", regex = "{}""#, "a".repeat(1001))).contains("at most 1000"));
    let deep = format!("not = {}{{ field = \"denied\", eq = true }}{}", "{ not = ".repeat(30), " }".repeat(30));
    assert!(at(&deep).contains("deeper than 20 levels"), "{}", at(&deep));
    assert!(error(&TENANT.replace("acme-tenant-header", "scheme-case")).contains("is the name of another rule"));
    assert!(error(&TENANT.replace("acme-tenant-header", "tenant")).contains("prefix of yours"));
    assert!(error(&TENANT.replace("tier = 3\n", "")).contains("give the rule a tier"));
}

#[test]
fn a_rule_suppresses_what_follows_from_it() {
    let capture = CAPTURE.replace("Bearer 8sKq2mZ9xT4vL8kR3wN6yP1sD", "Bearer undefined");
    let text = TENANT.replace("[rule.when]", "suppresses = [\"placeholder-token\"]\n[rule.when]");
    let config = Config::parse(&text, "why401.toml").unwrap();
    let run = analyze("c.txt", capture.as_bytes(), &Options { config, ..Options::default() }).unwrap();
    assert_eq!(roots(&run), ["acme-tenant-header"]);
    assert!(run.report.findings.iter().any(|f| f.rule == "placeholder-token" && !f.root_cause));
}

#[test]
fn tests_of_a_rule_are_run() {
    let case =
        |fires: bool| format!("{TENANT}\n[[rule.test]]\nfires = {fires}\nexchange = 0\ncapture = '''\n{CAPTURE}'''\n");
    let good = Config::parse(&case(true), "why401.toml").unwrap();
    assert_eq!(good.cases[0].run(&good), CaseResult::Passed);
    let bad = Config::parse(&case(false), "why401.toml").unwrap();
    assert_eq!(bad.cases[0].run(&bad), CaseResult::Failed("expected silence at #0, but it fires at #0".to_owned()));
}

#[test]
fn a_rule_says_when_it_holds() {
    let (head, _) = TENANT.split_once("[rule.when]").unwrap();
    assert!(error(head).contains("why401.toml:3: a rule says when it holds"), "{}", error(head));
}

#[cfg(not(feature = "cel"))]
#[test]
fn a_build_without_cel_says_so() {
    let (head, _) = TENANT.split_once("[rule.when]").unwrap();
    let message = error(&format!("{head}when_cel = 'denied'\n"));
    assert!(message.contains("why401.toml:9: this build reads no CEL: build it with --features cel"), "{message}");
}
