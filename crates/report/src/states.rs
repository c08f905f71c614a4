//! What changes over an answer? States are joined by their interaction before they are counted: one that is given again, or
//! as it was a day later, would make groups of staff pass for large ones.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;

use beleving::{ErrorKind, InteractionState, Judge, Policy, Result, Tally};

use crate::piles::Piles;

/// States as they come, and what they are judged with.
pub(crate) struct States {
    judge: Judge,
    policy: Policy,
    pub(crate) piles: Piles<InteractionState>,
}

impl States {
    pub(crate) fn new(judge: Judge, policy: Policy) -> Self {
        Self { judge, policy, piles: Piles::default() }
    }

    /// Whether a state can be counted.
    ///
    /// # Errors
    /// As [`Tally::add`].
    pub(crate) fn check(&self, state: &InteractionState) -> Result<()> {
        Tally::default().add(&self.judge, state, &self.policy)
    }

    /// Counts every interaction once.
    ///
    /// # Errors
    /// If the disk fails, or the states have more roles than there can be functions.
    pub(crate) fn tally(&self) -> io::Result<Tally> {
        let mut tally = Tally::default();
        self.piles.each_lot(|states| {
            for state in joined(states).map_err(io::Error::other)? {
                match tally.add(&self.judge, &state, &self.policy) {
                    // Its parts may have had an order of their own, and none together.
                    Err(error) if error.kind() == ErrorKind::Input => {}
                    added => added.map_err(io::Error::other)?,
                }
            }
            Ok(())
        })?;
        Ok(tally)
    }
}

/// States of the same interaction as one. Of messages without ids nobody knows whether they are the same: states of those are only
/// left out where all they hold is.
fn joined(states: Vec<InteractionState>) -> Result<impl Iterator<Item = InteractionState>> {
    let mut joined: BTreeMap<String, InteractionState> = BTreeMap::new();
    let mut others = BTreeMap::new();
    for state in states {
        if !state.has_ids() {
            others.insert(serde_json::to_string(&state).expect("plain data"), state);
            continue;
        }
        match joined.entry(state.interaction.clone()) {
            Entry::Vacant(free) => {
                free.insert(state);
            }
            Entry::Occupied(mut same) => same.get_mut().merge(state)?,
        }
    }
    Ok(joined.into_values().chain(others.into_values()))
}

#[cfg(test)]
mod tests {
    use beleving::{Interaction, Message, Scorer};

    use super::*;
    use crate::{Answers, Collected, Options};

    const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny");

    /// States of ten interactions with some of their messages, `c` of the customer and `s` of staff, as lines.
    fn states(scorer: &Scorer, said: &[(usize, char)]) -> String {
        let mut lines = String::new();
        for n in 0..10 {
            let mut state = scorer.judging().state(format!("i{n}"));
            for &(at, who) in said {
                let text = format!("Waar blijft pakket {n}? Ik vraag het {at} keer.");
                let message = match who {
                    'c' => Message::customer(text),
                    _ => Message::staff("planner", text),
                };
                let message = message.with_id(at.to_string()).numbered(at as i64);
                let scores = scorer.score_one(&message).expect("scored");
                state.update(&message, Some(&scores)).expect("an id");
            }
            lines += &serde_json::to_string(&state).expect("plain data");
            lines.push('\n');
        }
        lines
    }

    /// What is counted where `in_memory` bytes of states stay in memory.
    fn counted(scorer: &Scorer, files: &[&str], in_memory: usize) -> Answers {
        let policy = Policy::parse("[groups]\nmin_interactions = 5").expect("a policy");
        let mut collected = Collected::default();
        let judge = scorer.judging().clone();
        collected.states = Some(States::new(judge.clone(), policy.clone()));
        collected.states.as_mut().expect("given").piles.in_memory = in_memory;
        for lines in files {
            collected.read_states(lines.as_bytes(), &judge, &policy).expect("memory is read");
        }
        assert_eq!(collected.unreadable(), 0);
        let tables = collected.tables(&Options { policy, ..Options::default() }).expect("tables");
        let page = tables.html(crate::Voice {
            language: crate::Language::English,
            audience: crate::Audience::Customer,
        });
        assert!(page.contains("10 conversations, which are more than the 0 verdicts"));
        tables.answers.expect("states were read")
    }

    #[test]
    fn of_states_without_ids_only_the_same_is_left_out() {
        let scorer = Scorer::open(TINY).expect("in the repository");
        let file = |last: &str| {
            let mut lines = String::new();
            for n in 0..10 {
                let said =
                    [Message::customer("Waar blijft het?"), Message::staff("planner", "Morgen.")];
                let messages = [&said[..], &[Message::customer(last)]].concat();
                let interaction =
                    Interaction { id: format!("i{n}"), messages, ..Interaction::default() };
                let state = scorer.states(&[interaction]).remove(0).expect("a state");
                lines += &serde_json::to_string(&state).expect("plain data");
                lines.push('\n');
            }
            lines
        };
        let (one, other) =
            (file("Dank u."), file("Laat maar. Ik wacht al weken, en niemand belt."));
        for (files, interactions) in [(&[&*one, &one][..], 10), (&[&one, &other], 20)] {
            let policy = Policy::parse("[groups]\nmin_interactions = 5").expect("a policy");
            let judge = scorer.judging().clone();
            let mut collected = Collected::default();
            for lines in files {
                collected.read_states(lines.as_bytes(), &judge, &policy).expect("memory is read");
            }
            let tables =
                collected.tables(&Options { policy, ..Options::default() }).expect("tables");
            assert_eq!(tables.answers.expect("states").interactions, interactions);
        }
    }

    #[test]
    fn states_of_an_interaction_count_once_however_they_were_split_or_have_grown() {
        let scorer = Scorer::open(TINY).expect("in the repository");
        let all = [(0, 'c'), (1, 's'), (2, 'c'), (3, 's'), (4, 'c')];
        let whole = states(&scorer, &all);
        let (yesterday, today) = (states(&scorer, &all[..3]), states(&scorer, &all[3..]));
        let expected = counted(&scorer, &[&whole], usize::MAX);
        let [planner] = &expected.by_role.groups[..] else { panic!("one role") };
        assert_eq!((expected.interactions, planner.interactions, planner.answers), (10, 10, 20));
        for files in [
            &[&*whole, &whole][..],
            &[&whole, &yesterday],
            &[&yesterday, &whole],
            &[&yesterday, &today],
            &[&today, &yesterday],
        ] {
            for in_memory in [usize::MAX, 2_000] {
                assert_eq!(counted(&scorer, files, in_memory), expected);
            }
        }
    }
}
