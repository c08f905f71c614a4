//! What do the interactions of one customer show together? Contacts that came back, and what is at stake.
//!
//! Customers cannot be counted while lines stream by, so a contact of each interaction is kept ([`Piles`]).

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io;

use beleving::{Contact, Intent, Policy, Stake, repeats};
use jiff::Timestamp;
use serde::Serialize;

use crate::estimate::share_of;
use crate::line::Verdict;
use crate::piles::Piles;

/// Lower ends of the levels that customers are counted by in what is at stake, in bad endings of the last day.
const LEVELS: [f32; 4] = [0.0, 0.25, 0.5, 1.0];

/// Contacts by customer, as many as there are interactions.
#[derive(Default)]
pub(crate) struct Contacts {
    piles: Piles<Contact>,
    /// End of the last contact.
    latest: Option<Timestamp>,
    /// Interactions without a customer or a date.
    pub(crate) left_out: u64,
}

impl Contacts {
    /// # Errors
    /// If the disk is full.
    pub(crate) fn add(&mut self, contact: Contact) -> io::Result<()> {
        self.latest = self.latest.max(Some(contact.end));
        self.piles.add(contact)
    }

    /// Hands over all contacts, those of a customer together.
    fn each_customer(&self, mut take: impl FnMut(&[Contact])) -> io::Result<()> {
        self.piles.each_lot(|mut contacts| {
            Contact::by_customer(&mut contacts).for_each(&mut take);
            Ok(())
        })
    }

    /// Counts what came back, and weighs what is at stake; `None` where no customer is known.
    pub(crate) fn tables(
        &self,
        policy: &Policy,
        min_group: u64,
        named: usize,
    ) -> io::Result<Option<(Returns, AtStake)>> {
        let Some(now) = self.latest else { return Ok(None) };
        let mut counts = ReturnSums::default();
        let levels_from = LEVELS.map(|level| level * policy.stake.bad_ending);
        let mut sums = StakeSums { named, levels_from, ..StakeSums::default() };
        self.each_customer(|contacts| {
            counts.add(contacts, policy);
            sums.add(&contacts[0].customer, Stake::of(contacts, now, &policy.stake));
        })?;
        let returns = counts.table(policy, min_group, self.left_out);
        Ok(Some((returns, sums.table(policy, now))))
    }
}

/// As [`Contact::of`]. Lines hold no intent under the policy's `intent_at`: where that is over
/// [`Contact::INTENT_AT`], those in between are not known here.
pub(crate) fn contact(verdict: &Verdict) -> Option<Contact> {
    let risk = verdict.risk.filter(|_| verdict.flagged).unwrap_or_default();
    Some(Contact {
        customer: verdict.customer.clone()?,
        interaction: verdict.interaction.clone(),
        start: verdict.start?,
        end: verdict.end?,
        intents: verdict.intents.clone(),
        bad: risk as f32,
        rework: verdict.rework,
        leaving: verdict.signals.map_or(0.0, |signals| signals.relationship_at_risk) as f32,
    })
}

/// Contacts that came back: same customer, related intent, within the policy's days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Returns {
    /// Days after the end of a contact within which another counts as coming back on it.
    pub days: f32,
    /// Customers.
    pub customers: u64,
    /// Their contacts.
    pub contacts: u64,
    /// Of these, come back on an earlier one.
    pub repeats: u64,
    /// Part of the contacts that came back, with Wilson's interval.
    pub share: [f64; 3],
    /// By what the contact is about; one may be about several things. Largest share first.
    pub by_intent: Vec<ReturnRow>,
    /// Intents that are too small to show.
    pub withheld: u64,
    /// Contacts about these.
    pub withheld_n: u64,
    /// Interactions without a customer or a date, which are not among the contacts.
    pub left_out: u64,
}

/// Contacts about one thing that came back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReturnRow {
    /// Intent.
    pub intent: Intent,
    /// Contacts.
    pub contacts: u64,
    /// Of these, come back on an earlier one.
    pub repeats: u64,
    /// Part that came back, with Wilson's interval.
    pub share: [f64; 3],
}

/// What is at stake with all customers together, and with those who are named on request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtStake {
    /// Moment that it is weighed at: the end of the last contact.
    pub as_of: String,
    /// Days after which an event weighs half.
    pub half_life_days: f32,
    /// Customers.
    pub customers: u64,
    /// Sums over all customers; `None` where they are too few to show.
    pub together: Option<Together>,
    /// Customers with the most at stake, only where asked for.
    pub named: Vec<CustomerAtStake>,
}

/// Sums over all customers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Together {
    /// Customers from each of `levels_from` to the next.
    pub levels: [u64; 4],
    /// None, and a quarter, a half and all of what one bad ending at the moment of weighing can be: its weight.
    pub levels_from: [f32; 4],
    /// Mean of a customer, by what it comes from.
    pub mean: Stake,
}

/// What is at stake with one customer. It is no probability of leaving.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CustomerAtStake {
    /// Name of the customer as the input has it.
    pub customer: String,
    /// The sum.
    pub total: f64,
    /// What it comes from.
    pub parts: Stake,
}

/// Contacts and those that came back.
#[derive(Default)]
struct ReturnSums {
    customers: u64,
    contacts: u64,
    repeats: u64,
    by_intent: BTreeMap<Intent, [u64; 2]>,
}

impl ReturnSums {
    fn add(&mut self, contacts: &[Contact], policy: &Policy) {
        self.customers += 1;
        self.contacts += contacts.len() as u64;
        for intent in contacts.iter().flat_map(|contact| &contact.intents) {
            self.by_intent.entry(*intent).or_default()[0] += 1;
        }
        for repeat in repeats(contacts, &policy.rework) {
            self.repeats += 1;
            for intent in &contacts[repeat.contact].intents {
                self.by_intent.entry(*intent).or_default()[1] += 1;
            }
        }
    }

    fn table(self, policy: &Policy, min_group: u64, left_out: u64) -> Returns {
        let (large, small): (Vec<_>, Vec<_>) =
            self.by_intent.into_iter().partition(|(_, [contacts, _])| *contacts >= min_group);
        let row = |(intent, [contacts, repeats]): (Intent, [u64; 2])| ReturnRow {
            intent,
            contacts,
            repeats,
            share: share_of(repeats, contacts),
        };
        let mut by_intent: Vec<ReturnRow> = large.into_iter().map(row).collect();
        by_intent.sort_by(|a, b| b.share[0].total_cmp(&a.share[0]).then(a.intent.cmp(&b.intent)));
        Returns {
            days: policy.rework.days,
            customers: self.customers,
            contacts: self.contacts,
            repeats: self.repeats,
            share: share_of(self.repeats, self.contacts),
            by_intent,
            withheld: small.len() as u64,
            withheld_n: small.iter().map(|(_, [contacts, _])| contacts).sum(),
            left_out,
        }
    }
}

/// What is at stake, over customers.
#[derive(Default)]
struct StakeSums {
    customers: u64,
    levels: [u64; 4],
    levels_from: [f32; 4],
    sum: Stake,
    /// How many customers are named.
    named: usize,
    most: Vec<CustomerAtStake>,
}

impl StakeSums {
    fn add(&mut self, customer: &str, parts: Stake) {
        let total = parts.total();
        self.customers += 1;
        // Of nothing there is no more than of bad endings without weight.
        let reaches = |from: &f32| total > 0.0 && total >= f64::from(*from);
        self.levels[self.levels_from.iter().rposition(reaches).unwrap_or(0)] += 1;
        self.sum.bad_endings += parts.bad_endings;
        self.sum.rework += parts.rework;
        self.sum.leaving += parts.leaving;
        self.sum.silence += parts.silence;
        if self.named == 0 || total <= 0.0 {
            return;
        }
        let own = CustomerAtStake { customer: customer.to_owned(), total, parts };
        let before = |other: &CustomerAtStake| {
            let most = own.total.total_cmp(&other.total);
            most.then_with(|| other.customer.cmp(&own.customer)) != Ordering::Greater
        };
        let place = self.most.partition_point(before);
        self.most.insert(place, own);
        self.most.truncate(self.named);
    }

    fn table(self, policy: &Policy, now: Timestamp) -> AtStake {
        let n = self.customers as f64;
        // Fewer would point at people.
        let shown = self.customers >= policy.groups.min_interactions as u64;
        AtStake {
            as_of: now.to_string(),
            half_life_days: policy.stake.half_life_days,
            customers: self.customers,
            together: shown.then(|| Together {
                levels: self.levels,
                levels_from: self.levels_from,
                mean: Stake {
                    bad_endings: self.sum.bad_endings / n,
                    rework: self.sum.rework / n,
                    leaving: self.sum.leaving / n,
                    silence: self.sum.silence / n,
                },
            }),
            named: self.most,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::line::Line;
    use crate::piles::IN_MEMORY;

    fn contacts(in_memory: usize, lines: impl Iterator<Item = usize>) -> Contacts {
        let mut contacts = Contacts::default();
        contacts.piles.in_memory = in_memory;
        for n in lines {
            let day = 1 + n / 50;
            let line = format!(
                r#"{{"interaction":"i{n}","customer":"c{}","start":"2026-01-{day:02}T09:00:00Z",
                "end":"2026-01-{day:02}T09:00:00Z","assessable":true,"risk":{},"flagged":{},
                "intents":{{"status_chase":0.9}},"model":"m","policy":"p"}}"#,
                n % 50,
                if n % 7 == 0 { 0.9 } else { 0.1 },
                n % 7 == 0,
            );
            match Line::parse(line.as_bytes()).expect("reads") {
                Line::Verdict(verdict) => {
                    let contact = contact(&verdict).expect("of a customer, and dated");
                    contacts.add(contact).expect("room on the disk");
                }
                Line::Failed(_) => panic!("a verdict"),
            }
        }
        contacts
    }

    /// Sums of fractions may differ by their order in the last digits.
    fn near(a: &AtStake, b: &AtStake) -> bool {
        let total = |found: &AtStake| found.together.as_ref().map(|sums| sums.mean.total());
        let levels = |found: &AtStake| found.together.as_ref().map(|sums| sums.levels);
        let apart = total(a).unwrap_or(-1.0) - total(b).unwrap_or(-2.0);
        apart.abs() < 1e-9 && levels(a) == levels(b) && a.named == b.named
    }

    #[test]
    fn a_line_gives_the_contact_that_its_verdict_gives() {
        let mut verdict = json!({
            "interaction": "i1", "customer": "c1", "start": "2026-01-05T09:00:00Z", "messages": 2, "failed": 0,
            "assessable": true, "risk": 0.9, "flagged": true, "recovered": false, "rework": true, "praise": false,
            "signals": {"repeat_contact": 0.0, "relationship_at_risk": 0.4, "escalation": 0.0, "problem_stated": 0.0},
            "waiting": {"no_answer_seen": false}, "handoffs": 0, "reasons": [],
            "model": "m@1", "policy": "p@1", "policy_hash": "",
        });
        for (end, is_contact) in [(json!("2026-01-09T09:00:00Z"), true), (json!(null), false)] {
            verdict["end"] = end;
            verdict["intents"] = json!([0.5, 0.499, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            let whole: beleving::Verdict =
                serde_json::from_value(verdict.clone()).expect("a verdict");
            let expected = Contact::of(&whole);
            assert_eq!(
                expected.as_ref().map(|contact| contact.intents.len()),
                is_contact.then_some(1)
            );
            let named = Intent::ALL
                .into_iter()
                .map(|intent| (intent.name(), whole.intents.expect("given").p(intent)));
            verdict["intents"] = named.collect::<BTreeMap<_, _>>().into_iter().collect();
            let Ok(Line::Verdict(read)) = Line::parse(verdict.to_string().as_bytes()) else {
                panic!("a line of a verdict");
            };
            assert_eq!(contact(&read), expected);
        }
    }

    #[test]
    fn what_lies_on_the_disk_counts_as_what_is_in_memory_in_any_order() {
        let policy = Policy::default();
        let tables = |contacts: &Contacts| {
            contacts.tables(&policy, 10, 5).expect("the disk is read").expect("customers")
        };
        let (returns, stake) = tables(&contacts(IN_MEMORY, 0..300));
        // A customer is there on the first six days and asks again each time.
        assert_eq!((returns.customers, returns.contacts, returns.repeats), (50, 300, 250));
        assert_eq!((returns.by_intent.len(), returns.by_intent[0].repeats), (1, 250));
        assert_eq!(stake.named.len(), 5);
        let mut spilt = contacts(1_000, (0..300).rev());
        for _ in 0..2 {
            let (same, at_stake) = tables(&spilt);
            assert_eq!(same, returns);
            assert!(near(&at_stake, &stake), "{at_stake:?} {stake:?}");
        }
        // It can be added to after it was read.
        contacts(IN_MEMORY, 300..301)
            .each_customer(|contacts| spilt.add(contacts[0].clone()).expect("room on the disk"))
            .expect("memory is read");
        assert_eq!(tables(&spilt).0.contacts, 301);
    }

    #[test]
    fn few_customers_are_not_shown_together_and_none_is_named_unasked() {
        let (_, stake) = contacts(IN_MEMORY, 0..19)
            .tables(&Policy::default(), 10, 0)
            .expect("memory is read")
            .expect("customers");
        assert_eq!((stake.customers, stake.together, stake.named), (19, None, Vec::new()));
    }
}
