//! A validator for the part of XML Schema that `schemas/junit-10.xsd` is written in: elements by reference, sequences and
//! choices with occurrence bounds, attributes, mixed content, patterns of simple types. It panics on any other construct, so
//! that no schema is followed by half. A content model becomes a regular expression over the names of the children.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use regex::Regex;

/// An element of any document.
#[derive(Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Node>,
    pub(crate) text: String,
}

/// Reads a document.
pub(crate) fn parse(xml: &str) -> Node {
    let mut reader = Reader::from_str(xml);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(e) => open.push(node(&e)),
            Event::Empty(e) => open.last_mut().unwrap().children.push(node(&e)),
            Event::End(_) => {
                let done = open.pop().unwrap();
                open.last_mut().unwrap().children.push(done);
            }
            Event::Text(t) => open.last_mut().unwrap().text.push_str(&t.decode().unwrap()),
            Event::GeneralRef(r) => open.last_mut().unwrap().text.push_str(&r.decode().unwrap()),
            Event::CData(t) => open.last_mut().unwrap().text.push_str(&t.decode().unwrap()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open.len(), 1, "an element is not closed");
    open.pop().unwrap().children.pop().unwrap()
}

fn node(e: &BytesStart<'_>) -> Node {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let attributes = e.attributes().map(|a| {
        let a = a.unwrap();
        (text(a.key.as_ref()), a.unescape_value().unwrap().into_owned())
    });
    Node { name: text(e.name().as_ref()), attributes: attributes.collect(), ..Node::default() }
}

enum Content {
    /// Text alone.
    Text,
    /// Children by this expression over `name;name;`, and text if mixed.
    Children { model: Regex, mixed: bool },
}

struct Element {
    content: Content,
    /// Name -> required, pattern.
    attributes: BTreeMap<String, (bool, Option<Regex>)>,
}

/// A schema: its global elements.
pub(crate) struct Schema {
    elements: BTreeMap<String, Element>,
}

impl Schema {
    pub(crate) fn new(xsd: &str) -> Self {
        let root = parse(xsd);
        assert_eq!(root.name, "xs:schema");
        let named = |kind: &str| -> BTreeMap<&str, &Node> {
            root.children.iter().filter(|c| c.name == kind).map(|c| (c.attributes["name"].as_str(), c)).collect()
        };
        let (simple, complex) = (named("xs:simpleType"), named("xs:complexType"));
        let pattern = |of: &str| simple.get(of).map(|t| simple_pattern(t));
        let global = |e: &Node| match e.attributes.get("type").map(String::as_str) {
            Some("xs:string") => Element { content: Content::Text, attributes: BTreeMap::new() },
            Some(of) => element(complex[of], &pattern),
            None => element(only(e), &pattern),
        };
        let known = ["xs:element", "xs:simpleType", "xs:complexType"];
        assert!(root.children.iter().all(|c| known.contains(&c.name.as_str())));
        Self { elements: named("xs:element").into_iter().map(|(name, e)| (name.to_owned(), global(e))).collect() }
    }

    /// What of a document does not fit, with the way to it.
    pub(crate) fn faults(&self, document: &Node) -> Vec<String> {
        let mut out = Vec::new();
        self.check(document, &document.name, &mut out);
        out
    }

    fn check(&self, node: &Node, way: &str, out: &mut Vec<String>) {
        let Some(e) = self.elements.get(&node.name) else { return out.push(format!("{way}: no such element")) };
        for (name, (required, _)) in &e.attributes {
            if *required && !node.attributes.contains_key(name) {
                out.push(format!("{way}: {name} is missing"));
            }
        }
        for (name, value) in &node.attributes {
            match e.attributes.get(name) {
                None => out.push(format!("{way}: no attribute {name} is known")),
                Some((_, Some(pattern))) if !pattern.is_match(value) => out.push(format!("{way}: {name} is {value}")),
                Some(_) => {}
            }
        }
        let names: String = node.children.iter().map(|c| format!("{};", c.name)).collect();
        let text = !node.text.trim().is_empty();
        match &e.content {
            Content::Text if !names.is_empty() => out.push(format!("{way}: holds {names}")),
            Content::Children { model, .. } if !model.is_match(&names) => out.push(format!("{way}: holds {names}")),
            Content::Children { mixed: false, .. } if text => out.push(format!("{way}: holds text")),
            _ => {}
        }
        for (i, child) in node.children.iter().enumerate() {
            self.check(child, &format!("{way}/{}[{i}]", child.name), out);
        }
    }
}

fn only(e: &Node) -> &Node {
    assert_eq!(e.children.len(), 1, "{} holds more than one type", e.name);
    &e.children[0]
}

/// A type: content model first, then attributes.
fn element(of: &Node, pattern: &dyn Fn(&str) -> Option<Regex>) -> Element {
    assert_eq!(of.name, "xs:complexType");
    let (attributes, models): (Vec<&Node>, Vec<&Node>) = of.children.iter().partition(|c| c.name == "xs:attribute");
    assert!(models.len() < 2);
    let model = models.first().map_or_else(String::new, |m| expression(m));
    let attributes = attributes.iter().map(|a| {
        let of = a.attributes["type"].as_str();
        let pattern = pattern(of);
        assert!(of == "xs:string" || pattern.is_some(), "{of}");
        let required = a.attributes.get("use").is_some_and(|u| u == "required");
        (a.attributes["name"].clone(), (required, pattern))
    });
    let mixed = of.attributes.get("mixed").is_some_and(|m| m == "true");
    let model = Regex::new(&format!("^(?:{model})$")).unwrap();
    Element { content: Content::Children { model, mixed }, attributes: attributes.collect() }
}

fn expression(particle: &Node) -> String {
    let inside = |sep: &str| particle.children.iter().map(expression).collect::<Vec<_>>().join(sep);
    let one = match particle.name.as_str() {
        "xs:sequence" => inside(""),
        "xs:choice" => inside("|"),
        "xs:element" => {
            let name = particle.attributes.get("ref").or_else(|| particle.attributes.get("name")).unwrap();
            format!("{};", regex::escape(name))
        }
        other => panic!("{other} is not known here"),
    };
    let bound = |key: &str| particle.attributes.get(key).map_or("1", String::as_str);
    let most = if bound("maxOccurs") == "unbounded" { "" } else { bound("maxOccurs") };
    format!("(?:{one}){{{},{most}}}", bound("minOccurs"))
}

fn simple_pattern(of: &Node) -> Regex {
    let restriction = only(of);
    assert_eq!((restriction.name.as_str(), restriction.attributes["base"].as_str()), ("xs:restriction", "xs:string"));
    let facet = only(restriction);
    assert_eq!(facet.name, "xs:pattern");
    Regex::new(&format!("^(?:{})$", facet.attributes["value"])).unwrap()
}
