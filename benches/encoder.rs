//! Speed of the whole way from text to scores: `cargo bench`, on the shipped model and one thread.

use beleving::{Duplicates, Message, Scorer, Threads};
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

const SHIPPED: &str = "models/beleving-small";

fn scorer() -> Scorer {
    // The same messages come again and again: what is timed is reading them, not knowing them.
    let builder = Scorer::builder().model(SHIPPED).threads(Threads::Count(1));
    builder.duplicates(Duplicates::Each).build().expect("loads")
}

/// Messages of the examples, about 20 tokens on average, over and over.
fn messages(count: usize) -> Vec<Message> {
    let file = std::fs::read_to_string("examples/messages.jsonl").expect("readable");
    let texts: Vec<String> = file
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .filter_map(|row| Some(row["text"].as_str()?.to_owned()))
        .collect();
    texts.iter().cycle().take(count).map(Message::customer).collect()
}

#[divan::bench]
fn load() -> Scorer {
    scorer()
}

#[divan::bench]
fn one_message(bencher: Bencher<'_, '_>) {
    let (scorer, message) = (
        scorer(),
        Message::customer("Ik wacht nu al drie weken op een monteur en niemand belt terug."),
    );
    bencher.bench(|| scorer.score_one(&message));
}

#[divan::bench(args = [64, 512])]
fn many_messages(bencher: Bencher<'_, '_>, count: usize) {
    let (scorer, messages) = (scorer(), messages(count));
    bencher.counter(ItemsCount::new(count)).bench(|| scorer.score(&messages));
}
