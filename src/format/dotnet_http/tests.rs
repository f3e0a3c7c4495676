//! The handlers' words; written by hand after the source of Microsoft.Extensions.Http.

use super::sniff;
use crate::format::sniff as format_of;
use crate::format::transcript::tests::{list, told};

const LOG: &str = "info: System.Net.Http.HttpClient.Berths.LogicalHandler[100]\n      Start processing HTTP request GET https://a.example/v2/berths?page=2\n\
    trce: System.Net.Http.HttpClient.Berths.LogicalHandler[102]\n      Request Headers:\n      Accept: application/json\n\n\
    info: System.Net.Http.HttpClient.Berths.ClientHandler[100]\n      Sending HTTP request GET https://a.example/v2/berths?page=2\n\
    trce: System.Net.Http.HttpClient.Berths.ClientHandler[102]\n      Request Headers:\n      Accept: application/json\n      Authorization: Bearer abcdefgh\n\n\
    info: System.Net.Http.HttpClient.Berths.ClientHandler[101]\n      Received HTTP response headers after 12.5ms - 401\n\
    trce: System.Net.Http.HttpClient.Berths.ClientHandler[103]\n      Response Headers:\n      WWW-Authenticate: Bearer error=\"invalid_token\"\n\n\
    info: System.Net.Http.HttpClient.Berths.LogicalHandler[101]\n      End processing HTTP request after 14.1ms - 401\n\
    trce: System.Net.Http.HttpClient.Berths.LogicalHandler[103]\n      Response Headers:\n      WWW-Authenticate: Bearer error=\"invalid_token\"\n\n";

#[test]
fn both_handlers_tell_of_one_request() {
    assert_eq!(format_of(LOG.as_bytes()).map(|f| f.name), Some("dotnet-http"));
    assert_eq!(list(LOG.as_bytes()).lines, ["GET https://a.example/v2/berths 401 req=?+body? res=1+body?"]);
    let want =
        "GET https://a.example/v2/berths?page=2 401\nAccept: application/json\nAuthorization: Bearer abcdefgh\n?\n?";
    assert_eq!(told(LOG.as_bytes()).0, [want]);
    assert_eq!(told(LOG.repeat(2).as_bytes()).0, [want, want]);
}

#[test]
fn one_handler_on_one_line() {
    let line = |text: &str| format!("[10:00:00 INF] {text}\n");
    let text = line("Sending HTTP request \"GET\" \"https://a.example/x\"")
        + &line("Received HTTP response headers after 3.2ms - 403");
    assert_eq!(list(text.as_bytes()).lines, ["GET https://a.example/x 403 req=?+body? res=?+body?"]);
    let outer: String = LOG.split_inclusive("\n\n").filter(|e| !e.contains("ClientHandler")).collect();
    assert_eq!(list(outer.as_bytes()).lines, ["GET https://a.example/v2/berths 401 req=?+body? res=1+body?"]);
}

/// A redacted value is no value.
#[test]
fn redacted() {
    let text = LOG.replace("Bearer abcdefgh", "*");
    assert_eq!(told(text.as_bytes()).0, ["GET https://a.example/v2/berths?page=2 401\nAccept: application/json\n?\n?"]);
}

#[test]
fn scores() {
    assert_eq!(sniff(b"Sending HTTP request to https://a.example\nRequest Headers:\n"), 0);
    assert_eq!(sniff(LOG.as_bytes()), 88);
}
