//! Which requests were refused, and how (rules.md 2.7).

use super::preflight::preflight_fault;
use super::soft::{fault, soft};
use super::trade;
use super::{Class, Denial, Ex, Said, Trace};
use crate::facts::{Id, Kind, Outcome};
use crate::provider::{self, Class as Says};

/// Uses of one value that are looked at.
const USES: usize = 200;

/// Settles what each answer says, the profile's rows first.
pub(super) fn said(t: &mut Trace<'_>) {
    for (id, said) in t.each(|ex| words(&ex)) {
        t.node_mut(id, |n| n.said = said);
    }
}

/// What the answer to an exchange says.
fn words(ex: &Ex<'_>) -> Vec<Said> {
    let Some(d) = ex.detail() else { return Vec::new() };
    // What only hints at an intermediary is weighed in `foreign`, beside the form of the answer.
    let plain = |h: &&provider::Hit| h.class != Says::Intermediary || h.place == provider::Where::Body && !h.weak;
    let mut hits: Vec<provider::Hit> = d.hits.iter().filter(plain).copied().collect();
    // The server speaks through the parameters that it sends back, whatever the client answers to them.
    let told = told_by_callback(ex).or_else(|| Some(ex.error_page()?.answer()?.head.text().into_owned()));
    if let Some(text) = &told {
        hits = provider::scan(text, provider::Where::Body);
    }
    let reply = provider::Reply {
        status: if told.is_some() { 400 } else { ex.status() },
        // Without a body the status line may speak (Proxmox VE).
        body: ex.answer().map_or_else(|| (&*d.reason).into(), |a| a.head.text()),
        title: ex.answer().and_then(|a| a.title.as_deref()),
        json: &|path| ex.answer_text(path),
        error: &|| ex.answer().is_some_and(|a| a.fields.iter().any(|f| error_field(a, f))),
        login: ex.class().issues(),
        grant: super::classify::grant(ex),
        hits: &hits,
    };
    let classes = provider::classes(ex.profile(), &reply);
    classes.into_iter().map(|(class, vague)| Said { class, vague }).collect()
}

/// A field of an error: `error`, `errors.0.message`, `Response.Error.Code`, `faultstring`, `stat` beside words, and in XML
/// what stands in for them.
fn error_field(a: &crate::facts::BodyFact, f: &crate::facts::Field) -> bool {
    const CODES: [&str; 7] = ["code", "stat", "status", "retmsg", "result", "ok", "success"];
    const SOAP: [&str; 2] = ["Value", "name"];
    if f.sort != crate::facts::Sort::Container && (f.is_blank() || &*f.text() == "null") {
        return false;
    }
    let low = |s: &str| s.to_ascii_lowercase();
    let named = f.path.split('.').take(3).any(|s| {
        let s = low(s);
        s.starts_with("err") || s.starts_with("fault") || s.ends_with("error") || s.ends_with("errorcode")
    });
    let failed = |t: &str| matches!(&*low(t), "error" | "fail" | "failed" | "failure" | "false");
    let code = !f.path.contains('.') && low(&f.path) == "code";
    let state = CODES.contains(&&*low(&f.path)) && failed(&f.text());
    let fault = a.media == crate::facts::Media::Xml && SOAP.contains(&&*f.path) && f.text().contains("fault");
    // `messages.message.0.code`: a list of messages, each with its code.
    let message = f.path.split_once('.').is_some_and(|(list, rest)| low(list) == "messages" && rest.ends_with(".code"));
    named || code || state || fault || message
}

/// The error and its description in an authorization response, or in the redirect that sends it off.
fn told_by_callback(ex: &Ex<'_>) -> Option<String> {
    if !matches!(ex.class(), Class::Callback | Class::Authorize) {
        return None;
    }
    let error = super::oauth::back(ex, "error")?;
    let more = super::oauth::back(ex, "error_description").unwrap_or_default();
    Some(format!("{error} {more}"))
}

/// Denials that one exchange shows by itself.
pub(super) fn all(t: &mut Trace<'_>) {
    for (id, d) in t.each(|ex| denial(&ex)) {
        t.node_mut(id, |n| n.denial = d);
    }
}

fn denial(ex: &Ex<'_>) -> Option<Denial> {
    // A poll that waits is no failure; Auth0 answers it 403.
    if ex.fact().flags.preflight || (ex.class().oauth() || ex.class().issues()) && pending(ex) {
        return None;
    }
    match ex.fact().outcome {
        Outcome::Status(401) => Some(Denial::Auth),
        Outcome::Status(407) => Some(Denial::Proxy),
        Outcome::Status(403) => Some(Denial::Forbidden),
        Outcome::Status(440 | 419) => Some(Denial::Session),
        Outcome::Status(s @ 400..=499) => client_error(ex, s),
        Outcome::Status(s @ 200..=399) => soft(ex, s),
        // SOAP 1.1 answers every fault 500, also those of the caller.
        Outcome::Status(500) if fault(ex) => Some(Denial::Soft),
        Outcome::Status(_) => None,
        Outcome::Unknown => unknown(ex),
        Outcome::None => cors_failure(ex),
    }
}

fn client_error(ex: &Ex<'_>, status: u16) -> Option<Denial> {
    match ex.class() {
        // A logout of what is gone is no failure.
        Class::Logout if other_method(ex) => return Some(Denial::Auth),
        Class::Logout | Class::Introspect | Class::Discovery => return None,
        Class::Login | Class::Token | Class::Refresh | Class::Device => return Some(Denial::Auth),
        Class::Authorize | Class::Callback => return Some(Denial::OAuth),
        _ => {}
    }
    if status == 404 && ex.profile().masks_denial(ex.method(), ex.path()) {
        return Some(Denial::Masked);
    }
    if matches!(status, 404 | 410) && other_version(ex) {
        return Some(Denial::Auth);
    }
    if status == 429 {
        return ex.says(Says::Rate).then_some(Denial::Auth);
    }
    if matches!(status, 498 | 499) && ex.said().is_some() {
        return Some(Denial::Session);
    }
    if status == 400 && broken_head(ex) {
        return Some(Denial::Auth);
    }
    // RFC 6750 3.1: a request that carries its token wrongly is answered 400 with a challenge that names an error.
    if status == 400 && ex.challenges().iter().any(|c| c.is("bearer") && c.get("error").is_some()) {
        return Some(Denial::Auth);
    }
    if status == 400 && names_header(ex) {
        return Some(Denial::Auth);
    }
    // The status is that of a bad request, the body's own words are those of a 401 (JSON-RPC over HTTP).
    let asked = ex.answer_field("jsonrpc").is_some() || ex.credentials().any(|u| u.kind != Kind::Csrf);
    if status == 400 && names_status(ex) && asked {
        return Some(Denial::Auth);
    }
    let said = ex.node().said.iter().find(|s| !s.vague).map(|s| s.class)?;
    let auth = !matches!(said, Says::Other | Says::Intermediary | Says::Route | Says::Rate | Says::User);
    let fits = matches!(status, 400 | 422)
        || status == 404 && said == Says::Port
        || matches!(status, 406 | 409 | 412 | 428) && said == Says::Csrf
        || matches!(status, 402 | 412 | 423 | 428) && said == Says::StepUp;
    // `Operation not permitted on a closed invoice`: words of rights that a trade uses, too.
    let hits = ex.detail().map_or(&[][..], |d| &d.hits);
    let mut rights = hits.iter().filter(|h| h.class == Says::Permission).peekable();
    if said == Says::Permission && rights.peek().is_some() && rights.all(|h| h.weak) {
        return None;
    }
    if fits && auth && !validation(ex) && !trade::about_another(ex, said) {
        return Some(if said == Says::Csrf { Denial::Session } else { Denial::Auth });
    }
    None
}

/// The answer's own code says that the request's content was judged: its words may quote anything.
fn validation(ex: &Ex<'_>) -> bool {
    const CODES: [&str; 8] = ["__type", "code", "Code", "type", "error", "error.code", "error.type", "error_code"];
    const WORDS: [&str; 7] =
        ["validation", "conditional", "constraint", "syntax", "parse_error", "schema", "bad_user_input"];
    let judged = |text: String| {
        let low = text.to_ascii_lowercase();
        text.len() <= 80 && !text.contains(' ') && WORDS.iter().any(|w| low.contains(w))
    };
    CODES.iter().any(|c| ex.answer_text(c).is_some_and(judged))
}

/// A call with a token to the API's own paths, but not to the version that the profile names.
fn other_version(ex: &Ex<'_>) -> bool {
    let roles = &ex.profile().roles;
    let named = roles.api_path.as_ref().is_some_and(|p| !p.is_match(ex.path()));
    named
        && ex.profile().role_of_path(ex.path()) == Some("api")
        && ex.class() == Class::Call
        && ex.uses().iter().any(|u| u.kind == Kind::Token)
}

/// The profile names another method for this endpoint.
fn other_method(ex: &Ex<'_>) -> bool {
    let wanted = ex.profile().endpoint(ex.method(), ex.path()).and_then(|e| e.method.as_deref());
    wanted.is_some_and(|m| m != ex.method()) && ex.method() != "OPTIONS"
}

/// Servers and proxies answer a bare 400 to a head that they cannot read: two Authorization lines, a line without a
/// colon, a Bearer value that is not two words (nginx, passport-http-bearer).
fn broken_head(ex: &Ex<'_>) -> bool {
    let Some(d) = ex.detail() else { return false };
    let lines = ex.reqs("authorization").count();
    let odd = d
        .odd
        .iter()
        .any(|l| l.text().to_ascii_lowercase().trim_start_matches(['"', '\'']).starts_with("authorization"))
        || ex
            .reqs("authorization")
            .next()
            .is_some_and(|h| d.odd.iter().any(|l| (h.at.end..h.at.end + 6).contains(&l.at.start)));
    let bearer = ex.authorization().is_some_and(|(_, a)| {
        use crate::auth::authorization::Form;
        a.scheme.eq_ignore_ascii_case("bearer") && !matches!(a.form, Form::SchemeAndToken)
            || matches!(a.form, Form::RepeatsName | Form::Quoted)
    });
    // A Basic value that no server can decode.
    let basic = ex.authorization().is_some_and(|(line, a)| {
        let value = line.bytes().get(a.rest.clone()).unwrap_or_default();
        a.scheme.eq_ignore_ascii_case("basic") && crate::auth::basic::parse_basic(value).is_err()
    });
    let bare = ex.answer().is_none_or(|a| a.fields.is_empty() && a.len < 1024);
    lines > 1 || odd || (bearer || basic) && bare
}

/// `authorization_pending` and `slow_down` are normal answers to a poll (RFC 8628 3.5).
pub(super) fn pending(ex: &Ex<'_>) -> bool {
    ex.answer_text("error").is_some_and(|e| e == "authorization_pending" || e == "slow_down")
}

/// A typed command and its pasted answer: only the body tells.
fn unknown(ex: &Ex<'_>) -> Option<Denial> {
    ex.answer()?;
    let issued = ex.detail().is_some_and(|d| d.issues.iter().any(|i| !i.weak));
    if issued {
        return None;
    }
    let said = ex.node().said.first().is_some_and(|s| !matches!(s.class, Says::Other | Says::Intermediary));
    // A token endpoint names an `error` only when it refuses (RFC 6749 5.2).
    let grant = ex.class().oauth() && ex.answer_text("error").is_some() && !pending(ex);
    (said || grant || names_status(ex)).then_some(Denial::Auth)
}

/// A validation error about the very header that was sent: `{"error":{"code":"VALIDATION_ERROR","field":"Authorization"}}`.
fn names_header(ex: &Ex<'_>) -> bool {
    const KEYS: [&str; 6] =
        ["field", "parameter", "error.field", "error.parameter", "errors.0.field", "errors.0.parameter"];
    let sent = |name: String| name.eq_ignore_ascii_case("authorization") && ex.reqs("authorization").next().is_some();
    KEYS.iter().any(|k| ex.answer_text(k).is_some_and(sent))
}

/// The phrases of 401 and 403, alone.
pub(super) const STATUS_WORDS: [&str; 6] =
    ["401", "403", "unauthorized", "unauthenticated", "forbidden", "401 unauthorized"];

/// The body repeats the status line: `{"message":"Unauthorized"}`, `{"status":401,...}`.
fn names_status(ex: &Ex<'_>) -> bool {
    const FIELDS: [&str; 9] =
        ["error", "message", "status", "code", "statusCode", "title", "error.status", "error.code", "error.message"];
    let phrase =
        |text: String| STATUS_WORDS.contains(&text.trim().trim_end_matches(['.', '!']).to_ascii_lowercase().as_str());
    FIELDS.iter().any(|f| ex.answer_text(f).is_some_and(phrase))
}

/// No answer, and the recorder says that the browser stopped it by its cross-origin rules.
fn cors_failure(ex: &Ex<'_>) -> Option<Denial> {
    // An authorization server never lets a page of another origin read its answer.
    if ex.class() == Class::Authorize && ex.fact().flags.script && from_other_origin(ex) {
        return Some(Denial::Cors);
    }
    let text = ex.detail()?.failure.as_ref()?.text().to_ascii_lowercase();
    let words =
        ["cors", "cross-origin", "cross origin", "access control", "access-control", "preflight", "alloworigin"];
    words.iter().any(|w| text.contains(w)).then_some(Denial::Cors)
}

/// Denials that only the linked grants and preflights show.
pub(super) fn grants(t: &mut Trace<'_>) {
    let mut found: Vec<(Id, Denial)> = Vec::new();
    for ex in t.all() {
        match ex.class() {
            Class::Preflight
                if ex.node().actual.is_none_or(|a| t.ex(a).fact().outcome == Outcome::None)
                    && preflight_fault(ex).is_some() =>
            {
                found.push((ex.id(), Denial::Cors));
            }
            Class::Callback
                if ex.denial().is_none()
                    && (super::oauth::unmatched_state(t, &ex) || super::oauth::other_issuer(t, &ex)) =>
            {
                found.push((ex.id(), Denial::OAuth))
            }
            Class::Authorize if ex.denial().is_none() && error_redirect(&ex) && ex.node().redirected_to.is_none() => {
                found.push((ex.id(), Denial::OAuth));
            }
            Class::Authorize if ex.denial().is_none() && ex.error_page().is_some() => {
                found.push((ex.id(), Denial::OAuth));
            }
            _ => {}
        }
    }
    for (id, d) in found {
        t.node_mut(id, |n| n.denial = Some(d));
    }
}

/// The answer redirects to the client with `error=`, and the capture does not show that call.
fn error_redirect(ex: &Ex<'_>) -> bool {
    let Some(location) = ex.res("location").present() else { return false };
    let text = location.text();
    let error = text.contains("?error=") || text.contains("&error=") || text.contains("#error=");
    let checks = ex.param_text("prompt").is_some_and(|p| p.split(' ').any(|w| w == "none"));
    let person = text.contains("error=interaction_required") || text.contains("error=consent_required");
    error && !text.contains("error=login_required") && !(checks && person)
}

/// A page of another origin asked. Recorders that note a blocked call before it is sent know no Origin, only the Referer.
fn from_other_origin(ex: &Ex<'_>) -> bool {
    let referer = ex.req("referer").present().map(|l| crate::auth::url::parse_url(&l.text()).origin());
    ex.fact().flags.cross_origin || referer.is_some_and(|r| r != ex.origin())
}

/// A 404 to a credential that works elsewhere is a real 404, as far as a capture can tell.
pub(super) fn masked(t: &mut Trace<'_>) {
    let works = |ex: &Ex<'_>| {
        let taken = |u: &crate::facts::Use| {
            t.life(u.value).is_some_and(|l| l.uses.iter().take(USES).any(|o| t.ex(o.by).accepted()))
        };
        ex.credentials().any(taken)
    };
    let real: Vec<Id> =
        t.all().filter(|ex| ex.denial() == Some(Denial::Masked) && works(ex)).map(|ex| ex.id()).collect();
    for id in real {
        t.node_mut(id, |n| n.denial = None);
    }
}

/// A 400 or 422 to a credential that is accepted afterwards, in the same place, judged the content: words about tokens,
/// times and signatures there are about the content, too.
pub(super) fn content(t: &mut Trace<'_>) {
    let about =
        |c: Says| !matches!(c, Says::Csrf | Says::Skew | Says::Conflict | Says::Scope | Says::Permission | Says::Dpop);
    let later = |ex: &Ex<'_>| {
        let taken = |u: &crate::facts::Use| {
            let good = |o: &super::Used| {
                let other = t.ex(o.by);
                o.place == u.place
                    && o.scheme == u.scheme
                    && ex.precedes(other)
                    && other.accepted()
                    && other.same_audience(*ex)
            };
            t.life(u.value).is_some_and(|l| l.uses.iter().take(USES).any(good))
        };
        ex.credentials().any(taken)
    };
    let judged = |ex: &Ex<'_>| {
        matches!(ex.status(), 400 | 422)
            && ex.denial() == Some(Denial::Auth)
            && ex.class() == Class::Call
            && ex.said().is_some_and(about)
            && later(ex)
    };
    let content: Vec<Id> = t.all().filter(judged).map(|ex| ex.id()).collect();
    for id in content {
        t.node_mut(id, |n| n.denial = None);
    }
}
