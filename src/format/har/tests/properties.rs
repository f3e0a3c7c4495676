//! Whatever the members, the windows and the bytes.

use proptest::prelude::*;

use super::*;

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        "[\\\\\"{}\\[\\],:a]{0,40}".prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec(("[\\\\\"a-d{]{0,5}", inner), 0..6)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever stands in members that are not known, the body and the URL come out as `serde_json` reads them.
    #[test]
    fn serde_json_agrees(a in json(), b in json(), c in json(), url in any::<String>(), pretty: bool, block in 1_usize..400) {
        let value = serde_json::json!({"_a": a, "log": {"_b": b, "entries": [
            {"_c": c, "request": {"_d": a, "method": "PUT", "url": url, "postData": {"text": b.to_string(), "_e": c}}, "_f": b},
            {"request": {"url": a.to_string(), "headers": [{"name": "n", "value": c.to_string(), "x": b}]}, "response": null}], "z": c}});
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.expect("JSON");
        let mut seen = Vec::new();
        let mut sink = Each(|x: &Exchange<'_>| seen.push((x.request.url.lossy().into_owned(), body(&x.request.body),
            x.request.headers.list.first().map(|h| h.value.lossy().into_owned()))), 0);
        drive(&mut Har::default(), text.as_bytes(), block, &mut sink);
        prop_assert_eq!(seen, vec![(url, b.to_string(), None), (a.to_string(), "not observed".to_owned(), Some(c.to_string()))]);
    }

    /// Nothing makes it panic or depend on windows: pieces of JSON in any order.
    #[test]
    fn any_bytes(pieces in prop::collection::vec(0_usize..24, 0..60), block in 1_usize..50) {
        const PIECES: [&str; 24] = ["{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "\"log\":{", "\"entries\":[", "\"request\":{",
            "\"url\":\"u\"", "{\"startedDateTime\":\"x\",", "\"response\":", "\"headers\":", "null", "1", "NaN", "\"creator\":{",
            "\"name\":\"n\"", "{\"request\":{\"method\":\"GET\"}}", "\u{feff}"];
        let input: String = pieces.iter().map(|p| PIECES[*p]).collect();
        let (whole, small) = (list(input.as_bytes(), 1 << 20), list(input.as_bytes(), block));
        prop_assert_eq!(whole.lines, small.lines);
        prop_assert_eq!(whole.problems, small.problems);
        let _ = (sniff(input.as_bytes()), split::next(input.as_bytes()));
    }
}
