//! Signatures and proofs of one exchange, parsed by `auth`.

use std::borrow::Cow;

use super::Ex;
use crate::auth::{digest, dpop, signed_link, signed_time, sigv4};
use crate::facts::{Field, Line, Place, ValueId};

impl<'t> Ex<'t> {
    /// A query parameter, its name compared without case.
    pub fn query_like(self, name: &str) -> Option<&'t Field> {
        self.detail()?.query.iter().find(|f| f.path.eq_ignore_ascii_case(name))
    }

    /// Its AWS signature, in the header or in the query; Google's kin in the query too.
    pub fn sigv4(self) -> Option<sigv4::Sigv4> {
        if let Some(found) = self.reqs("authorization").find_map(|l| sigv4::parse_header(l.bytes())) {
            return Some(found);
        }
        let query = &self.detail()?.query;
        sigv4::parse_query(query.iter().map(|f| (&*f.path, Cow::Owned(f.text().into_owned()))))
    }

    /// Its Digest answer, with the header line.
    pub fn digest(self) -> Option<(&'t Line, digest::Digest)> {
        ["authorization", "proxy-authorization"]
            .into_iter()
            .flat_map(|name| self.reqs(name))
            .find_map(|l| Some((l, digest::parse_digest(l.bytes())?)))
    }

    /// The value of its `DPoP` header, known of accepted exchanges too.
    pub fn proof_value(self) -> Option<ValueId> {
        let named = |p: Place| matches!(p, Place::Header(n) if self.trace().text(n) == "dpop");
        self.uses().iter().find(|u| named(u.place)).map(|u| u.value)
    }

    /// Its DPoP proof, decoded; `None` if there is none or it cannot be read.
    pub fn proof(self) -> Option<dpop::Proof> {
        dpop::parse_proof(self.trace().facts.values.get(self.proof_value()?))
    }

    /// The nonce that the answer wants in the next proof, if it refuses for want of it (RFC 9449 8, 9).
    pub fn wants_nonce(self) -> Option<String> {
        let named = self.challenges().iter().any(|c| c.get("error") == Some("use_dpop_nonce"))
            || self.answer_text("error").is_some_and(|e| e == "use_dpop_nonce");
        let nonce = self.res("dpop-nonce").present().filter(|_| named && self.status() >= 400)?;
        Some(nonce.text().trim().to_owned())
    }

    /// Whether its URL is a signed link, which carries its own credential.
    pub fn presigned(self) -> bool {
        self.detail().is_some_and(|d| d.query.iter().any(|f| signed_link::is_signature(&f.path)))
    }

    /// The life of a signed link.
    pub fn signed_link(self) -> Option<signed_link::Window> {
        signed_link::window(self.detail()?.query.iter().map(|f| (&*f.path, f.text().into_owned())))
    }

    /// A time that was signed along in the query: `timestamp=...&signature=...`.
    pub fn signed_query(self) -> Option<(&'t str, signed_time::SignedTime)> {
        let signature = ["signature", "sign", "sig", "hmac", "auth_signature", "api_sig"]
            .into_iter()
            .find_map(|n| self.query_like(n))?;
        let named = ["timestamp", "ts", "time", "t", "auth_timestamp"].into_iter().find_map(|n| self.query_like(n))?;
        let time = signed_time::instant(&named.text()).filter(|_| signature.bytes().len() >= 16)?;
        Some((&named.path, signed_time::SignedTime { time, holds: signed_time::Holds::Unknown }))
    }

    /// A time that was signed along by other means than AWS Signature or DPoP: header name and time.
    pub fn signed_time(self) -> Option<(&'t str, signed_time::SignedTime)> {
        let text = |name: &str| self.reqs_named(name).map(|l| l.text().into_owned());
        let authorization = text("authorization").unwrap_or_default();
        if signed_time::shared_key(&authorization) {
            let found = ["x-ms-date", "date"].into_iter().find_map(|n| Some((n, signed_time::instant(&text(n)?)?)));
            return found.map(|(n, time)| (n, signed_time::SignedTime { time, holds: signed_time::SHARED_KEY }));
        }
        if let Some(found) = signed_time::of_authorization(&authorization) {
            return Some(("authorization", found));
        }
        let t = self.trace();
        self.detail()?.request.iter().find_map(|l| {
            let name = t.text(l.name);
            Some((name, signed_time::of_header(name, &l.text())?))
        })
    }
}
