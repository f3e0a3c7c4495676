//! `explain FILE#N` and `reply`: what they say of samples, and that no secret stands in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::process::Command;

use why401::analysis::{Options, analyze, read};
use why401::diagnosis::{Fate, examine};
use why401::report::reply;
use why401::rule::RULES;
use why401::trace::Trace;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Status, and both outputs.
fn why401(arguments: &[&str]) -> (i32, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_why401")).args(arguments).current_dir(ROOT).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
    (out.status.code().unwrap(), text)
}

#[test]
fn a_request_is_explained_with_what_lost_and_what_was_ruled_out() {
    let (status, shown) = why401(&["explain", "--no-config", "samples/mixed-failed-login-five.har#3"]);
    assert_eq!(status, 0, "{shown}");
    assert!(shown.starts_with("samples/mixed-failed-login-five.har #3: GET https://"), "{shown}");
    assert!(shown.contains("\nerror[login-failed]: "), "{shown}");
    let lost = shown.split("\nWeighed, and not the cause\n").nth(1).unwrap();
    assert!(lost.starts_with("  blank-token at #3 "), "{lost}");
    assert!(lost.contains("follows from login-failed at #2 ("), "{lost}");
    let ruled_out = shown.split("\nRuled out: ").nth(1).unwrap();
    assert!(ruled_out.contains("JSON Web Tokens: ") && !ruled_out.contains("blank-token"), "{ruled_out}");
}

#[test]
fn what_was_not_recorded_is_named() {
    let (status, shown) = why401(&["explain", "--no-config", "samples/no-login-plain.curl.txt#0"]);
    assert_eq!(status, 0);
    assert!(shown.contains("\nCould not be checked: not recorded\n") && shown.contains("response headers"), "{shown}");
}

#[test]
fn a_request_that_was_not_refused_or_is_not_there_is_said() {
    assert!(
        why401(&["explain", "samples/mixed-failed-login-five.har#1"])
            .1
            .ends_with("accepted: there is nothing to explain\n")
    );
    let (status, shown) = why401(&["explain", "samples/mixed-failed-login-five.har#99"]);
    assert_eq!(status, 2);
    assert!(shown.contains("no exchange #99 to look at (11 exchanges, numbered from 0)"), "{shown}");
    assert_eq!(why401(&["explain", "samples/none.har#1"]).0, 2);
}

/// Exposing what was computed and judging must not come apart.
#[test]
fn the_cause_under_the_glass_is_the_diagnosis() {
    let options = Options::default();
    let mut seen = 0;
    for file in std::fs::read_dir(format!("{ROOT}/samples")).unwrap().map(|e| e.unwrap().path()) {
        let Ok((_, facts)) = read(&std::fs::read(&file).unwrap(), &options) else { continue };
        let trace = Trace::build(&facts, &options.profiles);
        for d in why401::diagnosis::diagnose(&trace).diagnoses {
            // A story shows the verdict on its first request; another view of a request may have the verdict on it.
            let first = d.root.explains[0];
            if trace.node(first).twin.is_some() {
                continue;
            }
            let examined = examine(&trace, RULES, first).unwrap();
            let cause: Vec<_> = examined.weighed.iter().filter(|w| w.fate == Fate::Cause).collect();
            assert!(!cause.is_empty(), "{} #{first}", file.display());
            assert_eq!(cause[0].finding.rule.name, d.root.rule.name, "{} #{first}", file.display());
            seen += 1;
        }
    }
    assert!(seen > 80, "{seen}");
}

#[test]
fn a_known_cause_is_answered_with_its_fix() {
    let (status, shown) = why401(&["reply", "--no-config", "samples/malformed-header-plain.curl.txt"]);
    assert_eq!(status, 0);
    assert!(
        shown.starts_with(
            "Thank you for samples/malformed-header-plain.curl.txt. It holds 1 refused request, and one cause:\n"
        ),
        "{shown}"
    );
    assert!(shown.contains("To mend it: add the colon.\n    -H \"Authorization: token $TOKEN\"\n"), "{shown}");
    assert!(!shown.contains("oNUfc1aSWCc8"), "{shown}");
}

#[test]
fn what_a_capture_cannot_prove_is_asked_for_with_the_senders_tool() {
    for (sample, asks) in
        [("capture-sanitized.har", "Allow to generate HAR with sensitive data"), ("mixed-not-recorded.log", "curl -v")]
    {
        let shown = why401(&["reply", "--no-config", &format!("samples/{sample}")]).1;
        assert!(shown.contains(asks) && shown.contains("What the recording cannot show: "), "{sample}: {shown}");
    }
}

#[test]
fn every_sample_has_an_answer_without_its_tokens() {
    for file in std::fs::read_dir(format!("{ROOT}/samples")).unwrap().map(|e| e.unwrap().path()) {
        let bytes = std::fs::read(&file).unwrap();
        let Ok(run) = analyze("sent.txt", &bytes, &Options::default()) else { continue };
        let answer = reply::render(&run.report, &run.blocks);
        assert!(answer.starts_with("Thank you for sent.txt. ") && answer.len() < 20_000, "{}", file.display());
        let text = String::from_utf8_lossy(&bytes);
        for secret in text.split("\"access_token\\\":\\\"").skip(1).filter_map(|rest| rest.split('\\').next()) {
            assert!(secret.len() < 12 || !answer.contains(secret), "{}: {answer}", file.display());
        }
    }
}

#[test]
fn rules_are_listed_for_documentation_and_shells_are_helped() {
    let page = why401(&["rules", "--no-config", "--format", "markdown"]).1;
    assert!(page.contains("\n## JSON Web Tokens\n\n| rule | severity | what it finds |\n|---|---|---|\n"), "{page}");
    assert_eq!(page.lines().filter(|l| l.starts_with("| `")).count(), RULES.len());
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (status, script) = why401(&["complete", shell]);
        assert!(status == 0 && script.contains("snapshot") && script.contains("fail-on"), "{shell}");
    }
    let (status, man) = why401(&["man"]);
    assert_eq!(status, 0);
    assert!(
        man.contains(".TH why401 1") && man.contains(".SH \"WHY401 SNAPSHOT\"") && man.contains("fail\\-on"),
        "{man}"
    );
    let help = why401(&["--help"]).1;
    assert!(!help.contains("complete ") && help.contains("reply"), "{help}");
    let schema = why401(&["schema"]).1;
    assert_eq!(
        schema.replace("\r\n", "\n"),
        std::fs::read_to_string(format!("{ROOT}/docs/report.schema.json")).unwrap().replace("\r\n", "\n")
    );
}

#[test]
fn a_mistyped_command_or_option_has_a_suggestion() {
    let (status, shown) = why401(&["check", "--basline", "x"]);
    assert!(status == 2 && shown.contains("--baseline"), "{shown}");
    let (status, shown) = why401(&["explain", "sceme-case"]);
    assert!(status == 2 && shown.contains("did you mean \"scheme-case\"?"), "{shown}");
}

/// A token in a URL is masked in the heading, too, and has one alias throughout.
#[test]
fn a_secret_in_a_url_stays_one() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("answers-url.txt");
    let secret = "kQ9zT4vL8wN6yP1sDx3RmB7c";
    let capture = format!(
        "> GET /v1/me?access_token={secret} HTTP/1.1\n> Host: a.example.test\n>\n< HTTP/1.1 401 Unauthorized\n<\n"
    );
    std::fs::write(&file, capture).unwrap();
    for arguments in [["explain", &format!("{}#0", file.display())], ["reply", file.to_str().unwrap()]] {
        let (status, shown) = why401(&arguments);
        assert!(status == 0 && shown.contains("access_token=") && !shown.contains(&secret[4..]), "{shown}");
    }
}
