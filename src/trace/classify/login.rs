//! What a request brings to log in with: fields, headers, the name of what it calls.

use super::Ex;
use crate::facts::Kind;

/// Names of remote procedures that log in.
const SIGN_IN: [&str; 8] =
    ["login", "signin", "logon", "authenticate", "tokenauth", "createsession", "initiateauth", "admininitiateauth"];
/// Headers that name the procedure: of SOAP 1.1, and of AWS JSON.
const ACTIONS: [&str; 2] = ["soapaction", "x-amz-target"];

/// Whether an action is called like a login: `user.login`, `urn:partner/login`.
fn action_of(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let last = text.rsplit(['.', '/', ':', '_', '#']).next().unwrap_or_default();
    SIGN_IN.contains(&last) || SIGN_IN.contains(&text.as_str())
}

/// Whether the first element of a SOAP body is called like a login.
fn first_of_body(text: &str) -> bool {
    let Some((_, inner)) = text.split_once("Body>") else { return false };
    let Some(tag) = inner.trim_start().strip_prefix('<') else { return false };
    let name = tag.split(['>', ' ', '/', '\n', '\r', '\t']).next().unwrap_or_default();
    SIGN_IN.contains(&name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase().as_str())
}

/// A GraphQL mutation or a remote procedure that is called like a login; the path is that of every other call.
pub(super) fn signs_in(ex: &Ex<'_>) -> bool {
    // JSON-RPC and the kin name the action in a parameter: `user.login`, `SYNO.API.Auth` with `method=login`.
    let action = |f: &crate::facts::Field| action_of(&f.text());
    if ["method", "action", "operation", "cmd", "command"].iter().any(|n| ex.param(n).is_some_and(action)) {
        return true;
    }
    // SOAP names it by the first element of the body, too.
    if ACTIONS.iter().any(|n| ex.req(n).present().is_some_and(|l| action_of(l.text().trim_matches('"'))))
        || ex.body().is_some_and(|b| b.media == crate::facts::Media::Xml && first_of_body(&b.head.text()))
    {
        return true;
    }
    ex.method() == "POST"
        && ex.field("query").is_some_and(|q| {
            let text = q.text().to_ascii_lowercase();
            let Some((head, body)) = text.split_once('{') else { return false };
            // The first field of the operation, up to its arguments.
            let field = body.split(['(', '{', '}']).next().unwrap_or_default();
            head.trim_start().starts_with("mutation") && SIGN_IN.iter().any(|n| field.contains(n))
        })
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    Password,
    Client,
}

/// Whether the request brings a name and a secret to log in with.
pub(super) fn credential_fields(ex: &Ex<'_>) -> Option<Fields> {
    let password = [
        "password",
        "passwd",
        "pwd",
        "pw",
        "passwrd",
        "pass",
        "passcode",
        "otp",
        "passwort",
        "kennwort",
        "passphrase",
        "wachtwoord",
        "mot_de_passe",
        "motdepasse",
        "mdp",
        "contrasena",
        "contraseña",
        "clave",
        "senha",
        "haslo",
        "hasło",
        "losenord",
        "lösenord",
        "passord",
        "parola",
        "salasana",
        "heslo",
    ];
    let name = [
        "username",
        "user",
        "usr",
        "uname",
        "log",
        "email",
        "login",
        "login_id",
        "loginid",
        "login_name",
        "loginname",
        "userid",
        "user_id",
        "user_name",
        "phone",
        "phone_number",
        "name",
        "account",
        "identifier",
        "mail",
        "benutzer",
        "benutzername",
        "nutzer",
        "utilisateur",
        "identifiant",
        "usuario",
        "usuário",
        "utente",
        "gebruiker",
        "gebruikersnaam",
        "brukernavn",
        "uzytkownik",
    ];
    let field = |names: &[&str]| ex.fields().any(|f| names.contains(&f.name().to_ascii_lowercase().as_str()));
    if field(&password) && (field(&name) || field(&["client_id"])) || in_headers(ex) {
        return Some(Fields::Password);
    }
    // A one-time password names its user by the request that sent it out.
    let once = ["otp", "otp_code", "one_time_password", "onetimepassword", "passcode"];
    if field(&once) && ex.method() == "POST" {
        return Some(Fields::Client);
    }
    let client = [
        "client_secret",
        "clientsecret",
        "assertion",
        "client_assertion",
        "api_key",
        "apikey",
        "api_secret",
        "secret_id",
    ];
    if field(&client) || field(&["client_id"]) && ex.method() == "POST" {
        return Some(Fields::Client);
    }
    let basic = ex.fact().uses.iter().any(|u| u.kind == Kind::Basic || u.kind == Kind::ApiKey);
    basic.then_some(Fields::Client)
}

/// `X-OpenAM-Username` and `X-OpenAM-Password`: a login whose name and password are headers.
fn in_headers(ex: &Ex<'_>) -> bool {
    let ends = |list: &[&str]| {
        let header = |l: &crate::facts::Line| list.iter().any(|e| ex.trace().text(l.name).ends_with(e));
        ex.detail().is_some_and(|d| d.request.iter().any(header))
    };
    ex.fact().uses.iter().any(|u| u.kind == Kind::Password && matches!(u.place, crate::facts::Place::Header(_)))
        && ends(&["username", "-user", "-login", "-email"])
}
