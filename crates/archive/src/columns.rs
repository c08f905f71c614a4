//! Under which names the fields of a message stand in the input.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;

/// The fields that a message may have, and the list of the messages of an interaction.
pub const FIELDS: [&str; 12] = [
    "id",
    "text",
    "interaction",
    "speaker",
    "role",
    "at",
    "seq",
    "channel",
    "customer",
    "sector",
    "language",
    "messages",
];

/// Names that a column of texts often has.
const LIKELY_TEXT: [&str; 11] = [
    "text",
    "body",
    "message",
    "bericht",
    "tekst",
    "content",
    "inhoud",
    "comment",
    "description",
    "omschrijving",
    "review",
];

/// Fields whose names stand in rows too: who speaks, and a country.
const ALSO_VALUES: [&str; 2] = ["customer", "at"];

/// Names of a header that an error shows.
const SHOWN_NAMES: usize = 10;

/// Characters of a name that an error shows. A longer one may be what somebody said.
const SHOWN_CHARS: usize = 40;

/// Names of the fields in the input, and what is passed through.
#[derive(Debug, Clone)]
pub struct Columns {
    names: BTreeMap<&'static str, String>,
    /// Names of the text: a title, and what stands below it.
    texts: Vec<String>,
    named: Vec<(&'static str, String)>,
    /// Columns that go to the output as they are.
    pub keep: Vec<String>,
}

/// The mapping file: `[columns] text = "body"`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mapping {
    #[serde(default)]
    columns: BTreeMap<String, String>,
}

impl Columns {
    /// Every field under its own name.
    pub fn own() -> Self {
        let names = FIELDS.map(|field| (field, field.to_owned())).into();
        Self { names, texts: vec!["text".to_owned()], named: Vec::new(), keep: Vec::new() }
    }

    /// Reads the `FIELD=NAME` pairs and what is to be kept. The text may have several names; a field whose name is empty has
    /// no column.
    ///
    /// # Errors
    /// If a pair names no field, or one that is named already and is not the text, or gives no name to one that needs it.
    pub fn new(renamed: &[(String, String)], keep: &[String]) -> anyhow::Result<Self> {
        let mut columns = Self { keep: keep.to_vec(), ..Self::own() };
        for (field, name) in renamed {
            let Some(known) = FIELDS.iter().find(|known| *known == field) else {
                bail!("--column {field}={name}: `{field}` is no field, expected one of {FIELDS:?}");
            };
            let is_text = *known == "text";
            let before = columns.named.iter().find(|(named, _)| named == known);
            match before {
                Some((_, before)) if !is_text || columns.texts.contains(name) => {
                    bail!("--column {field}={name}: `{field}` is named `{before}` already");
                }
                Some(_) => columns.texts.push(name.clone()),
                None if is_text => columns.texts = vec![name.clone()],
                None => {}
            }
            if before.is_none() {
                columns.names.insert(known, name.clone());
            }
            columns.named.push((known, name.clone()));
        }
        let needed = ["text", "interaction", "messages"];
        let unnamed = columns.named.iter().find(|(_, name)| name.is_empty());
        if let Some((field, _)) = unnamed.filter(|(field, _)| needed.contains(field)) {
            bail!("--column {field}=: this field needs a name");
        }
        Ok(columns)
    }

    /// Reads `FIELD = "NAME"` pairs from the `[columns]` table of a TOML file.
    ///
    /// # Errors
    /// If the file cannot be read or does not parse.
    pub fn mapping(path: &Path) -> anyhow::Result<Vec<(String, String)>> {
        let shown = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
        // What the parser says quotes the line, and it may be any file that was named by mistake.
        let mapping = toml::from_str::<Mapping>(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            anyhow!("line {line} of `{shown}` is none of a table [columns] of FIELD = \"NAME\"")
        })?;
        Ok(mapping.columns.into_iter().collect())
    }

    /// The name of a field in the input.
    pub fn name(&self, field: &str) -> &str {
        &self.names[field]
    }

    /// The names of the text in the input, at least one.
    pub fn names_of_text(&self) -> &[String] {
        &self.texts
    }

    /// The fields that were given a name, with it.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let named = self.named.iter().filter(|(_, name)| !name.is_empty());
        named.map(|(field, name)| (*field, name.as_str()))
    }

    /// Whether a column of this name is read at all.
    pub fn wants(&self, name: &str) -> bool {
        let mut names = self.names.values().chain(&self.texts).chain(&self.keep);
        !name.is_empty() && names.any(|wanted| wanted == name)
    }

    /// Checks the header of a table.
    ///
    /// # Errors
    /// If a column that is needed or was named is missing, with the likely ones; or stands twice.
    pub fn check_header(&self, header: &[String]) -> anyhow::Result<()> {
        let has = |name: &str| header.iter().any(|column| column == name);
        if !has(self.name("text")) && !has(self.name("messages")) {
            bail!("{}: {}", described(header), self.missing_text(header));
        }
        let named = self.named().map(|(_, name)| name);
        for name in named.chain(self.keep.iter().map(String::as_str)) {
            if !has(name) {
                bail!("column `{name}` is missing{}", similar(name, header));
            }
        }
        for name in header.iter().filter(|name| self.wants(name)) {
            if header.iter().filter(|other| *other == name).count() > 1 {
                bail!("column `{name}` stands twice in the header");
            }
        }
        Ok(())
    }

    /// Checks the header of a table whose fields are texts: none of them can hold an interaction.
    ///
    /// # Errors
    /// As [`Self::check_header`], and if there is no text.
    pub(crate) fn check_header_of_texts(&self, header: &[String]) -> anyhow::Result<()> {
        let has = |name: &str| header.iter().any(|column| column == name);
        let messages = self.name("messages");
        let hint = if has(messages) {
            format!("`{messages}` holds interactions in JSON, Parquet and Arrow only")
        } else {
            "if it is cut by another delimiter, --delimiter states it".to_owned()
        };
        let is_uncut = header.len() == 1 && likely_text(header).is_none();
        if !has(self.name("text")) && (has(messages) || is_uncut) {
            bail!("{}: {}; {hint}", described(header), self.missing_text(header));
        }
        self.check_header(header)
    }

    /// Says that the text is missing, and which column looks like it.
    ///
    /// Only names that are known beforehand are shown: the first line of a CSV file without a header
    /// holds somebody's message.
    pub fn missing_text<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> String {
        let name = self.name("text");
        match likely_text(names) {
            // One with spaces has to be quoted for a shell.
            Some(key) if key.trim() != key => {
                format!("`{name}` is missing; is it called `{key}`? (--column \"text={key}\")")
            }
            Some(key) => {
                format!("`{name}` is missing; is it called `{key}`? (--column text={key})")
            }
            None => format!("`{name}` is missing; name it with --column text=NAME"),
        }
    }
}

/// The name among these that a column of texts often has.
pub fn likely_text<'a>(names: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let is_likely = |name: &&String| LIKELY_TEXT.contains(&&*name.trim().to_lowercase());
    names.into_iter().find(is_likely)
}

/// Whether this may be the name of a column, and not what stands in a row.
fn may_be_name(name: &str) -> bool {
    !name.contains(['\r', '\n']) && name.chars().count() <= SHOWN_CHARS
}

/// How many columns a header has, and which, if one of them bears the name of a field. One without may be the first
/// line of a file without a header, which holds what somebody said or is called.
fn described(header: &[String]) -> String {
    let is_field = |name: &String| {
        let name = name.trim().to_lowercase();
        FIELDS.contains(&&*name) && !ALSO_VALUES.contains(&&*name)
    };
    let columns =
        if header.len() == 1 { "1 column".to_owned() } else { format!("{} columns", header.len()) };
    if !header.iter().any(is_field) || !header.iter().all(|name| may_be_name(name)) {
        return columns;
    }
    let shown = header.iter().take(SHOWN_NAMES);
    let names: Vec<String> = shown.map(|name| format!("`{name}`")).collect();
    let more = if header.len() > SHOWN_NAMES { " …" } else { "" };
    format!("{columns} ({}{more})", names.join(", "))
}

/// Names of the header that are nearly the one that was asked for. Others are not shown: see
/// [`Columns::missing_text`].
fn similar(name: &str, header: &[String]) -> String {
    let near = |other: &&String| {
        may_be_name(other)
            && strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase()) > 0.85
    };
    let found: Vec<String> = header.iter().filter(near).map(|n| format!("`{n}`")).take(3).collect();
    if found.is_empty() { String::new() } else { format!("; did you mean {}?", found.join(" or ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_missing_column_is_named_with_those_that_look_like_it() {
        let columns = Columns::new(&[("id".into(), "casenr".into())], &[]).expect("valid");
        let error = columns.check_header(&header(&["case_nr", "text", "geheim"]));
        let error = error.expect_err("missing").to_string();
        assert_eq!(error, "column `casenr` is missing; did you mean `case_nr`?");
        assert!(columns.check_header(&header(&["casenr", "text", "text"])).is_err());
        let error = |names: &[&str]| {
            Columns::own().check_header(&header(names)).expect_err("missing").to_string()
        };
        let named = error(&["Id", "onderwerp", "datum"]);
        assert!(named.starts_with("3 columns (`Id`, `onderwerp`, `datum`): `text`"), "{named}");
        let many: Vec<&str> = ["id"; 11].to_vec();
        assert!(error(&many).starts_with("11 columns (`id`") && error(&many).contains("`id` …): "));
        // The first message of a file without a header.
        for cell in ["jansen", "customer", "AT"] {
            let error = error(&["12", cell, "canary"]);
            assert!(error.starts_with("3 columns: `text` is missing"), "{error}");
        }
        // The rows of a file whose lines end in what was not known for it.
        for cell in ["canary\r2", "text\n1", &"x".repeat(41)] {
            let columns = Columns::new(&[("at".into(), "tekst".into())], &[]).expect("valid");
            let error = columns.check_header(&header(&["id", cell, "canary", "text"]));
            assert_eq!(error.expect_err("missing").to_string(), "column `tekst` is missing");
            let error = self::tests::header(&["id", cell, "canary"]);
            let error = Columns::own().check_header(&error).expect_err("missing").to_string();
            assert!(error.starts_with("3 columns: `text` is missing"), "{error}");
        }
        assert!(error(&["id", " Text"]).contains("(--column \"text= Text\")"));
        assert!(columns.check_header(&header(&["casenr", "text"])).is_ok());
    }

    #[test]
    fn a_mapping_that_does_not_parse_is_told_by_its_line_and_not_quoted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mapping.toml");
        for (text, line) in [
            ("{\"text\": \"canary\"}\n", 1),
            ("[columns]\ntext = \"body\"\ncanary here\n", 3),
            ("[columns]\n[canary]\n", 2),
        ] {
            std::fs::write(&path, text).expect("written");
            let error = format!("{:#}", Columns::mapping(&path).expect_err("refused"));
            assert!(error.starts_with(&format!("line {line} of `")), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn a_text_may_have_several_columns_and_another_field_one_or_none() {
        let columns = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> =
                pairs.iter().map(|(field, name)| ((*field).into(), (*name).into())).collect();
            Columns::new(&pairs, &[])
        };
        let title_and_body = columns(&[("text", "title"), ("id", ""), ("text", "body")]);
        let title_and_body = title_and_body.expect("valid");
        assert_eq!(title_and_body.names_of_text(), ["title", "body"]);
        assert!(title_and_body.wants("body") && !title_and_body.wants("id"));
        assert!(title_and_body.check_header(&header(&["id", "title", "body"])).is_ok());
        assert!(title_and_body.check_header(&header(&["id", "title"])).is_err());
        for (pairs, says) in [
            (&[("id", "a"), ("id", "b")][..], "`id` is named `a` already"),
            (&[("text", "a"), ("text", "a")], "`text` is named `a` already"),
            (&[("text", "")], "needs a name"),
            (&[("interaction", "")], "needs a name"),
            (&[("tekst", "a")], "is no field"),
        ] {
            let error = columns(pairs).expect_err("refused").to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
