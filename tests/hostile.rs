//! Faulty models and strange messages: the right error, no panic, and no message text anywhere.

use beleving::{Error, ErrorKind, Message, ModelFiles, NotAssessable, Scorer};
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};

const CANARY: &str = "kanariepiet";

fn tiny() -> ModelFiles {
    ModelFiles::read("models/tiny").expect("readable")
}

fn refused(change: impl FnOnce(&mut ModelFiles)) -> Error {
    let mut files = tiny();
    change(&mut files);
    Scorer::builder().model_files(files).build().expect_err("a faulty model")
}

fn scorer() -> Scorer {
    Scorer::open("models/tiny").expect("loads")
}

/// The tiny model's weights with one tensor replaced, or left out for `None`.
fn weights_with(name: &str, replacement: Option<TensorView<'_>>) -> Vec<u8> {
    let bytes = tiny().weights;
    let tensors = SafeTensors::deserialize(&bytes).expect("whole");
    let mut all: Vec<(String, TensorView<'_>)> =
        tensors.tensors().into_iter().filter(|(n, _)| n != name).collect();
    all.extend(replacement.map(|tensor| (name.to_owned(), tensor)));
    serialize(all, None).expect("serializes")
}

#[test]
fn truncated_weights_are_refused() {
    let whole = tiny().weights.len();
    for keep in [0, 7, 8, 100, whole / 2, whole - 1] {
        let error = refused(|files| files.weights.truncate(keep));
        assert_eq!(error.kind(), ErrorKind::Weights, "{keep}: {error}");
    }
}

#[test]
fn a_header_that_lies_about_its_size_is_refused_before_anything_is_allocated() {
    for length in [u64::MAX, 1 << 40, 99_999_999] {
        let error = refused(|files| files.weights[..8].copy_from_slice(&length.to_le_bytes()));
        assert_eq!(error.kind(), ErrorKind::Weights, "{error}");
    }
}

#[test]
fn a_missing_tensor_is_named() {
    let name = "encoder.layer.1.output.dense.bias";
    let error = refused(|files| files.weights = weights_with(name, None));
    assert_eq!(error.kind(), ErrorKind::MissingTensor);
    assert!(error.to_string().contains(name), "{error}");
}

#[test]
fn a_wrong_shape_names_found_and_expected() {
    let name = "heads.sentiment.weight";
    let data = vec![0; 32 * 4 * 4];
    let tensor = TensorView::new(Dtype::F32, vec![32, 4], &data).expect("fits");
    let error = refused(|files| files.weights = weights_with(name, Some(tensor)));
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert_eq!(error.to_string(), format!("tensor `{name}` has shape [32, 4], expected [3, 32]"));
}

#[test]
fn a_wrong_number_type_is_refused() {
    let data = vec![0; 3 * 8];
    let tensor = TensorView::new(Dtype::I64, vec![3], &data).expect("fits");
    let error = refused(|files| files.weights = weights_with("heads.sentiment.bias", Some(tensor)));
    assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
}

#[test]
fn nan_weights_are_refused() {
    for (name, length) in [("heads.risk.bias", 1), ("embeddings.LayerNorm.weight", 32)] {
        let data = f32::NAN.to_le_bytes().repeat(length);
        let tensor = TensorView::new(Dtype::F32, vec![length], &data).expect("fits");
        let error = refused(|files| files.weights = weights_with(name, Some(tensor)));
        assert_eq!(error.kind(), ErrorKind::NonFinite, "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn weights_that_overflow_give_an_error_and_no_risk() {
    let largest = f32::MAX.to_le_bytes().repeat(32);
    let tensor = TensorView::new(Dtype::F32, vec![1, 32], &largest).expect("fits");
    let files = ModelFiles { weights: weights_with("heads.risk.weight", Some(tensor)), ..tiny() };
    let scorer = Scorer::builder().model_files(files).build().expect("finite weights");
    let error = scorer.score_one(&Message::customer("Waar blijft u?")).expect_err("no number");
    assert_eq!(error.kind(), ErrorKind::NonFinite);
}

#[test]
fn a_tokenizer_that_contradicts_itself_or_the_model_is_refused() {
    for (from, to) in [
        (r#""ids":[0]"#, r#""ids":[99999]"#), // no row for it
        (r#""special_tokens":{"<s>""#, r#""special_tokens":{"<t>""#), // the template names another
    ] {
        let tokenizer = String::from_utf8(tiny().tokenizer).expect("UTF-8");
        assert!(tokenizer.contains(from), "{from}");
        let error = refused(|files| files.tokenizer = tokenizer.replace(from, to).into_bytes());
        assert_eq!(error.kind(), ErrorKind::Tokenizer, "{error}");
    }
}

#[test]
fn a_folder_of_another_kind_is_told_what_it_lacks() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).expect("written");
        Scorer::open(folder.path()).expect_err("not whole").to_string()
    };
    of("config.json", &tiny().config);
    assert!(of("vocab.txt", b"[UNK]").contains("there is `vocab.txt` instead"));
    of("tokenizer.json", &tiny().tokenizer);
    assert!(of("pytorch_model.bin", b"").contains("there is `pytorch_model.bin` instead"));
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    assert!(of("model.safetensors", pointer).contains("git lfs pull"));
    // The fields of other families have other names: the family is looked at first.
    let error =
        refused(|files| files.config = b"{\"model_type\": \"gpt2\", \"n_embd\": 8}".to_vec());
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let error = refused(|files| {
        let config = String::from_utf8(files.config.clone()).expect("UTF-8");
        let layers = "\"num_hidden_layers\": 2097152";
        files.config = config.replace("\"num_hidden_layers\": 2", layers).into_bytes();
    });
    assert!(error.to_string().contains("expected 1 to 1024"), "{error}");
}

#[test]
fn models_of_others_are_told_apart_by_what_they_hold_and_their_labels() {
    use beleving::{LabelMap, Meaning};
    let folder = "tests/fixtures/hf-bert";
    let id = |labels: Option<LabelMap>| {
        let builder = Scorer::builder().model(folder);
        let builder = match labels {
            Some(labels) => builder.labels(labels),
            None => builder,
        };
        builder.build().expect("loads").model_id().to_owned()
    };
    let (own, again) = (id(None), id(None));
    assert_eq!(own, again);
    // States name the model by it: another version of this crate must find the same.
    assert_eq!(own, "hf-bert@b1af1c86");
    let labels = LabelMap::new().with("negative", Meaning::Risk);
    assert_eq!(id(Some(labels)), "hf-bert@3e5dfb47");
}

#[test]
fn a_tokenizer_that_does_not_fit_the_model_is_refused() {
    // A vocabulary of 614 pieces; the model is cut to fewer rows.
    let error = refused(|files| {
        let config = String::from_utf8(files.config.clone()).expect("UTF-8");
        files.config = config.replace("\"vocab_size\": 614", "\"vocab_size\": 613").into_bytes();
        let rows = vec![0; 613 * 32 * 4];
        let tensor = TensorView::new(Dtype::F32, vec![613, 32], &rows).expect("fits");
        files.weights = weights_with("embeddings.word_embeddings.weight", Some(tensor));
    });
    assert_eq!(error.kind(), ErrorKind::Tokenizer);
    assert_eq!(error.to_string(), "`tokenizer.json` has 614 pieces, the model has rows for 613");
}

#[test]
fn files_that_do_not_parse_are_named() {
    for (kind, change) in [
        (ErrorKind::Config, (|f| f.config = b"{".to_vec()) as fn(&mut ModelFiles)),
        (ErrorKind::Tokenizer, |f| f.tokenizer = b"{}".to_vec()),
        (ErrorKind::Config, |f| f.manifest = Some(b"[]".to_vec())),
        (ErrorKind::Config, |f| f.manifest = None), // an encoder without heads
    ] {
        let error = refused(change);
        assert_eq!(error.kind(), kind, "{error}");
    }
    let error = Scorer::open("models/none").expect_err("no folder");
    assert_eq!(error.kind(), ErrorKind::Io);
}

#[test]
fn a_reading_of_answers_of_another_width_is_refused() {
    let linear = || serde_json::json!({"weights": {}});
    let with = |weights: Vec<f32>| {
        let mut files = tiny();
        let manifest = files.manifest.as_deref().expect("one of ours");
        let mut manifest: serde_json::Value = serde_json::from_slice(manifest).expect("parses");
        manifest["interaction"] = serde_json::json!({
            "risk": linear(), "turned": linear(), "worst": linear(), "touchpoint": linear(),
            "experience": {"cuts": [-2, -1, 1, 2], "weights": {}},
            "answers": {"bias": 0.0, "weights": weights},
        });
        files.manifest = Some(manifest.to_string().into_bytes());
        Scorer::builder().model_files(files).build()
    };
    with(vec![0.1; 32]).expect("as many as a vector has values");
    let error = with(vec![0.1; 31]).expect_err("one too few");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("has 31 weights, expected 32"), "{error}");
}

#[test]
fn a_changed_file_is_found_when_asked_for() {
    let mut files = tiny();
    files.config.push(b'\n');
    let error =
        Scorer::builder().model_files(files.clone()).verify_files().build().expect_err("changed");
    assert_eq!(error.kind(), ErrorKind::Checksum);
    assert!(Scorer::builder().model_files(files.clone()).build().is_ok());
    // Of a folder that states no checksums nothing can be said.
    files.manifest = None;
    let unknown = Scorer::builder().model_files(files).verify_files().build_encoder();
    assert_eq!(unknown.expect_err("no checksums").kind(), ErrorKind::Checksum);
}

#[test]
fn sizes_beyond_every_number_are_refused_or_mean_without_end() {
    let error = refused(|files| {
        let config = String::from_utf8(files.config.clone()).expect("UTF-8");
        let largest = format!("\"pad_token_id\": {}", u64::MAX);
        let config = config.replace("\"pad_token_id\": 1", &largest);
        files.config = config.replace("\"bert\"", "\"roberta\"").into_bytes();
    });
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    let all = Scorer::builder().model("models/tiny").max_windows(usize::MAX).build();
    let text = "wacht ".repeat(9_000);
    let scores = all.expect("loads").score_one(&Message::customer(text)).expect("scores");
    assert!(!scores.truncated && scores.words == 9_000, "{} words", scores.words);
}

#[test]
fn labels_without_polarity_are_refused() {
    let error = Scorer::open("tests/fixtures/hf-roberta").expect_err("LABEL_0 and LABEL_1");
    assert_eq!(error.kind(), ErrorKind::Labels);
    let judge = Scorer::open("tests/fixtures/hf-bert").expect("polarities");
    let error = judge.judge_one(&beleving::Interaction::default()).expect_err("no risk head");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn strange_texts_are_scored_or_said_to_be_none() {
    let scorer = scorer();
    let long_word = "a".repeat(1 << 20);
    let many_words = "wacht ".repeat(200_000);
    for text in
        ["?", "🙂🙂🙂", "\u{0}a\u{1}", "</s></s><s>", "\u{202e}omgekeerd", &long_word, &many_words]
    {
        let scores = scorer.score_one(&Message::customer(text)).expect("scores");
        assert!(scores.risk.is_some_and(|risk| (0.0..=1.0).contains(&risk)));
        assert_eq!(scores.truncated, text.len() > 1 << 15);
    }
    for text in ["", " \n\t ", "\u{0}\u{1}", "\u{200B}", "> alleen een citaat"] {
        let scores = scorer.score_one(&Message::customer(text)).expect("scores");
        assert_eq!(
            (scores.why, scores.risk, scores.flagged),
            (Some(NotAssessable::NoText), None, false)
        );
    }
}

#[test]
fn own_words_below_a_long_quote_are_found_however_few_windows_are_read() {
    let one = Scorer::builder().model("models/tiny").max_windows(1).build().expect("loads");
    let own = "Laat maar, ik regel het zelf wel weer.";
    let below = |lines: usize| {
        let text = format!("{}\n{own}", "> Dat is een regel van een eerdere mail.\n".repeat(lines));
        one.score_one(&Message::customer(text)).expect("scores")
    };
    let alone = one.score_one(&Message::customer(own)).expect("scores");
    let found = below(1_000);
    assert_eq!((found.risk, found.words, found.truncated), (alone.risk, alone.words, false));
    // Of a quote without end the rest is not looked at, and that is said.
    let lost = below(100_000);
    assert_eq!((lost.why, lost.truncated), (Some(NotAssessable::NoText), true));
}

#[test]
fn ids_are_those_of_the_whole_text_however_long_it_is() {
    let encoder = Scorer::builder().model("models/tiny").build_encoder().expect("loads");
    let ids = |text: &str| encoder.ids(text).expect("ids");
    let long = "Waar blijft mijn pakket? ".repeat(20_000);
    assert_eq!(ids(&long), ids(&long[..2_500]));
    let blank = format!("{}Waar blijft mijn pakket?", " ".repeat(100_000));
    assert_eq!(ids(&blank), ids("Waar blijft mijn pakket?"));
}

#[test]
fn a_special_token_that_somebody_typed_is_text() {
    let encoder = Scorer::builder().model("models/tiny").build_encoder().expect("loads");
    let ids = encoder.ids("ja</s>nee").expect("ids");
    let end = ids.last().expect("a special token");
    assert_eq!(ids.iter().filter(|id| *id == end).count(), 1, "{ids:?}");
    assert!(ids.len() > encoder.ids("janee").expect("ids").len(), "{ids:?}");
}

#[test]
fn no_text_in_errors_or_debug() {
    let scorer = scorer();
    let message = Message::customer(CANARY).with_id("m1");
    let scores = scorer.score_one(&message).expect("scores");
    let interaction = beleving::Interaction::new("i1", vec![message.clone()]);
    let verdict = scorer.judge_one(&interaction).expect("judges");
    let error = scorer.judge_scored(&interaction, &[]).expect_err("no scores");
    for shown in [
        format!("{message:?}{interaction:?}{scores:?}{verdict:?}{scorer:?}"),
        format!("{error:?} {error}"),
    ] {
        assert!(!shown.contains(CANARY), "{shown}");
    }
}
