//! The text of a mail in HTML.

use mail_parser::decoders::html::html_to_text;

/// The text, a line for each block.
pub(crate) fn text(html: &str) -> String {
    html_to_text(&with_breaks(&visible(html)))
}

/// Elements whose content no reader of a mail sees.
const HIDDEN: [&str; 3] = ["style", "script", "template"];

/// HTML without comments and hidden elements, and with every `<` that begins no tag as an entity.
///
/// [`html_to_text`] finds the end of few comments, and hides elements only where they have no attribute.
fn visible(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let hidden = HIDDEN.into_iter().find(|name| is_named(&tag[1..], name));
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

/// Whether a tag, without what opens it, has this name.
fn is_named(tag: &str, name: &str) -> bool {
    let found = tag.split(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '<')).next();
    found.is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// Elements that begin on a line of their own.
const BLOCKS: [&str; 10] =
    ["div", "li", "tr", "blockquote", "table", "h1", "h2", "h3", "h4", "pre"];

/// HTML with `<br>` before each block, and after one that text follows: without them quoted lines run
/// into the writer's own.
fn with_breaks(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (tag, after) = tag.split_at(end);
        let closes = tag.starts_with("</");
        let name = tag.trim_start_matches(['<', '/']);
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let block = BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block));
        out.push_str(before);
        if block && !closes {
            out.push_str("<br>");
        }
        out.push_str(tag);
        if block && closes && !after.trim_start().starts_with('<') {
            out.push_str("<br>");
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a mail in this HTML alone.
    fn html_text(html: &str) -> String {
        text(html).split_whitespace().collect::<Vec<_>>().join(" ")
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

    #[test]
    fn html_takes_time_by_its_length_alone() {
        // Squared, any of these would take minutes.
        for part in
            ["<", "<!--", "<!", "</", "<style>", "<style></styl", "<div", "</div> ", "<!-- -->"]
        {
            text(&part.repeat((4 << 20) / part.len()));
        }
    }
}
