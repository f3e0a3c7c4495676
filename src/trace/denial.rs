//! Which requests were refused, and how (rules.md 2.7).

use super::{Class, Denial, Ex, Said, Trace};
use crate::facts::{Id, Kind, Outcome};
use crate::provider::{self, Class as Says};

/// Uses of one value that are looked at.
const USES: usize = 200;

/// Settles what each answer says, the profile's rows first.
pub(super) fn said(t: &mut Trace<'_>) {
    let mut out: Vec<(Id, Vec<Said>)> = Vec::new();
    for ex in t.all() {
        let Some(d) = ex.detail() else { continue };
        // What only hints at an intermediary is weighed in `foreign`, beside the form of the answer.
        let plain = |h: &&provider::Hit| h.class != Says::Intermediary || h.place == provider::Where::Body && !h.weak;
        let mut hits: Vec<provider::Hit> = d.hits.iter().filter(plain).copied().collect();
        // The server speaks through the parameters that it sends back, whatever the client answers to them.
        let told = told_by_callback(&ex);
        if let Some(text) = &told {
            hits = provider::scan(text, provider::Where::Body);
        }
        let reply = provider::Reply {
            status: if told.is_some() { 400 } else { ex.status() },
            body: ex.answer().map_or_else(|| "".into(), |a| a.head.text()),
            title: ex.answer().and_then(|a| a.title.as_deref()),
            json: &|path| ex.answer_text(path),
            login: ex.class().issues(),
            grant: super::classify::grant(&ex),
            hits: &hits,
        };
        let said: Vec<Said> =
            provider::classes(ex.profile(), &reply).into_iter().map(|(class, vague)| Said { class, vague }).collect();
        if !said.is_empty() {
            out.push((ex.id(), said));
        }
    }
    for (id, said) in out {
        t.node_mut(id, |n| n.said = said);
    }
}

/// The error and its description in an authorization response.
fn told_by_callback(ex: &Ex<'_>) -> Option<String> {
    if ex.class() != Class::Callback {
        return None;
    }
    let error = super::oauth::back(ex, "error")?;
    let more = super::oauth::back(ex, "error_description").unwrap_or_default();
    Some(format!("{error} {more}"))
}

/// Denials that one exchange shows by itself.
pub(super) fn all(t: &mut Trace<'_>) {
    let found: Vec<(Id, Option<Denial>)> = t.all().map(|ex| (ex.id(), denial(&ex))).collect();
    for (id, d) in found {
        t.node_mut(id, |n| n.denial = d);
    }
}

fn denial(ex: &Ex<'_>) -> Option<Denial> {
    if ex.fact().flags.preflight {
        return None;
    }
    match ex.fact().outcome {
        Outcome::Status(401) => Some(Denial::Auth),
        Outcome::Status(407) => Some(Denial::Proxy),
        Outcome::Status(403) => Some(Denial::Forbidden),
        Outcome::Status(440 | 419) => Some(Denial::Session),
        Outcome::Status(s @ 400..=499) => client_error(ex, s),
        Outcome::Status(s @ 200..=399) => soft(ex, s),
        Outcome::Status(_) => None,
        Outcome::Unknown => unknown(ex),
        Outcome::None => cors_failure(ex),
    }
}

fn client_error(ex: &Ex<'_>, status: u16) -> Option<Denial> {
    match ex.class() {
        // A poll that waits, and a logout of what is gone, are no failures.
        Class::Device if pending(ex) => return None,
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
    let said = ex.node().said.iter().find(|s| !s.vague).map(|s| s.class)?;
    let auth = !matches!(said, Says::Other | Says::Intermediary | Says::Route | Says::Rate | Says::User);
    let fits = matches!(status, 400 | 422) || status == 404 && said == Says::Port;
    if fits && auth {
        return Some(if said == Says::Csrf { Denial::Session } else { Denial::Auth });
    }
    None
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
        .any(|l| l.text().to_ascii_lowercase().trim_start_matches(['"', '\'']).starts_with("authorization"));
    let bearer = ex.authorization().is_some_and(|(_, a)| {
        use crate::auth::authorization::Form;
        a.scheme.eq_ignore_ascii_case("bearer") && !matches!(a.form, Form::SchemeAndToken)
            || matches!(a.form, Form::RepeatsName | Form::Quoted)
    });
    let bare = ex.answer().is_none_or(|a| a.fields.is_empty() && a.len < 1024);
    lines > 1 || odd || bearer && bare
}

/// `authorization_pending` and `slow_down` are normal answers to a poll (RFC 8628 3.5).
pub(super) fn pending(ex: &Ex<'_>) -> bool {
    ex.answer_text("error").is_some_and(|e| e == "authorization_pending" || e == "slow_down")
}

/// Refusals behind a status of success.
fn soft(ex: &Ex<'_>, status: u16) -> Option<Denial> {
    if ex.class() == Class::Callback {
        let error = ex.detail().is_some_and(|d| d.query.iter().chain(&d.fragment).any(|f| &*f.path == "error"))
            || ex.field("error").is_some();
        return (error && !silent(ex)).then_some(Denial::OAuth);
    }
    let auth_words = |ex: &Ex<'_>| {
        ex.said().is_some_and(|s| {
            !matches!(
                s,
                Says::Other
                    | Says::Intermediary
                    | Says::Route
                    | Says::User
                    | Says::Rate
                    | Says::Invalid
                    | Says::Missing
            )
        })
    };
    if status < 300
        && ex.class().oauth()
        && ex.answer_text("error").is_some()
        && ex.answer_field("access_token").is_none()
    {
        return (!pending(ex)).then_some(Denial::Soft);
    }
    if ex.class() == Class::Authorize
        && status < 300
        && ex.html()
        && auth_words(ex)
        && !ex.answer().is_some_and(|a| a.login_page)
    {
        return Some(Denial::OAuth);
    }
    if ex.class() == Class::Authorize && ex.fact().flags.script && page_for_people(ex, status) {
        return Some(Denial::Soft);
    }
    if ex.class() == Class::Login && ex.method() == "POST" && login_again(ex, status) {
        return Some(Denial::Soft);
    }
    if status < 300 && turned_into_page(ex) {
        return Some(Denial::Soft);
    }
    if status < 300 && ex.class().issues() && unreadable_by_page(ex) {
        return Some(Denial::Cors);
    }
    if status < 300 && soft_json(ex) {
        return Some(Denial::Soft);
    }
    if let Some(refused) = grpc_refusal(ex) {
        return Some(refused);
    }
    if (302..=307).contains(&status) && to_login(ex) {
        return Some(Denial::Soft);
    }
    let page = status < 300 && ex.answer().is_some_and(|a| a.login_page);
    (page && ex.fact().flags.wants_json && ex.fact().flags.api_like() && ex.class() == Class::Call)
        .then_some(Denial::Soft)
}

/// `prompt=none` answered `login_required` is a silent check.
fn silent(ex: &Ex<'_>) -> bool {
    ex.query("error")
        .is_some_and(|f| matches!(&*f.text(), "login_required" | "interaction_required" | "consent_required"))
}

/// An authorization endpoint hands a script a page, or sends it to one, where only a person can go on.
fn page_for_people(ex: &Ex<'_>, status: u16) -> bool {
    let page = status < 300 && ex.answer().is_some_and(|a| a.login_page);
    page || unreadable_by_page(ex)
}

/// A client's login that a redirect made a GET, and that got the login page for people.
fn turned_into_page(ex: &Ex<'_>) -> bool {
    ex.class().issues()
        && ex.method() == "GET"
        && ex.node().redirected_from.is_some_and(|id| ex.trace().ex(id).method() == "POST")
        && ex.fact().flags.api_like()
        && ex.answer().is_some_and(|a| a.login_page)
}

/// A login answered with the form again, with words of refusal, or by a redirect back to the form.
fn login_again(ex: &Ex<'_>, status: u16) -> bool {
    let issued = ex.detail().is_some_and(|d| d.issues.iter().any(|i| !i.weak));
    if issued {
        return false;
    }
    if status < 300 {
        let error = ["error", "errors", "success"]
            .iter()
            .find_map(|k| ex.answer_field(k))
            .is_some_and(|f| !f.is_blank() && !matches!(&*f.text(), "true" | "[]" | "{}"));
        return ex.answer().is_some_and(|a| a.login_page)
            || ex.node().said.iter().any(|s| s.class == Says::User)
            || error && ex.fact().media == crate::facts::Media::Json;
    }
    let Some(location) = ex.res("location").present() else { return false };
    let target = crate::auth::url::resolve(&ex.full_url(), &location.text());
    let u = crate::auth::url::parse_url(&target);
    // The same path on another scheme, host or port, or for good, is a move of the endpoint, no refusal.
    let back = u.path() == ex.path() && u.origin() == ex.origin() && matches!(status, 302 | 303);
    back || target.contains("?error") || target.contains("login_error") || target.contains("error=1")
}

/// A page of another origin may not read an answer without Access-Control-Allow-Origin (Fetch standard).
fn unreadable_by_page(ex: &Ex<'_>) -> bool {
    let f = ex.fact().flags;
    f.browser && f.script && f.cross_origin && f.sees_response && !f.allows_origin
}

fn soft_json(ex: &Ex<'_>) -> bool {
    if ex.profile().soft_denied(&|p| ex.answer_text(p)) {
        return true;
    }
    let not_ok = ex.answer_field("ok").is_some_and(|f| &*f.text() == "false");
    if not_ok && ex.answer_text("error").is_some() && ex.said().is_some_and(|s| s != Says::Other) {
        return true;
    }
    let code = ex.answer_text("error.code");
    if code.as_deref().is_some_and(|c| c == "498" || c == "499") {
        return true;
    }
    ex.answer().is_some_and(|a| a.fields.iter().any(graph_refusal)) || status_in_body(ex) || rpc_error(ex)
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
    ex.answer_field("error.message").is_some() && ex.said().is_some_and(about) && !has_result(ex)
}

fn has_result(ex: &Ex<'_>) -> bool {
    let result = |f: &crate::facts::Field| {
        let root = f.path.split('.').next().unwrap_or_default();
        matches!(root, "data" | "result" | "results") && !f.is_blank() && &*f.text() != "null"
    };
    ex.answer().is_some_and(|a| a.fields.iter().any(result))
}

/// gRPC-Web answers 200 in any case; status 16 is UNAUTHENTICATED, 7 is PERMISSION_DENIED.
fn grpc_refusal(ex: &Ex<'_>) -> Option<Denial> {
    match &*ex.res("grpc-status").present()?.text() {
        "16" => Some(Denial::Soft),
        "7" => Some(Denial::Forbidden),
        _ => None,
    }
}

/// GraphQL answers 200 and puts the refusal into `errors`: `extensions.code` (Apollo, Hasura, Hot Chocolate, Shopify),
/// `type` (GitHub), `extensions.classification` (Spring), `errorType` (AppSync).
fn graph_refusal(f: &crate::facts::Field) -> bool {
    const WORDS: [&str; 10] = [
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
        && matches!(f.name(), "code" | "type" | "classification" | "errorType")
        && WORDS.contains(&f.text().to_ascii_uppercase().replace('-', "_").as_str())
}

/// A call that is no navigation is sent to a login or authorize page.
fn to_login(ex: &Ex<'_>) -> bool {
    if !ex.fact().flags.api_like()
        || !(ex.fact().flags.script || ex.fact().flags.wants_json)
        || ex.class() != Class::Call
    {
        return false;
    }
    let Some(location) = ex.res("location").present() else { return false };
    let target = location.text().to_ascii_lowercase();
    let path = target.split('?').next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    // `/login.php`, `/Login.aspx`
    let last = last.split('.').next().unwrap_or_default().trim_start_matches('_');
    // Access proxies and identity providers: the login's name stands before what it is for.
    let proxy = path.split('/').any(|s| matches!(s, "login" | "signin" | ".auth"))
        || path.contains("/oauth2/start")
        || path.contains("/oauth2/sign_in")
        || path.ends_with("/adfs/ls");
    let asks =
        ["samlrequest=", "redirect_url=", "rd=", "returnurl=", "return_to=", "wa=wsignin", "post_login_redirect"]
            .iter()
            .any(|q| target.contains(q));
    proxy && asks
        || target.contains("samlrequest=")
        || matches!(last, "login" | "signin" | "sign_in" | "sign-in" | "logon" | "authorize" | "auth" | "sso")
        || target.contains("response_type=") && target.contains("client_id=")
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

/// The body repeats the status line: `{"message":"Unauthorized"}`, `{"status":401,...}`.
fn names_status(ex: &Ex<'_>) -> bool {
    const FIELDS: [&str; 9] =
        ["error", "message", "status", "code", "statusCode", "title", "error.status", "error.code", "error.message"];
    const PHRASES: [&str; 6] = ["401", "403", "unauthorized", "unauthenticated", "forbidden", "401 unauthorized"];
    let phrase =
        |text: String| PHRASES.contains(&text.trim().trim_end_matches(['.', '!']).to_ascii_lowercase().as_str());
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
    error && !text.contains("error=login_required")
}

/// A page of another origin asked. Recorders that note a blocked call before it is sent know no Origin, only the Referer.
fn from_other_origin(ex: &Ex<'_>) -> bool {
    let referer = ex.req("referer").present().map(|l| crate::auth::url::parse_url(&l.text()).origin());
    ex.fact().flags.cross_origin || referer.is_some_and(|r| r != ex.origin())
}

/// What is wrong with the answer to a preflight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreflightFault {
    /// Its status is outside 200 to 299; a redirect is not followed.
    Status,
    /// Access-Control-Allow-Origin is absent or names another origin.
    Origin,
    /// Access-Control-Allow-Headers lacks this field (lower case); `*` does not cover `authorization`.
    Header(String),
    /// Access-Control-Allow-Methods lacks this method.
    Method(String),
    /// Nothing is wrong for a call without cookies; the call did not follow, and one with cookies needs the exact origin
    /// and Access-Control-Allow-Credentials.
    Credentials,
}

/// Why a browser cannot take the answer to a preflight as leave (Fetch standard, CORS-preflight fetch); `None` if it
/// can, or if no answer was seen.
pub fn preflight_fault(ex: Ex<'_>) -> Option<PreflightFault> {
    // The status tells enough even where the recorder kept no header of the answer.
    match ex.fact().outcome {
        Outcome::Status(200..300) if ex.fact().flags.sees_response => {}
        Outcome::Status(200..300) | Outcome::None | Outcome::Unknown => return None,
        Outcome::Status(_) => return Some(PreflightFault::Status),
    }
    let text = |line: crate::http::Observed<&crate::facts::Line>| line.present().map(|l| l.text().trim().to_owned());
    let origin = text(ex.req("origin")).unwrap_or_default();
    let allowed = text(ex.res("access-control-allow-origin"));
    if allowed.is_none_or(|a| a != "*" && !a.eq_ignore_ascii_case(&origin)) {
        return Some(PreflightFault::Origin);
    }
    let names = listed(ex.ress("access-control-allow-headers"));
    let wild = |list: &[String]| list.iter().any(|n| n == "*");
    let lacks = |h: &String| !names.contains(h) && (h == "authorization" || !wild(&names));
    if let Some(h) = listed(ex.reqs("access-control-request-headers")).into_iter().find(lacks) {
        return Some(PreflightFault::Header(h));
    }
    let method = text(ex.req("access-control-request-method")).unwrap_or_default();
    let methods = listed(ex.ress("access-control-allow-methods"));
    let simple = matches!(method.as_str(), "GET" | "HEAD" | "POST");
    let given = methods.contains(&method.to_ascii_lowercase()) || wild(&methods);
    if !simple && !given && !method.is_empty() {
        return Some(PreflightFault::Method(method));
    }
    // The call was tried and stopped, or never came although cookies go to this host.
    let cookie = |o: Ex<'_>| o.fact().origin == ex.fact().origin && o.uses().iter().any(|u| u.kind == Kind::Cookie);
    let unsent = match ex.node().actual {
        Some(a) => ex.trace().ex(a).fact().outcome == Outcome::None,
        None => ex.before().take(USES).any(cookie),
    };
    let cookies = text(ex.res("access-control-allow-credentials")).is_some_and(|a| a == "true");
    let exact = text(ex.res("access-control-allow-origin")).is_some_and(|a| a != "*");
    (unsent && ex.fact().flags.browser && !(cookies && exact)).then_some(PreflightFault::Credentials)
}

/// The members of a comma list that may stand in several lines, in lower case.
fn listed<'l>(lines: impl Iterator<Item = &'l crate::facts::Line>) -> Vec<String> {
    let text: Vec<String> = lines.map(|l| l.text().to_ascii_lowercase()).collect();
    let members = text.iter().flat_map(|t| t.split(','));
    members.map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
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
