use serde::{Deserialize, Serialize};

use crate::policy::ReworkWindow;
use crate::scores::Intent;
use crate::verdict::Verdict;

/// Probability from which an interaction is about an intent; intents are calibrated so that it decides.
const INTENT_AT: f32 = 0.5;
/// Intents that say how a customer comes back and not about what.
const ABOUT_ANYTHING: [Intent; 2] = [Intent::Complaint, Intent::StatusChase];
/// Intents that relate to nothing.
const ABOUT_NOTHING: [Intent; 2] = [Intent::PraiseOrThanks, Intent::Other];

/// One interaction of a known customer, as far as finding repeats of it needs. Lists of contacts are joined by
/// appending them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contact {
    customer: String,
    /// Seconds since 1970.
    start: i64,
    end: i64,
    interaction: String,
    /// A bit an intent, in the order of [`Intent::ALL`].
    intents: u16,
}

/// A contact that came back on an earlier one: same customer, related intent, within the policy's days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repeat {
    /// Name of the interaction that came back.
    pub interaction: String,
    /// Name of the interaction that it comes back on.
    pub of: String,
    /// Days between the end of the one and the start of the other.
    pub days: f64,
}

impl Contact {
    /// The contact of a verdict; `None` without a customer or a date.
    pub fn of(verdict: &Verdict) -> Option<Self> {
        let intents = verdict.intents.unwrap_or_default();
        let over = Intent::ALL.into_iter().filter(|intent| intents.p(*intent) >= INTENT_AT);
        Some(Self {
            customer: verdict.customer.clone()?,
            start: verdict.start?.as_second(),
            end: verdict.end?.as_second(),
            interaction: verdict.interaction.clone(),
            intents: over.map(bit).sum(),
        })
    }

    /// Whether a later contact may be about the same: they share an intent, or the later one is a complaint
    /// or asks where things stand.
    fn relates(&self, later: &Self) -> bool {
        let of = |intents: [Intent; 2]| intents.map(bit).into_iter().sum::<u16>();
        let (anything, nothing) = (of(ABOUT_ANYTHING), of(ABOUT_NOTHING));
        self.intents & later.intents & !nothing != 0
            || later.intents & anything != 0 && self.intents & !nothing != 0
    }
}

/// Finds the contacts that came back, each on the latest one it relates to. A contact that is there twice
/// counts once.
pub fn repeats(mut contacts: Vec<Contact>, window: &ReworkWindow) -> Vec<Repeat> {
    contacts.sort();
    contacts.dedup();
    let mut found = Vec::new();
    for of_customer in contacts.chunk_by(|a, b| a.customer == b.customer) {
        for (n, later) in of_customer.iter().enumerate() {
            let days = |earlier: &Contact| (later.start - earlier.end) as f64 / 86_400.0;
            let within = |earlier: &&Contact| {
                (0.0..=f64::from(window.days)).contains(&days(earlier)) && earlier.relates(later)
            };
            if let Some(earlier) = of_customer[..n].iter().filter(within).max_by_key(|c| c.end) {
                found.push(Repeat {
                    interaction: later.interaction.clone(),
                    of: earlier.interaction.clone(),
                    days: days(earlier),
                });
            }
        }
    }
    found
}

fn bit(intent: Intent) -> u16 {
    1 << intent as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(customer: &str, day: i64, name: &str, intents: &[Intent]) -> Contact {
        let (start, end) = (day * 86_400, day * 86_400 + 3600);
        let intents = intents.iter().map(|&i| bit(i)).sum();
        Contact { customer: customer.into(), start, end, interaction: name.into(), intents }
    }

    #[test]
    fn the_same_customer_on_a_related_matter_within_the_window_came_back() {
        use Intent::{BillingOrPayment, InformationQuestion, PraiseOrThanks, StatusChase};
        let contacts = vec![
            contact("a", 9, "a2", &[StatusChase]),
            contact("a", 0, "a1", &[BillingOrPayment]),
            contact("a", 10, "a3", &[InformationQuestion]),
            contact("a", 40, "a4", &[BillingOrPayment]),
            contact("b", 1, "b1", &[BillingOrPayment]),
            contact("b", 2, "b2", &[PraiseOrThanks]),
            contact("a", 9, "a2", &[StatusChase]),
        ];
        let found = repeats(contacts, &ReworkWindow::default());
        let names: Vec<(&str, &str)> =
            found.iter().map(|r| (r.interaction.as_str(), r.of.as_str())).collect();
        assert_eq!(names, [("a2", "a1")]);
        assert!((found[0].days - (9.0 - 1.0 / 24.0)).abs() < 1e-9);
    }
}
