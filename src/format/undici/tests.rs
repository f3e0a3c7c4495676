//! What Node prints.

use super::*;
use crate::format::transcript::tests::{list, recorded};

#[test]
fn both_names_tell_the_same() {
    let undici = list(&recorded("node-undici.txt")).lines;
    assert_eq!(undici, list(&recorded("node-fetch.txt")).lines);
    assert_eq!(
        undici,
        [
            "POST http://127.0.0.1:8471/oauth/token 200 req=?+body? res=?+body?",
            "GET http://127.0.0.1:8471/v2/berths 200 req=?+body? res=?+body?",
            "GET http://127.0.0.1:8471/v2/berths 401 req=?+body? res=?+body?",
            "GET http://127.0.0.1:8479/x - req=?+body? failed",
        ]
    );
}

#[test]
fn slashes() {
    let of = |s: &str| without_doubled_slash(Text::plain(s.as_bytes(), 0).into_owned()).lossy().into_owned();
    assert_eq!(of("http://h:1//a//b"), "http://h:1/a//b");
    assert_eq!(of("http://h:1/a//b"), "http://h:1/a//b");
}
