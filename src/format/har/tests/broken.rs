//! Captures that are cut, damaged, or read in parts.

use super::*;

#[test]
fn a_cut_at_any_byte_keeps_what_stands_before() {
    let whole = list(SMALL.as_bytes(), 1 << 20);
    assert_eq!((whole.lines.len(), whole.problems.len()), (2, 0), "{:?}", whole.problems);
    for cut in 1..SMALL.len() {
        let got = list(&SMALL.as_bytes()[..cut], 1 << 20);
        assert_eq!(got.lines[..], whole.lines[..got.lines.len()]);
        assert!(!got.problems.is_empty(), "cut at {cut}");
        let small = list(&SMALL.as_bytes()[..cut], 1);
        assert_eq!((small.lines, small.problems), (got.lines, got.problems), "cut at {cut}");
    }
    let cut = list(&SMALL.as_bytes()[..SMALL.len() - 9], 1 << 20);
    assert_eq!(cut.lines.len(), 1);
    assert!(cut.problems[0].done.contains("inside entry 2"), "{:?}", cut.problems);
}

#[test]
fn a_broken_entry_costs_no_other() {
    let good = entry_of(0);
    let start = r#"{"startedDateTime":"2026-05-05T09:46:50Z","#;
    for broken in [
        r#""request":{"method":"GET","url":"https://h/x,"response":{"status":1}}"#,
        r#""request":{"method":"GET" "url" "x"},"response":{}}"#,
        r#""request":{"headers":[{"name":"A","value":"b"},"response":{}}"#,
        r#""_x":[{"a":{"b":"c"}},"request":{"method":"GET"}}"#,
        r#""_x":[1},"request":{"method":"GET"}}"#,
        r#""request":{"method":"GET"}"#,
        r#""request":...}"#,
        r#""request":{"cookies":[{"name":"a","value":b","path":"/"}],"url":"x"}}"#,
        r#""request":{"url":"x"},"timings":{"wait":1,receive":2}}"#,
        r#""request":{"url":}}}"#,
    ] {
        let input =
            format!(r#"{{"log":{{"entries":[{good},{start}{broken},{good},{good}],"creator":{{"name":"Late"}}}}}}"#);
        let got = list(input.as_bytes(), 1 << 20);
        let good = got.lines.iter().filter(|l| l.starts_with("GET https://h/0 200")).count();
        assert_eq!(good, 3, "{broken}: {:?} {:?}", got.lines, got.problems);
        assert_eq!(got.recorder, "Late", "{broken}");
        for block in [1, 7, 100] {
            let small = list(input.as_bytes(), block);
            assert_eq!((small.lines, small.problems), (got.lines.clone(), got.problems.clone()), "{broken}");
        }
    }
}

#[test]
fn what_is_around_the_entries() {
    let e = entry_of(1);
    for (input, entries, problems) in [
        (format!("{e}\n{e}\n"), 2, 0),
        (format!("\u{feff}[{e},\n{e},]"), 2, 0),
        (format!(r#"{{"log":{{"entries":[{e}]}}}} {{"log":{{"entries":[{e}]}}}}"#), 2, 0),
        (format!("\x1e{{\"log\":{{\"entries\":[{e}]}}}}\n\x1e{{\"entries\":[{e}]}}\n"), 2, 0),
        (format!(r#"[{{"log":{{"entries":[{e}]}}}},{{"log":{{"entries":[{e}]}}}}]"#), 2, 0),
        (format!(r#"show({{"log":{{"entries":[{e}]}}}});"#), 1, 1),
        (format!(r#"{{"log":{{"entries":[null,{e},7,"x"]}}}}"#), 1, 3),
        (format!(r#"{{"log":{{"entries":[{e}}},{e}]}}}}"#), 2, 1),
        (format!(r#"{{"log":{{"entries":[{e}],"_x":"{}"}}}}"#, "x".repeat(200_000)), 1, 0),
        (format!(r#"{{"data":{{"log":{{"entries":[{e}]}}}}}}"#), 1, 0),
        (format!(r#"{{"log":{{"pages":[,"entries":[{e},{e}]}}}}"#), 2, 1),
        (format!(r#"{{"log":{{"creator":{{"name":x"y","entries":[{e},{e}]}}}}"#), 2, 1),
        (format!(r#"{{"log":{{"entries":{e},{e}]}}}}"#), 2, 1),
        (format!(r#"{{"log":{{"pages":[:{{"startedDateTime":"x"}},"entries":[{e},{e}]}}}}"#), 2, 2),
        (r#"{"a":1}"#.to_owned(), 0, 1),
        (r#"{"log":{"entries":[]}}"#.to_owned(), 0, 0),
        (String::new(), 0, 0),
    ] {
        let got = list(input.as_bytes(), 1 << 20);
        assert_eq!((got.lines.len(), got.problems.len()), (entries, problems), "{input:.200} {:?}", got.problems);
        let small = list(input.as_bytes(), 3);
        assert_eq!((small.lines, small.problems), (got.lines, got.problems), "{input:.200}");
    }
}

#[test]
fn entries_are_found_by_the_key_with_which_the_first_began() {
    let e = r#"{"_own":1,"request":{"method":"GET","url":"https://h/0"},"response":{"status":200}}"#;
    let input = format!(r#"{{"log":{{"entries":[{e},{{"_own":1,"request":{{"url":"x}}}},{e},{e}]}}}}"#);
    assert_eq!(list(input.as_bytes(), 64).lines.len(), 3);
}

#[test]
fn an_entry_without_measure_is_left_out() {
    let e = entry_of(1);
    let long = format!(r#"{{"startedDateTime":"x","_x":"{}"}}"#, "x".repeat(LONGEST));
    let input = format!(r#"{{"log":{{"entries":[{e},{long},{e}],"creator":{{"name":"C"}}}}}}"#);
    for block in [5 << 20, usize::MAX] {
        let got = list(input.as_bytes(), block);
        assert_eq!((got.lines.len(), got.problems.len(), got.recorder.as_str()), (2, 1, "C"));
        assert!(got.problems[0].expected.contains("64 MiB"));
    }
}

#[test]
fn no_depth_is_too_deep() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let input =
        format!(r#"{{"x":{deep},"log":{{"entries":[{{"_x":{deep},{}]}}}}"#, entry_of(1).trim_start_matches('{'));
    assert_eq!(list(input.as_bytes(), 1 << 16).lines.len(), 1);
}

/// As a driver would: each reader stops where the next begins.
#[test]
fn workers_meet() {
    let entries: Vec<String> = (0..40).map(entry_of).collect();
    let pages = r#""pages":[{"startedDateTime":"x","id":"a","title":"t"},{"startedDateTime":"x","id":"b"}]"#;
    let quoted = r#"{"request":{"method":"GET","url":"https://h/q","postData":{"text":"{\"startedDateTime\":1},{"}},"startedDateTime":"startedDateTime"}"#;
    for input in [
        format!(r#"{{"log":{{{pages},"entries":[{},{quoted},{}],{pages}}}}}"#, entries.join(", "), entries.join("\n,")),
        format!("{}\n", entries.join("\n")),
        format!("[{}]", entries.join(",")),
    ] {
        let input = input.as_bytes();
        let whole = list(input, 1 << 20);
        assert!(whole.problems.is_empty());
        let mut met = 0;
        for cut in 0..input.len() {
            let Some(next) = split::next(&input[cut..]).map(|n| n + cut) else { continue };
            let mut sink = Listing::default();
            let window =
                |from: usize, limit: u64| Window { bytes: &input[from..], offset: from as u64, last: true, limit };
            let stop = Har::default().read(window(0, next as u64), &mut sink);
            assert_eq!(stop, next, "cut at {cut}: {}", String::from_utf8_lossy(&input[next..]));
            let mut second = inside(&Options::default());
            second.read(window(next, u64::MAX), &mut sink);
            assert_eq!(sink.lines, whole.lines);
            assert!(sink.problems.is_empty(), "{:?}", sink.problems);
            met += 1;
        }
        assert!(met > 1000, "{met}");
    }
}
