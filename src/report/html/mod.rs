//! One self-contained page: what a capture shows, or the causes of many. Data stand in it only as escaped text; its one
//! style and one script are constant, and named by their hashes in its policy. Everything can be read without the script.

mod batch;
mod capture;
mod card;
mod exchanges;
mod table;
mod text;

use std::fmt::Write as _;

use base64::Engine;
use sha2::{Digest, Sha256};

use super::build::Block;
use super::model::Report;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The page of a run.
pub fn render(report: &Report, blocks: &[Block]) -> String {
    let page = match report.captures.as_slice() {
        [one] => capture::page(report, one, blocks),
        all if report.sequence.is_some() && report.parts.len() == 1 && !all.is_empty() => {
            capture::joined(report, blocks)
        }
        _ => batch::page(report, blocks, &[]),
    };
    framed(report, page, None)
}

/// The page of many captures that leads to the page of each: `links`, names of files beside it.
pub fn index(report: &Report, blocks: &[Block], links: &[Option<String>]) -> String {
    framed(report, batch::page(report, blocks, links), None)
}

/// The page of the captures from this one on; `index` is the file that leads here.
pub fn page_of(report: &Report, from: usize, blocks: &[Block], index: &str) -> String {
    let captures = report.captures.get(from..).unwrap_or_default();
    let own = blocks.get(blocks.partition_point(|b| b.capture < from)..).unwrap_or_default();
    let one = Report {
        captures: captures.to_vec(),
        sequence: report.sequence.clone(),
        open: report.open,
        ..Report::default()
    };
    let page = match captures {
        [capture] => capture::page(&one, capture, own),
        _ => capture::joined(&one, own),
    };
    framed(report, page, Some(index))
}

/// A body in its frame. What a page is: title, body, what j and k do.
fn framed(report: &Report, (title, body, keys): (String, String, &'static str), index: Option<&str>) -> String {
    let up = index.map_or_else(String::new, |i| format!("<p class=\"up np\"><a href=\"{i}\">all captures</a></p>"));
    let mut out = String::with_capacity(body.len() + STYLE.len() + SCRIPT.len() + 1000);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; script-src '{}'; \
         base-uri 'none'; form-action 'none'\"><meta name=\"referrer\" content=\"no-referrer\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{}</title>\
         <style>{STYLE}</style></head>\n<body><main>{up}{body}\n\
         <footer>why401 {} &middot; {} <span class=\"np\">&middot; keys: <span class=\"m\">j k</span> {keys}, \
         <span class=\"m\">/</span> filter</span></footer></main><script>{SCRIPT}</script></body></html>\n",
        hash(STYLE),
        hash(SCRIPT),
        text::escaped(&title),
        env!("CARGO_PKG_VERSION"),
        if report.open { "secrets are shown: do not share this page" } else { "secrets are replaced by aliases" },
    );
    out
}

/// How a policy names a constant text.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes())))
}
