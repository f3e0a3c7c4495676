//! Long rows are cut around their marks, aliases never; a request line always keeps its status.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::rows::Row;

/// What is shown left and right of a mark at least, as far as there is room.
const SIDE: usize = 24;
const DOTS: &str = "...";
/// Values of query parameters are cut to this.
const VALUE: usize = 12;

/// A character, an alias, or dots at a cut.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// Columns.
    width: usize,
    /// Bytes of the captured value; `None` for what the report added.
    from: Option<Range<usize>>,
    pub(crate) alias: bool,
}

impl Cell {
    fn added(text: &str) -> Self {
        Self { text: text.to_owned(), width: text.width(), from: None, alias: false }
    }

    fn within(&self, r: &Range<usize>) -> bool {
        self.from.as_ref().is_some_and(|f| f.start < r.end && f.end > r.start)
    }
}

/// The cells of a row, cut to `room` columns so that `mark` stays in sight.
///
/// A request line whose marked part has no room beside its host goes on in a second line.
pub(crate) fn fit(row: &Row, mark: Option<&Range<usize>>, room: usize) -> Vec<Vec<Cell>> {
    let lead: Vec<Cell> = if row.lead.is_empty() { Vec::new() } else { vec![Cell::added(&row.lead)] };
    let cell = |p: crate::mask::Shown<'_>| Cell {
        text: p.text.to_owned(),
        width: p.text.width(),
        from: Some(p.from),
        alias: p.alias,
    };
    let cells: Vec<Cell> = row.pieces.iter().map(cell).collect();
    let Some(url_len) = row.url else {
        return vec![join(lead, line(cells, mark, room.saturating_sub(row.lead.width())))];
    };
    let (url, tail): (Vec<Cell>, Vec<Cell>) =
        cells.into_iter().partition(|c| c.from.as_ref().is_some_and(|f| f.start < url_len));
    let inner = mark.filter(|m| m.start < url_len);
    let beside = room.saturating_sub(row.lead.width() + width(&tail));
    let url = url_line(url, inner, beside);
    if width(&url) <= beside {
        return vec![join(join(lead, url), tail)];
    }
    let at = inner.and_then(|m| pair_at(&url, m));
    let Some(at) = at else { return vec![join(join(lead, line(url, inner, beside)), tail)] };
    let mut head = url;
    let rest = head.split_off(at);
    let below = room.saturating_sub(INDENT.len() + width(&tail));
    let first = join(lead, line(head, None, room.saturating_sub(row.lead.width())));
    vec![first, join(vec![Cell::added(INDENT)], join(line(rest, inner, below), tail))]
}

/// Before the second line of a request line.
const INDENT: &str = "    ";

/// Where the pair begins that bears a mark: at its `?` or `&`.
fn pair_at(cells: &[Cell], mark: &Range<usize>) -> Option<usize> {
    let hit = cells.iter().position(|c| c.within(mark))?;
    (1..=hit).rev().find(|i| cells.get(*i).is_some_and(|c| !c.alias && matches!(c.text.as_str(), "?" | "&" | "#")))
}

fn join(mut a: Vec<Cell>, b: Vec<Cell>) -> Vec<Cell> {
    a.extend(b);
    a
}

/// Columns of cells.
pub(crate) fn width(cells: &[Cell]) -> usize {
    cells.iter().map(|c| c.width).sum()
}

/// Column and width of a mark; `None` if it is out of sight.
pub(crate) fn find(cells: &[Cell], mark: &Range<usize>) -> Option<(usize, usize)> {
    let mut column = 0;
    let mut hit: Option<(usize, usize)> = None;
    let mut behind = None;
    for c in cells {
        if c.within(mark) {
            let (start, _) = hit.unwrap_or((column, 0));
            hit = Some((start, column + c.width));
        }
        column += c.width;
        if c.from.as_ref().is_some_and(|f| f.end <= mark.start) {
            behind = Some(column);
        }
    }
    match hit {
        Some((start, end)) => Some((start, (end - start).max(1))),
        // An empty mark stands behind the last byte before it: `Authorization: token` and nothing more.
        None if mark.is_empty() => Some((behind.unwrap_or(column), 1)),
        None => None,
    }
}

/// A plain row.
fn line(cells: Vec<Cell>, mark: Option<&Range<usize>>, room: usize) -> Vec<Cell> {
    if width(&cells) <= room {
        return cells;
    }
    let at = mark.and_then(|m| find(&cells, m));
    let (start, len) = at.unwrap_or((0, 0));
    if start + len + DOTS.len() <= room {
        return tail_cut(cells, room);
    }
    let wanted = start.saturating_sub(SIDE);
    let latest = start;
    let from = boundary(&cells, wanted, latest);
    let mut column = 0;
    if from == 0 {
        return tail_cut(cells, room);
    }
    let mut kept: Vec<Cell> = vec![Cell::added(DOTS)];
    for c in cells {
        if column >= from {
            kept.push(c.clone());
        }
        column += c.width;
    }
    if width(&kept) <= room { kept } else { tail_cut(kept, room) }
}

/// The first place at or behind `wanted` where a new word, pair or member begins; else `wanted`.
fn boundary(cells: &[Cell], wanted: usize, latest: usize) -> usize {
    let mut column = 0;
    let mut after = false;
    let mut first = None;
    for c in cells {
        if column >= wanted && column <= latest {
            first.get_or_insert(column);
            if after || c.text == "&" {
                return column;
            }
        }
        if column > latest {
            break;
        }
        after = !c.alias && matches!(c.text.as_str(), "," | "{" | ";" | "&" | "?" | " ");
        column += c.width;
    }
    first.unwrap_or(latest)
}

/// Keeps the head and puts dots behind it.
fn tail_cut(cells: Vec<Cell>, room: usize) -> Vec<Cell> {
    let mut out = Vec::new();
    let mut column = 0;
    for c in cells {
        if column + c.width + DOTS.len() > room {
            break;
        }
        column += c.width;
        out.push(c);
    }
    out.push(Cell::added(DOTS));
    out
}

/// A URL: long query values first, then the middle of the path, then unmarked parameters, then by columns.
fn url_line(cells: Vec<Cell>, mark: Option<&Range<usize>>, room: usize) -> Vec<Cell> {
    if width(&cells) <= room {
        return cells;
    }
    let cells = short_values(cells, mark);
    if width(&cells) <= room {
        return cells;
    }
    let cells = short_path(cells, mark, room);
    if width(&cells) <= room {
        return cells;
    }
    few_parameters(cells, mark, room)
}

/// Where the path begins (the third slash) and ends.
fn path_at(cells: &[Cell]) -> Option<(usize, usize)> {
    let plain = |c: &Cell, any: &[&str]| !c.alias && any.contains(&c.text.as_str());
    let end = cells.iter().position(|c| plain(c, &["?", "#"])).unwrap_or(cells.len());
    let mut slashes = cells.iter().enumerate().filter(|(_, c)| plain(c, &["/"])).map(|(i, _)| i);
    // `https://host` has two slashes of its own.
    slashes.nth(2).filter(|s| *s < end).map(|s| (s, end))
}

fn marked(cells: &[Cell], mark: Option<&Range<usize>>) -> bool {
    mark.is_some_and(|m| cells.iter().any(|c| c.within(m)))
}

/// Cuts unmarked values to 12 columns.
fn short_values(cells: Vec<Cell>, mark: Option<&Range<usize>>) -> Vec<Cell> {
    let mut out = Vec::new();
    let mut value: Vec<Cell> = Vec::new();
    let (mut query, mut inside) = (false, false);
    let flush = |value: &mut Vec<Cell>, out: &mut Vec<Cell>| {
        let long = width(value) > VALUE + DOTS.len() && !value.iter().any(|c| c.alias) && !marked(value, mark);
        if long {
            let mut column = 0;
            out.extend(value.drain(..).take_while(|c| {
                column += c.width;
                column <= VALUE
            }));
            out.push(Cell::added(DOTS));
        } else {
            out.append(value);
        }
        value.clear();
    };
    for c in cells {
        let ends = !c.alias && matches!(c.text.as_str(), "&" | "#");
        if ends {
            flush(&mut value, &mut out);
            inside = false;
        }
        let equals = query && !inside && c.text == "=";
        query |= !c.alias && matches!(c.text.as_str(), "?" | "#");
        if inside {
            value.push(c);
        } else {
            out.push(c);
        }
        inside |= equals;
    }
    flush(&mut value, &mut out);
    out
}

/// Puts dots in the middle of a long path: its head and its last segment stay.
fn short_path(cells: Vec<Cell>, mark: Option<&Range<usize>>, room: usize) -> Vec<Cell> {
    let Some((from, end)) = path_at(&cells) else { return cells };
    let Some(last) = (from + 1..end).rev().find(|i| cells.get(*i).is_some_and(|c| c.text == "/")) else { return cells };
    let too_much = width(&cells).saturating_sub(room) + DOTS.len();
    let middle = cells.get(from + 1..last).unwrap_or_default();
    if middle.is_empty() || marked(middle, mark) {
        return cells;
    }
    let room = width(middle).saturating_sub(too_much);
    let mut keep = 0;
    let mut column = 0;
    // Whole segments are kept.
    for c in middle {
        column += c.width;
        if c.text == "/" && column <= room {
            keep = column;
        }
    }
    let mut out = Vec::new();
    let mut column = 0;
    let mut dotted = false;
    for (i, c) in cells.into_iter().enumerate() {
        if i <= from || i >= last {
            out.push(c);
            continue;
        }
        column += c.width;
        if column <= keep && !dotted {
            out.push(c);
        } else if !dotted {
            out.push(Cell::added(DOTS));
            dotted = true;
        }
    }
    out
}

/// Leaves out parameters without a mark, from the left, until it fits: `?...&name=value`.
fn few_parameters(cells: Vec<Cell>, mark: Option<&Range<usize>>, room: usize) -> Vec<Cell> {
    let Some(from) = cells.iter().position(|c| c.text == "?" && !c.alias) else { return cells };
    if mark.is_none() {
        return cells;
    }
    let mut head = cells;
    let rest = head.split_off(from + 1);
    let mut pairs: Vec<Vec<Cell>> = vec![Vec::new()];
    for c in rest {
        if c.text == "&" && !c.alias {
            pairs.push(Vec::new());
        }
        if let Some(last) = pairs.last_mut() {
            last.push(c);
        }
    }
    let mut dropped = false;
    while pairs.first().is_some_and(|p| !marked(p, mark)) && pairs.len() > 1 {
        let all: usize = pairs.iter().map(|p| width(p)).sum();
        if width(&head) + all + usize::from(dropped) * DOTS.len() <= room {
            break;
        }
        pairs.remove(0);
        dropped = true;
    }
    if dropped {
        head.push(Cell::added(DOTS));
    }
    head.extend(pairs.into_iter().flatten());
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::Masker;

    fn row(lead: &str, text: &str, url: bool) -> Row {
        let mut pieces = Masker::new(false).made(text);
        let len = text.len();
        if url {
            let tail = Masker::new(false).made(" -> 401");
            pieces.extend(tail.into_iter().map(|mut p| {
                p.from = p.from.start + len..p.from.end + len;
                p
            }));
        }
        Row { lead: lead.to_owned(), pieces: pieces.into(), url: url.then_some(len), ..Row::default() }
    }

    fn one(row: &Row, mark: Option<&Range<usize>>, room: usize) -> Vec<Cell> {
        let mut lines = fit(row, mark, room);
        assert_eq!(lines.len(), 1);
        lines.remove(0)
    }

    fn shown(cells: &[Cell]) -> String {
        cells.iter().map(|c| c.text.as_str()).collect()
    }

    #[test]
    fn a_mark_far_right_stays_in_sight() {
        let text = format!("{{{}\"expires_in\":3600,\"rest\":{{}}}}", "\"a\":\"0123456789\",".repeat(10));
        let at = text.find("3600").unwrap();
        let cells = one(&row("answer: ", &text, false), Some(&(at..at + 4)), 75);
        assert_eq!(shown(&cells), "answer: ...\"expires_in\":3600,\"rest\":{}}");
        assert_eq!(find(&cells, &(at..at + 4)), Some((24, 4)));
    }

    #[test]
    fn a_request_line_keeps_its_status() {
        let url = format!("https://api.example.test/v1/{}/last?filter={}&x=1", "segment/".repeat(12), "y".repeat(40));
        let cells = one(&row("GET ", &url, true), None, 75);
        let text = shown(&cells);
        assert!(text.starts_with("GET https://api.example.test/v1/.../last?"), "{text}");
        assert!(text.ends_with("/last?filter=yyyyyyyyyyyy...&x=1 -> 401"), "{text}");
        assert!(width(&cells) <= 75);
    }

    #[test]
    fn a_marked_parameter_stays_whole() {
        let url = format!("https://api.example.test/auth?a={}&b={}&code=abcdef", "1".repeat(12), "2".repeat(12));
        let at = url.find("code").unwrap();
        let cells = one(&row("GET ", &url, true), Some(&(at..at + 11)), 60);
        assert_eq!(shown(&cells), "GET https://api.example.test/auth?...&code=abcdef -> 401");
    }

    #[test]
    fn a_marked_parameter_without_room_goes_below() {
        let url =
            "https://a-long-host-name.example.test/auth?state=1&code_challenge=e332ced78a2001794e332ced78a2001794";
        let at = url.find("e332").unwrap();
        let lines = fit(&row("GET ", url, true), Some(&(at..url.len())), 72);
        let text: Vec<String> = lines.iter().map(|l| shown(l)).collect();
        assert_eq!(
            text,
            [
                "GET https://a-long-host-name.example.test/auth?...",
                "    &code_challenge=e332ced78a2001794e332ced78a2001794 -> 401"
            ]
        );
    }

    #[test]
    fn wide_and_combining_characters_count_as_shown() {
        let text = "/v1/報告書e\u{301}?t=1";
        let at = text.find("t=1").unwrap();
        assert_eq!(find(&one(&row("", text, false), None, 80), &(at..at + 3)), Some((4 + 6 + 1 + 1, 3)));
    }

    #[test]
    fn an_empty_mark_stands_behind_the_value() {
        assert_eq!(find(&one(&row("Authorization: ", "token", false), None, 80), &(5..5)), Some((20, 1)));
    }
}
