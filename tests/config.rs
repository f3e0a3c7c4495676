//! `why401.toml`: where it is found, and that its documentation is true.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(dir.join("below/deeper")).unwrap();
    dir
}

fn why401(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401")).args(arguments).current_dir(dir).output().unwrap()
}

/// The n-th example of the documentation: the configuration, then a profile.
fn example(n: usize) -> String {
    let page = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    page.split("```toml\n").nth(n).unwrap().split("```\n").next().unwrap().to_owned()
}

/// Root causes and fixes of a capture under the documented profile.
fn under_the_profile(dir: &Path, capture: &str) -> String {
    std::fs::write(dir.join("acme.toml"), example(2)).unwrap();
    std::fs::write(dir.join("c.txt"), capture).unwrap();
    let out = why401(dir, &["check", "--no-config", "--profile", "acme.toml", "c.txt"]);
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn the_profile_of_the_documentation_does_what_it_says() {
    let dir = folder("config-example-profile");
    let call = |host: &str, header: &str, body: &str| {
        format!("> GET /v1/orders HTTP/1.1\n> Host: {host}\n> {header}\n>\n< HTTP/1.1 401 Unauthorized\n<\n{body}\n")
    };
    let key = "X-Acme-Key: b7Q2mZ9xT4vL8kR3wN6yP1sD";
    let text = under_the_profile(&dir, &call("api.acme.test", key, "{\"code\":\"E17\"}"));
    assert!(text.starts_with("error[expired-token]"), "{text}");
    assert!(text.contains("renew at POST /v1/session"), "{text}");
    let text = under_the_profile(&dir, &call("api.acme.test", "X-Api-Key: b7Q2mZ9xT4vL8kR3wN6yP1sD", ""));
    assert!(text.starts_with("error[wrong-header-name]"), "{text}");
    let text = under_the_profile(&dir, &call("api.acme.test", "Authorization: acme b7Q2mZ9xT4vL8kR3wN6yP1sD", ""));
    assert!(text.starts_with("error[scheme-case]"), "{text}");
    let text = under_the_profile(&dir, &call("api.acme.test", "X-Acme-Key: acme_pub_b7Q2mZ9xT4vL8kR3", ""));
    assert!(text.starts_with("error[wrong-credential-type]"), "{text}");
    let off = format!("off = [\"wrong-credential-type\"]\n{}", example(2));
    std::fs::write(dir.join("off.toml"), off).unwrap();
    let out = why401(&dir, &["check", "--no-config", "--profile", "off.toml", "c.txt"]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(!text.contains("wrong-credential-type"), "{text}");
}

#[test]
fn the_example_of_the_documentation_is_valid_and_its_test_passes() {
    let dir = folder("config-example");
    std::fs::create_dir_all(dir.join("profiles")).unwrap();
    std::fs::write(dir.join("profiles/acme.toml"), "schema = 1\nid = \"acme\"\nname = \"Acme\"\n").unwrap();
    std::fs::write(dir.join("why401.toml"), example(1)).unwrap();
    let out = why401(&dir, &["rules", "test"]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert_eq!(text, "ok        acme-tenant-header test 1\n\n1 rules, 1 tests, 0 failed\n", "{:?}", out.stderr);
    let list = String::from_utf8(why401(&dir, &["rules"]).stdout).unwrap();
    assert!(list.contains("acme-tenant-header"), "{list}");
}

#[test]
fn it_is_found_upwards_and_never_beside_the_capture() {
    let dir = folder("config-find");
    let capture = root().join("samples/blank-token.curl.txt");
    let capture = capture.to_str().unwrap();
    let expect = "[[expect]]\npath = \"*\"\nreason = \"wanted\"\n";
    std::fs::write(dir.join("why401.toml"), expect).unwrap();
    assert_eq!(why401(&dir.join("below/deeper"), &["check", capture]).status.code(), Some(0));
    assert_eq!(why401(&dir.join("below/deeper"), &["check", "--no-config", capture]).status.code(), Some(1));
    // Beside the capture, but not above the working directory.
    std::fs::copy(capture, dir.join("capture.txt")).unwrap();
    let file = dir.join("capture.txt");
    assert_eq!(why401(root(), &["check", file.to_str().unwrap()]).status.code(), Some(1));
    let named = dir.join("why401.toml");
    assert_eq!(why401(root(), &["check", "--config", named.to_str().unwrap(), capture]).status.code(), Some(0));
}

#[test]
fn a_mistake_in_it_is_a_usage_error_with_its_line() {
    let dir = folder("config-mistake");
    std::fs::write(dir.join("why401.toml"), "\n[rules]\nscheme-cas = \"off\"\n").unwrap();
    let out = why401(&dir.join("below"), &["check", "-"]);
    assert_eq!(out.status.code(), Some(2));
    let text = String::from_utf8(out.stderr).unwrap();
    assert_eq!(text, "error: ../why401.toml:3: unknown rule \"scheme-cas\"; did you mean \"scheme-case\"?\n");
    let out = why401(&dir, &["check", "--config", "none.toml", "-"]);
    assert_eq!(String::from_utf8(out.stderr).unwrap(), "error: none.toml: no such file\n");
}

#[test]
fn a_profile_of_the_users_is_asked_first() {
    let dir = folder("config-profile");
    let profile = "schema = 1\nid = \"acme\"\nname = \"Acme\"\n[match]\nhosts = [\"api.acme.test\"]\n[auth]\nschemes = [\"Acme\"]\nscheme_match = \"exact\"\n";
    std::fs::write(dir.join("acme.toml"), profile).unwrap();
    let capture = "> GET /v1 HTTP/1.1\n> Host: api.acme.test\n> Authorization: acme 8sKq2mZ9xT4vL8kR3wN6yP1sD\n>\n< HTTP/1.1 401 Unauthorized\n<\n";
    std::fs::write(dir.join("c.txt"), capture).unwrap();
    let out = why401(&dir, &["check", "--profile", "acme.toml", "c.txt"]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.starts_with("error[scheme-case]"), "{text}");
}
