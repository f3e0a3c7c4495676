//! Why an input, or a part of it, could not be read: what happened, where, what to do.

use std::fmt;
use std::io;

use super::limits::size;
use crate::mask::printable;

/// An input, or a member of one, that could not be read. `name` is what the user gave, `file!member` in archives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceError {
    /// Nothing has this name.
    NotFound {
        /// The path.
        name: String,
    },
    /// It may not be read.
    Permission {
        /// The path.
        name: String,
    },
    /// A folder stands where a file is needed.
    Folder {
        /// The path.
        name: String,
    },
    /// It holds no byte.
    Empty {
        /// The input.
        name: String,
    },
    /// No file matches a pattern.
    NoMatch {
        /// The pattern.
        pattern: String,
    },
    /// A pattern that cannot be understood.
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why.
        why: String,
    },
    /// The system could not read it.
    Io {
        /// The input.
        name: String,
        /// What the system says.
        why: String,
    },
    /// Packed data grows beyond [`Limits::unpacked`](super::Limits::unpacked).
    Unpacked {
        /// The input.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// Packed data grows by more than [`Limits::ratio`](super::Limits::ratio).
    Ratio {
        /// The input.
        name: String,
        /// The limit.
        limit: u64,
    },
    /// An archive has too many members.
    Members {
        /// The archive.
        name: String,
        /// The limit.
        limit: usize,
    },
    /// Packed data in packed data in packed data.
    Nesting {
        /// The input.
        name: String,
        /// The limit.
        limit: u8,
    },
    /// An archive that had to be kept in memory is too big for it.
    KeptArchive {
        /// The archive.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A member's name points out of the archive.
    MemberName {
        /// The member.
        name: String,
    },
    /// A member is a link.
    MemberLink {
        /// The member.
        name: String,
    },
    /// A member needs a password.
    Encrypted {
        /// The member.
        name: String,
    },
    /// Packed by a method or in a container that is not read.
    Method {
        /// The input.
        name: String,
        /// What it is packed with.
        method: String,
    },
    /// The archive is damaged.
    Damaged {
        /// The input.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// No member of an archive looks like a capture.
    NothingInside {
        /// The archive.
        name: String,
    },
}

impl SourceError {
    /// From an error of the system.
    pub fn io(name: &str, error: &io::Error) -> Self {
        let name = name.to_owned();
        if let Some(inner) = error.get_ref().and_then(|e| e.downcast_ref::<Self>()) {
            return inner.clone();
        }
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound { name },
            io::ErrorKind::PermissionDenied => Self::Permission { name },
            io::ErrorKind::IsADirectory => Self::Folder { name },
            _ => Self::Io { name, why: plain(error) },
        }
    }

    /// The input, member or pattern that it is about.
    pub fn name(&self) -> &str {
        match self {
            Self::NoMatch { pattern: name }
            | Self::Pattern { pattern: name, .. }
            | Self::NotFound { name }
            | Self::Permission { name }
            | Self::Folder { name }
            | Self::Empty { name }
            | Self::Io { name, .. }
            | Self::Unpacked { name, .. }
            | Self::Ratio { name, .. }
            | Self::Members { name, .. }
            | Self::Nesting { name, .. }
            | Self::KeptArchive { name, .. }
            | Self::MemberName { name }
            | Self::MemberLink { name }
            | Self::Encrypted { name }
            | Self::Method { name, .. }
            | Self::Damaged { name, .. }
            | Self::NothingInside { name } => name,
        }
    }

    /// What happened and what to do, without the name.
    pub fn why(&self) -> String {
        match self {
            Self::NotFound { .. } => "no such file or folder; check the spelling".into(),
            Self::Permission { .. } => "may not be read; change its permissions, or copy it".into(),
            Self::Folder { .. } => "is a folder where a file is needed; name a file in it".into(),
            Self::Empty { .. } => "is empty; record the traffic again".into(),
            Self::NoMatch { .. } => "no file matches this pattern".into(),
            Self::Pattern { why, .. } => format!("not a pattern of file names: {}", printable(why)),
            Self::Io { why, .. } => format!("cannot be read: {}", printable(why)),
            Self::Unpacked { limit, .. } => {
                format!("unpacks to more than {}; --max-unpacked SIZE allows more", size(*limit))
            }
            Self::Ratio { limit, .. } => format!(
                "unpacks to more than {limit} times its size, as a zip bomb does; if you trust it, say how many bytes \
                 it may have with --max-unpacked SIZE"
            ),
            Self::Members { limit, .. } => {
                format!("holds {limit} members or more; unpack it and name the folder, --max-unpacked does not help")
            }
            Self::Nesting { limit, .. } => {
                format!("is packed more than {limit} times over; unpack it and name what is inside")
            }
            Self::KeptArchive { limit, .. } => format!(
                "an archive from a pipe or inside another one may have {}; save it as a file of its own and name that",
                size(*limit)
            ),
            Self::MemberName { .. } => {
                "was left out: its name is an absolute path or has `..`; pack it again with plain names".into()
            }
            Self::MemberLink { .. } => {
                "was left out: it is a link, and links are not followed; pack the file itself".into()
            }
            Self::Encrypted { .. } => "needs a password; unpack it first and name the unpacked file".into(),
            Self::Method { method, .. } => {
                format!("is packed with {method}, which is not read here; unpack it first and name the unpacked file")
            }
            Self::Damaged { why, .. } => format!("is damaged: {}; download or copy it again", printable(why)),
            Self::NothingInside { .. } => {
                "no member looks like a capture (.har, .json, .txt, .log ...); unpack it and name the file".into()
            }
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", printable(self.name()), self.why())
    }
}

impl std::error::Error for SourceError {}

/// What went wrong, without the numbers of the system and without names.
pub(super) fn plain(error: &io::Error) -> String {
    if let Some(own) = error.get_ref().and_then(|e| e.downcast_ref::<SourceError>()) {
        return own.why();
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => return "it ends too early".into(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => return "the packed data is damaged".into(),
        _ => {}
    }
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((says, _)) => says.to_lowercase(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_where_and_what_to_do() {
        let gone = SourceError::io("a.har", &io::Error::from_raw_os_error(2));
        assert_eq!(gone.to_string(), "a.har: no such file or folder; check the spelling");
        let odd = SourceError::io("a", &io::Error::from_raw_os_error(5)).to_string();
        assert!(!odd.contains("os error"), "{odd}");
        let bomb = SourceError::Unpacked { name: "b.gz".into(), limit: 4 << 30 };
        let wrapped = io::Error::other(bomb.clone());
        assert_eq!(SourceError::io("x", &wrapped), bomb);
        assert!(bomb.to_string().contains("4 GiB; --max-unpacked"));
        let name = SourceError::Empty { name: "a\u{1b}[31m".into() }.to_string();
        assert!(!name.contains('\u{1b}'), "{name}");
    }
}
