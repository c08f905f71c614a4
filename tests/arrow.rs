//! Record batches in, scores and verdicts out (feature `arrow`).

use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int8Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, Int32Array, Int64Array, LargeStringArray, RecordBatch, RecordBatchIterator,
    RecordBatchReader, StringArray, StringViewArray, TimestampMillisecondArray,
};
use beleving::arrow::{
    Columns, Field, Places, SCHEMA_KEY, judge_states, score_batch, score_batches, score_schema,
    state_batch, verdict_schema,
};
use beleving::{ErrorKind, Interaction, Message, Scorer};

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
            Arc::new(TimestampMillisecondArray::from_iter_values((0..8).map(|n| n * 3_600_000)))
                as _,
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
    let times = [0, 2, 4].map(|h| jiff::Timestamp::from_second(h * 3600).expect("in range"));
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
    ] {
        assert_eq!(faulty, read);
        assert!(faulty["error"].is_null(0));
    }
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
    assert_eq!(judged["error"].null_count(), judged.num_rows());
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
