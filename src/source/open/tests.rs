use std::io::Write;

use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::source::Origin;
use crate::source::testing::{Breaks, Drip, Folder};

#[derive(Default)]
struct Seen {
    /// Name and text.
    pieces: Vec<(String, String)>,
    refused: Vec<SourceError>,
    /// Errors met while reading.
    broke: Vec<SourceError>,
    files: usize,
}

impl Visitor for Seen {
    fn piece(&mut self, piece: Piece<'_>) {
        let mut bytes = Vec::new();
        let result = match piece.body {
            Body::File { file, len } => {
                self.files += 1;
                Stretch::new(file, 0, len).read_to_end(&mut bytes)
            }
            Body::Stream(stream) => io::copy(stream, &mut bytes).map(|n| n as usize),
        };
        if let Err(e) = result {
            self.broke.push(SourceError::io(piece.name, &e));
        }
        assert!(
            bytes.starts_with(piece.head)
                && (piece.head.len() == HEAD || piece.head.len() == bytes.len() || piece.head.is_empty())
        );
        bytes.truncate(200);
        self.pieces.push((piece.name.to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
    }

    fn refused(&mut self, error: SourceError) {
        self.refused.push(error);
    }
}

fn stream(name: &str, bytes: &[u8], limits: &Limits) -> Seen {
    let mut seen = Seen::default();
    open_stream(name, &mut Drip(bytes, 100_000), limits, &mut seen);
    seen
}

/// From a file and from a pipe: both must see the same.
fn both(name: &str, bytes: &[u8]) -> Seen {
    let folder = Folder::new();
    let path = folder.put(name, bytes);
    let input = Input { name: name.to_owned(), origin: Origin::Named, kind: Kind::File(path) };
    let mut seen = Seen::default();
    open(&input, &Limits::default(), &mut seen);
    let piped = stream(name, bytes, &Limits::default());
    assert_eq!((&piped.pieces, &piped.refused, &piped.broke), (&seen.pieces, &seen.refused, &seen.broke));
    seen
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    e.write_all(bytes).unwrap();
    e.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut w = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        w.start_file(*name, SimpleFileOptions::default()).unwrap();
        w.write_all(bytes).unwrap();
    }
    w.finish().unwrap().into_inner()
}

fn names(seen: &Seen) -> Vec<&str> {
    seen.pieces.iter().map(|p| p.0.as_str()).collect()
}

#[test]
fn plain_gzip_zstd_and_utf16() {
    let text = "{\"log\":{}}".repeat(9000);
    let short: String = text.chars().take(200).collect();
    let plain = both("a.har", text.as_bytes());
    assert_eq!((plain.files, plain.pieces[0].1.as_str()), (1, short.as_str()));
    let mut two = gz(&text.as_bytes()[..70_000]);
    two.extend(gz(&text.as_bytes()[70_000..]));
    two.extend([0; 700]);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for packed in [two, zstd::encode_all(text.as_bytes(), 3).unwrap(), utf16.clone(), gz(&utf16)] {
        let seen = both("a.gz", &packed);
        assert_eq!(seen.pieces, [("a.gz".to_owned(), short.clone())]);
        assert!(seen.refused.is_empty() && seen.broke.is_empty());
    }
}

#[test]
fn members_that_look_like_captures() {
    let inner = zip(&[("x.har", b"xx")]);
    let gzipped = gz(b"gg");
    let seen = both("t.zip", &zip(&[("b.har", b"bb"), ("a/c.log.gz", &gzipped), ("p.png", b"no"), ("in.zip", &inner)]));
    assert_eq!(names(&seen), ["t.zip!a/c.log.gz", "t.zip!b.har", "t.zip!in.zip!x.har"]);
    assert_eq!(seen.pieces[0].1, "gg");
    assert!(seen.refused.is_empty());
}

#[test]
fn playwright_and_fiddler() {
    let seen = both("t.zip", &zip(&[("0a.json", b"{}"), ("har.har", b"{\"log\"}"), ("9f.txt", b"body")]));
    assert_eq!(names(&seen), ["t.zip!har.har"]);
    let seen = both("t.saz", &zip(&[("raw/1_c.txt", b"GET /"), ("raw/1_s.txt", b"HTTP"), ("_index.htm", b"x")]));
    assert_eq!(seen.pieces, [("t.saz".to_owned(), "#saz 1 5 4 0\nGET /\nHTTP\n\n".to_owned())]);
}

#[test]
fn names_links_and_passwords() {
    let mut w = ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["../up.har", "/abs.har", "ok.har"] {
        w.start_file(name, SimpleFileOptions::default()).unwrap();
        w.write_all(b"{}").unwrap();
    }
    w.add_symlink("link.har", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let bytes = w.finish().unwrap().into_inner();
    let seen = both("t.zip", &bytes);
    assert_eq!(names(&seen), ["t.zip!ok.har"]);
    let kinds: Vec<bool> = seen.refused.iter().map(|e| matches!(e, SourceError::MemberName { .. })).collect();
    assert_eq!(kinds, [true, true, false]);
    assert!(matches!(&seen.refused[2], SourceError::MemberLink { name } if name == "t.zip!link.har"));

    let mut locked = zip(&[("a.har", b"{}")]);
    for (mark, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = memchr::memmem::find(&locked, mark).unwrap();
        locked[at + flags] |= 1;
    }
    let seen = both("t.zip", &locked);
    assert_eq!(seen.refused, [SourceError::Encrypted { name: "t.zip!a.har".into() }]);
}

#[test]
fn bombs_are_bounded() {
    let zeros = vec![b' '; 20 << 20];
    let small = Limits { unpacked: 1 << 20, ..Limits::default() };
    let unpacked = |name: &str| SourceError::Unpacked { name: name.into(), limit: 1 << 20 };
    let packed = gz(&zeros);
    assert_eq!(stream("b.gz", &packed, &small).broke, [unpacked("b.gz")]);
    assert!(matches!(stream("b.gz", &packed, &Limits::default()).broke[..], [SourceError::Ratio { .. }]));
    assert!(stream("b.gz", &packed, &Limits::with_unpacked(1 << 30)).broke.is_empty());
    let zst = zstd::encode_all(&zeros[..], 3).unwrap();
    assert_eq!(stream("b.zst", &zst, &small).broke, [unpacked("b.zst")]);
    // The sum counts, not the single member.
    let half = vec![b' '; 700_000];
    let seen = stream("b.zip", &zip(&[("a.har", &half), ("b.har", &half)]), &small);
    assert_eq!((seen.pieces.len(), &seen.broke[..]), (2, &[unpacked("b.zip!b.har")][..]));
    // Just as much as is allowed is allowed.
    assert!(stream("b.gz", &gz(&zeros[..1 << 20]), &small).broke.is_empty());
}

#[test]
fn too_many_members_too_deep_too_big_to_keep() {
    let limits = Limits { members: 3, kept_archive: 2000, ..Limits::default() };
    let many: Vec<(String, &[u8])> = (0..4).map(|i| (format!("{i}.har"), &b"{}"[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(n, b)| (n.as_str(), *b)).collect();
    assert_eq!(
        stream("m.zip", &zip(&many), &limits).refused,
        [SourceError::Members { name: "m.zip".into(), limit: 3 }]
    );
    assert_eq!(stream("m.zip", &zip(&many[..3]), &limits).pieces.len(), 3);
    let three = gz(&gz(&gz(b"x")));
    assert_eq!(stream("d.gz", &three, &limits).refused, [SourceError::Nesting { name: "d.gz".into(), limit: 2 }]);
    let mut noise = 1_u32;
    let big: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(7);
        (noise >> 24) as u8
    })
    .take(5000)
    .collect();
    let seen = stream("k.zip", &zip(&[("a.har", &big)]), &limits);
    assert_eq!(seen.refused, [SourceError::KeptArchive { name: "k.zip".into(), limit: 2000 }]);
}

#[test]
fn damage_gives_what_stands_before() {
    let text: String = (0..90_000).map(|i| format!("{i}\n")).collect();
    let whole = gz(text.as_bytes());
    let seen = both("c.gz", &whole[..whole.len() / 2]);
    assert_eq!(seen.pieces.len(), 1);
    assert!(matches!(&seen.broke[..], [SourceError::Io { why, .. }] if why == "it ends too early"), "{:?}", seen.broke);
    let mut wrong_sum = gz(b"short");
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 1;
    let seen = both("c.gz", &wrong_sum);
    assert_eq!((seen.pieces[0].1.as_str(), seen.broke.len()), ("short", 1));
    let mut cut = zip(&[("a.har", text.as_bytes())]);
    cut.truncate(cut.len() / 2);
    assert!(matches!(both("c.zip", &cut).refused[..], [SourceError::Damaged { .. }]));
}

#[test]
fn what_cannot_be_opened() {
    assert_eq!(both("e.har", b"").refused, [SourceError::Empty { name: "e.har".into() }]);
    assert_eq!(both("e.gz", &gz(b"")).refused, [SourceError::Empty { name: "e.gz".into() }]);
    assert_eq!(both("n.zip", &zip(&[("a.png", b"x")])).refused, [SourceError::NothingInside { name: "n.zip".into() }]);
    assert!(matches!(both("x.xz", b"\xfd7zXZ\0rest").refused[..], [SourceError::Method { .. }]));
    let mut seen = Seen::default();
    open_stream("p", &mut Breaks(b""), &Limits::default(), &mut seen);
    assert_eq!(seen.refused, [SourceError::Io { name: "p".into(), why: "the line was cut".into() }]);
    let folder = Folder::new();
    for (path, folder_error) in [(folder.path().to_owned(), true), (folder.path().join("gone"), false)] {
        let mut seen = Seen::default();
        let input = Input { name: "f".into(), origin: Origin::Named, kind: Kind::File(path) };
        open(&input, &Limits::default(), &mut seen);
        assert_eq!(matches!(seen.refused[..], [SourceError::Folder { .. }]), folder_error);
        assert_eq!(matches!(seen.refused[..], [SourceError::NotFound { .. }]), !folder_error);
    }
}
