//! Reading captures: one folder a format, each with `sniff` and a [`Reader`]. Readers judge nothing.
//!
//! A reader is given the input in windows and pushes each exchange to a [`Sink`] as soon as it has it.
//! Reading never fails as a whole: what cannot be read is a [`Problem`] beside the exchanges.

pub mod access_log;
mod axios;
mod botocore;
mod browser_view;
pub mod burp;
pub mod charles;
mod content;
mod curl;
mod dotnet_http;
mod drive;
pub mod fiddler;
pub mod follow;
pub mod forensic;
pub mod har;
mod hint;
mod http_client;
mod httpie;
mod java_http;
mod json;
pub mod json_log;
mod kubectl;
mod lines;
mod listing;
pub mod log_format;
mod message;
pub mod mitmdump;
pub mod mitmproxy;
pub mod netlog;
mod okhttp;
mod pending;
mod problems;
mod raw_http;
#[cfg(test)]
mod testing;
mod toolbelt;
mod transcript;
pub mod tshark;
mod undici;
pub mod varnishlog;
pub mod w3c;
mod wall;
mod wget;
mod wire_log;
pub mod zap;

pub use drive::drive;
pub use hint::hint;
pub use listing::Listing;
pub use problems::{Tally, Unit};

use crate::http::{Brief, Exchange, Span};

/// A stretch of the input.
#[derive(Clone, Copy, Debug)]
pub struct Window<'w> {
    /// The bytes.
    pub bytes: &'w [u8],
    /// Where they begin in the input.
    pub offset: u64,
    /// Nothing follows them.
    pub last: bool,
    /// No exchange that begins at or behind this offset is to be read (another worker's).
    pub limit: u64,
}

/// Reads one capture, window by window.
pub trait Reader {
    /// Pushes every exchange that is complete in `window` and returns how many bytes are done with.
    ///
    /// The next window begins with the first byte that is not; it is longer, or `last`. A reader that needs more
    /// bytes returns 0 (or less than it was given); with `last` it must push what stands before the break, report
    /// the break as a [`Problem`] and return the whole length. The result never depends on where windows end.
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize;

    /// Whether a reader that begins here ([`Split::inside`]) reads what follows as this one would: nothing that was
    /// read before tells on it. Asked where the reader stopped at its [`Window::limit`].
    fn is_fresh(&self) -> bool {
        true
    }
}

/// Takes what a reader finds.
pub trait Sink {
    /// One exchange, in file order. It is gone after the call.
    fn exchange(&mut self, exchange: Exchange<'_>);
    /// One exchange in short, in its place in file order. `false`: more is wanted of it, so it is to be pushed as an
    /// [`Exchange`]; readers that have no short form need not ask.
    fn brief(&mut self, _: &Brief<'_>) -> bool {
        false
    }
    /// Something that could not be read.
    fn problem(&mut self, problem: Problem);
    /// The program that wrote the capture (`WebInspector`, `mitmproxy`); may follow the exchanges.
    fn recorder(&mut self, name: &str, version: &str);
}

/// A place of the input that could not be read, and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub at: Span,
    /// What was expected there: a noun phrase (`a colon behind the key`).
    pub expected: String,
    /// What was done: a clause in the past tense (`the entry was left out`).
    pub done: String,
    /// How it stands among others of its kind, of which only the first are told.
    pub tally: Option<Tally>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(at: Span, expected: impl Into<String>, done: impl Into<String>) -> Self {
        Self { at, expected: expected.into(), done: done.into(), tally: None }
    }
}

/// What a user may say about the input.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A server's log format string (`--log-format`): nginx `log_format` or Apache `LogFormat`.
    pub log_format: Option<String>,
}

/// How a big input can be read by several workers.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    /// Guesses where the next exchange begins in a stretch of input; the guess is verified by the driver.
    pub next: fn(&[u8]) -> Option<usize>,
    /// A reader that begins at such a place.
    pub inside: fn(&Options) -> Box<dyn Reader + Send>,
    /// An exchange says the same when its bytes are read by themselves, whatever stands before them.
    pub alone: bool,
}

/// A capture format: the one list [`FORMATS`] feeds sniffing, help and documentation.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name for `--input-format`.
    pub name: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// How sure the first 64 KiB look like this format: 0 not at all, 100 beyond doubt. The highest wins.
    pub sniff: fn(&[u8]) -> u8,
    /// A reader for a whole capture.
    pub open: fn(&Options) -> Box<dyn Reader + Send>,
    /// How to read it with several workers, if that is possible.
    pub split: Option<Split>,
}

/// Every format that can be read. The order decides between equal sniff scores.
pub const FORMATS: &[Format] = &[
    Format { name: "har", title: "HAR (HTTP archive)", sniff: har::sniff, open: har::open, split: Some(har::SPLIT) },
    Format {
        name: "access-log",
        title: "access log (nginx, Apache, LTSV, key=value, Squid, HAProxy, Envoy, AWS load balancers, S3)",
        sniff: access_log::sniff,
        open: access_log::open,
        split: Some(Split { next: lines::next_line, inside: access_log::open, alone: true }),
    },
    Format {
        name: "json-log",
        title: "access log of JSON lines (Caddy, Traefik, Envoy, nginx, cloud load balancers)",
        sniff: json_log::sniff,
        open: access_log::open,
        split: Some(Split { next: lines::next_line, inside: access_log::open, alone: true }),
    },
    Format {
        name: "json-list",
        title: "access log exported as a JSON list (GCP, Azure)",
        sniff: json_log::list::sniff,
        open: json_log::list::open,
        split: None,
    },
    Format {
        name: "w3c-log",
        title: "log with named columns (W3C extended: IIS, CloudFront; Zeek)",
        sniff: w3c::sniff,
        open: w3c::open,
        split: None,
    },
    Format { name: "mitmdump", title: "text of mitmdump", sniff: mitmdump::sniff, open: mitmdump::open, split: None },
    Format {
        name: "mitmproxy",
        title: "flow file of mitmproxy",
        sniff: mitmproxy::sniff,
        open: mitmproxy::open,
        split: None,
    },
    Format {
        name: "fiddler",
        title: "session archive of Fiddler (SAZ)",
        sniff: fiddler::sniff,
        open: fiddler::open,
        split: None,
    },
    Format { name: "burp", title: "items of Burp (XML)", sniff: burp::sniff, open: burp::open, split: None },
    Format {
        name: "charles",
        title: "session of Charles (JSON)",
        sniff: charles::sniff,
        open: charles::open,
        split: None,
    },
    Format { name: "zap", title: "messages of ZAP (text)", sniff: zap::sniff, open: zap::open, split: None },
    Format { name: "netlog", title: "network log of Chrome", sniff: netlog::sniff, open: netlog::open, split: None },
    Format {
        name: "tshark",
        title: "packets of tshark (-T json, -T ek, -T fields)",
        sniff: tshark::sniff,
        open: tshark::open,
        split: None,
    },
    Format {
        name: "follow",
        title: "stream followed by Wireshark or tshark",
        sniff: follow::sniff,
        open: follow::open,
        split: None,
    },
    Format {
        name: "varnishlog",
        title: "records of varnishlog",
        sniff: varnishlog::sniff,
        open: varnishlog::open,
        split: None,
    },
    Format {
        name: "forensic",
        title: "forensic log of Apache (mod_log_forensic)",
        sniff: forensic::sniff,
        open: forensic::open,
        split: None,
    },
    curl::FORMAT,
    transcript_of("wget", "wget, best with -d or -S", wget::sniff),
    transcript_of("httpie", "HTTPie -v", httpie::sniff),
    transcript_of(
        "http-client",
        "Python: http.client debuglevel=1, debug logs of urllib3 and httpx",
        http_client::sniff,
    ),
    transcript_of("botocore", "botocore (boto3.set_stream_logger, aws --debug)", botocore::sniff),
    transcript_of("okhttp", "OkHttp logging interceptor, Feign logger", okhttp::sniff),
    transcript_of(
        "wire-log",
        "bytes in quotes (Apache HttpClient wire log, Ruby set_debug_output, Go %q)",
        wire_log::sniff,
    ),
    transcript_of("java-http", "Java HttpClient (jdk.httpclient.HttpClient.log)", java_http::sniff),
    transcript_of("dotnet-http", ".NET HttpClient logging (System.Net.Http.HttpClient)", dotnet_http::sniff),
    transcript_of("kubectl", "kubectl -v=6 to -v=9", kubectl::sniff),
    transcript_of("toolbelt", "requests-toolbelt dump_all", toolbelt::sniff),
    transcript_of("axios", "errors and answers of axios (console.log)", axios::sniff),
    transcript_of("browser-view", "headers copied from a browser's network panel", browser_view::sniff),
    transcript_of("undici", "Node NODE_DEBUG=undici", undici::sniff),
    transcript_of("http-text", "HTTP messages as text (.http files, Go httputil dumps, copies)", raw_http::sniff),
];

/// A dialect of transcripts: told apart by its sniff, read by the reader that knows them all.
const fn transcript_of(name: &'static str, title: &'static str, sniff: fn(&[u8]) -> u8) -> Format {
    Format { name, title, sniff, open: transcript::open, split: None }
}

/// So sure, nobody else needs to be asked: the formats that say so begin with different bytes.
const SURE: u8 = 98;

/// The format of a capture by its first bytes (64 KiB are enough).
pub fn sniff(head: &[u8]) -> Option<&'static Format> {
    let best = best(head, 0);
    // Of a transcript that was pasted, hardly a line is as it was.
    let sure = best.map_or(0, |(score, _)| score);
    let text = sure < 60 && memchr::memchr(0, head).is_none();
    let pasted = text.then(|| transcript::unpasted(head)).flatten();
    pasted.and_then(|head| self::best(&head, sure)).or(best).map(|(_, format)| format)
}

/// The format with the highest score above `floor`.
fn best(head: &[u8], floor: u8) -> Option<(u8, &'static Format)> {
    let mut best: Option<(u8, &'static Format)> = None;
    for format in FORMATS {
        if best.is_some_and(|(score, _)| score >= SURE) {
            break;
        }
        let score = (format.sniff)(head);
        if score > best.map_or(floor, |(s, _)| s) {
            best = Some((score, format));
        }
    }
    best
}

/// The format of a capture: by its first bytes, and by the user's log format where they tell nothing.
pub fn recognise(head: &[u8], options: &Options) -> Option<&'static Format> {
    let by_format = || options.log_format.as_deref().is_some_and(|f| access_log::fits(head, f));
    sniff(head).or_else(|| by_format().then(|| by_name("access-log"))?)
}

/// The format of this name.
pub fn by_name(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}
