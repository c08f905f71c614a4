use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::marks::MarkKind;
use crate::policy::Policy;
use crate::scores::{log_odds, sigmoid};
use crate::scoring::course::{Course, answers, says};
use crate::scoring::judge::Judge;
use crate::scoring::state::InteractionState;

/// Counts over many interactions of how a customer's risk changes over an answer: per role and channel,
/// and per kind of claim that the answer makes.
///
/// An answer is credited with the change between the customer's message before it and the next; of several
/// answers in between the last one is. Tallies of parts of an archive merge. What comes out is an association:
/// the hardest cases may go to the best people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    all: Moments,
    roles: BTreeMap<String, BTreeMap<String, Moments>>,
    claims: BTreeMap<MarkKind, BTreeMap<String, Moments>>,
}

/// Counts of one group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Moments {
    interactions: u64,
    answers: u64,
    change: f64,
    change_squared: f64,
    felt_bad: u64,
}

/// One group of a [`Tally`], large enough to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What staff claimed; `None` in a comparison of roles.
    pub claim: Option<MarkKind>,
    /// The role, as far as the policy names it.
    pub role: String,
    /// The channel; `None` where it is not known or not told apart.
    pub channel: Option<String>,
    /// Interactions that the group rests on.
    pub interactions: u64,
    /// Answers.
    pub answers: u64,
    /// Mean change of the customer's risk over an answer, from -1 to 1; above 0 it got worse. Small groups
    /// are drawn to the mean of all.
    pub risk_change: f64,
    /// 95 % interval of `risk_change`, by the normal approximation.
    pub interval: [f64; 2],
    /// Share of answers after which the customer's message is flagged.
    pub felt_bad: f64,
    /// `felt_bad` less that share over all answers: the gap between what was meant and what was felt.
    pub gap: f64,
}

impl Tally {
    /// Adds an interaction.
    ///
    /// # Errors
    /// As [`Judge::verdict`].
    pub fn add(&mut self, judge: &Judge, state: &InteractionState, policy: &Policy) -> Result<()> {
        let ordered = judge.ordered(state)?;
        let course = Course::new(ordered.iter().map(|(_, record)| record).collect());
        let risk = |n: usize| {
            let evidence = course.all[n].evidence().unwrap_or_default();
            sigmoid(evidence + log_odds(policy.base_rate))
        };
        let channel = state.channel.as_deref().unwrap_or_default();
        let mut seen = BTreeSet::new();
        for pair in course.customer.windows(2) {
            let Some(answer) = (pair[0] + 1..pair[1]).rev().find(|&n| answers(course.all[n]))
            else {
                continue;
            };
            let (before, after) = (risk(pair[0]), risk(pair[1]));
            let change = f64::from(after - before);
            let bad = after >= policy.flag_at;
            let role = course.all[answer].role().map_or("", |role| policy.role(role));
            self.all.add(change, bad, seen.insert((None, "", "")));
            let first = seen.insert((None, role, channel));
            let roles = self.roles.entry(role.to_owned()).or_default();
            roles.entry(channel.to_owned()).or_default().add(change, bad, first);
            for kind in MarkKind::CLAIMS {
                if says(course.all[answer], kind) > 0.0 {
                    let first = seen.insert((Some(kind), role, ""));
                    let claims = self.claims.entry(kind).or_default();
                    claims.entry(role.to_owned()).or_default().add(change, bad, first);
                }
            }
        }
        Ok(())
    }

    /// Adds another part of the archive, which must hold other interactions.
    pub fn merge(&mut self, other: Self) {
        self.all.merge(other.all);
        for (role, channels) in other.roles {
            let ours = self.roles.entry(role).or_default();
            channels.into_iter().for_each(|(name, m)| ours.entry(name).or_default().merge(m));
        }
        for (claim, roles) in other.claims {
            let ours = self.claims.entry(claim).or_default();
            roles.into_iter().for_each(|(name, m)| ours.entry(name).or_default().merge(m));
        }
    }

    /// Change of experience per role and channel; groups that are too small, have no role or are held by one
    /// person are left out.
    pub fn by_role(&self, policy: &Policy) -> Vec<Group> {
        let groups = self.roles.iter().flat_map(|(role, channels)| {
            channels.iter().filter_map(move |(channel, moments)| {
                let channel = (!channel.is_empty()).then(|| channel.clone());
                let group = self.group(policy, role, moments)?;
                Some(Group { channel, ..group })
            })
        });
        groups.collect()
    }

    /// What customers show after each kind of claim, per role: meant against felt.
    pub fn by_claim(&self, policy: &Policy) -> Vec<Group> {
        let groups = self.claims.iter().flat_map(|(claim, roles)| {
            roles.iter().filter_map(move |(role, moments)| {
                Some(Group { claim: Some(*claim), ..self.group(policy, role, moments)? })
            })
        });
        groups.collect()
    }

    fn group(&self, policy: &Policy, role: &str, moments: &Moments) -> Option<Group> {
        let sizes = &policy.groups;
        let small = moments.interactions < sizes.min_interactions as u64;
        if role.is_empty() || small || sizes.single_person_roles.iter().any(|r| r == role) {
            return None;
        }
        let n = moments.answers as f64;
        let prior = f64::from(sizes.shrinkage);
        // Shrunk to the mean of all, as if that many more answers had been average ones.
        let mean = (moments.change + prior * self.all.mean()) / (n + prior);
        let half = 1.96 * (moments.variance() / n).sqrt() * n / (n + prior);
        Some(Group {
            claim: None,
            role: role.to_owned(),
            channel: None,
            interactions: moments.interactions,
            answers: moments.answers,
            risk_change: mean,
            interval: [mean - half, mean + half],
            felt_bad: moments.share_bad(),
            gap: moments.share_bad() - self.all.share_bad(),
        })
    }
}

impl Moments {
    fn add(&mut self, change: f64, bad: bool, first_of_interaction: bool) {
        self.interactions += u64::from(first_of_interaction);
        self.answers += 1;
        self.change += change;
        self.change_squared += change * change;
        self.felt_bad += u64::from(bad);
    }

    fn merge(&mut self, other: Self) {
        self.interactions += other.interactions;
        self.answers += other.answers;
        self.change += other.change;
        self.change_squared += other.change_squared;
        self.felt_bad += other.felt_bad;
    }

    fn mean(&self) -> f64 {
        if self.answers == 0 { 0.0 } else { self.change / self.answers as f64 }
    }

    fn variance(&self) -> f64 {
        (self.change_squared / self.answers.max(1) as f64 - self.mean().powi(2)).max(0.0)
    }

    fn share_bad(&self) -> f64 {
        if self.answers == 0 { 0.0 } else { self.felt_bad as f64 / self.answers as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::GroupSizes;
    use crate::scoring::judge::tests::{judge, state};

    #[test]
    fn roles_are_compared_shrunk_and_small_or_personal_groups_are_withheld() {
        let sizes = GroupSizes {
            min_interactions: 5,
            shrinkage: 10.0,
            single_person_roles: vec!["directeur".to_owned()],
        };
        let policy = Policy { groups: sizes, ..Policy::default() };
        let mut parts = [Tally::default(), Tally::default()];
        for n in 0..20 {
            for (role, after) in [("planner", 0.8), ("balie", 0.2), ("directeur", 0.9)] {
                let thread = [("c", 0, 0.4), (role, 1, 0.0), ("c", 2, after)];
                parts[n % 2].add(&judge(), &state(&thread), &policy).expect("in order");
            }
        }
        let rare = [("c", 0, 0.4), ("stagiair", 1, 0.0), ("c", 2, 0.9)];
        parts[0].add(&judge(), &state(&rare), &policy).expect("in order");
        let [mut tally, other] = parts;
        tally.merge(other);
        let groups = tally.by_role(&policy);
        let roles: Vec<&str> = groups.iter().map(|g| g.role.as_str()).collect();
        assert_eq!(roles, ["balie", "planner"]);
        let planner = &groups[1];
        assert_eq!((planner.interactions, planner.answers, planner.felt_bad), (20, 20, 1.0));
        // 0.4 by itself, drawn to the mean of all.
        assert!(planner.risk_change < 0.4 && planner.risk_change > groups[0].risk_change);
        assert!(planner.interval[0] <= planner.risk_change && planner.gap > 0.0);
        assert!(tally.by_claim(&policy).is_empty());
    }
}
