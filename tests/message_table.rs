//! The message table against the catalogue: every text of rules.md section 3 is found, with its class.

use why401::provider::{Class, Where, scan};

/// The catalogue lies beside the repository; a copy of the source alone has none.
fn catalogue() -> Option<String> {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/rules.md")).ok()
}

/// Texts that no table can hold, each with the reason.
const NOT_HERE: [(&str, &str); 8] = [
    ("Missing Authentication Token", "a route at one provider, a missing signature at another: their profiles hold it"),
    ("execute-api", "the host that the row before it holds for, no text of an answer"),
    (r#"{"error":"Unauthorized"}"#, "an exact body of one provider: its profile holds it"),
    ("<center>nginx</center>", "tells only against what the API answers elsewhere: intermediary-denied looks at that"),
    ("Reference #", "only together with the words before it"),
    ("Access Denied", "only together with the reference behind it"),
    ("future", "only together with the claim before it"),
    ("iat", "only together with the word behind it"),
];

/// The cells of a table line; a bar within a text is none.
fn cells(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut text = false;
    for c in line.trim().trim_matches('|').chars() {
        text ^= c == '`';
        match c {
            '|' if !text && !out.last().is_some_and(|o| o.ends_with("is")) => out.push(String::new()),
            _ => out.iter_mut().last().into_iter().for_each(|o| o.push(c)),
        }
    }
    out
}

/// Class and texts of every row; a class that the table does not know gives no row, and the count of rows shows it.
fn rows(catalogue: &str) -> Vec<(Class, Vec<String>)> {
    let section = catalogue.split("## 3. What the server says").nth(1).and_then(|s| s.split("\n## 4.").next());
    let mut class = String::new();
    let mut out = Vec::new();
    for line in section.unwrap_or_default().lines().filter(|l| l.starts_with("| ") && !l.starts_with("| class")) {
        let cells = cells(line);
        let mut cell = cells.iter().map(|c| c.trim());
        class = cell.next().filter(|c| !c.is_empty()).map_or(class, str::to_owned);
        let texts = cell.next().unwrap_or_default().split('`').skip(1).step_by(2).map(str::to_owned).collect();
        out.extend(serde_json::from_value(class.as_str().into()).ok().map(|name| (name, texts)));
    }
    out
}

fn found(text: &str, class: Class) -> bool {
    // A number is an error code: behind its prefix, or in a field for codes.
    let shown: Vec<String> = match text.bytes().all(|b| b.is_ascii_digit()) {
        true => vec![format!("AADSTS{text}: x"), format!("{{\"code\": {text}}}")],
        false => vec![text.to_owned(), format!("\"{text}\"")],
    };
    let places = [Where::Body, Where::Challenge, Where::Header];
    shown.iter().any(|s| {
        let lower = s.to_ascii_lowercase();
        places.iter().any(|p| scan(s, *p).iter().chain(&scan(&lower, *p)).any(|h| h.class == class))
    })
}

#[test]
fn every_text_of_the_catalogue_has_its_class() {
    let Some(catalogue) = catalogue() else { return };
    let rows = rows(&catalogue);
    let texts: usize = rows.iter().map(|(_, t)| t.len()).sum();
    let lines = catalogue.split("## 3. What the server says").nth(1).unwrap().split("\n## 4.").next().unwrap();
    let lines = lines.lines().filter(|l| l.starts_with("| ") && !l.starts_with("| class")).count();
    assert!(rows.len() == lines && texts > 150, "{} of {lines} rows, {texts} texts", rows.len());
    let argued = |t: &str| NOT_HERE.iter().any(|(n, _)| *n == t);
    let mut lacking = Vec::new();
    for (class, texts) in &rows {
        lacking.extend(texts.iter().filter(|t| !argued(t) && !found(t, *class)).map(|t| format!("{class:?}: {t}")));
    }
    assert!(lacking.is_empty(), "{} texts are not found:\n{}", lacking.len(), lacking.join("\n"));
}

#[test]
fn patterns_and_pairs_of_the_catalogue() {
    for (text, class) in [
        ("The token has expired", Class::Expired),
        ("Token is expired", Class::Expired),
        ("The audience 'a' is invalid", Class::Audience),
        ("audience is invalid", Class::Audience),
        ("The issuer 'a' is invalid", Class::Issuer),
        ("iat is in the future", Class::Skew),
        ("Access Denied ... Reference #18.2", Class::Intermediary),
    ] {
        assert!(found(text, class), "{text}");
    }
}

#[test]
fn a_number_is_a_whole_run_of_digits() {
    let has = |text: &str, class| scan(text, Where::Body).iter().any(|h| h.class == class);
    assert!(has("AADSTS70008: expired", Class::Refresh) && !has("AADSTS700080: x", Class::Refresh));
    assert!(!has("AADSTS7000218: x", Class::Refresh) && has("AADSTS7000218: x", Class::Client));
    assert!(has("{\"error_codes\":[50126]}", Class::User) && !has("order 50126 was shipped", Class::User));
    assert!(!has("AADSTS1700016: x", Class::Client));
}

/// Sentences of vendors, each with the class that tells most; `-`: words of another business.
#[test]
fn sentences_of_vendors() {
    let mut wrong = Vec::new();
    for line in include_str!("wordings.tsv").lines() {
        let (class, words) = line.split_once('\t').unwrap_or_default();
        let hits = scan(words, Where::Body);
        let strong = hits.iter().find(|h| !h.weak).or(hits.first()).map_or("-", |h| h.class.name());
        if strong != class {
            wrong.push(format!("{class} wanted, {strong} found: {words}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
