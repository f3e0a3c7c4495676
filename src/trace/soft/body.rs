//! Refusals that only the body of an answer tells: errors in an envelope, of a remote procedure, of GraphQL.

use super::{Class, Ex};
use crate::facts::Kind;
use crate::provider::Class as Says;

/// Whether an answer of success is a refusal by what its body says.
pub(super) fn soft_json(ex: &Ex<'_>) -> bool {
    if ex.profile().soft_denied(&|p| ex.answer_text(p)) {
        return true;
    }
    let not_ok = ex.answer_field("ok").is_some_and(|f| &*f.text() == "false");
    if not_ok && ex.answer_text("error").is_some() && ex.said().is_some_and(|s| s != Says::Other) {
        return true;
    }
    // `{"success":false,"code":"390112","message":"Your session has expired. Please login again."}`
    let over = |s| matches!(s, Says::Expired | Says::AmbiguousExpired | Says::Revoked | Says::Blank | Says::Skew);
    let failed = ex.answer_field("success").is_some_and(|f| &*f.text() == "false");
    let credential = ex.credentials().next().is_some();
    let envelope = ex.answer().is_some_and(only_envelope) && !checks(ex);
    if failed && credential && ex.class() == Class::Call && ex.said().is_some_and(over) && envelope {
        return true;
    }
    let code = ex.answer_text("error.code");
    if code.as_deref().is_some_and(|c| c == "498" || c == "499") {
        return true;
    }
    ex.answer().is_some_and(|a| a.fields.iter().any(graph_refusal))
        || fault(ex)
        || status_in_body(ex)
        || rpc_error(ex)
        || named_refusal(ex)
        || error_number(ex)
}

/// A call with a credential got an error in place of a result, and the error's own text is one that the table holds for
/// sure: `{"error":["EAPI:Invalid key"]}`, `{"Response":{"Error":{"Code":"AuthFailure.SignatureExpire"}}}`.
fn named_refusal(ex: &Ex<'_>) -> bool {
    let sure = |class: Says| {
        !matches!(
            class,
            Says::Other
                | Says::Intermediary
                | Says::Route
                | Says::Rate
                | Says::Permission
                | Says::Csrf
                | Says::Code
                | Says::Cors
                | Says::StepUp
                | Says::Scope
        )
    };
    let heard = ex.detail().is_some_and(|d| d.hits.iter().any(|h| sure(h.class)));
    let credential = ex.credentials().any(|u| !matches!(u.kind, Kind::Cookie | Kind::Csrf));
    // That none came can be told without one, of a plain question, or in place of a result.
    let no_result = || ex.answer_field("result").is_some_and(|f| &*f.text() == "null");
    let unasked = ex.said() == Some(Says::Missing) && (ex.method() == "GET" || no_result());
    // "Incorrect username or password" is said to whoever sent them, be it in a place of the vendor's own.
    let unasked = unasked || ex.said() == Some(Says::User) && ex.fields().next().is_some();
    let another = ex.said().is_some_and(|s| crate::trace::trade::about_another(ex, s));
    if another || !heard || !credential && !unasked || ex.class() != Class::Call || has_result(ex) || checks(ex) {
        return false;
    }
    let about_error = |path: &str| path.split('.').take(3).any(|s| s.to_ascii_lowercase().starts_with("err"));
    let names_text = |text: &str, weak: bool| {
        // In quotes, as it stands in JSON: patterns look for the end of the text.
        let hits = crate::provider::scan(&format!("\"{text}\""), crate::provider::Where::Body);
        text.len() <= 400 && hits.iter().any(|h| (weak || !h.weak) && sure(h.class))
    };
    // Where nothing but the error was answered, plain words are enough: `{"Error Message":"the parameter apikey is invalid"}`.
    let alone = ex.answer().is_some_and(|a| a.fields.len() <= 2) && credential;
    let names_it = |f: &crate::facts::Field| {
        about_error(&f.path) && (names_text(&f.text(), false) || alone && of_caller(f) && names_text(&f.text(), true))
    };
    // `{"retCode":10003,"retMsg":"API key is invalid.","result":{}}`: a code that is not that of success, and its text.
    let message = |f: &crate::facts::Field| {
        let name = f.name().to_ascii_lowercase();
        let words = WORDED.contains(&&*name);
        words && (coded(ex, &f.path) || no_result()) && names_text(&f.text(), f.text().len() <= 80) && of_caller(f)
    };
    let few = |a: &crate::facts::BodyFact| {
        a.fields.len() <= 24 && only_envelope(a) && a.fields.iter().any(|f| names_it(f) || message(f))
    };
    ex.answer().is_some_and(few)
}

/// Words about who calls, not about a coupon that has expired.
fn of_caller(f: &crate::facts::Field) -> bool {
    const SUBJECTS: [&str; 12] = [
        "token",
        "session",
        "key",
        "credential",
        "auth",
        "login",
        "log in",
        "logged",
        "sign",
        "jwt",
        "password",
        "api",
    ];
    let low = f.text().to_ascii_lowercase();
    !low.is_ascii() || SUBJECTS.iter().any(|s| low.contains(s))
}

/// Where the words stand beside such a code.
const WORDED: [&str; 14] = [
    "description",
    "description2",
    "msg",
    "message",
    "retmsg",
    "errmsg",
    "resultmsg",
    "desc",
    "text",
    "errtext",
    "error_msg",
    "error_message",
    "errormessage",
    "reason",
];

/// Whether a code that is not that of success stands beside a field, or at the root.
fn coded(ex: &Ex<'_>, path: &str) -> bool {
    let beside = path.rsplit_once('.').map(|(before, _)| before);
    let bad = |at: String| ex.answer_text(&at).is_some_and(|t| !GOOD.contains(&t.to_ascii_lowercase().as_str()));
    CODED.iter().any(|c| bad((*c).to_owned()) || beside.is_some_and(|b| bad(format!("{b}.{c}"))))
}

/// Nothing but an error and what goes with one: an answer that tells of something (its name, its state) may tell that this
/// thing failed elsewhere.
fn only_envelope(a: &crate::facts::BodyFact) -> bool {
    const KEYS: [&str; 41] = [
        "reasons",
        "processid",
        "transactionid",
        "correlationid",
        "version",
        "stat",
        "code",
        "messages",
        "refid",
        "fault",
        "message",
        "msg",
        "status",
        "statuscode",
        "success",
        "ok",
        "result",
        "results",
        "data",
        "response",
        "requestid",
        "traceid",
        "timestamp",
        "time",
        "jsonrpc",
        "meta",
        "extensions",
        "detail",
        "details",
        "desc",
        "description",
        "path",
        "info",
        "type",
        "title",
        "hint",
        "reason",
        "logid",
        "servertime",
        "exception",
        "items",
    ];
    let has = |n: &str| a.fields.iter().any(|f| &*f.path == n);
    let rpc = has("jsonrpc") || has("result") && has("error");
    // Everything in one wrapping: `{"subsonic-response":{"status":"failed","error":{..}}}`.
    let top = |f: &crate::facts::Field| f.path.split('.').next().unwrap_or_default().to_owned();
    let outer = a.fields.first().map(top);
    let wrapped = a.fields.len() > 2
        && a.fields.first().is_some_and(|f| f.sort == crate::facts::Sort::Container && !f.path.contains('.'))
        && outer.as_deref().is_some_and(|o| !o.to_ascii_lowercase().starts_with("err"))
        && a.fields.iter().all(|f| Some(top(f)) == outer);
    a.fields.iter().skip(usize::from(wrapped)).all(|f| {
        let root = f.path.split('.').nth(usize::from(wrapped)).unwrap_or_default();
        let name: String = root.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        name.starts_with("err")
            || name.starts_with("ret")
            || name.ends_with("count")
            || KEYS.contains(&name.trim_end_matches(|c: char| c.is_ascii_digit()))
            || rpc && name == "id"
    })
}

/// Where answers put a code of their own, and what it is when all went well.
const CODED: [&str; 10] =
    ["errorno", "errno", "retCode", "code", "errcode", "errorCode", "error_code", "resultCode", "status", "stat"];
const GOOD: [&str; 9] = ["0", "200", "00000", "000000", "ok", "success", "true", "201", "1"];

/// Calls that ask whether something else is good, by their path, by what they send, or by the form of the answer.
fn checks(ex: &Ex<'_>) -> bool {
    let low = ex.path().to_ascii_lowercase();
    let path = ["valid", "verif", "check", "test", "introspect", "tokeninfo", "lookup", "confirm", "redeem"];
    let sent = ["token", "code", "otp", "key", "ticket", "signature", "invite", "secret"];
    let brings = |f: &crate::facts::Field| {
        let name = f.name().to_ascii_lowercase();
        // `SignatureMethod`, `AccessKeyId`: what goes along with a signature of the call's own.
        let own = ["method", "version", "type", "id"].iter().any(|e| name.ends_with(e));
        f.line.marks.is_empty() && !own && sent.iter().any(|w| name.contains(w))
            || matches!(name.as_str(), "token" | "code" | "key") && !f.path.starts_with("api")
    };
    path.iter().any(|w| low.contains(w)) || ex.answer_text("valid").is_some() || ex.fields().any(brings)
}

/// A 200 whose body is an error number and words about the token that was sent: `{"errcode":40001,"errmsg":"invalid
/// credential, access_token is invalid"}` (WeChat), and no result beside them.
fn error_number(ex: &Ex<'_>) -> bool {
    const CODES: [&str; 8] =
        ["errcode", "error_code", "errorCode", "err_code", "retcode", "code", "errno", "errorcode"];
    const WORDS: [&str; 7] = ["errmsg", "error_msg", "errorMessage", "msg", "message", "error", "error_description"];
    const MOST: usize = 8;
    let number = |c: &&str| {
        ex.answer_text(c).and_then(|t| t.trim().parse::<i64>().ok()).is_some_and(|n| !matches!(n, 0 | 1 | 200))
    };
    let about = |s| {
        matches!(
            s,
            Says::Expired | Says::AmbiguousExpired | Says::Revoked | Says::Blank | Says::Malformed | Says::Invalid
        )
    };
    ex.class() == Class::Call
        && ex.answer().is_some_and(|a| a.fields.len() <= MOST)
        && CODES.iter().any(number)
        && WORDS.iter().any(|w| ex.answer_text(w).is_some())
        && ex.said().is_some_and(|s| about(s) && !crate::trace::trade::about_another(ex, s))
        && ex.token().is_some()
        && !has_result(ex)
}

/// A 200 whose body holds the status: `{"code":401,"msg":"please log in","data":null}`.
fn status_in_body(ex: &Ex<'_>) -> bool {
    const CODES: [&str; 9] = [
        "code",
        "status",
        "statusCode",
        "status_code",
        "errcode",
        "errorCode",
        "error.code",
        "error.status",
        "error_code",
    ];
    const WORDS: [&str; 7] = ["msg", "message", "error", "errmsg", "errorMessage", "error.message", "error_msg"];
    CODES.iter().any(|c| ex.answer_text(c).is_some_and(|t| t.trim() == "401"))
        && WORDS.iter().any(|w| ex.answer_text(w).is_some())
        && !has_result(ex)
}

/// JSON-RPC answers 200 in any case: an error object instead of a result, in words about the credential.
fn rpc_error(ex: &Ex<'_>) -> bool {
    let about = |s| matches!(s, Says::Expired | Says::AmbiguousExpired | Says::Revoked | Says::Blank | Says::Csrf);
    let told = ex.said().is_some_and(|s| about(s) && !crate::trace::trade::about_another(ex, s));
    let envelope = ex.answer().is_some_and(only_envelope);
    let phrase = |t: String| crate::trace::denial::STATUS_WORDS.contains(&t.trim().to_ascii_lowercase().as_str());
    let told = told || ex.answer_field("jsonrpc").is_some() && ex.answer_text("error.message").is_some_and(phrase);
    ex.answer_field("error.message").is_some() && told && !has_result(ex) && envelope
}

fn has_result(ex: &Ex<'_>) -> bool {
    let Some(answer) = ex.answer() else { return false };
    let root = |f: &crate::facts::Field| {
        let root = f.path.split('.').next().unwrap_or_default();
        matches!(root, "data" | "result" | "results" | "items" | "records")
    };
    let null = |f: &crate::facts::Field| &*f.text() == "null";
    // GraphQL names the fields that were asked for, all of them null: `{"data":{"me":null},"errors":[..]}`.
    let leaves = |f: &&crate::facts::Field| root(f) && f.sort != crate::facts::Sort::Container;
    let nothing = answer.fields.iter().any(|f| leaves(&f)) && answer.fields.iter().filter(leaves).all(null);
    let result = |f: &crate::facts::Field| {
        let empty = f.is_blank() || f.sort == crate::facts::Sort::Container && f.range.len() <= 2;
        root(f) && !empty && !null(f)
    };
    !nothing && answer.fields.iter().any(result)
}

/// A fault of SOAP or XML-RPC, whatever the status, whose own words are about who calls.
pub(in crate::trace) fn fault(ex: &Ex<'_>) -> bool {
    let Some(answer) = ex.answer().filter(|a| a.media == crate::facts::Media::Xml) else { return false };
    let part = |f: &crate::facts::Field| {
        let name = f.name().to_ascii_lowercase();
        // `faultstring` and `faultcode` of SOAP 1.1, `Text` and `Value` of 1.2, `<name>faultString</name>` of XML-RPC.
        name.starts_with("fault") || name == "name" && f.text().starts_with("fault")
    };
    let head = answer.head.text();
    let modern = head.contains(":Fault>") && head.contains(":Reason>");
    if !modern && !answer.fields.iter().any(part) {
        return false;
    }
    let own = |says: Says| {
        !matches!(
            says,
            Says::Other | Says::Intermediary | Says::Route | Says::Rate | Says::Csrf | Says::Code | Says::Cors
        )
    };
    ex.said().is_some_and(|s| own(s) && !crate::trace::trade::about_another(ex, s))
}

/// GraphQL answers 200 and puts the refusal into `errors`: `extensions.code` (Apollo, Hasura, Hot Chocolate, Shopify),
/// `type` (GitHub), `extensions.classification` (Spring), `errorType` (AppSync), `errorClass` (Braintree).
fn graph_refusal(f: &crate::facts::Field) -> bool {
    const WORDS: [&str; 12] = [
        "AUTHENTICATION",
        "AUTHORIZATION",
        "UNAUTHENTICATED",
        "UNAUTHORIZED",
        "FORBIDDEN",
        "ACCESS_DENIED",
        "PERMISSION_DENIED",
        "INSUFFICIENT_SCOPES",
        "INVALID_JWT",
        "AUTH_NOT_AUTHENTICATED",
        "AUTH_NOT_AUTHORIZED",
        "UNAUTHORIZEDEXCEPTION",
    ];
    f.path.starts_with("errors.")
        && matches!(f.name(), "code" | "type" | "classification" | "errorType" | "errorClass")
        && WORDS.contains(&f.text().to_ascii_uppercase().replace('-', "_").as_str())
}
