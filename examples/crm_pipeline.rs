//! Verdicts inside a service: a bounded queue, small batches, redelivered messages, a model swapped while it runs, and alerts
//! that do not flap.
//!
//!     cargo run --example crm_pipeline

#![allow(clippy::print_stdout)]

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use beleving::{InteractionState, Message, Result, Scorer, Timestamp};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

/// Messages that may wait: a source that is faster than the model is held up, and memory stays flat.
const QUEUE: usize = 256;
/// Messages that are read together at most, and how long the first of them waits for company at most.
const BATCH: usize = 32;
const COMPANY: Duration = Duration::from_millis(20);
/// Windows of a message that are read: one long mail cannot hold up the rest.
const MAX_WINDOWS: usize = 8;
/// An alert is raised at the policy's threshold and cleared at this share of it, so that it does not flap.
const CLEAR_AT: f32 = 0.6;
const MODEL: &str = "models/beleving-small";

/// A message with the name of its interaction, as a queue delivers it: sometimes twice.
#[derive(Clone)]
struct Delivery {
    interaction: &'static str,
    message: Message,
}

/// The model in use. Whoever started with the old one finishes with it.
type Model = Arc<RwLock<Arc<Scorer>>>;

#[tokio::main]
async fn main() -> Result<()> {
    let model: Model = Arc::new(RwLock::new(Arc::new(load(MODEL)?)));
    let (sender, receiver) = mpsc::channel(QUEUE);
    let service = tokio::spawn(serve(receiver, Arc::clone(&model)));
    for delivery in deliveries() {
        // Waits while the queue is full.
        sender.send(delivery).await.expect("the service runs until the queue closes");
    }
    // A new version comes in while messages are read. Had it another id, states would begin anew.
    let newer = spawn_blocking(|| load(MODEL)).await.expect("loading does not panic")?;
    *model.write().expect("nobody panics with the lock") = Arc::new(newer);
    drop(sender);
    let alerts = service.await.expect("the service does not panic");
    println!("{alerts} alerts raised");
    Ok(())
}

fn load(folder: &str) -> Result<Scorer> {
    Scorer::builder().model(folder).max_windows(MAX_WINDOWS).build()
}

async fn serve(mut queue: mpsc::Receiver<Delivery>, model: Model) -> usize {
    let mut states: HashMap<&'static str, InteractionState> = HashMap::new();
    let mut alerts: HashMap<&'static str, bool> = HashMap::new();
    let mut raised = 0;
    while let Some(first) = queue.recv().await {
        let (mut batch, leaves) = (vec![first], Instant::now() + COMPANY);
        while batch.len() < BATCH {
            match timeout_at(leaves, queue.recv()).await {
                Ok(Some(delivery)) => batch.push(delivery),
                Ok(None) | Err(_) => break,
            }
        }
        let scorer = Arc::clone(&model.read().expect("nobody panics with the lock"));
        for (interaction, risk) in judge(&scorer, &mut states, batch).await {
            let alert = alerts.entry(interaction).or_default();
            let raise_at = scorer.policy().flag_interaction_at;
            if !*alert && risk >= raise_at {
                *alert = true;
                raised += 1;
                println!("{interaction}: risk {risk:.2}, somebody should look");
            } else if *alert && risk < CLEAR_AT * raise_at {
                *alert = false;
                println!("{interaction}: risk {risk:.2}, taken care of");
            }
        }
    }
    raised
}

/// Reads a batch and gives the risk so far of every interaction it touches.
async fn judge(
    scorer: &Arc<Scorer>,
    states: &mut HashMap<&'static str, InteractionState>,
    batch: Vec<Delivery>,
) -> Vec<(&'static str, f32)> {
    let messages: Vec<Message> = batch.iter().map(|d| d.message.clone()).collect();
    let worker = Arc::clone(scorer);
    // Reading takes the processor: not on the threads that serve the queue.
    let scored =
        spawn_blocking(move || worker.score(&messages)).await.expect("scoring does not panic");
    let mut touched = Vec::new();
    for (delivery, scores) in batch.iter().zip(scored) {
        if let Err(error) = &scores {
            // What may succeed later is left unacknowledged, for the queue to deliver again; the rest counts as unread.
            let what = if error.is_retryable() { "not yet read" } else { "unreadable" };
            eprintln!("{}: {what}: {error}", delivery.interaction);
            if error.is_retryable() {
                continue;
            }
        }
        let judge = scorer.judging();
        let state =
            states.entry(delivery.interaction).or_insert_with(|| judge.state(delivery.interaction));
        if state.model() != judge.model_id() {
            *state = judge.state(delivery.interaction);
        }
        // A message that came before is not counted twice.
        if let Err(error) = state.update(&delivery.message, scores.as_ref().ok()) {
            eprintln!("{}: {error}", delivery.interaction);
            continue;
        }
        touched.push(delivery.interaction);
    }
    touched.sort_unstable();
    touched.dedup();
    let verdicts = touched.into_iter().filter_map(|interaction| {
        match scorer.judging().verdict(&states[interaction], scorer.policy()) {
            // Without a risk nothing of the customer could be assessed so far.
            Ok(verdict) => Some((interaction, verdict.risk?)),
            Err(error) => {
                eprintln!("{error}");
                None
            }
        }
    });
    verdicts.collect()
}

fn deliveries() -> Vec<Delivery> {
    let at = |hour: i64| Timestamp::from_second(1_770_000_000 + hour * 3600).expect("in range");
    let say = |interaction, id: &str, hour, message: Message| Delivery {
        interaction,
        message: message.with_id(id).sent_at(at(hour)),
    };
    let sluice = [
        say("sloot", "1", 0, Message::customer("De sloot loopt niet af. Wilt u komen kijken?")),
        say(
            "sloot",
            "2",
            49,
            Message::staff("administratie", "U hoort binnen twee weken van ons."),
        ),
        say("sloot", "3", 900, Message::customer("Vijf weken verder en niets gehoord. Laat maar.")),
    ];
    let order = [
        say("bestelling", "a", 1, Message::customer("Waar blijft mijn pakket?")),
        say("bestelling", "b", 2, Message::staff("webcare", "Het is vandaag bezorgd.")),
        say("bestelling", "c", 3, Message::customer("Klopt, gevonden. Dank u wel!")),
    ];
    // Out of order, and one of them twice.
    let [s1, s2, s3] = sluice;
    let [a, b, c] = order;
    vec![a, s1, b, s3.clone(), s2, c, s3]
}
