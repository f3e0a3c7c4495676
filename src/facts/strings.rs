//! Interned texts and credential values: one number for one value, so that everything else compares numbers.

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

/// The number of an interned text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StrId(pub u32);

/// The number of a credential value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub u32);

/// Texts that hold no secret: origins, methods, header names, path shapes, actors.
#[derive(Clone, Debug)]
pub struct Strings(IndexSet<Box<str>, FxBuildHasher>);

impl Default for Strings {
    fn default() -> Self {
        let mut new = Self(IndexSet::default());
        new.id("");
        new
    }
}

impl Strings {
    /// The number of a text; the empty text is 0.
    pub fn id(&mut self, text: &str) -> StrId {
        let at = match self.0.get_index_of(text) {
            Some(at) => at,
            None => self.0.insert_full(text.into()).0,
        };
        StrId(u32::try_from(at).unwrap_or(0))
    }

    /// The number of a text that is known already.
    pub fn find(&self, text: &str) -> Option<StrId> {
        self.0.get_index_of(text).and_then(|at| u32::try_from(at).ok()).map(StrId)
    }

    /// The text of a number.
    pub fn get(&self, id: StrId) -> &str {
        self.0.get_index(id.0 as usize).map_or("", |s| s)
    }

    /// All texts in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|text| &**text)
    }

    /// Forgets all texts but the empty one.
    pub(super) fn clear(&mut self) {
        self.0.truncate(1);
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether only the empty text is known.
    pub fn is_empty(&self) -> bool {
        self.0.len() <= 1
    }
}

/// Bytes that must not leave but by the mask: no `Display`, no `Serialize`, a masked `Debug`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Wraps bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for judging; what is printed comes from `mask`.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::borrow::Borrow<[u8]> for Secret {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// What a credential value is, as far as its place tells; trace refines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A bearer token or another opaque token.
    Token,
    /// A refresh token.
    Refresh,
    /// An ID token.
    IdToken,
    /// An authorization code or a device code.
    Code,
    /// An API key.
    ApiKey,
    /// A password or a client secret.
    Password,
    /// The value of a Basic credential.
    Basic,
    /// A session cookie.
    Cookie,
    /// An anti-forgery token.
    Csrf,
    /// A state or a nonce.
    State,
    /// A PKCE verifier.
    Verifier,
    /// A signature (SigV4, HMAC, Digest response) or an assertion.
    Signature,
    /// A client id or a user name: shown with its first characters.
    ClientId,
}

/// All credential values of a capture, each once.
#[derive(Clone, Debug, Default)]
pub struct Values {
    all: IndexMap<Secret, Kind, FxBuildHasher>,
    /// Numbers that were asked for since they were last taken.
    touched: Vec<ValueId>,
}

/// Longer values are kept by their first bytes only: no token needs more.
const LONGEST: usize = 16 * 1024;

impl Values {
    /// The number of a value. A stronger kind (known from an issuance) replaces the guess [`Kind::Token`].
    pub fn id(&mut self, bytes: &[u8], kind: Kind) -> ValueId {
        let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
        let at = match self.all.get_full_mut(bytes) {
            Some((at, _, known)) => {
                // A cookie, a header or a signature only carries what an answer or a field names better.
                let names = !matches!(kind, Kind::Token | Kind::Cookie | Kind::Csrf | Kind::Signature);
                let guess = matches!(known, Kind::Token | Kind::Cookie);
                if guess && (names || *known == Kind::Cookie && kind == Kind::Token) {
                    *known = kind;
                }
                at
            }
            None => self.all.insert_full(Secret::new(bytes), kind).0,
        };
        let id = ValueId(u32::try_from(at).unwrap_or(u32::MAX));
        self.touched.push(id);
        id
    }

    /// The numbers that [`id`](Self::id) gave since the last call, each once.
    pub(super) fn take_touched(&mut self) -> Box<[ValueId]> {
        self.touched.sort_unstable();
        self.touched.dedup();
        let taken = self.touched.as_slice().into();
        self.touched.clear();
        taken
    }

    /// Forgets them.
    pub(super) fn forget_touched(&mut self) {
        self.touched.clear();
    }

    /// Forgets all values.
    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.touched.clear();
    }

    /// The number of a value that is known already.
    pub fn find(&self, bytes: &[u8]) -> Option<ValueId> {
        let at = self.all.get_index_of(bytes.get(..LONGEST).unwrap_or(bytes))?;
        u32::try_from(at).ok().map(ValueId)
    }

    /// The value of a number.
    pub fn get(&self, id: ValueId) -> &[u8] {
        self.all.get_index(id.0 as usize).map_or(&[], |(s, _)| s.expose())
    }

    /// What the value is.
    pub fn kind(&self, id: ValueId) -> Kind {
        self.all.get_index(id.0 as usize).map_or(Kind::Token, |(_, k)| *k)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All values in the order of their first appearance.
    pub fn iter(&self) -> impl Iterator<Item = (ValueId, &[u8], Kind)> {
        self.all.iter().zip(0u32..).map(|((s, k), id)| (ValueId(id), s.expose(), *k))
    }
}
