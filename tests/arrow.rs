//! Record batches in, scores and verdicts out (feature `arrow`).

use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int8Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int8Array,
    Int32Array, Int64Array, LargeStringArray, RecordBatch, RecordBatchIterator, RecordBatchReader,
    StringArray, StringViewArray, TimestampMillisecondArray, TimestampSecondArray, UInt64Array,
};
use beleving::arrow::{
    Columns, Field, Places, SCHEMA_KEY, StateMerger, judge_states, score_batch, score_batches,
    score_schema, state_batch, state_batch_explained, verdict_schema,
};
use beleving::{ErrorKind, Interaction, MarkKind, Message, Scorer};

/// A day in 2026, in seconds since 1970.
const DAY_S: i64 = 1_772_323_200;

const TEXTS: [Option<&str>; 4] = [
    Some("Waar blijft mijn pakket? Dit is de derde keer dat ik het vraag."),
    None,
    Some(""),
    Some("Fijn geholpen, dank u wel!"),
];

fn scorer() -> Scorer {
    Scorer::open("models/tiny").expect("the tiny model")
}

fn batch(columns: &[(&str, ArrayRef)]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.iter().map(|(n, c)| (*n, c.clone(), true)))
        .expect("columns of one length")
}

fn strings(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[test]
fn every_kind_of_string_gives_the_scores_of_the_library_and_nulls_stay_null() {
    let scorer = scorer();
    let mut dictionary = StringDictionaryBuilder::<Int8Type>::new();
    TEXTS.iter().for_each(|text| dictionary.append_option(*text));
    let kinds: [ArrayRef; 4] = [
        strings(&TEXTS),
        Arc::new(LargeStringArray::from(TEXTS.to_vec())),
        Arc::new(StringViewArray::from(TEXTS.to_vec())),
        Arc::new(dictionary.finish()),
    ];
    for texts in kinds {
        let kind = texts.data_type().clone();
        let scores =
            score_batch(&scorer, &batch(&[("text", texts)]), &Columns::new()).expect("scores");
        assert_eq!(scores.schema(), score_schema());
        assert_eq!(scores.schema().metadata()[SCHEMA_KEY], "1");
        let risk = scores["risk"].as_primitive::<Float32Type>();
        let intents = scores["intents"].as_struct();
        for (n, text) in TEXTS.iter().enumerate() {
            let Some(text) = text else {
                assert!(scores.columns().iter().all(|column| column.is_null(n)), "{kind}");
                continue;
            };
            let expected = scorer.score_one(&Message::customer(*text)).expect("a score");
            assert_eq!(
                risk.is_valid(n).then(|| risk.value(n)),
                expected.risk,
                "{kind}, bit for bit"
            );
            assert_eq!(scores["assessable"].as_boolean().value(n), expected.is_assessable());
            let Some(read) = expected.intents else { continue };
            for (column, (intent, p)) in intents.columns().iter().zip(read.iter()) {
                assert_eq!(column.as_primitive::<Float32Type>().value(n), p, "{intent:?}");
            }
        }
        assert_eq!(scores["why"].as_string::<i32>().value(2), "no_text");
    }
}

#[test]
fn a_slice_of_a_batch_and_an_empty_one_are_scored_as_they_stand() {
    let scorer = scorer();
    let whole = batch(&[("text", strings(&TEXTS))]);
    let scores = score_batch(&scorer, &whole, &Columns::new()).expect("scores");
    let part = score_batch(&scorer, &whole.slice(3, 1), &Columns::new()).expect("scores");
    assert_eq!(part, scores.slice(3, 1));
    let none = score_batch(&scorer, &whole.slice(0, 0), &Columns::new()).expect("scores");
    assert_eq!((none.num_rows(), none.schema()), (0, score_schema()));
}

#[test]
fn a_stream_gives_one_batch_for_each_and_an_error_for_one_that_it_cannot_read() {
    let scorer = scorer();
    let whole = batch(&[("text", strings(&TEXTS))]);
    let batches = [whole.slice(0, 3), whole.slice(3, 1)].map(Ok);
    let stream = RecordBatchIterator::new(batches, whole.schema());
    let stream = score_batches(&scorer, stream, Columns::new());
    assert_eq!(stream.schema(), score_schema());
    let sizes: Vec<_> = stream.map(|batch| batch.expect("scores").num_rows()).collect();
    assert_eq!(sizes, [3, 1]);

    let stream = RecordBatchIterator::new([Ok(whole.clone())], whole.schema());
    let body = Columns::new().named(Field::Text, "body");
    let error =
        score_batches(&scorer, stream, body).next().expect("an item").expect_err("no column");
    assert!(error.to_string().contains("no column `body` among `text`"), "{error}");
}

#[test]
fn a_bad_row_is_data_and_a_bad_column_an_error_that_names_it_and_quotes_nothing() {
    let scorer = scorer();
    let rows = batch(&[
        ("text", strings(&[Some("hallo"), Some("canary")])),
        ("speaker", strings(&[Some("Staff"), Some("canary")])),
    ]);
    let scores = score_batch(&scorer, &rows, &Columns::new()).expect("scores");
    assert!(scores["error"].is_null(0) && scores["risk"].is_null(0), "staff carry no risk");
    let error = scores["error"].as_struct();
    assert_eq!(error.column(0).as_string::<i32>().value(1), "input");
    let message = error.column(1).as_string::<i32>().value(1);
    assert!(message.contains("`speaker`") && !message.contains("canary"), "{message}");

    let numbers = batch(&[("text", Arc::new(Int32Array::from(vec![1])) as _)]);
    let error = score_batch(&scorer, &numbers, &Columns::new()).expect_err("numbers");
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(error.to_string(), "column `text` has type Int32, expected strings");
    assert!("tekst".parse::<Field>().expect_err("no field").to_string().contains("`text`"));
}

/// Two interactions, one message on its own, and one interaction that does not say who speaks.
fn conversations() -> RecordBatch {
    batch(&[
        (
            "text",
            strings(&[
                Some("Wanneer komt de monteur?"),
                Some("Mijn factuur klopt niet."),
                Some("U hoort deze week van ons."),
                Some("Fijn geholpen, dank u wel!"),
                Some("Dat zei u vorige week ook. Laat maar."),
                Some("Een vraag."),
                Some("En nog een."),
                None,
            ]),
        ),
        ("interaction", strings(&["a", "b", "a", "", "a", "c", "c", "b"].map(Some))),
        (
            "speaker",
            strings(&[
                Some("customer"),
                None,
                Some("staff"),
                None,
                Some("customer"),
                None,
                None,
                Some("staff"),
            ]),
        ),
        ("id", Arc::new(Int64Array::from_iter_values(10..18)) as _),
        (
            "at",
            Arc::new(TimestampMillisecondArray::from_iter_values(
                (0..8).map(|n| DAY_S * 1000 + n * 3_600_000),
            )) as _,
        ),
        ("customer", strings(&[Some("k7"); 8])),
    ])
}

#[test]
fn verdicts_are_those_of_the_library_for_any_split_and_order_of_the_parts() {
    let scorer = scorer();
    let rows = conversations();
    let verdicts = |parts: &[RecordBatch], places: Places| {
        let states: Vec<_> = parts
            .iter()
            .map(|part| state_batch(&scorer, part, &Columns::new(), places).expect("states"))
            .collect();
        judge_states(&scorer, &states).expect("verdicts")
    };
    let whole = verdicts(std::slice::from_ref(&rows), Places::Unknown);
    assert_eq!(whole.schema(), verdict_schema());
    let names: Vec<_> = whole["interaction"].as_string::<i32>().iter().flatten().collect();
    assert_eq!(
        names,
        ["a", "b", "13", "c"],
        "a message without an interaction has the name of its id"
    );

    let messages = vec![
        Message::customer("Wanneer komt de monteur?").with_id("10"),
        Message { role: None, ..Message::staff("", "U hoort deze week van ons.") }.with_id("12"),
        Message::customer("Dat zei u vorige week ook. Laat maar.").with_id("14"),
    ];
    let times =
        [0, 2, 4].map(|h| jiff::Timestamp::from_second(DAY_S + h * 3600).expect("in range"));
    let messages = messages.into_iter().zip(times).map(|(m, at)| m.sent_at(at)).collect();
    let expected = scorer.judge_one(&Interaction::new("a", messages)).expect("a verdict");
    assert_eq!(Some(whole["risk"].as_primitive::<Float32Type>().value(0)), expected.risk);
    assert_eq!(whole["messages"].as_primitive::<Int64Type>().values(), &[3, 2, 1, 2]);
    // `b` has one of two messages without a speaker and one without a text; `c` does not say who speaks.
    assert_eq!(whole["failed"].as_primitive::<Int64Type>().values(), &[0, 2, 0, 2]);
    assert_eq!(whole["customer"].as_string::<i32>().value(0), "k7");

    // One row at a time, the last first; then in two parts that overlap, as after a redelivery.
    let single: Vec<_> = (0..rows.num_rows()).rev().map(|n| rows.slice(n, 1)).collect();
    let overlapping = [rows.slice(0, 5), rows.slice(3, 5)];
    for parts in [&single[..], &overlapping[..]] {
        let split = verdicts(parts, Places::Unknown);
        assert_eq!(split.num_rows(), whole.num_rows());
        for n in 0..whole.num_rows() {
            let name = whole["interaction"].as_string::<i32>().value(n);
            let names = split["interaction"].as_string::<i32>();
            let there =
                names.iter().position(|other| other == Some(name)).expect("the interaction");
            assert_eq!(split.slice(there, 1), whole.slice(n, 1), "interaction {name}");
        }
    }
}

#[test]
fn a_row_with_a_bad_speaker_or_time_still_says_all_else() {
    let scorer = scorer();
    let states = |text: Option<&str>, speaker: &str, at: Option<&str>| {
        let rows = batch(&[
            ("text", strings(&[Some("Waar blijft u?"), text])),
            ("interaction", strings(&[Some("a"); 2])),
            ("id", strings(&[Some("1"), Some("2")])),
            ("speaker", strings(&[Some("customer"), Some(speaker)])),
            ("role", strings(&[None, Some("planner")])),
            ("at", strings(&[Some("2026-03-02T09:00:00Z"), at])),
            ("seq", Arc::new(Int64Array::from(vec![2, 1])) as _),
        ]);
        state_batch(&scorer, &rows, &Columns::new(), Places::Unknown).expect("states")
    };
    let at = Some("2026-03-02T08:00:00Z");
    for (faulty, read) in [
        (states(Some("canary"), "canary", at), states(None, "customer", at)),
        (states(Some("canary"), "staff", Some("canary")), states(None, "staff", None)),
        (states(Some("canary"), "canary", Some("canary")), states(None, "customer", None)),
        // Before 1990: a clock that nobody set.
        (
            states(Some("canary"), "agent", Some("1970-01-01T00:00:00Z")),
            states(None, "staff", None),
        ),
    ] {
        for column in ["interaction", "state", "unnamed", "error"] {
            assert_eq!(&faulty[column], &read[column], "{column}");
        }
        assert!(faulty["error"].is_null(0));
        let verdict = judge_states(&scorer, [&faulty]).expect("a verdict");
        let error = reason(&verdict, 0);
        assert!(error.starts_with("1 of 2 messages failed, one because `"), "{error}");
        assert!(!error.contains("canary") && !error.contains("null"), "{error}");
    }
}

#[test]
fn a_row_with_a_value_that_does_not_fit_its_type_fails_alone() {
    let scorer = scorer();
    let seq = |bad: f64| Arc::new(Float64Array::from(vec![Some(1.0), Some(bad), None])) as ArrayRef;
    let days = |bad: i32| Arc::new(Date32Array::from(vec![Some(20_454), Some(bad), None]));
    let coded = DictionaryArray::new(Int8Array::from(vec![0, 1, 2]), days(i32::MAX));
    let seconds = TimestampSecondArray::from(vec![Some(DAY_S), Some(i64::MAX), None]);
    let large = UInt64Array::from(vec![Some(1), Some(u64::MAX), None]);
    for (column, values, is) in [
        ("seq", seq(f64::NAN), "no whole number of 64 bits"),
        ("seq", seq(7.5), "no whole number of 64 bits"),
        ("seq", seq(1e300), "no whole number of 64 bits"),
        ("seq", Arc::new(large), "no whole number of 64 bits"),
        ("id", seq(f64::NAN), "no whole number of 64 bits"),
        ("at", days(i32::MAX), "out of the range of times"),
        ("at", days(i32::MIN), "out of the range of times"),
        ("at", Arc::new(coded), "out of the range of times"),
        ("at", Arc::new(seconds), "out of the range of times"),
    ] {
        let rows = batch(&[
            ("text", strings(&[Some("Waar blijft u?"); 3])),
            ("interaction", strings(&[Some("a"), Some("b"), Some("c")])),
            (column, values.clone()),
        ]);
        let states = state_batch(&scorer, &rows, &Columns::new(), Places::From(0)).expect("states");
        let verdicts = judge_states(&scorer, [&states]).expect("verdicts");
        let failed: Vec<bool> = (0..3).map(|n| verdicts["error"].is_valid(n)).collect();
        assert_eq!(failed, [false, true, false], "{column} of {}", values.data_type());
        let error = reason(&verdicts, 1);
        assert!(error.ends_with(&format!("`{column}` is {is}")), "{error}");
    }
}

fn reason(rows: &RecordBatch, n: usize) -> String {
    rows["error"].as_struct().column(1).as_string::<i32>().value(n).to_owned()
}

#[test]
fn a_message_without_an_interaction_joins_none_of_its_name_and_keeps_its_verdict() {
    let scorer = scorer();
    let texts = strings(&[Some("Een vraag."), Some("Antwoord."), Some("Waar blijft mijn geld?")]);
    let speakers = strings(&[Some("customer"), Some("staff"), Some("customer")]);
    let verdicts = |columns: &[(&str, ArrayRef)], places| {
        let own = [("text", texts.clone()), ("speaker", speakers.clone())];
        let rows = batch(&[&own, columns].concat());
        // One row at a time too, as after a shuffle.
        let cut: Vec<RecordBatch> = (0..3).map(|n| rows.slice(n, 1)).collect();
        let parts = if places == Places::Unknown { cut } else { vec![rows] };
        let states: Vec<RecordBatch> = parts
            .iter()
            .map(|part| state_batch(&scorer, part, &Columns::new(), places).expect("states"))
            .collect();
        let verdicts = judge_states(&scorer, &states).expect("verdicts");
        assert_eq!(verdicts["error"].null_count(), verdicts.num_rows());
        let messages = verdicts["messages"].as_primitive::<Int64Type>().values().to_vec();
        let names = verdicts["interaction"].as_string::<i32>().iter().flatten();
        names.map(str::to_owned).zip(messages).collect::<Vec<_>>()
    };
    let of = |name: &str| vec![(name.to_owned(), 2), (name.to_owned(), 1)];
    let by_place = [("interaction", strings(&[Some("2"), Some("2"), None]))];
    assert_eq!(verdicts(&by_place, Places::From(0)), of("2"));
    let seq: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let by_id = [
        ("id", strings(&[Some("x"), Some("y"), Some("101")])),
        ("interaction", strings(&[Some("101"), Some("101"), None])),
        ("seq", seq),
    ];
    assert_eq!(verdicts(&by_id, Places::Unknown), of("101"));
    let same_id = [("id", strings(&[Some("7"); 3])), ("interaction", strings(&[None; 3]))];
    let three = vec![("7".to_owned(), 1); 3];
    assert_eq!(verdicts(&same_id, Places::From(0)), three, "as many as there are rows");
}

/// The verdict on the rows of one interaction, whose states are made of so many rows at a time.
fn verdict_in_parts(scorer: &Scorer, rows: &RecordBatch, size: usize) -> RecordBatch {
    let n = rows.num_rows();
    let parts = (0..n).step_by(size).map(|first| rows.slice(first, size.min(n - first)));
    let states: Vec<RecordBatch> = parts
        .map(|part| state_batch(scorer, &part, &Columns::new(), Places::Unknown).expect("states"))
        .collect();
    judge_states(scorer, &states).expect("a verdict")
}

#[test]
fn messages_that_share_an_id_and_differ_are_told_for_any_split() {
    let scorer = scorer();
    let rows = |texts: [&str; 3]| {
        batch(&[
            ("text", strings(&texts.map(Some))),
            ("interaction", strings(&[Some("a"); 3])),
            ("speaker", strings(&[Some("customer"), Some("staff"), Some("customer")])),
            ("id", strings(&[Some("T-1"); 3])),
        ])
    };
    let differing = rows(["Een vraag.", "Antwoord.", "Nog een vraag."]);
    let whole = verdict_in_parts(&scorer, &differing, 3);
    assert_eq!(whole["messages"].as_primitive::<Int64Type>().value(0), 1);
    assert!(reason(&whole, 0).contains("the id of another"), "{}", reason(&whole, 0));
    assert_eq!(verdict_in_parts(&scorer, &differing, 1), whole);
    let same = batch(&[
        ("text", strings(&[Some("Een vraag."); 3])),
        ("interaction", strings(&[Some("a"); 3])),
        ("id", strings(&[Some("T-1"); 3])),
    ]);
    assert!(verdict_in_parts(&scorer, &same, 3)["error"].is_null(0), "a redelivery is none");
}

#[test]
fn several_customers_of_an_interaction_are_told_for_any_split() {
    let scorer = scorer();
    let verdict = |customers: [Option<&str>; 3], size: usize| {
        let rows = batch(&[
            ("text", strings(&[Some("Een vraag."), Some("Antwoord."), Some("Nog een vraag.")])),
            ("interaction", strings(&[Some("a"); 3])),
            // One does not say who speaks.
            ("speaker", strings(&[Some("customer"), Some("staff"), None])),
            ("id", strings(&["1", "2", "3"].map(Some))),
            ("customer", strings(&customers)),
            ("seq", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ]);
        verdict_in_parts(&scorer, &rows, size)
    };
    for (customers, is_told) in [
        ([Some("k1"), Some("Anna"), Some("k1")], true),
        ([Some("Anna"), None, Some("k1")], true),
        ([Some("k1"), None, Some("k1")], false),
        ([None; 3], false),
    ] {
        let whole = verdict(customers, 3);
        for size in 1..3 {
            assert_eq!(verdict(customers, size), whole);
        }
        let said = reason(&whole, 0);
        assert_eq!(said.contains("several customers"), is_told, "{said}");
        assert!(said.contains("1 of 3 messages failed"), "{said}");
    }
}

#[test]
fn columns_that_a_data_frame_made_floats_of_are_read_and_others_refused() {
    let scorer = scorer();
    let judge = |column: &str, values: ArrayRef| {
        let mut columns = vec![
            ("text", strings(&[Some("Een vraag."), Some("En nog een.")])),
            ("interaction", strings(&[Some("a"); 2])),
            ("speaker", strings(&[Some("customer"); 2])),
        ];
        columns.retain(|(name, _)| *name != column);
        let rows = batch(&[&columns[..], &[(column, values)]].concat());
        let states = state_batch(&scorer, &rows, &Columns::new(), Places::From(0))?;
        judge_states(&scorer, [&states])
    };
    let nothing: ArrayRef = Arc::new(Float64Array::new_null(2));
    for column in ["role", "at", "id", "seq", "language", "customer", "channel"] {
        let verdict = judge(column, nothing.clone()).expect(column);
        assert_eq!(verdict["messages"].as_primitive::<Int64Type>().values(), &[2], "{column}");
    }
    let whole: ArrayRef = Arc::new(Float64Array::from(vec![Some(7.0), None]));
    let decimal = Decimal128Array::from(vec![7, 8]).with_precision_and_scale(38, 0);
    let decimal: ArrayRef = Arc::new(decimal.expect("a decimal"));
    for values in [whole, decimal] {
        let verdicts = judge("interaction", values.clone()).expect("names");
        assert_eq!(verdicts["interaction"].as_string::<i32>().value(0), "7");
        judge("seq", values).expect("numbers");
    }
    let error = judge("seq", strings(&[Some("1"), Some("2")])).expect_err("no whole numbers");
    assert_eq!(error.to_string(), "column `seq` has type Utf8, expected whole numbers");
    let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(20_454), None]));
    let coded = DictionaryArray::new(Int8Array::from(vec![0, 1]), days.clone());
    for dates in [days, Arc::new(coded)] {
        let verdicts = judge("at", dates).expect("dates");
        let start = verdicts["start"].as_primitive::<TimestampMicrosecondType>().value(0);
        assert_eq!(start, 20_454 * 86_400_000_000, "midnight in UTC");
    }
    let error = judge("at", Arc::new(Int64Array::from(vec![1, 2]))).expect_err("no times");
    assert!(
        error.to_string().ends_with("expected timestamps, dates or RFC 3339 strings"),
        "{error}"
    );
    let named = Columns::new().named(Field::At, "nope");
    let rows = batch(&[("text", strings(&TEXTS))]);
    let error = score_batch(&scorer, &rows, &named).expect_err("a column that is nowhere");
    assert!(error.to_string().contains("no column `nope`"), "{error}");
}

#[test]
fn states_with_their_groups_flattened_give_the_same_verdicts() {
    let scorer = scorer();
    let states =
        state_batch(&scorer, &conversations(), &Columns::new(), Places::Unknown).expect("states");
    let mut flat: Vec<(String, ArrayRef)> = Vec::new();
    for (field, column) in states.schema().fields().iter().zip(states.columns()) {
        match column.as_struct_opt() {
            Some(group) => {
                let parts = group.column_names().into_iter().zip(group.columns());
                flat.extend(parts.map(|(part, c)| (format!("{}.{part}", field.name()), c.clone())));
            }
            None => flat.push((field.name().clone(), column.clone())),
        }
    }
    let flat: Vec<_> = flat.iter().map(|(name, column)| (name.as_str(), column.clone())).collect();
    let verdicts = judge_states(&scorer, [&states]).expect("verdicts");
    assert_eq!(judge_states(&scorer, [&batch(&flat)]).expect("verdicts"), verdicts);
    assert!(verdicts["error"].null_count() < verdicts.num_rows(), "reasons came along");
}

#[test]
fn explained_states_name_the_sentence_that_the_scorer_finds_heaviest() {
    let everything = "flag_at = 0.01\nflag_interaction_at = 0.001";
    let policy = scorer().policy().over(everything).expect("a policy");
    let scorer = Scorer::builder().model("models/tiny").policy(policy).build().expect("a scorer");
    let text = "Goedemiddag. Dit is de derde keer dat ik het vraag. Waar blijft mijn pakket?";
    let scores = scorer.score_explained(&[Message::customer(text)]).remove(0).expect("scores");
    let heaviest = scores.marks.iter().find(|mark| mark.kind == MarkKind::Heaviest).expect("one");
    let rows = batch(&[("text", strings(&[Some(text)]))]);
    let [plain, explained] = [state_batch, state_batch_explained].map(|gather| {
        let states = gather(&scorer, &rows, &Columns::new(), Places::From(0)).expect("states");
        let verdict = judge_states(&scorer, [&states]).expect("a verdict");
        let reasons = verdict["reasons"].as_list::<i32>().value(0);
        let reasons = reasons.as_struct();
        let kinds = reasons["kind"].as_string::<i32>();
        let bad = kinds.iter().position(|kind| kind == Some("bad_experience")).expect("a reason");
        let span = reasons["span"].as_list::<i32>().value(bad);
        span.as_primitive::<Int64Type>().values().iter().map(|n| *n as u32).collect::<Vec<_>>()
    });
    assert_eq!(explained, heaviest.span);
    assert_ne!(explained, plain, "else what was read");
}

#[test]
fn every_field_of_a_verdict_has_a_column() {
    let interaction = Interaction::new("i", vec![Message::customer("Waar blijft het?")]);
    let verdict = serde_json::json!(scorer().judge_one(&interaction).expect("a verdict"));
    let mut fields: Vec<_> = verdict.as_object().expect("a struct").keys().cloned().collect();
    fields.push("error".to_owned()); // in place of a verdict
    let mut columns: Vec<_> =
        verdict_schema().fields().iter().map(|field| field.name().clone()).collect();
    fields.sort();
    columns.sort();
    assert_eq!(columns, fields);
}

#[test]
fn states_are_judged_by_any_policy() {
    let scorer = scorer();
    let states =
        state_batch(&scorer, &conversations(), &Columns::new(), Places::Unknown).expect("states");
    let policy =
        scorer.policy().over("name = \"all\"\nflag_interaction_at = 0.001").expect("a policy");
    let mut merger = StateMerger::default();
    merger.add(&states).expect("states");
    let verdicts = merger.finish_by(&scorer, &policy).expect("verdicts");
    assert!(verdicts["flagged"].as_boolean().value(0));
    assert!(verdicts["policy"].as_string::<i32>().value(0).starts_with("all"));
}

#[test]
fn messages_without_ids_or_order_are_refused_where_rows_have_no_place_and_judged_where_they_have() {
    let scorer = scorer();
    let rows = conversations().project(&[0, 1, 2]).expect("the first three columns");
    let judge = |places| {
        let states = state_batch(&scorer, &rows, &Columns::new(), places).expect("states");
        judge_states(&scorer, [&states]).expect("verdicts")
    };
    let refused = judge(Places::Unknown);
    assert_eq!(refused["risk"].null_count(), refused.num_rows());
    assert_eq!(refused["error"].null_count(), 0);
    let judged = judge(Places::From(7));
    let failed: Vec<bool> = judged["error"].nulls().expect("some").iter().collect();
    assert_eq!(failed, [false, true, false, true]);
    let [no_text, no_speaker] = [reason(&judged, 1), reason(&judged, 3)];
    assert!(no_text.starts_with("2 of 2 messages failed"), "{no_text}");
    assert!(no_speaker.contains("`speaker` is missing"), "{no_speaker}");
    assert_eq!(judged["interaction"].as_string::<i32>().value(2), "10", "seven rows came before");
    assert!(judged["risk"].is_valid(0));
}

#[test]
fn states_that_are_none_are_refused_with_a_reason() {
    let scorer = scorer();
    let states =
        state_batch(&scorer, &conversations(), &Columns::new(), Places::Unknown).expect("states");
    let error = judge_states(&scorer, [&conversations()]).expect_err("messages are no states");
    assert_eq!(error.kind(), ErrorKind::State);
    let mut columns = states.columns().to_vec();
    columns[1] = Arc::new(arrow_array::BinaryArray::from_iter_values(
        (0..states.num_rows()).map(|n| vec![0xff; n * 3]),
    ));
    let broken = RecordBatch::try_new(states.schema(), columns).expect("the same types");
    assert_eq!(judge_states(&scorer, [&broken]).expect_err("no state").kind(), ErrorKind::State);
}
