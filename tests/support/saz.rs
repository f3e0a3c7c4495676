//! Session archives of Fiddler as their reader gets them.

/// The stream that a session archive of Fiddler is unpacked to, as `src/source/saz.rs` says; other bytes as they are.
pub(super) fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.starts_with(b"PK") {
        return bytes;
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut out = Vec::new();
    let numbers: Vec<String> =
        archive.file_names().filter_map(|n| Some(n.strip_suffix("_c.txt")?.to_owned())).collect();
    for name in std::collections::BTreeSet::from_iter(numbers) {
        let parts = ["_c.txt", "_s.txt", "_m.xml"].map(|end| {
            let mut part = Vec::new();
            std::io::copy(&mut archive.by_name(&format!("{name}{end}")).unwrap(), &mut part).unwrap();
            part
        });
        let lengths = parts.each_ref().map(Vec::len);
        out.extend(format!("#saz 1 {} {} {}\n", lengths[0], lengths[1], lengths[2]).into_bytes());
        for part in parts {
            out.extend(part);
            out.push(b'\n');
        }
    }
    out
}
