//! What pasting does to a transcript of curl: the same exchanges are read out of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail")]

use why401::format::{Options, Problem, Sink, drive, sniff};
use why401::http::{Body, Exchange, Headers};

/// Each exchange in words, blanks at line ends left out: many pasters lose them.
#[derive(Default)]
struct Told(Vec<String>, Vec<Problem>);

impl Sink for Told {
    fn exchange(&mut self, x: Exchange<'_>) {
        let body = |b: &Body<'_>| match b {
            Body::Text { text, .. } => text.lossy().split_whitespace().collect::<String>(),
            Body::Absent => "none".to_owned(),
            _ => "not seen".to_owned(),
        };
        let lines = |h: &Headers<'_>| {
            let one = |n: String, v: String| format!("{n}: {}", v.trim_end());
            let list = h.list.iter().map(|h| one(h.name.lossy().into_owned(), h.value.lossy().into_owned()));
            list.collect::<Vec<_>>().join("\n")
        };
        let answer = x.response.as_ref();
        self.0.push(format!(
            "{} {} {:?}\n{}\n{}\n{}\n{}",
            x.request.method.lossy(),
            x.request.url.lossy(),
            answer.and_then(|r| r.status),
            lines(&x.request.headers),
            body(&x.request.body),
            answer.map(|r| lines(&r.headers)).unwrap_or_default(),
            answer.map(|r| body(&r.body)).unwrap_or_default(),
        ));
    }
    fn problem(&mut self, problem: Problem) {
        self.1.push(problem);
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}

fn read(text: &str) -> Vec<String> {
    assert_eq!(sniff(text.as_bytes()).map(|f| f.name), Some("curl"), "{text}");
    let mut whole = Told::default();
    for block in [1 << 20, 61] {
        let mut told = Told::default();
        let format = sniff(text.as_bytes()).unwrap();
        drive(&mut *(format.open)(&Options::default()), text.as_bytes(), block, &mut told);
        assert!(told.1.is_empty(), "{:?}", told.1);
        if block > 61 {
            whole = told;
        } else {
            assert_eq!(told.0, whole.0);
        }
    }
    whole.0
}

/// Four commands with their output and the bodies between, as a terminal showed them.
fn session() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts/curl-7.88-session.txt");
    std::fs::read_to_string(path).expect("a recorded session")
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|l| change(l) + "\n").collect()
}

fn same(damaged: &str) {
    let want = read(&session());
    assert_eq!(want.len(), 4);
    for (got, want) in read(damaged).iter().zip(&want) {
        assert!(got == want, "{got}\n--- instead of\n{want}\n--- in\n{damaged}");
    }
    assert_eq!(read(damaged).len(), want.len(), "in:\n{damaged}");
}

#[test]
fn indents_and_quotes() {
    same(&each_line(&session(), |l| format!("    {l}")));
    same(&each_line(&session(), |l| format!("\t{l}")));
    same(&each_line(&session(), |l| format!("> {l}")));
    same(&each_line(&session(), |l| format!("> > {l}")));
    same(&each_line(&session(), |l| format!("> {l}").trim_end().to_owned()));
}

#[test]
fn lost_blanks_and_line_ends() {
    same(&each_line(&session(), |l| l.trim_end().to_owned()));
    same(&session().replace('\n', "\r\n"));
    same(&session().replace('\n', "\r\r\n"));
    same(&format!("\u{feff}{}", session()));
}

#[test]
fn stamps_of_machines() {
    same(&each_line(&session(), |l| format!("2026-11-21T09:06:27.123Z {l}")));
    same(&each_line(&session(), |l| format!("[2026-11-21 09:06:27] {l}")));
    same(&each_line(&session(), |l| format!("2026-11-21T09:06:27.123456789Z stderr F {l}")));
    same(&each_line(&session(), |l| format!("api-1  | {l}")));
}

#[test]
fn colours() {
    same(&each_line(&session(), |l| format!("\u{1b}[36m{l}\u{1b}[0m")));
    same(&each_line(&session(), |l| match l.split_once(": ") {
        Some((name, value)) if l.starts_with("< ") => {
            format!("< \u{1b}[1m{}\u{1b}[0m: {value}", &name.replace("< ", ""))
        }
        _ => l.to_owned(),
    }));
}

#[test]
fn entities_of_html() {
    let escaped = session().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    same(&escaped);
    same(&escaped.replace('\'', "&#39;"));
}

/// Lines that the terminal broke; the typed commands were copied whole.
#[test]
fn wrapped_lines() {
    for width in [60, 72, 80] {
        let wrap = |l: &str| {
            let whole = l.starts_with("ada@") || !l.starts_with(['>', '<', '{']);
            let chars: Vec<char> = l.chars().collect();
            if whole { l.to_owned() } else { chars.chunks(width).map(String::from_iter).collect::<Vec<_>>().join("\n") }
        };
        same(&each_line(&session(), wrap));
    }
}

/// An editor made the quotes of the typed commands typographic; what was sent is in the trace.
#[test]
fn smart_quotes() {
    let smart = |l: &str| match l.starts_with("ada@") {
        true => l.replacen('\'', "‘", 1).replacen('\'', "’", 1).replace('"', "“"),
        false => l.to_owned(),
    };
    same(&each_line(&session(), smart));
}

#[test]
fn prose_and_fences_between() {
    let mut text = String::from("Hello,\n\nthis is what we see. First we log in:\n\n```\n");
    for line in session().lines() {
        if line.starts_with("ada@") && text.contains("ada@") {
            text.push_str("```\n\nand then (see https://docs.example/auth for the header):\n\n```\n");
        }
        text.push_str(line);
        text.push('\n');
    }
    text.push_str("```\n\nWhat do we do wrong?\n* we use Bearer\n* the token is new\n\nThanks\nAda\n");
    same(&text);
    same(&text.replace("```", "{noformat}"));
}

/// The same commands as other shells show them.
#[test]
fn other_prompts() {
    let typed = |prompt: &str, change: &dyn Fn(&str) -> String| {
        each_line(&session(), |l| match l.strip_prefix("ada@pier:~$ ") {
            Some(command) => format!("{prompt}{}", change(command)),
            None => l.to_owned(),
        })
    };
    same(&typed("$ ", &str::to_owned));
    same(&typed("[ada@pier work]$ ", &str::to_owned));
    same(&typed("PS C:\\Users\\ada> ", &|c| c.replace("curl ", "curl.exe ")));
    same(&typed("PS C:\\Users\\ada> ", &|c| {
        c.replace("curl ", "curl.exe ").replace(" -d ", " `\n>>   -d ").replace(" -H ", " `\n>>   -H ")
    }));
    same(&typed("C:\\Users\\ada>", &|c| c.replace('\'', "\"")));
    same(&typed("C:\\Users\\ada>", &|c| {
        c.replace('\'', "\"").replace(" -d ", " ^\nMore? -d ").replace(" -H ", " ^\nMore? -H ")
    }));
    same(&typed("$ ", &|c| c.replace(" -d ", " \\\n>   -d ").replace(" -H ", " \\\n  -H ")));
}

/// Two kinds of damage at once.
#[test]
fn damage_upon_damage() {
    let quoted = each_line(&session(), |l| format!("> {l}"));
    same(&quoted.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
    same(&each_line(&session(), |l| format!("    {l}")).replace('\n', "\r\n"));
    same(&each_line(&each_line(&session(), |l| l.trim_end().to_owned()), |l| format!("    {l}")));
}
