//! Zip archives: which members are captures, and which are not touched.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::{SourceError, plain};
use super::limits::Limits;
use super::unpack::Limited;

/// What an archive is read from.
pub(super) trait Seekable: Read + Seek {}
impl<T: Read + Seek> Seekable for T {}

/// The members of an archive that is one capture as a whole (Fiddler's `.saz`): its format asks for them by name.
pub(super) trait Members {
    /// The names of all members, in the order of the archive.
    fn names(&self) -> Vec<String>;

    /// Unpacks a member, at most `most` bytes of it.
    ///
    /// # Errors
    /// There is no such member, it is encrypted or damaged, or a limit was reached.
    fn read(&mut self, member: &str, most: u64) -> Result<Vec<u8>, SourceError>;
}

/// A zip.
pub(super) struct Archive<'a> {
    name: String,
    zip: ZipArchive<Box<dyn Seekable + 'a>>,
    limits: Limits,
    total: &'a Cell<u64>,
}

/// What an archive tells about a member without unpacking it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) link: bool,
    pub(super) encrypted: bool,
}

impl Members for Archive<'_> {
    fn names(&self) -> Vec<String> {
        self.zip.file_names().map(str::to_owned).collect()
    }

    fn read(&mut self, member: &str, most: u64) -> Result<Vec<u8>, SourceError> {
        let name = format!("{}!{member}", self.name);
        let index = self.zip.index_for_name(member).ok_or_else(|| SourceError::NotFound { name: name.clone() })?;
        let mut bytes = Vec::new();
        let read = |from: &mut dyn Read| from.take(most).read_to_end(&mut bytes);
        self.with(index, &name, read)?.map_err(|e| SourceError::io(&name, &e))?;
        Ok(bytes)
    }
}

impl<'a> Archive<'a> {
    /// Opens an archive; `name` is for messages.
    pub(super) fn open(
        name: &str,
        mut from: Box<dyn Seekable + 'a>,
        limits: Limits,
        total: &'a Cell<u64>,
    ) -> Result<Self, SourceError> {
        // Opening reads the whole list of members: one that is too long must be refused before.
        let members = claimed_members(&mut *from).map_err(|e| SourceError::io(name, &e))?;
        if members.is_some_and(|n| n > limits.members) {
            return Err(SourceError::Members { name: name.to_owned(), limit: limits.members });
        }
        let zip = ZipArchive::new(from).map_err(|e| explain(name, &e))?;
        Ok(Self { name: name.to_owned(), zip, limits, total })
    }

    /// Whether it is one of Fiddler's: a request per file in `raw/`.
    pub(super) fn is_saz(&self) -> bool {
        self.zip.file_names().any(|n| {
            let number = n.strip_prefix("raw/").and_then(|n| n.strip_suffix("_c.txt"));
            number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        })
    }

    /// Whether it is one of Playwright's: a HAR and its bodies beside it, whatever their names are.
    pub(super) fn is_playwright(&self) -> bool {
        self.zip.index_for_name("har.har").is_some()
    }

    /// The members that look like captures, sorted by name.
    pub(super) fn captures(&mut self) -> Vec<Member> {
        let mut all: Vec<Member> = (0..self.zip.len()).filter_map(|i| self.member(i)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn member(&mut self, index: usize) -> Option<Member> {
        let file = self.zip.by_index_raw(index).ok()?;
        let name = file.name().to_owned();
        if file.is_dir() || !looks_like_capture(&name) {
            return None;
        }
        let (link, encrypted) = (file.is_symlink(), file.encrypted());
        Some(Member { index, name, link, encrypted })
    }

    /// Unpacks a member, held to the limits.
    pub(super) fn with<T>(
        &mut self,
        index: usize,
        name: &str,
        work: impl FnOnce(&mut dyn Read) -> T,
    ) -> Result<T, SourceError> {
        let file = self.zip.by_index(index).map_err(|e| explain(name, &e))?;
        let packed = Cell::new(file.compressed_size());
        let (limits, total) = (&self.limits, self.total);
        let mut read = Limited { inner: file, name, limits, packed: &packed, unpacked: 0, total };
        Ok(work(&mut read))
    }
}

/// Whether a member's name points out of its archive.
pub(super) fn leaves_archive(name: &str) -> bool {
    let drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    drive || name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..")
}

/// By the words of its name: `session.har`, `access.log.2.gz`, `error_log`, `curl.txt`.
pub(super) fn looks_like_capture(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "har", "zhar", "json", "jsonl", "ndjson", "txt", "log", "ltsv", "w3c", "curl", "trace", "mitm", "mitmdump",
        "flow", "flows", "dump", "xml", "saz", "out", "err", "tsv", "csv", "http", "md",
    ];
    const PACKED: &[&str] = &["zip", "gz", "zst"];
    let mut parts = name.rsplit(['/', '\\']);
    let file = parts.next().unwrap_or(name);
    if file.starts_with('.') || parts.any(|folder| folder.starts_with('.') && folder.len() > 2 || folder == "__MACOSX")
    {
        return false;
    }
    let lower = file.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let first = words.next().unwrap_or_default();
    let stem_only = lower == first;
    stem_only && WORDS.contains(&first) || words.any(|w| WORDS.contains(&w) || PACKED.contains(&w))
}

/// The number of members that the end of the archive claims (APPNOTE.TXT 4.3.16); 65535 stands for more.
fn claimed_members(from: &mut dyn Seekable) -> io::Result<Option<usize>> {
    let len = from.seek(SeekFrom::End(0))?;
    from.seek(SeekFrom::Start(len.saturating_sub(66_000)))?;
    let mut tail = Vec::new();
    from.take(66_000).read_to_end(&mut tail)?;
    from.seek(SeekFrom::Start(0))?;
    let claims = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06").filter_map(|at| match tail.get(at + 10..at + 12) {
        Some([low, high]) => Some(usize::from(u16::from_le_bytes([*low, *high]))),
        _ => None,
    });
    // A comment may hold the mark, too: the greatest claim counts.
    Ok(claims.max())
}

/// Says what is wrong with an archive or a member.
pub(super) fn explain(name: &str, error: &ZipError) -> SourceError {
    let name = name.to_owned();
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            SourceError::Encrypted { name }
        }
        ZipError::UnsupportedArchive(_) => SourceError::Method { name, method: "a method other than deflate".into() },
        ZipError::Io(e) if e.get_ref().is_some_and(|e| e.is::<SourceError>()) => SourceError::io(&name, e),
        ZipError::Io(e) => SourceError::Damaged { name, why: plain(e) },
        _ => SourceError::Damaged { name, why: "its list of members cannot be read, or is cut".into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_captures() {
        for yes in ["a.har", "x/access.log.2.gz", "error_log", "b.HAR", "c.json", "logs/out.txt", "in.zip", "log"] {
            assert!(looks_like_capture(yes), "{yes}");
        }
        for no in ["a.png", "__MACOSX/._a.har", ".hidden.har", "harvest.js", "img/logo.svg", ".git/x.json", "README"] {
            assert!(!looks_like_capture(no), "{no}");
        }
    }

    #[test]
    fn names_that_leave() {
        for yes in ["../a.har", "a/../../b", "/etc/a.log", "C:\\a.har", "..\\a.har", "c:a.har"] {
            assert!(leaves_archive(yes), "{yes}");
        }
        for no in ["a..har", "a/b.har", "...har"] {
            assert!(!leaves_archive(no), "{no}");
        }
    }
}
