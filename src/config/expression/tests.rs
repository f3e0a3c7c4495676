//! Rules written as CEL: the same answers as the tree, and bounds that hold.

use crate::config::tests::{error, roots, run};
use crate::config::{CaseResult, Config};

/// A rule whose test is this expression.
fn rule(expression: &str) -> String {
    format!(
        "[[rule]]\nname = \"acme-cel\"\nseverity = \"error\"\ntier = 3\nmessage = \"m\"\nfix = \"f\"\nwhen_cel = '''{expression}'''\n"
    )
}

#[test]
fn what_holds_is_a_diagnosis() {
    for expression in [
        "denied",
        "denied && status == 401",
        "401 == status",
        "status in [400, 401]",
        "status >= 401 && status <= 401 && 400 < status && !(status > 401)",
        "!(status < 400 || status >= 402)",
        "url.host.endsWith('.internal.example') && !('x-tenant' in req.header)",
        "'authorization' in req.header && req.header['authorization'].startsWith('Bearer ')",
        "req.header.authorization.startsWith(\"Bearer *\")",
        "res.json['/code'] == 17 && res.json['/message'].matches('^Who (are|is) you$')",
        "res.body.contains('who are you') && url.path != '/v1/you'",
        "has(req.header.authorization) && !has(req.header.cookie)",
        "credential.kind == 'token' && !credential.seen_before && actor.logins_before == 0",
        "status == 401.0 && status > -1 && (false || true)",
    ] {
        assert_eq!(roots(&run(&rule(expression))), ["acme-cel"], "{expression}");
    }
}

#[test]
fn what_does_not_hold_is_silent() {
    for expression in [
        "!denied",
        "status == 403",
        "status != 401",
        "!(status in [401])",
        "false",
        "denied && status > 401",
        // A field that is not there is an error of evaluation, and never makes a rule speak.
        "req.header['x-tenant'] == 'a'",
        "req.header['x-tenant'] != 'a'",
        "!(req.header['x-tenant'] == 'a')",
        "!req.header['x-tenant'].startsWith('a')",
        "!(credential.age_s < 10)",
    ] {
        assert_eq!(roots(&run(&rule(expression))), ["unknown-token"], "{expression}");
    }
}

#[test]
fn an_error_beside_something_true_does_no_harm() {
    assert_eq!(roots(&run(&rule("req.header['x-tenant'] == 'a' || status == 401"))), ["acme-cel"]);
}

#[test]
fn messages_point_at_the_part() {
    for (expression, wanted) in [
        (
            "denied && url.hots == 'a'",
            "why401.toml:7: when_cel, character 15: unknown field \"url.hots\"; did you mean \"url.host\"?",
        ),
        ("denied &&\nstatus + 1 == 402", "why401.toml:8: when_cel, character 18: every test is one of a field"),
        ("[1, 2].exists(x, x == status)", "nothing that loops"),
        ("url.path.matches('(')", "when_cel, character 17: no regular expression"),
        ("url.path.size() == 3", "character 10: every test is one of a field"),
        ("status > 'a'", "when_cel, character 8: > compares numbers"),
        ("status == url.port", "a comparison has a field on one side and a value on the other"),
        ("denied ? true : false", "\"?_:\" is not known here"),
        ("denied && ", "when_cel, character"),
        ("denied )", "when_cel, character 8: Syntax error"),
        ("", "when_cel, character 1"),
    ] {
        let message = error(&rule(expression));
        assert!(message.contains(wanted), "{expression}: {message}");
    }
}

#[test]
fn a_rule_says_once_when_it_holds() {
    let both = format!("{}[rule.when]\nfield = \"denied\"\neq = true\n", rule("denied"));
    assert!(error(&both).contains("not both"), "{}", error(&both));
}

#[test]
fn its_own_tests_are_run() {
    let text = format!(
        "{}[[rule.test]]\nfires = true\ncapture = '''\n> GET /v1/me HTTP/1.1\n> Host: h.example\n>\n< HTTP/1.1 401 Unauthorized\n<\n'''\n",
        rule("denied && url.path.startsWith('/v1/')")
    );
    let config = Config::parse(&text, "why401.toml").unwrap();
    assert_eq!(config.cases.iter().map(|c| c.run(&config)).collect::<Vec<_>>(), [CaseResult::Passed]);
}

#[test]
fn what_is_large_or_deep_is_refused_on_a_small_stack() {
    let cases = [
        ("status == 1 || ".repeat(80), "at most 1000 characters"),
        (format!("{}denied{}", "(".repeat(300), ")".repeat(300)), "deeper than 20 levels"),
        ("[".repeat(900), "deeper than 20 levels"),
        ("!".repeat(900), "deeper than 20 levels"),
        (format!("{}1", "-".repeat(900)), "deeper than 20 levels"),
        ("a?".repeat(450), "deeper than 20 levels"),
        // Takes another parser more than 1 GiB (cel-rust 306).
        ("[{!{[!".repeat(20), "deeper than 20 levels"),
        (format!("{}denied", "denied||".repeat(120)), "acme"),
    ];
    let small = std::thread::Builder::new().stack_size(512 << 10).spawn(move || {
        for (expression, wanted) in cases {
            match Config::parse(&rule(&expression), "why401.toml") {
                Ok(_) => assert_eq!(wanted, "acme", "{expression}"),
                Err(e) => assert!(e.message.contains(wanted), "{expression}: {}", e.message),
            }
        }
    });
    small.unwrap().join().unwrap();
}

#[test]
fn the_expression_of_the_documentation_holds() {
    let page = include_str!("../../../docs/configuration.md");
    let shown = page.split("```cel\n").nth(1).and_then(|rest| rest.split("```\n").next()).unwrap();
    assert_eq!(roots(&run(&rule(shown))), ["acme-cel"]);
}

proptest::proptest! {
    /// Whatever is written, loading ends, and with a message where it is no expression.
    #[test]
    fn any_text_is_read_or_refused(text in "[ a-z0-9.\\[\\](){}!?:<>=&|+*/%,'\"_@-]{0,120}") {
        let _ = Config::parse(&rule(&text), "why401.toml");
    }
}
