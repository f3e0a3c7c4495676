//! What the name of a header says. Nearly every exchange has the same names, so each is looked at once.

use rustc_hash::FxHashMap;

use super::names;

/// What a request header of a name tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Asks {
    #[default]
    Nothing,
    /// `Authorization`.
    Authorization,
    /// Another header that carries a credential.
    Carries,
    /// A header that may carry a session which an answer handed out.
    Session,
    /// `Referer`.
    Referer,
    /// `User-Agent`.
    Agent,
    /// `X-Forwarded-For`.
    Forwarded,
    /// `Accept`.
    Accept,
    /// `Origin`.
    Origin,
    /// `Sec-Fetch-Mode`.
    FetchMode,
    /// `Sec-Fetch-Dest`.
    FetchDest,
    /// A script sent the request.
    Script,
    /// The scheme that the client used before a proxy.
    Scheme,
    /// Whether that was TLS.
    Ssl,
    /// That it was.
    BehindTls,
    /// The client's certificate, as a proxy that ends TLS tells it (Envoy, Azure, nginx, Traefik, ALB, GCP).
    Certificate,
}

/// What a header of an answer tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tells {
    #[default]
    Nothing,
    /// `Date`.
    Date,
    /// `Age`.
    Age,
    /// `X-Cache`.
    Cache,
    /// `Server`.
    Server,
    /// `Access-Control-Allow-Origin`.
    AllowOrigin,
    /// `Content-Type`.
    ContentType,
    /// `Set-Cookie`.
    SetCookie,
    /// A challenge, or a token.
    Login,
    /// `grpc-status`.
    Grpc,
}

/// The part of a value that is an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdPart {
    /// All of it.
    Whole,
    /// The part of this number, between these characters.
    Nth(char, usize),
}

impl IdPart {
    /// The id in a value.
    pub(super) fn of(self, value: &str) -> &str {
        match self {
            Self::Whole => value,
            Self::Nth(cut, nth) => value.split(cut).nth(nth).unwrap_or_default(),
        }
    }
}

/// What a name says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) asks: Asks,
    pub(super) tells: Tells,
    /// It is a request id or a trace id.
    pub(super) id: Option<IdPart>,
}

/// The names that were met.
#[derive(Clone, Debug, Default)]
pub(super) struct Meanings(FxHashMap<Box<[u8]>, Meaning>);

/// So many are remembered.
const MOST: usize = 1024;

impl Meanings {
    /// What a name says, however it is spelled; names that are too long or no ASCII say nothing.
    pub(super) fn of(&mut self, name: &[u8]) -> Meaning {
        if let Some(known) = self.0.get(name) {
            return *known;
        }
        let mut buffer = [0; names::LONGEST];
        let Some(lower) = names::lowered(name, &mut buffer) else { return Meaning::default() };
        let meaning = Meaning { asks: asks(lower), tells: tells(lower), id: id(lower) };
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(name.into(), meaning);
        meaning
    }
}

fn asks(lower: &str) -> Asks {
    match lower {
        "authorization" => Asks::Authorization,
        "proxy-authorization" | "cookie" | "x-amz-security-token" => Asks::Carries,
        "referer" => Asks::Referer,
        _ if names::credential_header(lower).is_some() => Asks::Carries,
        _ if names::session_header(lower) => Asks::Session,
        "user-agent" => Asks::Agent,
        "x-forwarded-for" => Asks::Forwarded,
        "accept" => Asks::Accept,
        "origin" => Asks::Origin,
        "sec-fetch-mode" => Asks::FetchMode,
        "sec-fetch-dest" => Asks::FetchDest,
        "x-requested-with" => Asks::Script,
        "x-forwarded-proto"
        | "x-forwarded-protocol"
        | "x-forwarded-scheme"
        | "x-url-scheme"
        | "cloudfront-forwarded-proto"
        | "forwarded"
        | "cf-visitor" => Asks::Scheme,
        "x-forwarded-ssl" | "front-end-https" => Asks::Ssl,
        "x-arr-ssl" => Asks::BehindTls,
        "x-forwarded-client-cert"
        | "x-arr-clientcert"
        | "x-client-cert"
        | "x-client-certificate"
        | "x-ssl-client-cert"
        | "x-ssl-client-s-dn"
        | "x-ssl-client-subject-dn"
        | "x-ssl-client-dn"
        | "ssl-client-cert"
        | "ssl-client-subject-dn"
        | "client-cert"
        | "x-forwarded-tls-client-cert"
        | "x-forwarded-tls-client-cert-info"
        | "x-amzn-mtls-clientcert"
        | "x-amzn-mtls-clientcert-subject"
        | "x-amzn-mtls-clientcert-leaf" => Asks::Certificate,
        _ => Asks::Nothing,
    }
}

fn tells(lower: &str) -> Tells {
    match lower {
        "date" => Tells::Date,
        "age" => Tells::Age,
        "x-cache" => Tells::Cache,
        "server" => Tells::Server,
        "access-control-allow-origin" => Tells::AllowOrigin,
        "content-type" => Tells::ContentType,
        "set-cookie" => Tells::SetCookie,
        "www-authenticate" | "authorization" | "x-auth-token" | "x-subject-token" | "x-access-token"
        | "access-token" | "x-csrf-token" | "proxy-authenticate" => Tells::Login,
        "grpc-status" => Tells::Grpc,
        _ => Tells::Nothing,
    }
}

fn id(lower: &str) -> Option<IdPart> {
    match lower {
        "x-request-id" | "x-correlation-id" | "request-id" | "x-trace-id" | "x-b3-traceid" | "cf-ray"
        | "x-amzn-requestid" | "x-amz-cf-id" | "x-amzn-trace-id" | "x-datadog-trace-id" | "x-varnish" => {
            Some(IdPart::Whole)
        }
        "traceparent" => Some(IdPart::Nth('-', 1)),
        "x-cloud-trace-context" => Some(IdPart::Nth('/', 0)),
        "uber-trace-id" => Some(IdPart::Nth(':', 0)),
        _ => None,
    }
}
