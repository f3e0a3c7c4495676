use super::*;

#[test]
fn secrets_have_aliases() {
    let mut m = Masker::new(false);
    assert_eq!(m.secret(b"4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2kTnG4", Kind::Token), "4QDk...(T1, 40 chars)");
    assert_eq!(m.secret(b"4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2kTnG4", Kind::Token), "4QDk...(T1)");
    assert_eq!(m.secret(b"short", Kind::Token), "(T2, 5 chars)");
    assert_eq!(m.secret(b"hunter22", Kind::Password), "(S1)");
}

#[test]
fn a_text_is_its_pieces() {
    let mut m = Masker::new(false);
    m.learn([(&b"abcdef123456"[..], Kind::Token)].into_iter());
    let line = Line::new(
        crate::facts::StrId::default(),
        "",
        b"a\xff abcdef123456 \xc3\xa9\n",
        crate::http::Span::default(),
        true,
    );
    let pieces: String = m.line(&line).into_iter().map(|p| p.shown).collect();
    m.block();
    assert_eq!(m.line_text(&line), pieces);
    assert_eq!(pieces, "a\\xff (T1, 12 chars) \u{e9}\\n");
}

#[test]
fn made_texts_pass_the_net() {
    let mut m = Masker::new(false);
    m.learn([(&b"abcdef123456"[..], Kind::Token)].into_iter());
    assert_eq!(m.text("token abcdef123456\u{202e}\x1b[31m"), "token (T1, 12 chars)\\u{202e}\\x1b[31m");
}
