//! What the rules about login and token calls share.

use crate::facts::Field;
use crate::provider::Endpoint;
use crate::rule::Cx;
use crate::trace::{Class, Ex};

/// Failed logins and token calls (no polls of the device grant).
pub(super) fn failed<'t>(cx: &Cx<'t>) -> impl Iterator<Item = Ex<'t>> + use<'t> {
    cx.denied().filter(|e| matches!(e.class(), Class::Login | Class::Token | Class::Refresh))
}

/// The profile's endpoint for this exchange.
pub(super) fn endpoint(ex: Ex<'_>) -> Option<&Endpoint> {
    ex.profile().endpoint(ex.method(), ex.path()).filter(|e| matches!(e.kind.as_str(), "login" | "token" | "refresh"))
}

/// Credential fields, wherever they stand.
pub(super) fn credential_fields(ex: Ex<'_>) -> impl Iterator<Item = &Field> {
    const NAMES: [&str; 14] = [
        "client_id",
        "client_secret",
        "username",
        "user",
        "email",
        "login",
        "password",
        "passwd",
        "pwd",
        "refresh_token",
        "assertion",
        "code",
        "api_key",
        "grant_type",
    ];
    ex.fields().filter(|f| NAMES.contains(&f.name().to_ascii_lowercase().as_str()))
}
