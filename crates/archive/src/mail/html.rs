//! The text of a mail in HTML, and of a field that holds HTML.

use std::borrow::Cow;

use mail_parser::decoders::html::html_to_text;

/// What HTML of a field begins with. Names that stand for something left out, as in `<address>`, are not among them.
const BEGINNINGS: &[&str] = &[
    "!doctype",
    "html",
    "head",
    "meta",
    "style",
    "body",
    "p",
    "div",
    "span",
    "br",
    "table",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "center",
    "hr",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "font",
    "a",
];

/// The text of a field that holds HTML, read as that of a reply; `None` where the field is plain text, though there be a
/// `<` in it.
pub fn text_of_html(field: &str) -> Option<String> {
    let field = field.trim();
    let has_tag = || field.match_indices('<').any(|(at, _)| is_nobodys_sign(&field[at + 1..]));
    let is_quoting = || field.lines().any(|line| line.starts_with('>'));
    let html = if begins_and_ends_with_tags(field) {
        Cow::from(field)
    } else if is_quoting() {
        return None;
    } else if has_tag() {
        // What is not written as HTML throughout has lines of its own.
        let tag = field.strip_prefix('<');
        let is_inline = |tag: &str| INLINE.iter().any(|name| is_named(tag, name));
        let has_lines = tag.is_none_or(is_inline);
        if has_lines { with_line_ends(field).into() } else { field.into() }
    } else if has_entity(field) {
        with_line_ends(&field.replace('<', "&lt;")).into()
    } else {
        return None;
    };
    Some(text(&html, true).trim().to_owned())
}

/// Elements that stand within a line.
const INLINE: &[&str] = &["b", "strong", "i", "em", "u", "font", "a", "span", "br"];

/// HTML with a `<br>` for every end of a line that is not within a tag.
fn with_line_ends(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        let (tag, after) = tag.split_at(tag_len(tag));
        out.extend([&before.replace('\n', "<br>"), tag]);
        rest = after;
    }
    out + &rest.replace('\n', "<br>")
}

fn begins_and_ends_with_tags(field: &str) -> bool {
    let tag = field.strip_prefix('<').filter(|tag| tag.ends_with('>'));
    tag.is_some_and(|tag| BEGINNINGS.iter().any(|name| is_named(tag, name)))
}

/// Whether a tag, without what opens it, is one that nobody writes by hand: `<br>`, or a closing one.
fn is_nobodys_sign(tag: &str) -> bool {
    let name = tag.strip_prefix('/');
    let closes = || name.is_some_and(|name| BEGINNINGS.iter().any(|known| is_named(name, known)));
    let ends = || tag.split('<').next().is_some_and(|tag| tag.contains('>'));
    (is_named(tag, "br") || closes()) && ends()
}

/// Whether a character is written as HTML does: `&nbsp;`, `&#39;`.
fn has_entity(text: &str) -> bool {
    const LONGEST: usize = 8;
    text.match_indices('&').any(|(at, _)| {
        let rest = &text[at + 1..];
        let is_of_it = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
        let name = rest.bytes().take(LONGEST + 1).take_while(is_of_it).count();
        (2..=LONGEST).contains(&name) && rest[name..].starts_with(';')
    })
}

/// The text, a line for each block. In a reply, lines of a `blockquote` begin with `>`, as quotes do in plain text; in
/// any other mail they are its writer's own.
pub(crate) fn text(html: &str, is_reply: bool) -> String {
    let mut out = String::with_capacity(html.len());
    for (quoted, text) in parts(&visible(html)) {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        if quoted && is_reply {
            let filled = text.lines().filter(|line| !line.trim().is_empty());
            filled.for_each(|line| out.extend(["> ", line, "\n"]));
        } else {
            out.push_str(&text);
        }
    }
    out
}

/// Texts within and outside quotes, in order; `true` for those within.
fn parts(html: &str) -> Vec<(bool, String)> {
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    // Whether each `blockquote` that is open is a quote, and how many of them are.
    let (mut open, mut quotes) = (Vec::new(), 0_usize);
    while let Some(found) = html[at..].find('<') {
        let tag = &html[at + found..];
        let (closes, name) = match tag.strip_prefix("</") {
            Some(name) => (true, name),
            None => (false, &tag[1..]),
        };
        if !is_named(name, "blockquote") {
            at += found + 1;
            continue;
        }
        let tag = &tag[..tag_len(tag)];
        parts.push((quotes > 0, html_to_text(&with_breaks(&html[start..at + found]))));
        if closes {
            quotes -= usize::from(open.pop().unwrap_or(false));
        } else {
            open.push(!is_indent(tag));
            quotes += usize::from(!is_indent(tag));
        }
        at += found + tag.len();
        start = at;
    }
    parts.push((quotes > 0, html_to_text(&with_breaks(&html[start..]))));
    parts
}

/// Whether a `blockquote` is what Gmail makes of the writer's own words when they are indented.
fn is_indent(tag: &str) -> bool {
    let tag: String = tag.chars().filter(|c| !c.is_whitespace()).collect();
    let tag = tag.to_ascii_lowercase();
    // Outlook writes a quote's line at its left as no border, and then that one.
    tag.contains("border:none") && !tag.contains("border-left:")
}

/// Elements whose content no reader of a mail sees.
const HIDDEN: &[&str] = &["style", "script", "template"];

/// HTML without comments and hidden elements, and with every `<` that begins no tag as an entity.
///
/// [`html_to_text`] finds the end of few comments, and hides elements only where they have no attribute.
fn visible(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let hidden = HIDDEN.iter().find(|name| is_named(&tag[1..], name));
        let letter = |c: char| c.is_ascii_alphabetic();
        rest = if tag.starts_with("<!--") {
            // Its own hyphens may be those of its end: `<!-->` is a whole comment.
            after(&tag[2..], "-->")
        } else if let Some(name) = hidden {
            after_closing_tag(tag, name)
        } else if tag[1..].trim_start_matches('/').starts_with(letter) {
            out.push('<');
            &tag[1..]
        } else if tag[1..].starts_with(['!', '?', '/']) {
            // A declaration, or what browsers take for one.
            after(tag, ">")
        } else {
            out.push_str("&lt;");
            &tag[1..]
        };
    }
    out + rest
}

/// What follows the first `end`; nothing where there is none.
fn after<'h>(html: &'h str, end: &str) -> &'h str {
    html.split_once(end).map_or("", |(_, after)| after)
}

fn after_closing_tag<'h>(html: &'h str, name: &str) -> &'h str {
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once("</") {
        if is_named(tag, name) {
            return after(tag, ">");
        }
        rest = tag;
    }
    ""
}

/// So far the end of an attribute's value is looked for.
const MAX_VALUE_BYTES: usize = 4096;

/// Bytes of the tag that a text begins with. A `>` in the quotes of an attribute's value does not end it.
fn tag_len(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].find(['>', '"', '\'']) {
        let (before, rest) = text[at..].split_at(found);
        let (sign, rest) = rest.split_at(1);
        at += found + 1;
        if sign == ">" {
            return at;
        }
        if before.trim_end().ends_with('=') {
            // Quotes that are never closed would take what is said up to those of the next tag.
            let mut value = rest.bytes().take(MAX_VALUE_BYTES).take_while(|byte| *byte != b'<');
            let end = value.position(|byte| sign.as_bytes() == [byte]);
            at += end.map_or(0, |end| end + 1);
        }
    }
    text.len()
}

/// Whether a tag, without what opens it, has this name.
fn is_named(tag: &str, name: &str) -> bool {
    let found = tag.split(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '<')).next();
    found.is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "p", "div", "ul", "ol", "li", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "h5", "h6",
    "pre", "hr", "section", "article", "center", "header", "footer", "dt", "dd",
];

/// Whether a tag, without what opens it, begins or ends such an element.
fn is_block(tag: &str) -> bool {
    let name = tag.trim_start_matches('/');
    BLOCKS.iter().any(|block| is_named(name, block))
}

/// HTML with `<br>` in the place of the tags of blocks, wherever one begins or ends behind text: without them lines run into
/// one another, and quoted ones into the writer's own. Of other tags only `<head>` stays: [`html_to_text`] glues words
/// together where one stands between them at the beginning of a line.
fn with_breaks(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let (mut rest, mut is_behind_text) = (html, false);
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        let (tag, after) = tag.split_at(tag_len(tag));
        let before = if is_behind_text { before } else { before.trim_ascii_start() };
        out.push_str(before);
        is_behind_text |= !before.trim().is_empty();
        if is_named(&tag[1..], "br") || (is_block(&tag[1..]) && is_behind_text) {
            // Of its attributes [`html_to_text`] knows nothing.
            out.push_str("<br>");
            is_behind_text = false;
        } else if is_named(&tag[1..], "head") {
            out.push_str("<head>");
        } else if tag.strip_prefix("</").is_some_and(|name| is_named(name, "head")) {
            out.push_str("</head>");
        }
        rest = after;
    }
    out + if is_behind_text { rest } else { rest.trim_ascii_start() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a mail in this HTML alone.
    fn html_text(html: &str) -> String {
        text(html, false).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_blockquote_is_a_quote_in_a_reply() {
        let lines = |html: &str, is_reply| {
            let text = text(html, is_reply);
            let filled = text.lines().map(str::trim).filter(|line| !line.is_empty());
            filled.map(str::to_owned).collect::<Vec<_>>()
        };
        let quote = "<BLOCKQUOTE type=\"cite\"><div>Komt u<br>morgen?</div><blockquote>Ja.</blockquote></BLOCKQUOTE>";
        let quoted = ["> Komt u", "> morgen?", "> Ja."];
        assert_eq!(lines(quote, false), ["Komt u", "morgen?", "Ja."]);
        assert_eq!(lines(quote, true), quoted);
        assert_eq!(lines(&format!("<p>Goedemiddag,</p>{quote}"), false)[1], "Komt u");
        let both = lines(&format!("<p>Nee.</p>{quote}Ik wacht."), true);
        assert_eq!(both, ["Nee.", quoted[0], quoted[1], quoted[2], "Ik wacht."]);
        // A closing tag too many opens nothing.
        assert_eq!(lines("Nee.</blockquote>Ik wacht.", true), ["Nee.", "Ik wacht."]);
        assert_eq!(lines("<table><tr><td>Een</td><td>Twee", true), ["Een", "Twee"]);
        let indented = "<p>Nee.</p><blockquote style=\"margin: 0 0 0 40px; border: none\">Ik wacht.\
                        <blockquote>Morgen.</blockquote>Al weken.</blockquote>";
        assert_eq!(lines(indented, true), ["Nee.", "Ik wacht.", "> Morgen.", "Al weken."]);
        let outlook = "<p>Nee.</p><blockquote style='border:none;border-left:solid #CCCCCC 1.0pt;\
                       margin-left:4.8pt'><p>Komt u?</p></blockquote>";
        assert_eq!(lines(outlook, true), ["Nee.", "> Komt u?"]);
    }

    #[test]
    fn blocks_stand_on_lines_of_their_own() {
        for html in [
            "<div>Een</div><p>Twee</p>",
            "<p>Een<p>Twee",
            "Een<p/>Twee",
            "Een<hr>Twee",
            "Een<br class=\"x\" />Twee",
            "<div>Een</div><span>Twee</span>",
            "<div><div>Een</div></div>\n<div><p>Twee</p></div>",
            "Een<ul><li>Twee</li></ul>",
            "<ol><li>Een</li></ol>Twee",
            "<h5>Een</h5><H6>Twee</H6>",
            "<section>Een</section><article>Twee</article>",
            "<center>Een</center>Twee",
        ] {
            assert_eq!(text(html, false).trim(), "Een\nTwee", "{html}");
        }
        assert_eq!(
            text("<div>Een</div><div><br></div><div>Twee</div>", false).trim(),
            "Een\n\nTwee"
        );
        for inline in [
            "<p>Een <b>en</b> <span>Twee</span></p>",
            "<p><b>Een</b> en Twee</p>",
            "<span>Een</span> en <i>Twee</i>",
            "<div><b>Een </b>en Twee</div>",
            "<b>Een</b> <b>en</b>\n<b>Twee</b>",
        ] {
            assert_eq!(text(inline, false).trim(), "Een en Twee", "{inline}");
        }
    }

    #[test]
    fn a_field_holds_html_if_tags_stand_around_it_or_such_in_it_as_nobody_writes() {
        for (field, expected) in [
            ("<p>Laat maar.<br>Ik regel het zelf wel.</p>", "Laat maar.\nIk regel het zelf wel."),
            (" \n<DIV class=x>a &lt; b</DIV>\r\n", "a < b"),
            (
                "<!DOCTYPE html><html><head><style>p { }</style></head><body>Hoi</body></html>",
                "Hoi",
            ),
            ("<p>Fijn!</p><blockquote>Wat vond u?</blockquote>", "Fijn!\n> Wat vond u?"),
            ("<p>Beste <naam>", "Beste"),
            ("<br>", ""),
            ("Dank!<br><br>Het werkt weer.", "Dank!\n\nHet werkt weer."),
            ("Dank!<br />&gt; Wat vond u?", "Dank!\n> Wat vond u?"),
            ("Ik wacht <b>al weken</b>\nGroet", "Ik wacht al weken\nGroet"),
            (
                "Een\nTwee\nVerzonden vanaf mijn iPhone<br>",
                "Een\nTwee\nVerzonden vanaf mijn iPhone",
            ),
            (
                "Zie https://x.nl?a=1&amp;b=2 <EUR 20 en nu 80.",
                "Zie https://x.nl?a=1&b=2 <EUR 20 en nu 80.",
            ),
            ("Jammer </3 Tom &amp; Jerry.", "Jammer </3 Tom & Jerry."),
            ("<strong>Let op!</strong> Ik wacht.\nGroet", "Let op! Ik wacht.\nGroet"),
            ("Hallo <span\nclass=\"x\">daar</span>,\nGroet", "Hallo daar,\nGroet"),
            ("<img src=x><p>Hoi</p>", "Hoi"),
            ("<!-- x --><p>Hoi</p>", "Hoi"),
            ("Caf&eacute; dicht,&nbsp;<3 &amp; a < b\nGroet", "Café dicht,\u{a0}<3 & a < b\nGroet"),
        ] {
            assert_eq!(text_of_html(field).as_deref(), Some(expected), "{field}");
        }
        for plain in [
            "<naam> heeft gebeld",
            "<naam>",
            "<address> klopt niet, <naam>",
            "a < b",
            "a <b>",
            "<3",
            "<3 <p>",
            "<",
            "<>",
            "",
            "<script>",
            "<script>alert(1)</script>",
            "<p>Laat maar",
            "<pakket> is er niet, <naam>",
            "<a@voorbeeld.nl> schreef <p>",
            "> <p>Laat maar</p>",
            "Nee.\n> <p>Laat maar</p>",
            "<br",
            "</",
            "</3",
            "</naam>",
            "R&D; Jansen & Zn; x&; a&b",
        ] {
            assert_eq!(text_of_html(plain), None, "{plain}");
        }
    }

    #[test]
    fn text_after_a_comment_is_read_whatever_the_comment() {
        for comment in [
            "<!---->",
            "<!-->",
            "<!--->",
            "<!-- x -->",
            "<!-- x --->",
            "<!-- <p>x</p> -- > -->",
            "<!--[if mso]><table><tr><td><![endif]-->",
            "<!DOCTYPE html>",
            "<?xml version=\"1.0\"?>",
        ] {
            let html = format!("<p>Ik wacht</p>{comment}<p>nog <b>steeds</b></p>");
            assert_eq!(html_text(&html), "Ik wacht nog steeds", "{comment}");
        }
        let outlook = "<p>Ik wacht</p><!--[if !mso]><!--><p>nog</p><!--<![endif]--><p>steeds</p>";
        assert_eq!(html_text(outlook), "Ik wacht nog steeds");
        assert_eq!(html_text("<p>Ik wacht</p><!-- <p>nog steeds</p>"), "Ik wacht");
    }

    #[test]
    fn a_sign_that_begins_no_tag_is_text() {
        assert_eq!(
            html_text("<p>Nu < 5 weken <3 < !-- ja</p> dus"),
            "Nu < 5 weken <3 < !-- ja dus"
        );
        assert_eq!(html_text("<p>Ik wacht</p><//!-- x><p>nog</p> <"), "Ik wacht nog <");
    }

    #[test]
    fn a_tag_ends_behind_its_attributes() {
        assert_eq!(
            html_text(
                "<p>Zie <a href=\"x>klik</a> Ik wacht en niemand <b class=\"y\">belt</b></p>"
            ),
            "Zie klik Ik wacht en niemand belt"
        );
        for tag in ["a title=\"a > b\" href=x", "a title = 'a > b'", "a title=it's", "a \"b\""] {
            assert_eq!(
                html_text(&format!("<p><{tag}>Ik wacht</a> nog</p>")),
                "Ik wacht nog",
                "{tag}"
            );
        }
    }

    #[test]
    fn hidden_elements_are_left_out_whatever_their_attributes() {
        for hidden in [
            "<style>p { color: red }</style>",
            "<STYLE type=\"text/css\"><!-- p > b { color: red } --></Style >",
            "<style\nmedia='print'>p { }</styles></style>",
            "<script src=\"x\">if (a < b) { \"</p>\" }</script>",
            "<template id=x><p>niet dit</p></template>",
        ] {
            let html = format!("<p>Ik wacht</p>{hidden}<p>nog steeds</p>");
            assert_eq!(html_text(&html), "Ik wacht nog steeds", "{hidden}");
        }
        assert_eq!(html_text("<p>Ik wacht</p><style-x>nog</style-x>"), "Ik wacht nog");
    }
}
