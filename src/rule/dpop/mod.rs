//! DPoP: proofs of possession (RFC 9449).

pub(super) mod dpop_nonce_missing;
pub(super) mod dpop_proof_invalid;
pub(super) mod dpop_scheme_mismatch;
