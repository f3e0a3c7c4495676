//! What trace knows of one exchange beyond its facts.

use crate::facts::{Id, ValueId};
use crate::provider::Class as Says;

/// What an exchange is for (rules.md 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Class {
    /// Any call, page or file.
    #[default]
    Call,
    /// A login: credentials in, a token or a session cookie out.
    Login,
    /// A token request of OAuth (any grant but refresh and device).
    Token,
    /// A token request that redeems a refresh token.
    Refresh,
    /// An authorization request.
    Authorize,
    /// An authorization response: the redirect URI is called.
    Callback,
    /// A logout or a revocation.
    Logout,
    /// A token introspection or validation.
    Introspect,
    /// Discovery metadata.
    Discovery,
    /// A device authorization, or a poll for its token.
    Device,
    /// A preflight.
    Preflight,
    /// A client registration.
    Register,
    /// The helper call that sets an anti-forgery cookie.
    CsrfHelper,
}

impl Class {
    /// A call that should hand out a token or a session.
    pub fn issues(self) -> bool {
        matches!(self, Self::Login | Self::Token | Self::Refresh | Self::Device)
    }

    /// A step of an OAuth grant.
    pub fn oauth(self) -> bool {
        matches!(self, Self::Token | Self::Refresh | Self::Authorize | Self::Callback | Self::Device)
    }
}

/// How a request was refused (rules.md 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Denial {
    /// 401 and its kin.
    Auth,
    /// 407.
    Proxy,
    /// 403.
    Forbidden,
    /// A session or anti-forgery refusal (419, 440).
    Session,
    /// An OAuth error.
    OAuth,
    /// Refused behind a status of success, or by a redirect to a login page.
    Soft,
    /// Stopped by the browser's cross-origin rules.
    Cors,
    /// A status that hides a refusal (404 by profile).
    Masked,
}

/// What the server's text says, by the message table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The class.
    pub class: Says,
    /// The server gives this text for every cause.
    pub vague: bool,
}

/// How an answer shows that something in front of the API gave it (rules.md 2.7, G9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Foreign {
    /// Its text is that of a firewall, a content network or an address rule.
    Text,
    /// A page whose header fields only an intermediary's own answers have.
    Head,
    /// A page where the API answers JSON, and the server differs.
    Form,
}

/// What trace knows of one exchange.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// What it is for.
    pub class: Class,
    /// How it was refused.
    pub denial: Option<Denial>,
    /// Refused as intended: a challenge that was answered, a poll that is pending (G1).
    pub expected: bool,
    /// What the server said.
    pub said: Vec<Said>,
    /// The exchange whose `Location` it follows.
    pub redirected_from: Option<Id>,
    /// The exchange that follows its `Location`.
    pub redirected_to: Option<Id>,
    /// The refused request that it repeats.
    pub retry_of: Option<Id>,
    /// The later identical request that was accepted, and whether it carried the same credential (G2).
    pub healed_by: Option<(Id, bool)>,
    /// The actual request of a preflight.
    pub actual: Option<Id>,
    /// The preflight of an actual request.
    pub preflight: Option<Id>,
    /// The values that its answer really issued.
    pub issued: Vec<ValueId>,
    /// The next exchange of the challenge handshake that it opened.
    pub answered_by: Option<Id>,
    /// The other view of the same request (edge and upstream line).
    pub twin: Option<Id>,
    /// Why the refusal is not the API's own (G9).
    pub foreign: Option<Foreign>,
    /// The grant it belongs to.
    pub grant: Option<usize>,
    /// The profile of its origin.
    pub profile: usize,
}
