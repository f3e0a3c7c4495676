//! What the columns of a W3C extended log mean (<https://www.w3.org/TR/WD-logfile.html>, IIS, CloudFront).

use crate::format::access_log::keys::{Meaning, Unit};

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Date,
    Time,
    Port,
    /// IIS: which check refused.
    Substatus,
    Field(Meaning),
}

/// CloudFront's standard log, in its fixed order.
pub(super) const CLOUDFRONT: [&str; 24] = [
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
];

/// The meaning of a column.
pub(super) fn column(name: &[u8]) -> Column {
    let inside = |prefix: &[u8]| name.strip_prefix(prefix).and_then(|n| n.strip_suffix(b")"));
    let lower = |n: &[u8]| String::from_utf8_lossy(n).to_ascii_lowercase();
    if let Some(header) = inside(b"cs(") {
        return Column::Field(match header {
            b"Host" => Meaning::Host,
            _ => Meaning::Request(lower(header).into()),
        });
    }
    if let Some(header) = inside(b"sc(") {
        return Column::Field(Meaning::Response(lower(header).into()));
    }
    Column::Field(match name {
        b"date" => return Column::Date,
        b"time" => return Column::Time,
        b"s-port" => return Column::Port,
        b"sc-substatus" => return Column::Substatus,
        b"cs-method" => Meaning::Method,
        b"cs-uri-stem" | b"cs-uri" => Meaning::Target,
        b"cs-uri-query" => Meaning::Query,
        b"sc-status" => Meaning::Status,
        b"time-taken" => Meaning::Duration(Unit::Guess),
        b"c-ip" => Meaning::Client,
        b"cs-host" | b"x-host-header" => Meaning::Host,
        b"cs-protocol" => Meaning::Scheme,
        b"cs-version" | b"cs-protocol-version" => Meaning::Version,
        b"x-edge-request-id" => Meaning::Join,
        b"x-forwarded-for" => Meaning::Request("x-forwarded-for".into()),
        _ => Meaning::Nothing,
    })
}
