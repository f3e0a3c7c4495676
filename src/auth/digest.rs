//! Digest access authentication (RFC 7616): the answer to a challenge, read, never computed.

use super::params::{Param, parse_params};

/// The parameters of a Digest answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    params: Vec<Param>,
}

impl Digest {
    /// A parameter by its lower-case name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.param(name).map(|p| p.value.as_str())
    }

    /// A parameter with its place in the header value.
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|p| p.name == name)
    }

    /// The algorithm, `MD5` if none is named (RFC 7616 3.4).
    pub fn algorithm(&self) -> &str {
        self.get("algorithm").unwrap_or("MD5")
    }

    /// The count of uses of the nonce, if it is eight hexadecimal digits.
    pub fn count(&self) -> Option<u32> {
        self.get("nc").filter(|n| n.len() == 8).and_then(|n| u32::from_str_radix(n, 16).ok())
    }
}

/// Reads an `Authorization` value of the scheme Digest; `None` for other schemes.
pub fn parse_digest(value: &[u8]) -> Option<Digest> {
    let skip = value.len() - value.trim_ascii_start().len();
    let word = value.get(skip..skip + 6)?;
    let scheme = word.eq_ignore_ascii_case(b"digest") && value.get(skip + 6).is_none_or(|b| b" \t".contains(b));
    scheme.then(|| Digest { params: parse_params(value, skip + 6) })
}

/// How many hexadecimal digits a response of this algorithm has, if the algorithm is known (RFC 7616 6.1).
pub fn response_len(algorithm: &str) -> Option<usize> {
    let base = algorithm.to_ascii_lowercase();
    match base.trim_end_matches("-sess") {
        "md5" => Some(32),
        "sha-256" | "sha-512-256" => Some(64),
        _ => None,
    }
}

/// Whether an answer's `uri` names the request target: the path and query of the request line, absolute forms and other
/// spellings of the same characters included.
pub fn same_target(uri: &str, target: &str) -> bool {
    let local = match uri.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => uri,
    };
    let plain = |t: &str| -> Vec<u8> { super::form::percent_decode(t.as_bytes()).into_owned() };
    let root = |t: &str| if t.is_empty() { b"/".to_vec() } else { plain(t) };
    root(local) == root(target) || uri == "*"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616 3.9.1, the answers with MD5 and SHA-256.
    #[test]
    fn the_examples_of_the_standard() {
        let md5 = br#"Digest username="Mufasa",
       realm="http-auth@example.org",
       uri="/dir/index.html",
       algorithm=MD5,
       nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
       nc=00000001,
       cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
       qop=auth,
       response="8ca523f5e9506fed4657c9700eebdbec",
       opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
        let text: Vec<u8> = String::from_utf8_lossy(md5).replace('\n', "").into_bytes();
        let d = parse_digest(&text).unwrap();
        assert_eq!(
            (d.get("username"), d.get("uri"), d.get("qop")),
            (Some("Mufasa"), Some("/dir/index.html"), Some("auth"))
        );
        assert_eq!((d.algorithm(), d.count()), ("MD5", Some(1)));
        assert_eq!(d.get("response").map(str::len), response_len(d.algorithm()));
        assert_eq!(d.get("nonce"), Some("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"));
        let sha = br#"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
        let d = parse_digest(sha).unwrap();
        assert_eq!(d.get("response").map(str::len), response_len(d.algorithm()));
    }

    /// RFC 7616 3.9.2: SHA-512-256 and a hashed user name.
    #[test]
    fn a_hashed_user_name() {
        let value = br#"Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b", realm="api@example.org", uri="/doe.json", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", nc=00000001, cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm", qop=auth, response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDs", userhash=true"#;
        let d = parse_digest(value).unwrap();
        assert_eq!((d.get("userhash"), d.algorithm()), (Some("true"), "SHA-512-256"));
        assert_eq!(d.get("response").map(str::len), response_len(d.algorithm()));
    }

    #[test]
    fn targets() {
        assert!(
            same_target("/a?b=1", "/a?b=1") && same_target("http://h:80/a", "/a") && same_target("/a%20b", "/a%20b")
        );
        assert!(!same_target("/a", "/a?b=1") && !same_target("/", "/live") && same_target("", "/"));
        assert!(parse_digest(b"Digestive x=1").is_none() && parse_digest(b"Basic x").is_none());
    }
}
