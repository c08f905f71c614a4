//! Lines of output are what `docs/schema` says they are.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use crate::folder::{Folder, ROOT};

fn schema(name: &str) -> Value {
    let path = format!("{ROOT}/docs/schema/{name}.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON")
}

/// Says what a line has that the schema does not allow, if anything.
struct Validator {
    schemas: Schemas,
    schema: SchemaIndex,
}

impl Validator {
    fn new(schema: &Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        compiler.add_resource("memory:schema", schema.clone()).expect("added");
        let schema = compiler.compile("memory:schema", &mut schemas).expect("the schema is one");
        Self { schemas, schema }
    }

    fn check(&self, line: &Value) -> Result<(), String> {
        self.schemas.validate(line, self.schema).map_err(|error| format!("{error:#}"))
    }
}

/// Lines of a run over messages of every kind, each field of which the schema has to name.
fn lines(folder: &Folder, args: &str) -> Vec<Value> {
    let model = format!("{ROOT}/models/beleving-small");
    let done = folder.done(args.split_whitespace().chain(["--model", &model]));
    assert_eq!(done.status, 3, "{}", done.errors);
    done.lines()
}

/// Threads that go bad, are answered late, by another role or not at all, end well; and rows that fail.
fn archive() -> Folder {
    let folder = Folder::new();
    let says = [
        ("customer", "", "Wanneer komt de monteur? Ik vraag het voor de derde keer."),
        ("staff", "planner", "Binnen twee dagen is hij bij u."),
        ("customer", "", "Er is niemand geweest en ik heb niets gehoord. Laat maar."),
        ("staff", "klantenservice", "Dat is niet goed gegaan, het is nu opgelost."),
        ("customer", "", "Hartelijk dank, netjes opgelost!"),
    ];
    let mut rows: Vec<Value> = (0..40)
        .flat_map(|n| {
            let many = 1 + n % says.len();
            (0..many).map(move |m| {
                let (speaker, role, text) = says[(m + n / 8) % says.len()];
                let day = 1 + m * (n % 7);
                json!({"id": format!("{n}-{m}"), "interaction": format!("i{n}"), "speaker": speaker,
                       "role": (!role.is_empty()).then_some(role), "text": text, "seq": m,
                       "customer": "c", "channel": "email",
                       "at": (n % 3 > 0).then(|| format!("2026-03-{day:02}T09:00:00Z"))})
            })
        })
        .collect();
    rows.extend([
        json!({"text": "Ik wacht nog steeds op antwoord."}),
        json!({"id": "none", "text": ""}),
        json!({"id": "auto", "text": "Ik ben afwezig tot 3 maart. Dit is een automatisch antwoord."}),
        json!({"id": "language", "text": "Господин, где моя посылка? Я жду уже три недели."}),
        json!({"id": "bot", "speaker": "bot", "text": "Hoe kan ik helpen?"}),
        json!({"id": "failed", "interaction": "f", "customer": "c", "text": 3}),
        json!({"id": "time", "text": "a", "at": "gisteren"}),
    ]);
    let rows: String = rows.iter().map(|row| format!("{row}\n")).collect();
    folder.file("in.jsonl", rows + "{\n");
    folder
}

fn hold(name: &str, lines: &[Value]) {
    let schema = schema(name);
    let validator = Validator::new(&schema);
    for line in lines {
        assert_eq!(validator.check(line), Ok(()), "{line}");
        let kind = if line.get("error").is_some() { "error" } else { "line" };
        let known = schema["$defs"][kind]["properties"].as_object().expect("properties");
        for field in line.as_object().expect("an object").keys() {
            assert!(known.contains_key(field), "`{field}` is not in the schema of {name}");
        }
        // What the schema says of a version is what the command writes.
        assert_eq!(line["schema"], known["schema"]["const"]);
    }
    assert!(lines.iter().any(|line| line.get("error").is_some()));
    let version = &schema["$defs"]["line"]["properties"]["schema"]["const"];
    assert_eq!(schema["$id"], format!("urn:beleving:schema:{name}:{version}"));
}

#[test]
fn lines_of_score_are_what_their_schema_says() {
    let folder = archive();
    let lines = lines(&folder, "score in.jsonl -q --all --with-text");
    hold("score", &lines);
    for why in ["no_text", "auto_reply", "unsupported_language"] {
        assert!(lines.iter().any(|line| line["why"] == why), "{why}");
    }
}

#[test]
fn lines_of_judge_are_what_their_schema_says() {
    let folder = archive();
    folder.file(
        "strict.toml",
        "name = 'strict'\nversion = '1'\nflag_at = 0.01\nflag_interaction_at = 0.01",
    );
    let mut all =
        lines(&folder, "judge in.jsonl -q --states states.jsonl --explain --policy strict.toml");
    for field in ["turned", "worst", "touchpoint"] {
        assert!(all.iter().any(|line| line[field].is_object()), "{field}");
    }
    assert!(all.iter().any(|line| line["reasons"].as_array().is_some_and(|r| r.len() > 1)));
    all.extend(lines(&folder, "judge in.jsonl -q --with-text"));
    hold("verdict", &all);
}

#[test]
fn a_line_that_is_none_is_refused() {
    for (name, faulty) in [
        (
            "score",
            json!({"schema": 2, "id": "a", "row": 1, "error": {"kind": "k", "message": "m"}}),
        ),
        ("score", json!({"schema": 1, "id": "a"})),
        ("verdict", json!({"schema": 1, "interaction": "i", "risk": 2})),
    ] {
        assert!(Validator::new(&schema(name)).check(&faulty).is_err(), "{faulty}");
    }
}
