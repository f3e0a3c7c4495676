//! One input: unpacked, transcoded, and each capture in it handed over.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Cursor, Read};

use super::archive::{Archive, Member, Members, Seekable, leaves_archive};
use super::bytes::{Stretch, fill};
use super::error::SourceError;
use super::limits::Limits;
use super::playwright::Inlined;
use super::saz::Sessions;
use super::transcode::{Encoding, Transcoded};
use super::unpack::{Counted, Limited, Packing, decoder, packing};
use super::walk::{Input, Kind};

/// So many bytes are shown for recognising a format.
const HEAD: usize = 64 << 10;

/// Something that may be a capture.
#[derive(Debug)]
pub struct Piece<'p> {
    /// The input's name, `file!member` for a member of an archive.
    pub name: &'p str,
    /// The first 64 KiB, unpacked and as UTF-8.
    pub head: &'p [u8],
    /// All of it, the head included.
    pub body: Body<'p>,
    /// It is a member of an archive, where not everything has to be a capture.
    pub member: bool,
    /// How it was written; spans of what was no UTF-8 refer to the transcoded text.
    pub encoding: Encoding,
    /// It was unpacked: spans refer to the unpacked bytes.
    pub packed: bool,
}

/// Where the bytes of a [`Piece`] are.
pub enum Body<'p> {
    /// In a file, as they are: several workers may read them ([`feed_parallel`](super::feed_parallel)).
    File {
        /// The file.
        file: &'p File,
        /// Its length when it was opened; what is written behind it later is not read.
        len: u64,
    },
    /// They come one after the other.
    Stream(&'p mut dyn Read),
}

impl std::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { len, .. } => write!(f, "File({len})"),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// Takes what is in an input.
pub trait Visitor {
    /// Something that may be a capture. An error of its body is an [`io::Error`] that holds a [`SourceError`] where
    /// a limit was reached ([`SourceError::io`] gets it out).
    fn piece(&mut self, piece: Piece<'_>);
    /// The input, or a member of it, cannot be read.
    fn refused(&mut self, error: SourceError);
}

/// Opens an input and hands over each capture in it: the file itself, what it unpacks to, or the members of an archive
/// that look like captures, sorted by name.
///
/// Nothing is written to disk. What may not be read, is empty, or goes beyond `limits` is refused.
pub fn open(input: &Input, limits: &Limits, visitor: &mut dyn Visitor) {
    let path = match &input.kind {
        Kind::Stdin => return open_stream(&input.name, &mut io::stdin().lock(), limits, visitor),
        Kind::File(path) => path,
    };
    let total = Cell::new(0);
    let mut opener = Opener { limits, total: &total, visitor };
    let done = match File::open(path) {
        Ok(file) => opener.file(&input.name, &file),
        Err(e) => Err(SourceError::io(&input.name, &e)),
    };
    if let Err(error) = done {
        opener.visitor.refused(error);
    }
}

/// Like [`open`], for a stream: standard input, or bytes in memory.
pub fn open_stream(name: &str, stream: &mut dyn Read, limits: &Limits, visitor: &mut dyn Visitor) {
    let total = Cell::new(0);
    let mut opener = Opener { limits, total: &total, visitor };
    if let Err(error) = opener.stream(At { name, depth: 0, member: false }, stream) {
        opener.visitor.refused(error);
    }
}

struct Opener<'o> {
    limits: &'o Limits,
    /// Bytes that were unpacked so far.
    total: &'o Cell<u64>,
    visitor: &'o mut dyn Visitor,
}

/// Where in an input.
#[derive(Clone, Copy)]
struct At<'n> {
    name: &'n str,
    /// Packings around it.
    depth: u8,
    member: bool,
}

type Done = Result<(), SourceError>;

impl Opener<'_> {
    fn file(&mut self, name: &str, file: &File) -> Done {
        let meta = file.metadata().map_err(|e| SourceError::io(name, &e))?;
        let at = At { name, depth: 0, member: false };
        if meta.is_dir() {
            return Err(SourceError::Folder { name: name.to_owned() });
        }
        // A pipe has no places to read at; some files of the system do not know their length.
        if !meta.is_file() || meta.len() == 0 {
            return self.stream(at, &mut &*file);
        }
        let len = meta.len();
        let mut whole = Stretch::new(file, 0, len);
        let (head, _) = head(&mut whole, name)?;
        match packing(&head) {
            Some(Packing::Zip) => self.zip(at, Box::new(io::BufReader::new(file))),
            None if Encoding::of(&head) == Encoding::Utf8 => {
                let body = Body::File { file, len };
                self.hand_over(at, &head, body, Encoding::Utf8);
                Ok(())
            }
            _ => self.stream(at, &mut Stretch::new(file, 0, len)),
        }
    }

    fn stream(&mut self, at: At<'_>, stream: &mut dyn Read) -> Done {
        let (head, error) = head(stream, at.name)?;
        let mut all = Cursor::new(&head).chain(error).chain(stream);
        let Some(packing) = packing(&head) else { return self.text(at, &head, &mut all) };
        if let Packing::Other(method) = packing {
            return Err(SourceError::Method { name: at.name.to_owned(), method: method.to_owned() });
        }
        self.deeper(at)?;
        if packing == Packing::Zip {
            let kept = self.keep(at.name, &mut all)?;
            return self.zip(at, Box::new(Cursor::new(kept)));
        }
        let packed = Cell::new(0);
        let inner = decoder(packing, Counted { inner: all, count: &packed });
        let inner = inner.map_err(|e| SourceError::io(at.name, &e))?;
        let (limits, total) = (self.limits, self.total);
        let mut unpacked = Limited { inner, name: at.name, limits, packed: &packed, unpacked: 0, total };
        self.stream(At { depth: at.depth + 1, ..at }, &mut unpacked)
    }

    fn deeper(&self, at: At<'_>) -> Done {
        let limit = self.limits.nesting;
        if at.depth < limit { Ok(()) } else { Err(SourceError::Nesting { name: at.name.to_owned(), limit }) }
    }

    /// `all` begins with `start`.
    fn text(&mut self, at: At<'_>, start: &[u8], mut all: &mut dyn Read) -> Done {
        if start.is_empty() {
            return Err(SourceError::Empty { name: at.name.to_owned() });
        }
        let encoding = Encoding::of(start);
        let Some(mut text) = Transcoded::new(&mut all, encoding) else {
            self.hand_over(at, start, Body::Stream(all), encoding);
            return Ok(());
        };
        let (start, error) = head(&mut text, at.name)?;
        let mut all = Cursor::new(&start).chain(error).chain(text);
        self.hand_over(at, &start, Body::Stream(&mut all), encoding);
        Ok(())
    }

    fn hand_over<'p>(&mut self, at: At<'p>, head: &'p [u8], body: Body<'p>, encoding: Encoding) {
        let At { name, depth, member } = at;
        self.visitor.piece(Piece { name, head, body, member, encoding, packed: depth > 0 });
    }

    /// An archive is read from its end: one that cannot be is kept.
    fn keep(&self, name: &str, stream: &mut dyn Read) -> Result<Vec<u8>, SourceError> {
        let limit = self.limits.kept_archive;
        let mut kept = Vec::new();
        stream.take(limit.saturating_add(1)).read_to_end(&mut kept).map_err(|e| SourceError::io(name, &e))?;
        if kept.len() as u64 > limit {
            return Err(SourceError::KeptArchive { name: name.to_owned(), limit });
        }
        Ok(kept)
    }

    fn zip(&mut self, at: At<'_>, from: Box<dyn Seekable + '_>) -> Done {
        self.deeper(at)?;
        let total = self.total;
        let mut archive = Archive::open(at.name, from, *self.limits, total)?;
        if archive.is_saz() {
            return self.stream(At { depth: at.depth + 1, ..at }, &mut Sessions::new(&mut archive));
        }
        if archive.is_playwright() {
            let name = format!("{}!har.har", at.name);
            let har = archive.read("har.har", self.limits.kept_archive)?;
            let at = At { name: &name, depth: at.depth + 1, member: true };
            return self.stream(at, &mut Inlined::new(har, &mut archive));
        }
        let members = archive.captures();
        if members.is_empty() {
            return Err(SourceError::NothingInside { name: at.name.to_owned() });
        }
        for member in members {
            let name = format!("{}!{}", at.name, member.name);
            if let Err(error) =
                self.member(&mut archive, &member, At { name: &name, depth: at.depth + 1, member: true })
            {
                self.visitor.refused(error);
            }
        }
        Ok(())
    }

    fn member(&mut self, archive: &mut Archive<'_>, member: &Member, at: At<'_>) -> Done {
        let name = || at.name.to_owned();
        if leaves_archive(&member.name) {
            return Err(SourceError::MemberName { name: name() });
        }
        if member.link {
            return Err(SourceError::MemberLink { name: name() });
        }
        if member.encrypted {
            return Err(SourceError::Encrypted { name: name() });
        }
        archive.with(member.index, at.name, |read| self.stream(at, read))?
    }
}

/// The first bytes of a stream, and the error that ended them.
fn head(stream: &mut dyn Read, name: &str) -> Result<(Vec<u8>, Again), SourceError> {
    let mut head = vec![0; HEAD];
    let (have, result) = fill(stream, &mut head);
    head.truncate(have);
    match result {
        Err(e) if have == 0 => Err(SourceError::io(name, &e)),
        result => Ok((head, Again(result.err()))),
    }
}

/// Gives an error that was met while looking ahead at the place where it belongs.
struct Again(Option<io::Error>);

impl Read for Again {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests;
