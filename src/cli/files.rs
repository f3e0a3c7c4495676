//! Files that are written whole or not at all.

use std::io::{self, Write};
use std::path::Path;

/// Replaces a file by way of a new one beside it, so that an interruption leaves the old one or none.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.exists() && !path.is_file() {
        // A device or a pipe cannot be replaced.
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let mut new = readable_by_others(&mut tempfile::Builder::new()).tempfile_in(folder)?;
    new.write_all(bytes)?;
    new.flush()?;
    new.persist(path)?;
    Ok(())
}

/// A report is no secret of its writer: the permissions of any new file.
#[cfg(unix)]
fn readable_by_others<'b>(
    b: &'b mut tempfile::Builder<'static, 'static>,
) -> &'b mut tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    b.permissions(std::fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn readable_by_others<'b>(
    b: &'b mut tempfile::Builder<'static, 'static>,
) -> &'b mut tempfile::Builder<'static, 'static> {
    b
}
