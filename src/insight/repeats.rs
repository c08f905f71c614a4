use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::ReworkWindow;
use crate::scores::Intent;
use crate::verdict::Verdict;

/// Intents that say how a customer comes back and not about what.
const ABOUT_ANYTHING: [Intent; 2] = [Intent::Complaint, Intent::StatusChase];
/// Intents that relate to nothing.
const ABOUT_NOTHING: [Intent; 2] = [Intent::PraiseOrThanks, Intent::Other];

/// One interaction of a known customer, as far as it says anything beside their others. Lists of contacts are
/// joined by appending them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Name of the customer.
    pub customer: String,
    /// Name of the interaction.
    pub interaction: String,
    /// Time of its first message.
    pub start: Timestamp,
    /// Time of its last message.
    pub end: Timestamp,
    /// What it was about: intents of at least [`Self::INTENT_AT`].
    pub intents: Vec<Intent>,
    /// Its risk if it is flagged, else 0.
    pub bad: f32,
    /// Whether the customer had to come back within it.
    pub rework: bool,
    /// Probability that the customer announces to leave.
    pub leaving: f32,
}

/// A contact that came back on an earlier one: same customer, related intent, within the policy's days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Place of the contact that came back.
    pub contact: usize,
    /// Place of the contact that it comes back on.
    pub of: usize,
    /// Days between the end of the one and the start of the other.
    pub days: f64,
}

impl Contact {
    /// Probability from which an interaction is about an intent; intents are calibrated so that it decides.
    pub const INTENT_AT: f32 = 0.5;

    /// The contact of a verdict; `None` without a customer or a date.
    pub fn of(verdict: &Verdict) -> Option<Self> {
        let intents = verdict.intents.unwrap_or_default();
        Some(Self {
            customer: verdict.customer.clone()?,
            interaction: verdict.interaction.clone(),
            start: verdict.start?,
            end: verdict.end?,
            intents: intents
                .at_least(Self::INTENT_AT)
                .into_iter()
                .map(|(intent, _)| intent)
                .collect(),
            bad: verdict.risk.filter(|_| verdict.flagged).unwrap_or_default(),
            rework: verdict.rework,
            leaving: verdict.signals.unwrap_or_default().relationship_at_risk,
        })
    }

    /// Puts contacts in order and gives those of each customer, by start. An interaction that is there more than once, by its
    /// name and start, counts once, the later end of it. Others may have its name.
    pub fn by_customer(contacts: &mut Vec<Self>) -> impl Iterator<Item = &[Self]> {
        let name = |a: &Self, b: &Self| {
            let names = (&a.customer, &a.interaction).cmp(&(&b.customer, &b.interaction));
            names.then(a.start.cmp(&b.start))
        };
        contacts.sort_by(|a, b| name(a, b).then_with(|| a.said(b)));
        contacts.dedup_by(|later, kept| {
            let same = name(later, kept) == Ordering::Equal;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        contacts.sort_by(|a, b| {
            let time = || (a.start, a.end).cmp(&(b.start, b.end));
            a.customer.cmp(&b.customer).then_with(time).then_with(|| name(a, b))
        });
        contacts.chunk_by(|a, b| a.customer == b.customer)
    }

    /// Orders what is said of one interaction, which began once, the last word last.
    fn said(&self, other: &Self) -> Ordering {
        let rest = || self.bad.total_cmp(&other.bad).then(self.leaving.total_cmp(&other.leaving));
        let last = || (self.rework, &self.intents).cmp(&(other.rework, &other.intents));
        self.end.cmp(&other.end).then_with(rest).then_with(last)
    }

    /// Whether a complaint or a question how things stand can come back on it: thanks alone need nothing.
    fn can_go_on(&self) -> bool {
        self.intents.is_empty() || self.intents.iter().any(|&i| i != Intent::PraiseOrThanks)
    }

    /// What others can share with it.
    fn matters(&self) -> impl Iterator<Item = Intent> + '_ {
        self.intents.iter().copied().filter(|intent| !ABOUT_NOTHING.contains(intent))
    }
}

/// Finds which contacts of one customer came back, each on the latest one it relates to: they share an intent other than thanks
/// or `other`, or the later one is a complaint or asks where things stand and the earlier one is not only thanks. Takes contacts as
/// [`Contact::by_customer`] gives them, in time that grows as `n log n`.
pub fn repeats(contacts: &[Contact], window: &ReworkWindow) -> Vec<Repeat> {
    let mut by_end: Vec<usize> = (0..contacts.len()).collect();
    by_end.sort_by_key(|&n| (contacts[n].end, n));
    let mut ended = by_end.into_iter().peekable();
    // The contact that ended last, of each intent and of all.
    let mut last_about = [None; Intent::ALL.len()];
    let mut last = None;
    let mut found = Vec::new();
    for (n, later) in contacts.iter().enumerate() {
        while let Some(e) = ended.next_if(|&e| e < n && contacts[e].end <= later.start) {
            contacts[e].matters().for_each(|intent| last_about[intent as usize] = Some(e));
            last = Some(e).filter(|&e| contacts[e].can_go_on()).or(last);
        }
        let same = later.matters().filter_map(|intent| last_about[intent as usize]);
        let any = last.filter(|_| later.intents.iter().any(|i| ABOUT_ANYTHING.contains(i)));
        let Some(of) = same.chain(any).max_by_key(|&e| (contacts[e].end, e)) else { continue };
        let days = (later.start.as_second() - contacts[of].end.as_second()) as f64 / 86_400.0;
        if days <= f64::from(window.days) {
            found.push(Repeat { contact: n, of, days });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::collection::{SizeRange, vec};
    use proptest::prelude::*;
    use proptest::sample::subsequence;

    use super::*;

    fn contact(customer: &str, hours: [i64; 2], name: &str, intents: &[Intent]) -> Contact {
        let [start, end] = hours.map(|hour| Timestamp::from_second(hour * 3600).expect("in range"));
        let (customer, interaction, intents) = (customer.into(), name.into(), intents.to_vec());
        Contact {
            customer,
            interaction,
            start,
            end,
            intents,
            bad: 0.0,
            rework: false,
            leaving: 0.0,
        }
    }

    fn day(customer: &str, day: i64, name: &str, intents: &[Intent]) -> Contact {
        contact(customer, [day * 24, day * 24 + 1], name, intents)
    }

    #[test]
    fn the_same_customer_on_a_related_matter_within_the_window_came_back() {
        use Intent::{
            BillingOrPayment, Complaint, InformationQuestion, PraiseOrThanks, StatusChase,
        };
        let mut contacts = vec![
            day("a", 9, "a2", &[StatusChase]),
            day("a", 0, "a1", &[BillingOrPayment]),
            day("a", 10, "a3", &[InformationQuestion]),
            day("a", 40, "a4", &[BillingOrPayment]),
            day("b", 1, "b1", &[BillingOrPayment]),
            day("b", 2, "b2", &[PraiseOrThanks]),
            day("b", 42, "b3", &[PraiseOrThanks]),
            day("b", 43, "b4", &[StatusChase]),
            day("c", 1, "not assessed", &[]),
            day("c", 2, "c2", &[Complaint]),
            day("a", 9, "a2", &[StatusChase]),
        ];
        let window = ReworkWindow::default();
        let mut found = Vec::new();
        for of_one in Contact::by_customer(&mut contacts) {
            found.extend(repeats(of_one, &window).into_iter().map(|repeat| {
                let name = |n: usize| of_one[n].interaction.clone();
                (name(repeat.contact), name(repeat.of), repeat.days)
            }));
        }
        let names: Vec<_> = found.iter().map(|(later, of, _)| [later, of]).collect();
        assert_eq!(names, [["a2", "a1"], ["c2", "not assessed"]]);
        assert!((found[0].2 - (9.0 - 1.0 / 24.0)).abs() < 1e-9);
    }

    #[test]
    fn an_interaction_that_came_twice_is_one_and_its_later_end_counts() {
        let matter = [Intent::BillingOrPayment];
        let mut contacts = vec![
            contact("a", [0, 9], "so far", &matter),
            contact("a", [0, 0], "so far", &matter),
            contact("b", [0, 0], "so far", &matter),
        ];
        let all: Vec<Vec<Contact>> =
            Contact::by_customer(&mut contacts).map(<[_]>::to_vec).collect();
        assert_eq!(
            all,
            [[contact("a", [0, 9], "so far", &matter)], [contact("b", [0, 0], "so far", &matter),]]
        );
        assert!(repeats(&all[0], &ReworkWindow::default()).is_empty());
    }

    #[test]
    fn a_name_that_is_used_again_later_is_another_interaction() {
        let again = |day: i64| contact("a", [day * 24, day * 24 + 1], "7", &[Intent::StatusChase]);
        let mut contacts = vec![again(6), again(0), again(6)];
        let all: Vec<Vec<Contact>> =
            Contact::by_customer(&mut contacts).map(<[_]>::to_vec).collect();
        assert_eq!(all, [[again(0), again(6)]]);
        assert_eq!(repeats(&all[0], &ReworkWindow::default()).len(), 1);
    }

    proptest! {
        #[test]
        fn the_sweep_finds_what_looking_at_every_pair_finds(
            given in vec((0..600i64, 0..200i64, subsequence(&Intent::ALL[..], SizeRange::from(0..=3))), 0..40)
        ) {
            let named = given.iter().enumerate();
            let mut contacts: Vec<Contact> = named
                .map(|(n, (start, long, intents))| {
                    contact("a", [*start, start + long], &n.to_string(), intents)
                })
                .collect();
            let window = ReworkWindow { days: 5.0, ..ReworkWindow::default() };
            for of_one in Contact::by_customer(&mut contacts) {
                let relates = |earlier: &Contact, later: &Contact| {
                    let anything = later.intents.iter().any(|i| ABOUT_ANYTHING.contains(i));
                    let shares = earlier.matters().any(|i| later.matters().any(|j| i == j));
                    let only_thanks = [Intent::PraiseOrThanks];
                    shares || anything && earlier.intents != only_thanks
                };
                let days = |e: usize, n: usize| {
                    (of_one[n].start.as_second() - of_one[e].end.as_second()) as f64 / 86_400.0
                };
                let pairs = (0..of_one.len()).filter_map(|n| {
                    let of = (0..n)
                        .filter(|&e| (0.0..=5.0).contains(&days(e, n)))
                        .filter(|&e| relates(&of_one[e], &of_one[n]))
                        .max_by_key(|&e| (of_one[e].end, e))?;
                    Some(Repeat { contact: n, of, days: days(of, n) })
                });
                prop_assert_eq!(repeats(of_one, &window), pairs.collect::<Vec<_>>());
            }
        }
    }
}
