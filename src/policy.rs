mod fault;

use std::ops::RangeInclusive;

use jiff::civil::{Date, Weekday};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};
use crate::names::names;
use crate::scores::{evidence, log_odds, sigmoid};

/// Version of the policy's form that this build reads.
const SCHEMA: u32 = 1;

/// What an organisation decides for itself: thresholds, base rate, roles, calendar, windows and sizes.
///
/// It changes what is flagged and for which traffic the risk is stated, never what the model reads, so
/// that a decision can be made again from stored states. A model folder carries a default; a call or
/// [`ScorerBuilder::policy`](crate::ScorerBuilder::policy) sets another. As a file it is TOML that states what is to
/// differ from the model folder's:
///
/// ```
/// use beleving::Policy;
///
/// let policy = Policy::of_model("models/tiny")?.over(r#"
///     name = "waterworks"
///     version = "3"
///     flag_at = 0.7
///     roles = ["planner", "monteur"]
///     [calendar]
///     holidays = ["2026-12-25"]
/// "#)?;
/// assert_eq!((policy.id(), policy.silence_hours), ("waterworks@3".to_owned(), 48.0));
/// # Ok::<(), beleving::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Version of the form: 1.
    pub schema: u32,
    /// Name of the policy; outputs carry `name@version`.
    pub name: String,
    /// Version of the policy.
    pub version: String,
    /// Share of messages that are bad experiences in the traffic to be scored, 0.0001 to 0.9999. The risk of
    /// a model of this project is stated for it: half the odds of a bad message, half the odds of the
    /// risk. The policy of the model folder names the share that the model was calibrated at.
    pub base_rate: f32,
    /// Risk from which a message is flagged, in `(0, 1)`.
    pub flag_at: f32,
    /// Risk from which an interaction is flagged, in `(0, 1)`.
    pub flag_interaction_at: f32,
    /// Probability from which an intent is listed, in `(0, 1)`.
    pub intent_at: f32,
    /// Hours on working days that a customer waits for an answer before the wait is called silence.
    pub silence_hours: f32,
    /// Roles that are named in outputs; any other role is `other`. Without it every role is named, which
    /// is right only where the source holds functions and no names of people.
    pub roles: Option<Vec<String>>,
    /// Days on which staff work.
    pub calendar: Calendar,
    /// What counts as contact about the same.
    pub rework: ReworkWindow,
    /// How groups of interactions are compared.
    pub groups: GroupSizes,
    /// How a relationship at stake is weighed.
    pub stake: StakeWeights,
}

/// Days on which staff work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// Days of the week, `mon` to `sun`.
    pub working_days: Vec<Day>,
    /// Days off, `2026-12-25`.
    #[serde(deserialize_with = "days")]
    pub holidays: Vec<Date>,
    /// Where midnight is, in hours ahead of UTC, -12 to 14.
    pub utc_offset_hours: i8,
}

/// Reads days, and says of one that is none what was expected: a policy is written by hand.
fn days<'de, D: Deserializer<'de>>(days: D) -> std::result::Result<Vec<Date>, D::Error> {
    let read = |day: &String| {
        day.parse().map_err(|_| {
            D::Error::custom(format!(
                "`{day}` is no day of the calendar, expected such as 2026-12-25"
            ))
        })
    };
    let days = Vec::<String>::deserialize(days);
    let expected = "expected a list of days in quotes, such as [\"2026-12-25\"]";
    let days = days.map_err(|_| D::Error::custom(expected))?;
    days.iter().map(read).collect()
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // the names say it
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// What counts as contact about the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReworkWindow {
    /// Days after the end of an interaction within which another of the same customer and intent is a
    /// repeat of it.
    pub days: f32,
    /// Likeness of two messages of a customer from which the second asks the same again, in `(0, 1]`.
    pub same_request_at: f32,
}

/// How groups of interactions are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupSizes {
    /// Interactions that a group needs to be shown, at least 5.
    pub min_interactions: usize,
    /// How many answers the mean of all groups that are shown weighs in the mean of one: small groups shrink to it.
    pub shrinkage: f32,
    /// Roles held by one person, which are never shown as a group. Case and blanks around them do not count.
    pub single_person_roles: Vec<String>,
}

/// How a relationship at stake is weighed: each event adds its weight, which halves every `half_life_days`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StakeWeights {
    /// Days after which an event weighs half.
    pub half_life_days: f32,
    /// An interaction that ends badly, times its risk.
    pub bad_ending: f32,
    /// Having to ask again.
    pub rework: f32,
    /// Announced leaving, times its probability.
    pub leaving: f32,
    /// No contact since a bad ending, reached over one half-life.
    pub silence: f32,
}

names!(Day, "day of the week");

impl Day {
    /// The whole week.
    pub const ALL: [Self; 7] =
        [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The day in three letters, as a policy names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }
}

impl Policy {
    /// Reads a policy file; what it leaves out is that of [`Self::default`], whose base rate and thresholds are one
    /// half. With a model of this project use [`Self::over`], since its own base rate is another and every risk is
    /// stated for it.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] naming line and key of what does not parse, is unknown or of the wrong kind, or the first value
    /// out of range.
    pub fn parse(toml: &str) -> Result<Self> {
        // The policies of model folders are called as the library's, and keep that name.
        Self::default().with(toml, true)
    }

    /// This policy with what a policy file states in place of it. One that differs and states no other name or version gets
    /// a version of its own, `1+` and the first digits of its hash, since scores and verdicts name the policy they were made under.
    ///
    /// # Errors
    /// As [`Self::parse`], and for a value of this policy that is out of range.
    pub fn over(&self, toml: &str) -> Result<Self> {
        // The printed default with a value changed is still called as the default is.
        self.with(toml, false)
    }

    /// Whether a name that is stated counts where it is the one that was there.
    fn with(&self, toml: &str, keeps_name: bool) -> Result<Self> {
        let wrong = |e: toml::de::Error| {
            // Not as a source too, which would say the same once more.
            let said = fault::told(&e, toml);
            Error::new(ErrorKind::Policy, format!("the policy does not parse{said}"))
        };
        // Read by itself first: its lines are known to errors then.
        toml::from_str::<Self>(toml).map_err(wrong)?;
        self.check()?;
        let whole = toml::from_str(&self.to_toml());
        let mut whole: toml::Table = whole.expect("a policy in range reads what it writes");
        let stated: toml::Table = toml::from_str(toml).map_err(wrong)?;
        let states_name = ["name", "version"].iter().any(|name| stated.contains_key(*name));
        for (name, stated) in stated {
            match (whole.get_mut(&name), stated) {
                (Some(toml::Value::Table(section)), toml::Value::Table(stated)) => {
                    section.extend(stated);
                }
                (_, stated) => drop(whole.insert(name, stated)),
            }
        }
        let mut policy: Self = whole.try_into().map_err(wrong)?;
        policy.check()?;
        let has_other_name = (&policy.name, &policy.version) != (&self.name, &self.version);
        if policy != *self && !has_other_name && !(keeps_name && states_name) {
            let version = self.version.split('+').next().unwrap_or_default();
            policy.version = format!("{version}+{}", &policy.hash()[..6]);
        }
        Ok(policy)
    }

    /// The policy as a file, every default written out.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a policy holds nothing that TOML lacks")
    }

    /// `name@version`
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// The first 12 hexadecimal digits of the SHA-256 of [`Self::to_toml`]: two policies of one name and
    /// version that differ show it.
    pub fn hash(&self) -> String {
        let digest = Sha256::digest(self.to_toml());
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// What a risk becomes under this policy that is stated for another share of bad experiences, in `(0, 1)`. A message
    /// that was scored under another policy, by its `risk` and `base_rate`, is flagged under this one from [`Self::flag_at`] on.
    pub fn restated(&self, risk: f32, base_rate: f32) -> f32 {
        self.risk_of(evidence(risk, base_rate))
    }

    /// The risk, given its log odds where bad and good are equally frequent.
    pub(crate) fn risk_of(&self, evidence: f32) -> f32 {
        sigmoid(evidence + log_odds(self.base_rate))
    }

    /// The name that a role has in outputs, as the policy spells it.
    pub fn role<'a>(&'a self, role: &'a str) -> &'a str {
        let Some(known) = &self.roles else { return role };
        known
            .iter()
            .find(|known| GroupSizes::folded(known) == GroupSizes::folded(role))
            .map_or(OTHER_ROLE, String::as_str)
    }

    /// Looks whether every value is in range, of a policy that was made in code: what reads a file checks it, and so does what
    /// scores or judges by it.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] naming the first value out of range.
    pub fn check(&self) -> Result<()> {
        let wrong = |name: &str, found: String, expected: &str| {
            let text = format!("policy: `{name}` is {found}, expected {expected}");
            Err(Error::new(ErrorKind::Policy, text))
        };
        if self.schema != SCHEMA {
            return wrong("schema", self.schema.to_string(), "1");
        }
        for (name, value) in [("name", &self.name), ("version", &self.version)] {
            if value.is_empty() {
                return wrong(name, "empty".to_owned(), "what scores can name it by");
            }
        }
        if !BASE_RATES.contains(&self.base_rate) {
            let expected = format!("{} to {}", BASE_RATES.start(), BASE_RATES.end());
            return wrong("base_rate", self.base_rate.to_string(), &expected);
        }
        for (name, value) in [
            ("flag_at", self.flag_at),
            ("flag_interaction_at", self.flag_interaction_at),
            ("intent_at", self.intent_at),
        ] {
            if !(value > 0.0 && value < 1.0) {
                return wrong(name, value.to_string(), "more than 0 and less than 1");
            }
        }
        for (name, value) in [
            ("silence_hours", self.silence_hours),
            ("rework.days", self.rework.days),
            ("stake.half_life_days", self.stake.half_life_days),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                return wrong(name, value.to_string(), "a finite number more than 0");
            }
        }
        for (name, value) in [
            ("groups.shrinkage", self.groups.shrinkage),
            ("stake.bad_ending", self.stake.bad_ending),
            ("stake.rework", self.stake.rework),
            ("stake.leaving", self.stake.leaving),
            ("stake.silence", self.stake.silence),
        ] {
            if !(value >= 0.0 && value.is_finite()) {
                return wrong(name, value.to_string(), "a finite number, 0 or more");
            }
        }
        let same = self.rework.same_request_at;
        if !(same > 0.0 && same <= 1.0) {
            return wrong("rework.same_request_at", same.to_string(), "more than 0, at most 1");
        }
        let (fewest, sizes) = (self.groups.min_interactions, GroupSizes::LEAST..=GroupSizes::MOST);
        if !sizes.contains(&fewest) {
            let expected = format!("{} to {}", sizes.start(), sizes.end());
            return wrong("groups.min_interactions", fewest.to_string(), &expected);
        }
        if self.calendar.working_days.is_empty() {
            return wrong("calendar.working_days", "empty".to_owned(), "at least one day");
        }
        if !(-12..=14).contains(&self.calendar.utc_offset_hours) {
            let found = self.calendar.utc_offset_hours.to_string();
            return wrong("calendar.utc_offset_hours", found, "-12 to 14");
        }
        Ok(())
    }
}

/// Shares of bad experiences that a risk can be stated for: beyond them risks lie so near to 0 or 1 that six decimals, or an
/// `f32` near 1, no longer tell one message from another.
const BASE_RATES: RangeInclusive<f32> = 0.0001..=0.9999;

/// The name of every role that a policy does not name.
const OTHER_ROLE: &str = "other";

impl Default for Policy {
    /// Flags at evens; what a model folder without a policy of its own gets.
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            name: "default".to_owned(),
            version: "1".to_owned(),
            base_rate: 0.5,
            flag_at: 0.5,
            flag_interaction_at: 0.5,
            intent_at: 0.5,
            silence_hours: 48.0, // two working days
            roles: None,
            calendar: Calendar::default(),
            rework: ReworkWindow::default(),
            groups: GroupSizes::default(),
            stake: StakeWeights::default(),
        }
    }
}

impl Default for Calendar {
    /// Monday to Friday, no holidays, UTC.
    fn default() -> Self {
        let working_days = vec![Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];
        Self { working_days, holidays: Vec::new(), utc_offset_hours: 0 }
    }
}

impl Default for ReworkWindow {
    /// Two weeks.
    fn default() -> Self {
        Self { days: 14.0, same_request_at: 0.8 }
    }
}

impl GroupSizes {
    /// The fewest interactions that a group is shown with, whatever was asked for.
    pub const LEAST: usize = 5;

    /// The most that a policy can ask for: TOML holds no number as large as there can be in memory.
    const MOST: usize = u32::MAX as usize;

    /// A role as it is told from others: case and blanks around it do not count.
    pub fn folded(role: &str) -> String {
        role.trim().to_lowercase()
    }

    /// Whether one person holds a role, however it is spelled: case and blanks around it do not count.
    pub fn is_single_person(&self, role: &str) -> bool {
        let role = GroupSizes::folded(role);
        self.single_person_roles.iter().any(|one| GroupSizes::folded(one) == role)
    }
}

impl Default for GroupSizes {
    fn default() -> Self {
        Self { min_interactions: 20, shrinkage: 20.0, single_person_roles: Vec::new() }
    }
}

impl Default for StakeWeights {
    /// A quarter of a year; a bad ending is the unit.
    fn default() -> Self {
        Self { half_life_days: 90.0, bad_ending: 1.0, rework: 0.5, leaving: 1.0, silence: 0.5 }
    }
}

impl From<Day> for Weekday {
    fn from(day: Day) -> Self {
        match day {
            Day::Mon => Self::Monday,
            Day::Tue => Self::Tuesday,
            Day::Wed => Self::Wednesday,
            Day::Thu => Self::Thursday,
            Day::Fri => Self::Friday,
            Day::Sat => Self::Saturday,
            Day::Sun => Self::Sunday,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_are_named() {
        assert!(Policy::default().check().is_ok());
        for (policy, name) in [
            (Policy { flag_at: 1.0, ..Policy::default() }, "flag_at"),
            (Policy { base_rate: f32::NAN, ..Policy::default() }, "base_rate"),
            (Policy { base_rate: 0.999999, ..Policy::default() }, "base_rate"),
            (Policy { base_rate: 1e-6, ..Policy::default() }, "base_rate"),
            (Policy { intent_at: -0.1, ..Policy::default() }, "intent_at"),
            (Policy { silence_hours: 0.0, ..Policy::default() }, "silence_hours"),
            (Policy { schema: 2, ..Policy::default() }, "schema"),
            (
                Policy {
                    groups: GroupSizes { min_interactions: usize::MAX, ..GroupSizes::default() },
                    ..Policy::default()
                },
                "groups.min_interactions",
            ),
        ] {
            for error in [policy.check().expect_err(name), policy.over("").expect_err(name)] {
                assert_eq!(error.kind(), ErrorKind::Policy);
                assert!(error.to_string().contains(name), "{error}");
            }
        }
        for (toml, named) in [
            ("flag_on = 0.5", "flag_on"),
            ("[calendar]\nworking_days = ['maandag']", "maandag"),
            (
                "[calendar]\nholidays = [2026-12-25]",
                "line 2: `calendar.holidays`: expected a list of days in quotes",
            ),
            ("[groups]\nmin_interactions = 4", "groups.min_interactions"),
            ("[stake]\nleaving = -1.0", "stake.leaving"),
        ] {
            let error = Policy::parse(toml).expect_err("faulty");
            assert!(error.to_string().contains(named), "{error}");
        }
    }

    #[test]
    fn a_file_over_another_policy_changes_what_it_states_and_nothing_else() {
        let folder = Policy::of_model("models/beleving-small").expect("a policy of its own");
        let own = folder.over("name = 'us'\n[groups]\nmin_interactions = 50").expect("in order");
        let unnamed = folder.over("flag_at = 0.6").expect("in order");
        assert_ne!(unnamed.id(), folder.id());
        assert_eq!(unnamed, folder.over("flag_at = 0.6").expect("in order"));
        let groups = GroupSizes { min_interactions: 50, ..folder.groups.clone() };
        assert_eq!(own, Policy { name: "us".to_owned(), groups, ..folder.clone() });
        assert_eq!(folder.over("").expect("in order").hash(), folder.hash());
        assert_ne!(folder.base_rate, Policy::parse("").expect("in order").base_rate);
        assert!(folder.over("[groups]\nmin = 3").is_err());
        assert_eq!(Policy::of_model("nowhere").expect_err("missing").kind(), ErrorKind::Io);
    }

    #[test]
    fn a_risk_is_restated_for_whatever_share_it_was_stated_for() {
        let even = Policy::default();
        for base_rate in [*BASE_RATES.start(), 0.373, *BASE_RATES.end()] {
            for evidence in [-6.0, 0.0, 6.0] {
                let risk = Policy { base_rate, ..Policy::default() }.risk_of(evidence);
                let (found, expected) = (even.restated(risk, base_rate), sigmoid(evidence));
                // Near 1 an `f32` has steps of 6e-8, which is a quarter of what is left to 1 here.
                assert!((found - expected).abs() < 1e-3, "{base_rate}: {found} {expected}");
            }
        }
    }

    #[test]
    fn a_policy_reads_back_what_it_writes_and_its_hash_shows_a_change() {
        let roles = Some(vec!["planner".to_owned()]);
        let ours = Policy { name: "us".to_owned(), roles, ..Policy::default() };
        assert_eq!(Policy::parse(&ours.to_toml()).expect("its own form"), ours);
        let edited = Policy { flag_at: 0.6, ..Policy::default() }.to_toml();
        let edited = Policy::default().over(&edited).expect("its own form");
        assert_ne!(edited.id(), Policy::default().id());
        assert_eq!(edited, Policy::parse("flag_at = 0.6").expect("in order"));
        for policy in [&ours, &Policy::default()] {
            let bytes = postcard::to_allocvec(policy).expect("bytes");
            assert_eq!(postcard::from_bytes::<Policy>(&bytes).expect("its own form"), *policy);
        }
        assert_eq!(ours.hash(), ours.clone().hash());
        assert_ne!(ours.hash(), Policy { flag_at: 0.51, ..ours.clone() }.hash());
        assert_eq!((ours.role("planner"), ours.role("Jan de Vries")), ("planner", "other"));
        assert_eq!(Policy::default().role("Jan de Vries"), "Jan de Vries");
    }
}
