use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::marks::MarkKind;
use crate::policy::{GroupSizes, Policy};
use crate::scoring::course::{Course, answers, says};
use crate::scoring::judge::Judge;
use crate::scoring::state::InteractionState;

/// Counts over many interactions of how a customer's risk changes over an answer: per role and channel,
/// and per kind of claim that the answer makes.
///
/// An answer is credited with the change between the customer's message before it and the next; of several
/// answers in between the last one is. Tallies of parts of an archive merge, to the same in any order. What
/// comes out is an association: the hardest cases may go to the best people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    interactions: u64,
    roles: BTreeMap<String, BTreeMap<String, Moments>>,
    claims: BTreeMap<MarkKind, BTreeMap<String, Moments>>,
}

/// Roles, channels and claims that are told apart at most: more are no functions but names of people, and
/// would fill the memory.
const MAX_GROUPS: usize = 10_000;
/// Changes are summed in hundred-thousandths: whole numbers add up to the same in any order.
const STEPS: f64 = 1e5;

/// What the answers of one group have in common. Empty names are those that are not known or not told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    /// What they claim; `None` where it goes by role and channel.
    claim: Option<MarkKind>,
    role: Cow<'a, str>,
    channel: Cow<'a, str>,
}

impl<'a> Key<'a> {
    fn of_role(role: &'a str, channel: &'a str) -> Self {
        Self { claim: None, role: Cow::Borrowed(role), channel: Cow::Borrowed(channel) }
    }

    fn of_claim(claim: MarkKind, role: &'a str) -> Self {
        Self { claim: Some(claim), role: Cow::Borrowed(role), channel: Cow::Borrowed("") }
    }

    /// The key that all spellings of the role and of the channel have.
    fn folded(self) -> Self {
        let [role, channel] = [self.role, self.channel].map(|name| GroupSizes::folded(&name));
        Self { claim: self.claim, role: role.into(), channel: channel.into() }
    }
}

/// Counts of one group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Moments {
    interactions: u64,
    answers: u64,
    change: i64,
    change_squared: u64,
    felt_bad: u64,
}

/// What of a [`Tally`] may be shown, and how much is withheld: groups that are too small, have no role or
/// are held by one person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Groups, by claim, role and channel.
    pub groups: Vec<Group>,
    /// Number of groups that are withheld.
    pub withheld: usize,
    /// Answers in these.
    pub withheld_answers: u64,
}

/// One group of a [`Tally`], large enough to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What staff claimed; `None` in a comparison of roles.
    pub claim: Option<MarkKind>,
    /// The role, as far as the policy names it; spellings that differ in case or blanks around them are one.
    pub role: String,
    /// The channel, its spellings as one too; `None` where it is not known or not told apart.
    pub channel: Option<String>,
    /// Interactions that the group rests on.
    pub interactions: u64,
    /// Answers.
    pub answers: u64,
    /// Mean change of the customer's risk over an answer, from -1 to 1; above 0 it got worse. Small groups
    /// are drawn to the mean of all groups that are shown.
    pub risk_change: f64,
    /// 95 % interval of `risk_change`, by the normal approximation.
    pub interval: [f64; 2],
    /// Share of answers after which the customer's message is flagged.
    pub felt_bad: f64,
    /// `felt_bad` less that share over all roles that are shown: the gap between what was meant and what was
    /// felt. What is withheld has no part in it, so that it cannot be worked out.
    pub gap: f64,
}

impl Tally {
    /// Adds an interaction.
    ///
    /// # Errors
    /// As [`Judge::verdict`], and [`ErrorKind::Policy`] for more roles and channels than there can be
    /// functions. The tally is unchanged then.
    pub fn add(&mut self, judge: &Judge, state: &InteractionState, policy: &Policy) -> Result<()> {
        policy.check()?;
        let (_, records) = judge.ordered(state)?;
        let course = Course::new(records.iter().collect());
        let risk = |n: usize| {
            let evidence = course.all[n].evidence().unwrap_or_default();
            policy.risk_of(evidence)
        };
        let channel = state.channel.as_deref().unwrap_or_default();
        let mut seen = BTreeSet::new();
        let mut own = Self { interactions: 1, ..Self::default() };
        for pair in course.customer.windows(2) {
            // A receipt answers nothing.
            let is_answer = |&n: &usize| answers(course.all[n]) && !course.all[n].is_automatic();
            let Some(answer) = (pair[0] + 1..pair[1]).rev().find(is_answer) else { continue };
            let (before, after) = (risk(pair[0]), risk(pair[1]));
            let change = f64::from(after - before);
            let bad = after >= policy.flag_at;
            // By another name, such as `other`, a role of one person would be shown.
            let role =
                course.all[answer].role().filter(|role| !policy.groups.is_single_person(role));
            let role = role.map_or("", |role| policy.role(role));
            let first = seen.insert(Key::of_role(role, channel).folded());
            let roles = own.roles.entry(role.to_owned()).or_default();
            roles.entry(channel.to_owned()).or_default().add(change, bad, first);
            for kind in MarkKind::CLAIMS {
                if says(course.all[answer], kind) > 0.0 {
                    let first = seen.insert(Key::of_claim(kind, role).folded());
                    let claims = own.claims.entry(kind).or_default();
                    claims.entry(role.to_owned()).or_default().add(change, bad, first);
                }
            }
        }
        self.merge(own)
    }

    /// Adds another part of the archive, which must hold other interactions.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] for more roles and channels than there can be functions; `self` is unchanged then.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        let new = other.keys().filter(|key| !self.holds(key)).count();
        if new > 0 && self.keys().count() + new > MAX_GROUPS {
            let text = format!(
                "the answers have over {MAX_GROUPS} roles, channels and claims: `role` seems to hold \
                 names of people; list the functions in the policy's `roles`"
            );
            return Err(Error::new(ErrorKind::Policy, text));
        }
        self.interactions = self.interactions.saturating_add(other.interactions);
        for (role, channels) in other.roles {
            let ours = self.roles.entry(role).or_default();
            channels.into_iter().for_each(|(name, m)| ours.entry(name).or_default().merge(m));
        }
        for (claim, roles) in other.claims {
            let ours = self.claims.entry(claim).or_default();
            roles.into_iter().for_each(|(name, m)| ours.entry(name).or_default().merge(m));
        }
        Ok(())
    }

    /// Number of interactions.
    pub fn interactions(&self) -> u64 {
        self.interactions
    }

    /// Change of experience per role and channel; the policy is taken to be in range ([`Policy::check`]).
    pub fn by_role(&self, policy: &Policy) -> Compared {
        self.compared(policy, self.roles())
    }

    /// What customers show after each kind of claim, per role: meant against felt; the policy as in [`Self::by_role`].
    pub fn by_claim(&self, policy: &Policy) -> Compared {
        self.compared(policy, self.claims())
    }

    fn compared<'a>(
        &'a self,
        policy: &Policy,
        groups: impl Iterator<Item = (Key<'a>, &'a Moments)>,
    ) -> Compared {
        let roles = spellings(self.roles.keys());
        let channels = spellings(self.roles.values().flat_map(BTreeMap::keys));
        let mut all = Moments::default();
        joined(self.roles())
            .into_iter()
            .filter(|(key, moments)| shown(policy, &key.role, moments))
            .for_each(|(_, moments)| all.merge(moments));
        let mut compared = Compared::default();
        for (key, moments) in joined(groups) {
            if shown(policy, &key.role, &moments) {
                let spelled = Key {
                    role: roles.get(&*key.role).map_or(key.role, |&role| role.into()),
                    channel: channels.get(&*key.channel).map_or(key.channel, |&name| name.into()),
                    ..key
                };
                compared.groups.push(group(policy, &all, spelled, &moments));
            } else {
                compared.withheld += 1;
                compared.withheld_answers =
                    compared.withheld_answers.saturating_add(moments.answers);
            }
        }
        compared
    }

    /// Counts by role and channel.
    fn roles(&self) -> impl Iterator<Item = (Key<'_>, &Moments)> {
        self.roles.iter().flat_map(|(role, channels)| {
            channels.iter().map(move |(channel, m)| (Key::of_role(role, channel), m))
        })
    }

    /// Counts by claim and role.
    fn claims(&self) -> impl Iterator<Item = (Key<'_>, &Moments)> {
        self.claims.iter().flat_map(|(claim, roles)| {
            roles.iter().map(move |(role, m)| (Key::of_claim(*claim, role), m))
        })
    }

    fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        self.roles().chain(self.claims()).map(|(key, _)| key)
    }

    fn holds(&self, Key { claim, role, channel }: &Key<'_>) -> bool {
        match claim {
            None => {
                self.roles.get(&**role).is_some_and(|channels| channels.contains_key(&**channel))
            }
            Some(kind) => self.claims.get(kind).is_some_and(|roles| roles.contains_key(&**role)),
        }
    }
}

/// How folded names are spelled: of several spellings as the first in order.
fn spellings<'a>(names: impl Iterator<Item = &'a String>) -> BTreeMap<String, &'a str> {
    let mut spelled: BTreeMap<String, &str> = BTreeMap::new();
    for name in names.map(|name| name.trim()) {
        let known = spelled.entry(GroupSizes::folded(name)).or_insert(name);
        *known = name.min(*known);
    }
    spelled
}

/// Sums by key, spellings of a role or channel being one.
fn joined<'a>(groups: impl Iterator<Item = (Key<'a>, &'a Moments)>) -> BTreeMap<Key<'a>, Moments> {
    let mut sums: BTreeMap<Key<'a>, Moments> = BTreeMap::new();
    for (key, moments) in groups {
        sums.entry(key.folded()).or_default().merge(*moments);
    }
    sums
}

/// Whether a group may be shown.
fn shown(policy: &Policy, role: &str, moments: &Moments) -> bool {
    let sizes = &policy.groups;
    // Also where nobody checked the policy.
    let enough = moments.interactions >= sizes.min_interactions.max(GroupSizes::LEAST) as u64;
    enough && !role.is_empty() && !sizes.is_single_person(role)
}

fn group(
    policy: &Policy,
    all: &Moments,
    Key { claim, role, channel }: Key<'_>,
    moments: &Moments,
) -> Group {
    let n = moments.answers as f64;
    let prior = f64::from(policy.groups.shrinkage);
    // Shrunk to the mean of all, as if that many more answers had been average ones.
    let mean = (moments.sum() + prior * all.mean()) / (n + prior);
    let half = 1.96 * (moments.variance() / n).sqrt() * n / (n + prior);
    Group {
        claim,
        role: role.into_owned(),
        channel: Some(channel.into_owned()).filter(|channel| !channel.is_empty()),
        interactions: moments.interactions,
        answers: moments.answers,
        risk_change: mean,
        interval: [mean - half, mean + half],
        felt_bad: moments.share_bad(),
        gap: moments.share_bad() - all.share_bad(),
    }
}

impl Moments {
    fn add(&mut self, change: f64, bad: bool, first_of_interaction: bool) {
        self.interactions += u64::from(first_of_interaction);
        self.answers += 1;
        let steps = (change * STEPS).round() as i64;
        self.change += steps;
        self.change_squared += steps.unsigned_abs().pow(2);
        self.felt_bad += u64::from(bad);
    }

    fn merge(&mut self, other: Self) {
        self.interactions = self.interactions.saturating_add(other.interactions);
        self.answers = self.answers.saturating_add(other.answers);
        self.change = self.change.saturating_add(other.change);
        self.change_squared = self.change_squared.saturating_add(other.change_squared);
        self.felt_bad = self.felt_bad.saturating_add(other.felt_bad);
    }

    fn sum(&self) -> f64 {
        self.change as f64 / STEPS
    }

    fn mean(&self) -> f64 {
        self.sum() / self.answers.max(1) as f64
    }

    fn variance(&self) -> f64 {
        let squares = self.change_squared as f64 / (STEPS * STEPS);
        (squares / self.answers.max(1) as f64 - self.mean().powi(2)).max(0.0)
    }

    fn share_bad(&self) -> f64 {
        self.felt_bad as f64 / self.answers.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::GroupSizes;
    use crate::scoring::judge::tests::{judge, state};
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn roles_are_compared_shrunk_and_small_or_personal_groups_are_withheld() {
        let sizes = GroupSizes { single_person_roles: vec!["directeur".to_owned()], ..sizes() };
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
        tally.merge(other).expect("few roles");
        let Compared { groups, withheld, withheld_answers } = tally.by_role(&policy);
        let roles: Vec<&str> = groups.iter().map(|g| g.role.as_str()).collect();
        assert_eq!(roles, ["balie", "planner"]);
        assert_eq!((withheld, withheld_answers, tally.interactions()), (2, 21, 61));
        let planner = &groups[1];
        assert_eq!((planner.interactions, planner.answers, planner.felt_bad), (20, 20, 1.0));
        // 0.4 by itself, drawn to the mean of the two that are shown: 0.1.
        assert!((planner.risk_change - (20.0 * 0.4 + 10.0 * 0.1) / 30.0).abs() < 1e-5);
        assert!((groups[0].risk_change - (20.0 * -0.2 + 10.0 * 0.1) / 30.0).abs() < 1e-5);
        assert!(planner.interval[0] <= planner.risk_change && (planner.gap - 0.5).abs() < 1e-9);
        assert_eq!(tally.by_claim(&policy), Compared::default());
    }

    #[test]
    fn a_policy_out_of_range_is_refused_and_counts_nothing() {
        let mut tally = Tally::default();
        let faulty = Policy { base_rate: f32::NAN, ..Policy::default() };
        let thread = [("c", 0, 0.4), ("planner", 1, 0.0), ("c", 2, 0.9)];
        let error = tally.add(&judge(), &state(&thread), &faulty).expect_err("out of range");
        assert_eq!((error.kind(), tally), (ErrorKind::Policy, Tally::default()));
    }

    #[test]
    fn counts_of_a_file_that_no_archive_has_add_up_to_the_most_there_can_be() {
        let most = u64::MAX;
        let counts = format!(
            r#"{{"interactions":{most},"answers":{most},"change":{},"change_squared":{most},"felt_bad":{most}}}"#,
            i64::MIN
        );
        let json = format!(
            r#"{{"interactions":{most},"roles":{{"a":{{"":{counts}}},"A":{{"":{counts}}},"":{{"":{counts},"chat":{counts}}}}},"claims":{{}}}}"#
        );
        let read = || serde_json::from_str::<Tally>(&json).expect("a tally");
        let mut tally = read();
        tally.merge(read()).expect("few roles");
        let compared = tally.by_role(&Policy::default());
        assert_eq!((tally.interactions(), compared.withheld_answers), (most, most));
        assert_eq!(compared.groups[0].answers, most);
    }

    /// What is withheld cannot be worked out from what is shown: it has no part in it.
    #[test]
    fn a_role_of_one_person_leaves_no_trace_in_the_others() {
        let sizes = GroupSizes { single_person_roles: vec!["directeur".to_owned()], ..sizes() };
        let policy = Policy { groups: sizes, ..Policy::default() };
        let tally = |of_director: f32| {
            let mut tally = Tally::default();
            for _ in 0..30 {
                for (role, after) in [("planner", 0.8), ("directeur", of_director)] {
                    let thread = [("c", 0, 0.4), (role, 1, 0.0), ("c", 2, after)];
                    tally.add(&judge(), &state(&thread), &policy).expect("in order");
                }
            }
            tally.by_role(&policy)
        };
        assert_eq!(tally(0.1), tally(0.9));
        assert_eq!((tally(0.1).groups.len(), tally(0.1).withheld), (1, 1));
    }

    #[test]
    fn a_role_of_one_person_is_not_shown_as_other_nor_in_another_spelling() {
        let sizes = GroupSizes { single_person_roles: vec!["directeur ".to_owned()], ..sizes() };
        let named = Policy { groups: sizes, ..Policy::default() };
        let listed = Policy { roles: Some(vec!["planner".to_owned()]), ..named.clone() };
        for policy in [named, listed] {
            let mut tally = Tally::default();
            for _ in 0..30 {
                for (role, after) in [("planner", 0.8), ("directeur", 0.1), ("Directeur", 0.1)] {
                    let thread = [("c", 0, 0.4), (role, 1, 0.0), ("c", 2, after)];
                    tally.add(&judge(), &state(&thread), &policy).expect("in order");
                }
            }
            let Compared { groups, withheld, withheld_answers } = tally.by_role(&policy);
            let [planner] = &groups[..] else { panic!("{groups:?}") };
            assert!(planner.role == "planner" && planner.gap == 0.0);
            assert_eq!((withheld, withheld_answers), (1, 60));
        }
    }

    #[test]
    fn spellings_of_a_role_are_one_group_that_counts_an_interaction_once() {
        let policy = Policy { groups: sizes(), ..Policy::default() };
        let mut tally = Tally::default();
        for _ in 0..5 {
            let [first, second] = ["balie", "Balie "].map(|role| (role, 1, 0.0));
            let thread = [("c", 0, 0.4), first, ("c", 1, 0.4), second, ("c", 2, 0.4)];
            tally.add(&judge(), &state(&thread), &policy).expect("in order");
        }
        let [group] = &tally.by_role(&policy).groups[..] else { panic!("one group") };
        let found = (group.role.as_str(), group.interactions, group.answers);
        assert_eq!(found, ("Balie", 5, 10));
    }

    #[test]
    fn spellings_of_a_channel_are_one_group() {
        let policy = Policy { groups: sizes(), ..Policy::default() };
        let mut tally = Tally::default();
        for channel in ["email", "Email ", " EMAIL", "email", "Email"] {
            let mut thread = state(&[("c", 0, 0.4), ("balie", 1, 0.0), ("c", 2, 0.4)]);
            thread.channel = Some(channel.to_owned());
            tally.add(&judge(), &thread, &policy).expect("in order");
        }
        let Compared { groups, withheld, .. } = tally.by_role(&policy);
        let [group] = &groups[..] else { panic!("{groups:?}") };
        assert_eq!((group.channel.as_deref(), group.answers, withheld), (Some("EMAIL"), 5, 0));
    }

    #[test]
    fn one_role_alone_is_the_mean_of_all_and_has_no_gap() {
        let policy = Policy { groups: sizes(), ..Policy::default() };
        let mut tally = Tally::default();
        for n in 0..40 {
            let after = if n % 2 == 0 { 0.9 } else { 0.3 };
            let thread = [("c", 0, 0.4), ("balie", 1, 0.0), ("c", 2, after)];
            tally.add(&judge(), &state(&thread), &policy).expect("in order");
        }
        let [group] = &tally.by_role(&policy).groups[..] else { panic!("one group") };
        assert!((group.risk_change - 0.2).abs() < 1e-5 && group.gap == 0.0);
        assert!(group.interval[0] > 0.0 && group.interval[1] < 0.4);
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_same_in_any_order_and_grouping(
            threads in vec((0..3usize, 0.0..1.0f32, 0.0..1.0f32), 1..40),
            cut in 0..40usize,
            seed in any::<u64>(),
        ) {
            let policy = Policy { groups: sizes(), ..Policy::default() };
            let part = |&(role, before, after): &(usize, f32, f32)| {
                let role = ["planner", "balie", "monteur"][role];
                let thread = [("c", 0, before), (role, 1, 0.0), ("c", 2, after)];
                let mut part = Tally::default();
                part.add(&judge(), &state(&thread), &policy).expect("in order");
                part
            };
            let mut parts: Vec<Tally> = threads.iter().map(part).collect();
            let merged = |parts: Vec<Tally>| {
                let mut all = Tally::default();
                parts.into_iter().for_each(|part| all.merge(part).expect("few roles"));
                all
            };
            let whole = merged(parts.clone());
            // Any order: by a number that has nothing to do with what was counted.
            let mut turn = seed | 1;
            parts.sort_by_cached_key(|_| {
                turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                turn >> 20
            });
            let rest = parts.split_off(cut.min(parts.len()));
            prop_assert_eq!(merged(vec![merged(rest), merged(parts)]), whole);
        }
    }

    #[test]
    fn names_of_people_in_the_place_of_roles_are_refused() {
        let policy = Policy::default();
        let mut tally = Tally::default();
        let mut add = |role: &str| {
            let thread = [("c", 0, 0.4), (role, 1, 0.0), ("c", 2, 0.4)];
            tally.add(&judge(), &state(&thread), &policy)
        };
        for n in 0..MAX_GROUPS {
            add(&format!("person {n}")).expect("room for it");
        }
        add("person 7").expect("known");
        let error = add("one more").expect_err("too many");
        assert_eq!(error.kind(), ErrorKind::Policy);
        assert!(error.to_string().contains("`roles`") && !error.to_string().contains("one more"));
        let policy = Policy { roles: Some(vec!["planner".to_owned()]), ..policy };
        let thread = [("c", 0, 0.4), ("one more", 1, 0.0), ("c", 2, 0.4)];
        Tally::default().add(&judge(), &state(&thread), &policy).expect("`other`");
    }

    fn sizes() -> GroupSizes {
        GroupSizes { min_interactions: 5, shrinkage: 10.0, single_person_roles: Vec::new() }
    }
}
