//! Times and flags of a session (`N_m.xml`): attributes of `SessionTimers`, pairs of `SessionFlag`.

use memchr::memmem;

use crate::http::{Time, parse_iso};

/// What is used of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) began: Option<Time>,
    pub(super) ended: Option<Time>,
    /// The address of the client.
    pub(super) client: Option<Vec<u8>>,
}

/// Reads the description of a session.
pub(super) fn read(meta: &[u8]) -> Times {
    let time = |name: &str| {
        let text = attribute(meta, name)?;
        // A time that was never set is that of year 1.
        parse_iso(std::str::from_utf8(text).ok()?).filter(|t| t.secs() > 0)
    };
    Times {
        began: time("ClientBeginRequest").or_else(|| time("ClientDoneRequest")),
        ended: time("ClientDoneResponse").or_else(|| time("ServerDoneResponse")),
        client: flag(meta, "x-clientip").filter(|c| !c.is_empty()).map(<[u8]>::to_vec),
    }
}

fn attribute<'m>(meta: &'m [u8], name: &str) -> Option<&'m [u8]> {
    let mark = format!(" {name}=\"");
    let from = memmem::find(meta, mark.as_bytes())? + mark.len();
    let rest = meta.get(from..)?;
    rest.get(..memchr::memchr(b'"', rest)?)
}

fn flag<'m>(meta: &'m [u8], name: &str) -> Option<&'m [u8]> {
    let mark = format!(" N=\"{name}\"");
    let at = memmem::find(meta, mark.as_bytes())?;
    let rest = meta.get(at..)?;
    let element = rest.get(..memchr::memchr(b'>', rest)?)?;
    attribute(element, "V")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_flags() {
        let meta = br#"<Session SID="1"><SessionTimers ClientBeginRequest="2020-09-01T13:57:52.2118610-06:00" ClientDoneResponse="0001-01-01T00:00:00" ServerDoneResponse="2020-09-01T13:57:53-06:00" /><SessionFlags><SessionFlag N="x-clientip" V="127.0.0.1" /></SessionFlags></Session>"#;
        let t = read(meta);
        assert_eq!(t.began, Some(Time(1_598_990_272_211_861)));
        assert_eq!(t.ended, Some(Time(1_598_990_273_000_000)));
        assert_eq!(t.client.as_deref(), Some(&b"127.0.0.1"[..]));
        assert_eq!(read(b""), Times::default());
    }
}
