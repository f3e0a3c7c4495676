//! How another crate keeps the verdict on its own captures: with `insta`, through the public interface alone. docs/ci.md shows
//! this test; `UPDATE=1 cargo test --test ci_page` copies it there.
#![allow(clippy::unwrap_used)]

// shown in docs/ci.md
use why401::analysis::{Options, analyze};
use why401::report::to_snapshot;

#[test]
fn the_login_fails_for_the_known_reason() {
    let capture = b"> GET /v1/me HTTP/1.1
> Host: api.example.test
> Authorization: Bearer
>
< HTTP/1.1 401 Unauthorized
< WWW-Authenticate: Bearer
<
";
    let run = analyze("me.txt", capture, &Options::default()).unwrap();
    insta::assert_snapshot!(to_snapshot(&run.report), @r#"
    capture me.txt
      format: curl
      exchanges: 1
      refused: 1

    cause blank-token
      message: the Authorization header holds no token behind "Bearer"
      severity: error
      confidence: certain
      request: #0 GET http://api.example.test/v1/me -> 401
      explains: #0
      evidence: #0 request.headers.authorization: Bearer  (nothing after the scheme)
      because: the header as sent ends behind the scheme
      fix: print the variable before use, and stop when the login gave no token
      paste: curl --fail-with-body ... | jq -er .access_token
    "#);
}
// end
