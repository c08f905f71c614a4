//! One row of input: its fields, checked, or what is wrong with it.
//!
//! No error here quotes a value: a column that is mixed up with another may hold message text.

mod record;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::bail;
use beleving::{Message, Speaker};
use beleving_archive::{Columns, Origin, ReadOptions, Record, Times};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use self::record::RecordReader;
use crate::output::{SCHEMA, object};
use crate::privacy::Privacy;

/// What turns records into rows.
pub(crate) struct RowReader {
    pub(crate) columns: Columns,
    /// The columns of mails and calls: our own names, and what is to be kept.
    own: Columns,
    speakers: Speakers,
    times: Times,
    privacy: Privacy,
    /// Columns and keys that options name.
    named: Vec<Named>,
    /// Whether anything could be read.
    any_read: AtomicBool,
}

/// What an option says of the input.
struct Named {
    name: String,
    /// The option as it was given.
    option: String,
    /// Whether any row has what it names.
    met: AtomicBool,
}

impl Named {
    fn new(name: &str, option: String) -> Self {
        Self { name: name.to_owned(), option, met: AtomicBool::new(false) }
    }

    fn meet(&self) {
        self.met.store(true, Ordering::Relaxed);
    }

    fn is_unmet(&self) -> bool {
        !self.met.load(Ordering::Relaxed)
    }
}

/// The label that stands for every one that is not stated and not known.
const ANY_OTHER: &str = "*";

/// Who is meant by labels of the input that say more, or something else, than they say everywhere.
pub(crate) struct Speakers(BTreeMap<String, (Speaker, Option<String>, Named)>);

impl Speakers {
    /// Reads `LABEL=customer` or `LABEL=staff:ROLE`.
    pub(crate) fn new(labels: &[(String, String)]) -> anyhow::Result<Self> {
        let mut speakers = BTreeMap::new();
        for (label, meaning) in labels {
            let (kind, role) = match meaning.split_once(':') {
                Some((kind, role)) => (kind, Some(role.to_owned())),
                None => (meaning.as_str(), None),
            };
            let Some(speaker) = Speaker::of_label(kind) else {
                bail!(
                    "--speaker {label}={meaning}: expected customer, staff, bot or system, and a role \
                     after a colon"
                );
            };
            let named = Named::new(label, format!("--speaker {label}={meaning}"));
            speakers.insert(label.to_lowercase(), (speaker, role, named));
        }
        Ok(Self(speakers))
    }
}

/// A message of the input, with what goes to the output beside its scores.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Place among all rows of the input, from 0.
    pub(crate) place: u64,
    /// The file as errors name it; `None` for standard input.
    pub(crate) file: Option<Arc<str>>,
    /// Line, record or mail of its file, from 1.
    pub(crate) number: u64,
    pub(crate) id: Option<String>,
    /// Whether the id is its place within its line, which another line of the interaction has too.
    #[serde(default)]
    pub(crate) is_numbered: bool,
    pub(crate) interaction: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) channel: Option<String>,
    /// Fields passed through.
    pub(crate) kept: Map<String, Value>,
    /// Whether the input says who speaks. A row that stands alone is the customer's.
    pub(crate) names_speaker: bool,
    /// What could be read of it. Of a row that failed this still says who wrote and when, as far as it is
    /// known, and has no text.
    pub(crate) message: Message,
    /// Why the row cannot be scored.
    pub(crate) error: Option<RowError>,
}

/// Why a row cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RowError {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) message: String,
}

impl RowError {
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self { kind: "input".into(), message: message.into() }
    }
}

impl From<&beleving::Error> for RowError {
    fn from(error: &beleving::Error) -> Self {
        Self { kind: error.kind().name().into(), message: error.to_string() }
    }
}

impl Row {
    /// The line that stands for a row that failed.
    pub(crate) fn error_line(&self, error: &RowError) -> Map<String, Value> {
        let mut line = object(json!({
            "schema": SCHEMA, "id": self.id, "interaction": self.interaction,
            "customer": self.customer, "file": self.file, "row": self.number,
            "error": {"kind": error.kind, "message": error.message},
        }));
        line.retain(|key, value| key == "id" || !value.is_null());
        line.extend(self.kept.clone());
        line
    }

    /// The row cannot be scored, for this reason.
    pub(crate) fn fail(&mut self, error: RowError) {
        self.message.text = String::new(); // a cleared one would keep its memory
        self.error = Some(error);
    }

    /// What it is called as an interaction of its own.
    pub(crate) fn own_name(&self) -> String {
        self.id.clone().unwrap_or_else(|| name_of_place(self.file.as_deref(), self.number))
    }

    /// Bytes of text that it holds.
    pub(crate) fn text_bytes(&self) -> usize {
        self.message.text.len()
    }
}

impl RowReader {
    /// For records that are read with `options`. Names come out as they are.
    pub(crate) fn new(options: &ReadOptions, speakers: Speakers) -> Self {
        let (columns, times) = (options.columns.clone(), options.times.clone());
        let mut own = Columns::own();
        own.keep.clone_from(&columns.keep);
        // Without its only text every row fails, and says so.
        let has_one_text = columns.names_of_text().len() == 1;
        let renamed = columns.named().filter(|(field, _)| *field != "text" || !has_one_text);
        let renamed =
            renamed.map(|(field, name)| Named::new(name, format!("--column {field}={name}")));
        let kept = columns.keep.iter().map(|name| Named::new(name, format!("--keep {name}")));
        let named = renamed.chain(kept).collect();
        let (privacy, any_read) = (Privacy::clear(), AtomicBool::new(false));
        Self { columns, own, speakers, times, privacy, named, any_read }
    }

    /// The same, with names that come out as `privacy` says.
    pub(crate) fn with_privacy(self, privacy: Privacy) -> Self {
        Self { privacy, ..self }
    }

    /// What tells the key of the pseudonyms from another; `None` where names come out as they are.
    pub(crate) fn key_fingerprint(&self) -> Option<String> {
        self.privacy.fingerprint()
    }

    /// Warns of options that name what none of the rows has that were read.
    pub(crate) fn warn_of_unmet(&self) {
        if !self.any_read.load(Ordering::Relaxed) {
            return;
        }
        for Named { name, option, .. } in self.named.iter().filter(|named| named.is_unmet()) {
            tracing::warn!(
                "no row has `{name}` ({option}); keys within objects are not looked into"
            );
        }
        let stated = self.speakers.0.iter().filter(|(label, _)| *label != ANY_OTHER);
        let labels = stated.map(|(_, (_, _, named))| named);
        for Named { name, option, .. } in labels.filter(|named| named.is_unmet()) {
            tracing::warn!("no row has the speaker `{name}` ({option})");
        }
    }

    /// Reads the rows that one record stands for: one message, or every message of an interaction.
    pub(crate) fn rows(&self, record: Record) -> Vec<Row> {
        let file = record.file.as_deref().map(|file| self.privacy.file(file));
        let columns = if record.origin == Origin::Table { &self.columns } else { &self.own };
        let (speakers, times) = (&self.speakers, &self.times);
        let (named, origin, number) = (&*self.named, record.origin, record.row);
        let one = RecordReader { columns, speakers, times, named, origin, file, number };
        let mut rows = match record.fields {
            Ok(fields) => {
                self.any_read.store(true, Ordering::Relaxed);
                one.rows(fields)
            }
            Err(mut fault) => {
                if one.file.as_deref() != record.file.as_deref() {
                    fault.0.push_str("; --clear-ids shows the name of the file");
                }
                vec![one.unreadable(RowError::input(fault.0))]
            }
        };
        rows.iter_mut().for_each(|row| self.privacy.apply(row, columns, record.origin));
        rows
    }

    /// The name of a file as rows have it.
    pub(crate) fn file(&self, name: &str) -> Arc<str> {
        self.privacy.file(name)
    }
}

/// What an interaction without a name is called: where it stands, since other files have a row of that number too.
fn name_of_place(file: Option<&str>, number: u64) -> String {
    format!("{}:{number}", file.unwrap_or("-"))
}

/// What is wrong with a row of an interaction of several messages that does not say who speaks.
pub(crate) fn missing_speaker() -> RowError {
    RowError::input(
        "`speaker` is missing; an interaction of several messages has to say who speaks (of mails, \
         --staff example.nl says which are yours)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Vec<Row> {
        let Value::Object(object) = value else { panic!("an object") };
        let columns = Columns::new(&[], &["team".to_owned()]).expect("valid");
        let speakers = Speakers::new(&[
            ("SPEAKER_00".into(), "staff:planner".into()),
            ("false".into(), "staff".into()),
        ]);
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let row_reader = RowReader::new(&options, speakers.expect("valid"));
        row_reader.rows(Record { file: None, row: 7, origin: Origin::Table, fields: Ok(object) })
    }

    fn error_of(value: Value) -> String {
        read(value).remove(0).error.expect("faulty").message
    }

    #[test]
    fn a_bad_mail_says_how_to_learn_which_file_it_is_where_that_is_hidden() {
        let fault = |file: &str, privacy: Privacy| {
            let options = ReadOptions::default();
            let row_reader = RowReader::new(&options, Speakers::new(&[]).expect("valid"));
            let fields = Err(beleving_archive::Fault::new("this is no mail"));
            let record = Record { file: Some(file.into()), row: 1, origin: Origin::Mail, fields };
            let row = row_reader.with_privacy(privacy).rows(record).remove(0);
            (row.file.expect("named").to_string(), row.error.expect("faulty").message)
        };
        let hidden = || Privacy::for_this_run().expect("a key");
        let (file, error) = fault("klacht van Jan.eml", hidden());
        assert!(!file.contains("Jan") && error.ends_with("--clear-ids shows the name of the file"));
        for (file, privacy) in [("a.mbox", hidden()), ("klacht.eml", Privacy::clear())] {
            assert_eq!(fault(file, privacy), (file.to_owned(), "this is no mail".to_owned()));
        }
    }

    #[test]
    fn a_customer_whose_column_is_that_of_another_field_too_has_one_pseudonym_in_all() {
        let columns = ["customer", "interaction", "id", "channel", "role"];
        let columns = columns.map(|field| (field.to_owned(), "phone".to_owned()));
        let columns = Columns::new(&columns, &[]).expect("valid");
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let row_reader = RowReader::new(&options, Speakers::new(&[]).expect("valid"));
        let row_reader = row_reader.with_privacy(Privacy::for_this_run().expect("a key"));
        let Value::Object(fields) = json!({"phone": "+31612345678", "text": "a"}) else {
            panic!("an object")
        };
        let fields = Ok(fields);
        let record = Record { file: None, row: 1, origin: Origin::Table, fields };
        let row = row_reader.rows(record).remove(0);
        let customer = row.customer.clone().expect("named");
        assert!(customer.starts_with("c-"));
        for name in [row.interaction, row.id, row.channel, row.message.role] {
            assert_eq!(name.as_ref(), Some(&customer));
        }
        // Nor is an interaction without a name called by an id that is the customer.
        let columns = ["customer", "id"].map(|field| (field.to_owned(), "phone".to_owned()));
        let columns = Columns::new(&columns, &[]).expect("valid");
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let row_reader = RowReader::new(&options, Speakers::new(&[]).expect("valid"));
        let row_reader = row_reader.with_privacy(Privacy::for_this_run().expect("a key"));
        let fields = json!({"phone": "+31612345678", "messages": [{"text": "a"}]});
        let Value::Object(fields) = fields else { panic!("an object") };
        let fields = Ok(fields);
        let record = Record { file: None, row: 7, origin: Origin::Table, fields };
        let row = row_reader.rows(record).remove(0);
        assert_eq!(row.interaction.as_deref(), Some("-:7"));
        assert!(row.customer.is_some_and(|name| name.starts_with("c-")));
    }

    #[test]
    fn a_name_of_blanks_is_none() {
        let row = read(json!({"id": " ", "interaction": "\t", "customer": "\u{a0}", "role": " ",
                              "speaker": " ", "at": " ", "seq": " ", "text": "a"}));
        let row = row.into_iter().next().expect("one");
        assert_eq!((row.id, row.interaction, row.customer), (None, None, None));
        assert_eq!((row.message.role, row.names_speaker, row.error), (None, false, None));
    }

    #[test]
    fn a_row_that_stands_alone_is_the_customers() {
        let row = read(json!({"id": 12, "text": "hallo", "team": "A"})).remove(0);
        assert_eq!(
            (row.number, row.id.as_deref(), row.kept["team"].as_str()),
            (7, Some("12"), Some("A"))
        );
        assert_eq!((row.message.speaker, row.error), (Speaker::Customer, None));
    }

    #[test]
    fn a_name_is_the_same_as_a_whole_number_and_as_a_fraction() {
        for (id, name) in [
            (json!(12), "12"),
            (json!(12.0), "12"),
            (json!(-12.0), "-12"),
            (json!(12.5), "12.5"),
            (json!(u64::MAX), "18446744073709551615"),
            // A text stays as it is.
            (json!("12.0"), "12.0"),
        ] {
            let row = read(json!({"id": id, "customer": id, "text": "a"})).remove(0);
            assert_eq!((row.id.as_deref(), row.customer.as_deref()), (Some(name), Some(name)));
        }
        // Two names would be one.
        for line in [r#"{"id": 12345678901234567890123}"#, r#"{"id": 9007199254740992.0}"#] {
            let mut fields: Value = serde_json::from_str(line).expect("JSON");
            fields["text"] = json!("a");
            assert_eq!(
                error_of(fields),
                "`id` is a number too large to be exact, expected a string"
            );
        }
    }

    #[test]
    fn a_nested_interaction_numbers_its_messages_and_names_its_speakers() {
        let rows = read(json!({"interaction": "i", "customer": "c", "messages": [
            {"speaker": "customer", "text": "a"}, {"text": "b"}, 3,
        ]}));
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[0].id.as_deref(), rows[0].customer.as_deref()), (Some("0"), Some("c")));
        assert_eq!(rows[0].error, None);
        assert_eq!(rows[1].error, Some(missing_speaker()));
        assert!(missing_speaker().message.contains("--staff example.nl"));
        assert!(rows[2].error.is_some());
    }

    #[test]
    fn a_row_that_failed_still_says_who_wrote_and_when() {
        let whole = json!({"text": "canary", "id": "a", "speaker": "SPEAKER_00", "role": "monteur",
                           "at": "2026-03-02T09:00:00Z", "seq": 3});
        let expected = read(whole.clone()).remove(0).message;
        for (field, value) in [
            ("text", Value::Null),
            ("customer", json!([])),
            ("speaker", json!("canary")),
            ("role", json!({})),
            ("at", json!("canary")),
            ("seq", json!("canary")),
        ] {
            let mut faulty = whole.clone();
            faulty[field] = value;
            let mut expected = Message { text: String::new(), ..expected.clone() };
            match field {
                "speaker" => expected.speaker = Speaker::Customer,
                // The label means one too.
                "role" => expected.role = Some("planner".to_owned()),
                "at" => expected.at = None,
                "seq" => expected.seq = None,
                _ => {}
            }
            let row = read(faulty).remove(0);
            assert!(row.error.is_some() && row.message == expected, "{field}: {:?}", row.message);
        }
        // Nor does it get lost where the interaction has to say who speaks.
        let at = "2026-03-02T09:00:00Z";
        let rows = read(json!({"messages": [{"text": "a", "at": at}, {"text": "b", "at": at}]}));
        for row in rows {
            assert_eq!((row.error, row.message.at), (Some(missing_speaker()), at.parse().ok()));
        }
    }

    #[test]
    fn a_nested_interaction_without_a_name_has_that_of_its_id_or_place() {
        let message = json!({"speaker": "customer", "text": "a"});
        let names = |id: Value| {
            let rows = read(json!({"id": id, "messages": [message, message, 3]}));
            rows.into_iter().map(|row| (row.interaction, row.id)).collect::<Vec<_>>()
        };
        for (id, name) in [(json!("z-1"), "z-1"), (json!(12), "12"), (Value::Null, "-:7")] {
            let name = || Some(name.to_owned());
            let expected = ["0", "1", "2"].map(|number| (name(), Some(number.to_owned())));
            assert_eq!(names(id), expected);
        }
        let rows = read(json!({"id": "z-1", "interaction": "", "messages": [message]}));
        assert_eq!(rows[0].interaction.as_deref(), Some("z-1"));
        let rows = read(json!({"id": "z-1", "interaction": "i", "messages": [message]}));
        assert_eq!(rows[0].interaction.as_deref(), Some("i"));
    }

    #[test]
    fn no_two_messages_of_a_nested_interaction_get_one_id() {
        let (named, unnamed) = (
            json!({"id": "1", "speaker": "customer", "text": "a"}),
            json!({"speaker": "customer", "text": "b"}),
        );
        let fields = json!({"id": "z-1", "messages": [named, unnamed, unnamed]});
        for keep in [&[][..], &["id".to_owned()]] {
            let Value::Object(fields) = fields.clone() else { panic!("an object") };
            let columns = Columns::new(&[], keep).expect("valid");
            let options = ReadOptions { columns, ..ReadOptions::default() };
            let row_reader = RowReader::new(&options, Speakers::new(&[]).expect("valid"));
            let fields = Ok(fields);
            let rows =
                row_reader.rows(Record { file: None, row: 7, origin: Origin::Table, fields });
            let ids: Vec<_> = rows.iter().map(|row| row.id.as_deref()).collect();
            assert_eq!(ids, [Some("1"), None, Some("2")]);
        }
    }

    #[test]
    fn a_column_of_a_table_may_be_called_messages() {
        for value in [json!(3), json!("3"), Value::Null] {
            let row = read(json!({"text": "hallo", "messages": value})).remove(0);
            assert_eq!((row.error, &*row.message.text), (None, "hallo"));
        }
        assert_eq!(
            error_of(json!({"id": "a", "messages": 3})),
            "`messages` is a number, expected an array"
        );
        assert!(error_of(json!({"messages": null})).contains("`text` is missing"));
    }

    #[test]
    fn all_other_labels_mean_what_was_said_of_them() {
        let speakers = [("Anja de Wit", "staff:planner"), ("*", "customer")];
        let speakers = speakers.map(|(label, kind)| (label.to_owned(), kind.to_owned()));
        let row_reader =
            RowReader::new(&ReadOptions::default(), Speakers::new(&speakers).expect("valid"));
        for (label, speaker) in [
            ("Anja de Wit", Speaker::Staff),
            ("bot", Speaker::Bot),
            ("Piet", Speaker::Customer),
            ("0612345678", Speaker::Customer),
        ] {
            let Value::Object(fields) = json!({"text": "a", "speaker": label}) else {
                panic!("an object")
            };
            let fields = Ok(fields);
            let rows =
                row_reader.rows(Record { file: None, row: 1, origin: Origin::Table, fields });
            assert_eq!((rows[0].message.speaker, &rows[0].error), (speaker, &None), "{label}");
        }
    }

    #[test]
    fn labels_of_speakers_mean_what_was_said_of_them() {
        fn speaker(label: impl Into<Value>) -> Option<(Speaker, Option<String>)> {
            let row = read(json!({"text": "a", "speaker": label.into()})).remove(0);
            row.error.is_none().then_some((row.message.speaker, row.message.role))
        }
        for label in [json!(false), json!("false"), json!("FALSE")] {
            assert_eq!(speaker(label), Some((Speaker::Staff, None)));
        }
        let error = error_of(json!({"text": "a", "speaker": true}));
        assert!(error.starts_with("`speaker` is `true`, none of"), "{error}");
        assert!(error.contains("--speaker true=customer"), "{error}");
        assert_eq!(speaker("speaker_00"), Some((Speaker::Staff, Some("planner".to_owned()))));
        assert_eq!(speaker("Klant"), Some((Speaker::Customer, None)));
        assert_eq!(speaker("SPEAKER_01"), None);
        let error = |label: &str| error_of(json!({"text": "a", "speaker": label}));
        let named = error("SPEAKER_01");
        assert!(named.starts_with("`speaker` is `SPEAKER_01`, none of"), "{named}");
        assert!(named.contains("--speaker SPEAKER_01=customer"), "{named}");
        // It may be somebody's name.
        for (label, shape) in [
            ("Anja de Wit", "`aaaa aa aaa`"),
            ("JANSEN", "`aaaaaa`"),
            ("0612345678", "`9999999999`"),
        ] {
            let shown = error(label);
            let masked = format!("`speaker` (letters as a, digits as 9) is {shape}, none of");
            assert!(shown.starts_with(&masked) && shown.contains("LABEL=customer"), "{shown}");
        }
    }

    #[test]
    fn times_of_rows_and_of_messages_within_are_read_by_the_clock_that_was_said() {
        let times = Times::new(Some("Europe/Amsterdam"), None).expect("a zone");
        let speakers = Speakers::new(&[]).expect("valid");
        let row_reader = RowReader::new(&ReadOptions { times, ..ReadOptions::default() }, speakers);
        let message = json!({"speaker": "klant", "text": "a", "at": "19-10-2026 10:00"});
        for value in [message.clone(), json!({"messages": [message]})] {
            let Value::Object(object) = value.clone() else { panic!("an object") };
            let origin = Origin::Table;
            let rows = row_reader.rows(Record { file: None, row: 1, origin, fields: Ok(object) });
            let at = rows[0].message.at.map(|at| at.to_string());
            assert_eq!((&rows[0].error, at.as_deref()), (&None, Some("2026-10-19T08:00:00Z")));
            let error = read(value).remove(0).error.expect("no offset").message;
            let masked = "`at` (letters as a, digits as 9) is `99-99-9999 99:99`, a time without";
            assert!(error.starts_with(masked), "{error}");
            assert!(error.contains("--time-zone Europe/Amsterdam"), "{error}");
        }
    }

    #[test]
    fn html_of_a_table_is_read_as_the_text_that_it_shows() {
        let fields = json!({"text": "<p>Laat maar.<br>Ik regel het.</p>"});
        for value in [fields.clone(), json!({"messages": [fields.clone()]})] {
            assert_eq!(read(value).remove(0).message.text, "Laat maar.\nIk regel het.");
        }
        // Of a mail it is what stands in it.
        let Value::Object(fields) = fields else { panic!("an object") };
        let row_reader =
            RowReader::new(&ReadOptions::default(), Speakers::new(&[]).expect("valid"));
        for origin in [Origin::Mail, Origin::Call] {
            let fields = Ok(fields.clone());
            let rows = row_reader.rows(Record { file: None, row: 1, origin, fields });
            assert!(rows[0].message.text.starts_with("<p>"));
        }
    }

    #[test]
    fn messages_may_be_called_something_else() {
        let columns = Columns::new(&[("messages".into(), "comments".into())], &[]).expect("valid");
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let row_reader = RowReader::new(&options, Speakers::new(&[]).expect("valid"));
        let rows = |value: Value| {
            let Value::Object(fields) = value else { panic!("an object") };
            row_reader.rows(Record {
                file: None,
                row: 1,
                origin: Origin::Table,
                fields: Ok(fields),
            })
        };
        let comments = json!([{"text": "a", "speaker": "staff"}, {"text": "b", "speaker": true}]);
        let found = rows(json!({"id": 7, "messages": 2, "comments": comments}));
        let names: Vec<_> = found.iter().map(|row| row.interaction.as_deref()).collect();
        assert_eq!(names, [Some("7"); 2]);
        let error = rows(json!({"comments": []})).remove(0).error.expect("empty").message;
        assert!(error.starts_with("`comments` is empty"), "{error}");
    }

    #[test]
    fn a_ticket_names_its_interaction_also_by_what_its_messages_call_something_else() {
        let columns = Columns::new(&[("interaction".into(), "id".into())], &[]).expect("valid");
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let row_reader = RowReader::new(&options, Speakers::new(&[]).expect("valid"));
        let messages = json!([{"id": 1, "text": "a", "speaker": "customer"}, {"id": 2, "text": "b", "speaker": "staff"}]);
        let Value::Object(fields) = json!({"id": "T7", "messages": messages}) else {
            panic!("an object")
        };
        let fields = Ok(fields);
        let rows = row_reader.rows(Record { file: None, row: 1, origin: Origin::Table, fields });
        let names: Vec<_> =
            rows.iter().map(|row| (row.interaction.as_deref(), row.id.as_deref())).collect();
        assert_eq!(names, [(Some("T7"), Some("1")), (Some("T7"), Some("2"))]);
    }

    #[test]
    fn a_text_is_what_stands_in_its_columns_one_below_another() {
        let columns = [("text", "title"), ("text", "body"), ("id", "")];
        let columns = columns.map(|(field, name)| (field.to_owned(), name.to_owned()));
        let columns = Columns::new(&columns, &[]).expect("valid");
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let row_reader = RowReader::new(&options, Speakers::new(&[]).expect("valid"));
        let row = |value: Value| {
            let Value::Object(fields) = value else { panic!("an object") };
            let fields = Ok(fields);
            row_reader.rows(Record { file: None, row: 1, origin: Origin::Table, fields }).remove(0)
        };
        for (value, text) in [
            (
                json!({"title": "Kapot", "body": "<p>Na een dag</p>", "id": 7, "": 8}),
                "Kapot\nNa een dag",
            ),
            (json!({"title": null, "body": "Na een dag"}), "Na een dag"),
            (json!({"title": "Kapot", "body": ""}), "Kapot\n"),
        ] {
            let row = row(value);
            assert_eq!((row.message.text.as_str(), row.id, row.error), (text, None, None));
        }
        let error = |value| row(value).error.expect("faulty").message;
        assert!(error(json!({"id": 7})).contains("`title` is missing"));
        assert_eq!(
            error(json!({"title": "a", "body": 7})),
            "`body` is a number, expected a string"
        );
    }

    #[test]
    fn a_list_within_what_has_no_text_is_named() {
        for key in ["tickets", "results", "value"] {
            let error = error_of(json!({"count": 1, "next": null, key: [{"text": "canary"}]}));
            assert!(error.starts_with(&format!("`text` is missing, and `{key}` is a list of")));
            assert!(error.contains(&format!("jq -c '.{key}[]'")) && !error.contains("canary"));
        }
        for other in [
            json!({"tags": ["canary"], "tickets": []}),
            json!({"canary@voorbeeld.nl": [{"text": "canary"}]}),
        ] {
            let error = error_of(other);
            assert!(error.ends_with("name it with --column text=NAME"), "{error}");
        }
        let error = error_of(json!({"files": [{"name": "canary"}], "body": "canary"}));
        assert!(error.contains("--column text=body"), "{error}");
    }

    #[test]
    fn an_interaction_that_would_repeat_too_much_is_an_error() {
        let many: Vec<Value> = (0..1000).map(|_| json!({"text": ""})).collect();
        let rows = read(json!({"interaction": "x".repeat(100_000), "messages": many}));
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn an_interaction_of_more_messages_than_memory_is_for_is_one_error() {
        let rows = read(json!({"messages": vec![0; 100_000]}));
        assert_eq!(rows.len(), 1);
        let error = rows[0].error.as_ref().expect("faulty");
        assert!(error.message.contains("100000 messages"), "{}", error.message);
        assert_eq!(read(json!({"messages": vec![0; 50_000]})).len(), 50_000);
    }

    #[test]
    fn a_row_that_failed_keeps_no_memory_of_its_text() {
        let text = "canary".repeat(1000);
        let mut row = read(json!({"text": text, "seq": "canary"})).remove(0);
        assert_eq!(row.message.text.capacity(), 0);
        row.message.text = text;
        row.fail(missing_speaker());
        assert_eq!(row.message.text.capacity(), 0);
    }

    #[test]
    fn errors_name_the_field_and_never_its_value() {
        assert_eq!(error_of(json!({"text": 5})), "`text` is a number, expected a string");
        assert!(error_of(json!({"Bericht": "canary"})).contains("--column text=Bericht"));
        assert!(error_of(json!({"Text": "canary"})).contains("--column text=Text"));
        assert!(
            error_of(json!({"interaction": "i", "messages": []})).contains("`messages` is empty")
        );
        for (field, value) in [("speaker", "canary"), ("at", "canary"), ("seq", "canary")] {
            let error = error_of(json!({"text": "canary", field: value}));
            assert!(error.contains(field) && !error.contains("canary"), "{error}");
        }
    }
}
