//! Signatures and challenge answers: AWS Signature, Digest, signed times.

pub(super) mod common;
pub(super) mod digest_malformed;
pub(super) mod digest_stale_nonce;
pub(super) mod hmac_timestamp_stale;
pub(super) mod sigv4_clock_skew;
pub(super) mod sigv4_malformed;
pub(super) mod sigv4_payload_mismatch;
pub(super) mod sigv4_scope_mismatch;
