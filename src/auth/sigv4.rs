//! AWS Signature Version 4 (header and query form): read and laid out, never computed with a key.

mod quoted;

use sha2::{Digest, Sha256};

use super::params::parse_params;
use crate::http::{Time, parse_http_date, parse_iso};

pub use quoted::{Difference, Part, ToSign, first_difference, quoted_canonical, quoted_to_sign};

/// The scope and key id of a credential: `AKID/20150830/us-east-1/iam/aws4_request`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    /// The access key id.
    pub key: String,
    /// The day, `20150830`.
    pub day: String,
    /// The region.
    pub region: String,
    /// The service.
    pub service: String,
    /// `aws4_request`.
    pub terminator: String,
}

/// The signature of a request, as its sender wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sigv4 {
    /// `AWS4-HMAC-SHA256`, `AWS4-ECDSA-P256-SHA256`, `GOOG4-RSA-SHA256`.
    pub algorithm: String,
    /// It stands in the query: a presigned URL.
    pub presigned: bool,
    /// The credential as written, `None` if the part is missing.
    pub credential_text: Option<String>,
    /// The signed headers as written, in order.
    pub signed_headers: Option<Vec<String>>,
    /// Length of the signature, and whether it is hexadecimal.
    pub signature: Option<(usize, bool)>,
}

/// The scheme word of a signed `Authorization` value.
const SCHEME: &str = "AWS4-";

/// Reads an `Authorization` value; `None` for other schemes.
pub fn parse_header(value: &[u8]) -> Option<Sigv4> {
    let text = String::from_utf8_lossy(value);
    let algorithm =
        text.split_whitespace().next().filter(|w| w.get(..5).is_some_and(|s| s.eq_ignore_ascii_case(SCHEME)))?;
    let from = text.find(algorithm)? + algorithm.len();
    let mut out = Sigv4 { algorithm: algorithm.trim_end_matches(',').to_owned(), ..Sigv4::default() };
    for p in parse_params(value, from) {
        out.take(&p.name, &p.value);
    }
    Some(out)
}

/// Reads the parameters of a presigned URL, of AWS (`X-Amz-`) or Google (`X-Goog-`); `None` if none of the two is there.
pub fn parse_query<'q>(pairs: impl Iterator<Item = (&'q str, std::borrow::Cow<'q, str>)>) -> Option<Sigv4> {
    let mut out = Sigv4 { presigned: true, ..Sigv4::default() };
    let mut found = false;
    for (name, value) in pairs {
        let lower = name.to_ascii_lowercase();
        let Some(rest) = lower.strip_prefix("x-amz-").or_else(|| lower.strip_prefix("x-goog-")) else { continue };
        match rest {
            "algorithm" => out.algorithm = value.into_owned(),
            "credential" | "signature" => {
                found = true;
                out.take(rest, &value);
            }
            "signedheaders" => out.take(rest, &value),
            _ => {}
        }
    }
    found.then_some(out)
}

impl Sigv4 {
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "credential" => self.credential_text = Some(value.to_owned()),
            "signedheaders" => self.signed_headers = Some(value.split(';').map(str::to_owned).collect()),
            "signature" => self.signature = Some((value.len(), value.bytes().all(|b| b.is_ascii_hexdigit()))),
            _ => {}
        }
    }

    /// The credential, if it has its five parts. A key id may itself hold slashes.
    pub fn credential(&self) -> Option<Credential> {
        let mut parts = self.credential_text.as_deref()?.rsplitn(5, '/').map(str::to_owned);
        let (terminator, service, region, day) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(Credential { key: parts.next()?, day, region, service, terminator })
    }

    /// Signed for one region with a shared key: neither SigV4A nor another vendor's kin.
    pub fn regional(&self) -> bool {
        self.algorithm.eq_ignore_ascii_case("AWS4-HMAC-SHA256")
    }
}

/// A time as signatures write it: `20150830T123600Z`, an HTTP date, or ISO 8601.
pub fn parse_time(text: &str) -> Option<Time> {
    let text = text.trim();
    let digits = |r: std::ops::Range<usize>| text.get(r).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
    if text.len() == 16 && text.as_bytes().get(8) == Some(&b'T') {
        let (y, m, d) = (digits(0..4)?, digits(4..6)?, digits(6..8)?);
        let (h, min, s) = (digits(9..11)?, digits(11..13)?, digits(13..15)?);
        return parse_iso(&format!("{y}-{m}-{d}T{h}:{min}:{s}Z"));
    }
    parse_http_date(text).or_else(|| parse_iso(text))
}

/// Both clocks, as a refusal for the time states them: the signed time and the server's.
/// `Signature expired: A is now earlier than B (C - 5 min.)`, `Signature not yet current: A is still later than B (C + 5 min.)`.
pub fn stated_clocks(message: &str) -> Option<(Time, Time)> {
    let (_, rest) =
        message.split_once("Signature expired: ").or_else(|| message.split_once("Signature not yet current: "))?;
    let signed = parse_time(rest.split_whitespace().next()?)?;
    let (_, server) = rest.split_once('(')?;
    Some((signed, parse_time(server.split_whitespace().next()?)?))
}

/// A request, as a canonical request needs it.
#[derive(Clone, Debug, Default)]
pub struct Request<'r> {
    /// The method.
    pub method: &'r str,
    /// The path as sent.
    pub path: &'r str,
    /// The query as sent.
    pub query: &'r str,
    /// The header fields, names in lower case.
    pub headers: Vec<(&'r str, String)>,
    /// The hash of the payload, if known: the header that names it, else the hash of the body.
    pub payload: Option<&'r str>,
}

/// A canonical request, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Canonical {
    /// The method.
    pub method: String,
    /// The path, encoded once more (every service but S3) and as sent.
    pub paths: [String; 2],
    /// The query, sorted.
    pub query: String,
    /// `name:value` of each signed header.
    pub headers: Vec<(String, String)>,
    /// The list of signed headers.
    pub signed: String,
    /// The hash of the payload, if known.
    pub payload: Option<String>,
}

impl Canonical {
    /// The text that is hashed; `once_more` encodes the path again, as every service but S3 wants it.
    pub fn text(&self, once_more: bool) -> String {
        let [again, sent] = &self.paths;
        let path = if once_more { again } else { sent };
        let headers: String = self.headers.iter().map(|(n, v)| format!("{n}:{v}\n")).collect();
        let payload = self.payload.as_deref().unwrap_or_default();
        format!("{}\n{path}\n{}\n{headers}\n{}\n{payload}", self.method, self.query, self.signed)
    }
}

/// Lays out the canonical request of what was sent.
pub fn canonical(request: &Request<'_>, signed: &[String]) -> Canonical {
    let path = if request.path.is_empty() { "/" } else { request.path };
    let value = |name: &String| -> String {
        let all: Vec<String> = request.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| squeeze(v)).collect();
        all.join(",")
    };
    Canonical {
        method: request.method.to_owned(),
        paths: [encode(path.as_bytes(), true), path.to_owned()],
        query: canonical_query(request.query),
        headers: signed.iter().map(|n| (n.clone(), value(n))).collect(),
        signed: signed.join(";"),
        payload: request.payload.map(str::to_owned),
    }
}

/// Blanks at both ends go, runs of blanks become one.
fn squeeze(value: &str) -> String {
    value.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|p| !p.is_empty())
        .map(|p| p.split_once('=').unwrap_or((p, "")))
        .filter(|(n, _)| !n.eq_ignore_ascii_case("X-Amz-Signature"))
        .map(|(n, v)| {
            let again = |t: &str| encode(&super::form::percent_decode(t.as_bytes()), false);
            (again(n), again(v))
        })
        .collect();
    pairs.sort();
    pairs.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&")
}

/// RFC 3986 unreserved characters stay; `path` keeps the slash.
fn encode(bytes: &[u8], path: bool) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len());
    for b in bytes {
        if b.is_ascii_alphanumeric() || b"-_.~".contains(b) || path && *b == b'/' {
            out.push(char::from(*b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

/// Hexadecimal SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// The hash of an empty payload.
pub const EMPTY_PAYLOAD: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[cfg(test)]
mod tests {
    use super::*;

    /// "Create a signed AWS API request", IAM ListUsers.
    const HEADER: &[u8] = b"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

    fn list_users() -> Canonical {
        let headers = vec![
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned()),
            ("host", "iam.amazonaws.com".to_owned()),
            ("x-amz-date", "20150830T123600Z".to_owned()),
        ];
        let request = Request {
            method: "GET",
            path: "/",
            query: "Version=2010-05-08&Action=ListUsers",
            headers,
            payload: Some(EMPTY_PAYLOAD),
        };
        canonical(&request, &parse_header(HEADER).unwrap().signed_headers.unwrap())
    }

    #[test]
    fn the_header_form() {
        let s = parse_header(HEADER).unwrap();
        let c = s.credential().unwrap();
        assert_eq!((c.key.as_str(), c.day.as_str(), c.region.as_str()), ("AKIDEXAMPLE", "20150830", "us-east-1"));
        assert_eq!((c.service.as_str(), c.terminator.as_str()), ("iam", "aws4_request"));
        assert_eq!((s.signature, s.presigned, s.regional()), (Some((64, true)), false, true));
        assert!(parse_header(b"Bearer x").is_none());
        let tight = parse_header(b"AWS4-HMAC-SHA256 Credential=A/1/r/s/t,SignedHeaders=host,Signature=ab").unwrap();
        assert_eq!((tight.credential().unwrap().region.as_str(), tight.signature), ("r", Some((2, true))));
    }

    #[test]
    fn the_canonical_request_of_the_documentation() {
        let text = list_users().text(true);
        assert_eq!(sha256_hex(text.as_bytes()), "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    }

    /// S3, "Examples: signature calculations", GET object.
    #[test]
    fn the_canonical_request_of_an_object() {
        let headers = vec![
            ("host", "examplebucket.s3.amazonaws.com".to_owned()),
            ("range", "bytes=0-9".to_owned()),
            ("x-amz-content-sha256", EMPTY_PAYLOAD.to_owned()),
            ("x-amz-date", "20130524T000000Z".to_owned()),
        ];
        let signed: Vec<String> = headers.iter().map(|(n, _)| (*n).to_owned()).collect();
        let request = Request { method: "GET", path: "/test.txt", query: "", headers, payload: Some(EMPTY_PAYLOAD) };
        let text = canonical(&request, &signed).text(false);
        assert_eq!(sha256_hex(text.as_bytes()), "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
    }

    /// S3, "Authenticating requests: using query parameters".
    #[test]
    fn the_canonical_request_of_a_presigned_url() {
        let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        let pairs = super::super::form::pairs(query.as_bytes());
        let list = pairs.iter().map(|p| (p.name.as_ref(), String::from_utf8_lossy(&p.value)));
        let s = parse_query(list).unwrap();
        assert_eq!((s.credential().unwrap().service.as_str(), s.presigned, s.regional()), ("s3", true, true));
        let headers = vec![("host", "examplebucket.s3.amazonaws.com".to_owned())];
        let request = Request { method: "GET", path: "/test.txt", query, headers, payload: Some("UNSIGNED-PAYLOAD") };
        let text = canonical(&request, &s.signed_headers.unwrap()).text(false);
        assert_eq!(sha256_hex(text.as_bytes()), "3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04");
    }

    #[test]
    fn clocks_in_a_refusal() {
        let late =
            "Signature expired: 20260510T160532Z is now earlier than 20260510T162132Z (20260510T162632Z - 5 min.)";
        let (signed, server) = stated_clocks(late).unwrap();
        assert_eq!((server - signed) / 1_000_000, 21 * 60);
        let early = "Signature not yet current: 20260510T164732Z is still later than 20260510T163132Z (20260510T162632Z + 5 min.)";
        assert_eq!(stated_clocks(early).map(|(a, b)| (b - a) / 1_000_000), Some(-21 * 60));
        assert_eq!(parse_time("20150830T123600Z"), parse_time("Sun, 30 Aug 2015 12:36:00 GMT"));
        assert_eq!(parse_time("soon"), None);
    }

    #[test]
    fn the_string_to_sign() {
        let hash = sha256_hex(list_users().text(true).as_bytes());
        let scope = "20150830/us-east-1/iam/aws4_request";
        let ours = ToSign { time: "20150830T123600Z".into(), scope: scope.into(), hashes: vec![hash.clone()] };
        let theirs = format!("AWS4-HMAC-SHA256\n20150830T123600Z\n{scope}\n{hash}");
        let message = format!("The String-to-Sign should have been\n'{theirs}'\n");
        let at = quoted_to_sign(&message).unwrap();
        assert_eq!(message.get(at.clone()), Some(theirs.as_str()));
        assert!(ours.agrees(&message, at.clone()) && ours.difference(&message, at).is_none());
        let late = theirs.replace("T1236", "T1237");
        let d = ours.difference(&late, 0..late.len()).unwrap();
        assert_eq!((d.part, late.get(d.at)), (Part::Time, Some("20150830T123700Z")));
        let other = theirs.replace(&hash, &"0".repeat(64));
        assert!(!ours.agrees(&other, 0..other.len()) && ours.difference(&other, 0..other.len()).is_none());
        assert!(!ours.agrees("short", 0..5));
    }

    #[test]
    fn the_first_difference() {
        let ours = list_users();
        let good = ours.text(true);
        assert_eq!(first_difference(&good, 0..good.len(), &ours), None);
        let other = good.replace("host:iam", "host:internal");
        let message =
            format!("The Canonical String for this request should have been\n'{other}'\n\nThe String-to-Sign");
        let d = first_difference(&message, quoted_canonical(&message).unwrap(), &ours).unwrap();
        assert_eq!(d.part, Part::Header("host".into()));
        assert_eq!(message.get(d.at), Some("host:internal.amazonaws.com"));
        let body = good.replace(EMPTY_PAYLOAD, &"a".repeat(64));
        assert_eq!(first_difference(&body, 0..body.len(), &ours).map(|d| d.part), Some(Part::Payload));
        let query = good.replace("ListUsers", "ListRoles").replace('&', "&amp;");
        assert_eq!(first_difference(&query, 0..query.len(), &ours).map(|d| d.part), Some(Part::Query));
        assert_eq!(first_difference("short", 0..5, &ours), None);
    }
}
