//! How does the page speak? Both languages stand side by side, so neither is forgotten.

use crate::collect::{LATER_NAMES, MAX_NAMES};

/// Language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Dutch, in short sentences.
    Dutch,
    /// English.
    English,
}

/// What the people are called who write to the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// klant, customer
    Customer,
    /// burger, citizen
    Citizen,
    /// patiënt, patient
    Patient,
    /// huurder, tenant
    Tenant,
}

/// Language and audience together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    /// Language of the page.
    pub language: Language,
    /// What people are called.
    pub audience: Audience,
}

impl Voice {
    /// Picks the text in the page's language.
    pub(crate) fn say<'a>(self, dutch: &'a str, english: &'a str) -> &'a str {
        match self.language {
            Language::Dutch => dutch,
            Language::English => english,
        }
    }

    /// The head of a column of intervals.
    pub(crate) fn interval(self) -> &'static str {
        self.say("95\u{a0}%-interval", "95% interval")
    }

    /// Picks the text, and puts the audience's words in: `{one}` and `{many}`, `{One}` and `{Many}` at the start of a
    /// sentence. All four Dutch words take "de" and "die", so the sentence around them stays the same.
    pub(crate) fn tell(self, dutch: &str, english: &str) -> String {
        let [one, many] = self.words();
        self.say(dutch, english)
            .replace("{one}", one)
            .replace("{many}", many)
            .replace("{One}", &capital(one))
            .replace("{Many}", &capital(many))
    }

    fn words(self) -> [&'static str; 2] {
        match (self.language, self.audience) {
            (Language::Dutch, Audience::Customer) => ["klant", "klanten"],
            (Language::Dutch, Audience::Citizen) => ["burger", "burgers"],
            (Language::Dutch, Audience::Patient) => ["patiënt", "patiënten"],
            (Language::Dutch, Audience::Tenant) => ["huurder", "huurders"],
            (Language::English, Audience::Customer) => ["customer", "customers"],
            (Language::English, Audience::Citizen) => ["citizen", "citizens"],
            (Language::English, Audience::Patient) => ["patient", "patients"],
            (Language::English, Audience::Tenant) => ["tenant", "tenants"],
        }
    }

    /// BCP 47 code.
    pub(crate) fn code(self) -> &'static str {
        self.say("nl", "en")
    }

    /// A number with the language's decimal sign and groups of three.
    pub(crate) fn number(self, value: f64, decimals: usize) -> String {
        let (comma, dot) = match self.language {
            Language::Dutch => (',', '.'),
            Language::English => ('.', ','),
        };
        let plain = format!("{:.decimals$}", value.abs());
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut text = String::new();
        if value < 0.0 && plain.chars().any(|c| c.is_ascii_digit() && c != '0') {
            text.push('−');
        }
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                text.push(dot);
            }
            text.push(digit);
        }
        if !part.is_empty() {
            text.push(comma);
            text.push_str(part);
        }
        text
    }

    pub(crate) fn count(self, n: u64) -> String {
        self.number(n as f64, 0)
    }

    /// A number with its noun, each language's for one and for more.
    fn counted(self, n: u64, dutch: [&str; 2], english: [&str; 2]) -> String {
        let form = usize::from(n != 1);
        format!("{} {}", self.count(n), self.say(dutch[form], english[form]))
    }

    /// "1 gesprek", "12 gesprekken"
    pub(crate) fn conversations(self, n: u64) -> String {
        self.counted(n, ["gesprek", "gesprekken"], ["conversation", "conversations"])
    }

    /// "1 bericht", "12 berichten"
    pub(crate) fn messages(self, n: u64) -> String {
        self.counted(n, ["bericht", "berichten"], ["message", "messages"])
    }

    /// "1 antwoord", "12 antwoorden"
    pub(crate) fn answers(self, n: u64) -> String {
        self.counted(n, ["antwoord", "antwoorden"], ["answer", "answers"])
    }

    /// "1 groep", "12 groepen"
    pub(crate) fn groups(self, n: u64) -> String {
        self.counted(n, ["groep", "groepen"], ["group", "groups"])
    }

    /// "1 keer", "12 keer"
    pub(crate) fn times(self, n: u64) -> String {
        self.counted(n, ["keer", "keer"], ["time", "times"])
    }

    /// "1 bekende klant", "12 bekende klanten"
    pub(crate) fn known_people(self, n: u64) -> String {
        let noun = self.words()[usize::from(n != 1)];
        format!("{} {} {noun}", self.count(n), self.say("bekende", "known"))
    }

    /// A share in per cent; one decimal under ten per cent, and where a whole number would say all.
    pub(crate) fn percent(self, share: f64) -> String {
        let percent = share * 100.0;
        let fine = percent.abs() < 9.95 && percent != 0.0 || (99.5..99.95).contains(&percent);
        let decimals = usize::from(fine);
        format!("{}{}", self.number(percent, decimals), self.say("\u{a0}%", "%"))
    }

    /// A share on an axis, whose steps are whole per cents.
    pub(crate) fn step(self, share: f64) -> String {
        format!("{}{}", self.number(share * 100.0, 0), self.say("\u{a0}%", "%"))
    }

    /// A difference of shares on an axis.
    pub(crate) fn step_points(self, difference: f64) -> String {
        let text = self.number(difference * 100.0, 0);
        if difference > 0.0 { format!("+{text}") } else { text }
    }

    /// A difference of shares in points, with its sign.
    pub(crate) fn points(self, difference: f64) -> String {
        let text = self.number(difference * 100.0, 1);
        if text.starts_with('−') || difference * 100.0 < 0.05 { text } else { format!("+{text}") }
    }

    /// "Naar schatting 16 van de 100 gesprekken gingen mis"
    pub(crate) fn went_wrong(self, share: f64) -> String {
        let hundredths = share * 100.0;
        // Rounded as `percent` rounds, which stands beside it.
        let n = match self.number(hundredths, 0) {
            _ if share > 0.0 && hundredths < 1.0 => {
                self.say("minder dan 1", "fewer than 1").to_owned()
            }
            _ if share < 1.0 && hundredths > 99.0 => {
                self.say("meer dan 99", "more than 99").to_owned()
            }
            n => n,
        };
        match self.language {
            Language::Dutch => {
                let went = if n.ends_with(" 1") || n == "1" { "ging" } else { "gingen" };
                format!("Naar schatting {n} van de 100 gesprekken {went} mis")
            }
            Language::English => format!("An estimated {n} in 100 conversations went wrong"),
        }
    }

    /// "tussen 10 en 25 van de 100"
    pub(crate) fn between(self, low: f64, high: f64) -> String {
        let (low, high) = ((low * 100.0).floor(), (high * 100.0).ceil());
        let (low, high) = (self.number(low, 0), self.number(high, 0));
        match self.language {
            Language::Dutch => format!("tussen {low} en {high} van de 100"),
            Language::English => format!("between {low} and {high} in 100"),
        }
    }

    pub(crate) fn money(self, currency: &str, amount: f64) -> String {
        let n = self.number(amount, 0);
        if currency.is_empty() { n } else { format!("{currency}\u{a0}{n}") }
    }

    /// Hours or days, whichever reads better.
    pub(crate) fn wait(self, hours: f64) -> String {
        if hours < 48.0 {
            let whole = hours.round().max(1.0) as u64;
            return self.counted(whole, ["uur", "uur"], ["hour", "hours"]);
        }
        self.days((hours / 24.0).round())
    }

    /// "1 dag", "1,5 dagen"
    pub(crate) fn days(self, days: f64) -> String {
        let n = self.number(days, usize::from(days.fract() != 0.0));
        let noun = if n == "1" { self.say("dag", "day") } else { self.say("dagen", "days") };
        format!("{n} {noun}")
    }

    /// "3 februari 2026"
    pub(crate) fn date(self, date: jiff::civil::Date) -> String {
        let month = self.month(date.month());
        format!("{} {month} {}", date.day(), date.year())
    }

    pub(crate) fn month(self, month: i8) -> &'static str {
        const DUTCH: [&str; 12] = [
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ];
        const ENGLISH: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let at = (month - 1).clamp(0, 11) as usize;
        self.say(DUTCH[at], ENGLISH[at])
    }

    pub(crate) fn short_month(self, month: i8) -> String {
        let short: String = self.month(month).chars().take(3).collect();
        if short == "maa" { "mrt".to_owned() } else { short }
    }

    /// A channel, sector or role, as [`plain_name`] has it; in words where it stands for all that came too late.
    pub(crate) fn name(self, name: &str) -> String {
        if name != LATER_NAMES {
            return plain_name(name);
        }
        self.say("Alle na de eerste {n}", "All after the first {n}")
            .replace("{n}", &self.count(MAX_NAMES as u64))
    }

    /// What a customer wants; names that this version does not know are shown as they are.
    pub(crate) fn intent(self, name: &str) -> String {
        let known = match name {
            "complaint" => ["Klacht", "Complaint"],
            "technical_problem" => ["Iets werkt niet", "Technical problem"],
            "delivery_or_appointment" => ["Levering of afspraak", "Delivery or appointment"],
            "billing_or_payment" => ["Rekening of betaling", "Billing or payment"],
            "refund_or_compensation" => ["Geld terug", "Refund or compensation"],
            "cancellation" => ["Opzeggen", "Cancellation"],
            "account_or_access" => ["Account of toegang", "Account or access"],
            "order_or_change_request" => ["Bestelling of wijziging", "Order or change"],
            "information_question" => ["Vraag om informatie", "Information question"],
            "feature_request_or_suggestion" => ["Wens of idee", "Wish or suggestion"],
            "praise_or_thanks" => ["Dank of lof", "Praise or thanks"],
            "status_chase" => ["Navragen hoe het staat", "Asking how it stands"],
            "other" => ["Iets anders", "Something else"],
            _ => return self.name(name),
        };
        self.say(known[0], known[1]).to_owned()
    }

    /// Why an interaction was judged as it was.
    pub(crate) fn reason(self, kind: &str) -> String {
        let known = match kind {
            "bad_experience" => [
                "laat merken dat het een slechte ervaring was",
                "shows that it was a bad experience",
            ],
            "repeat_contact" => ["heeft dit al eerder gevraagd", "has asked before"],
            "relationship_at_risk" => {
                ["dreigt weg te gaan of is het vertrouwen kwijt", "may leave or has lost trust"]
            }
            "escalation" => ["wil hogerop", "wants it taken higher up"],
            "customer_says_asked_before" => {
                ["zegt het al eerder te hebben gevraagd", "says that this was asked before"]
            }
            "customer_says_promise_broken" => {
                ["zegt dat een belofte niet is nagekomen", "says that a promise was broken"]
            }
            "customer_says_no_answer" => {
                ["zegt geen antwoord te krijgen", "says that no answer came"]
            }
            "customer_says_passed_on" => {
                ["zegt te zijn doorgestuurd", "says that they were passed on"]
            }
            "customer_says_misunderstood" => {
                ["zegt niet goed begrepen te zijn", "says that they were not understood"]
            }
            "customer_gives_up" => ["geeft het op", "gives up"],
            "asks_same_again" => ["vraagt hetzelfde nog eens", "asks the same again"],
            "waited" => ["heeft lang gewacht", "waited a long time"],
            "no_answer_seen" => [
                "schreef opnieuw zonder antwoord te hebben gekregen",
                "wrote again without having had an answer",
            ],
            "handed_over" => ["kreeg een ander te spreken", "was passed on to somebody else"],
            "answer_lets_down" => {
                ["kreeg een antwoord dat teleurstelt", "was let down by an answer"]
            }
            "praise" => ["bedankt of prijst", "thanks or praises"],
            _ => return plain_name(kind).to_lowercase(),
        };
        self.say(known[0], known[1]).to_owned()
    }

    /// What staff claims, as far as a table of claims has it.
    pub(crate) fn claim(self, name: &str) -> String {
        let known = match name {
            "promised" => ["Belooft iets", "Promises something"],
            "said_solved" => ["Zegt dat het is opgelost", "Says it is solved"],
            "cited_rule" => ["Noemt een regel", "Cites a rule"],
            "apologised" => ["Biedt excuses aan", "Apologises"],
            "referred_elsewhere" => ["Verwijst door", "Refers elsewhere"],
            _ => return plain_name(name),
        };
        self.say(known[0], known[1]).to_owned()
    }

    pub(crate) fn mark(self, mark: usize) -> &'static str {
        match mark {
            1 => self.say("heel slecht", "very bad"),
            2 => self.say("slecht", "bad"),
            3 => self.say("neutraal", "neutral"),
            4 => self.say("goed", "good"),
            _ => self.say("heel goed", "very good"),
        }
    }
}

/// A channel, sector or role as the user wrote it, with a capital and without underscores.
pub(crate) fn plain_name(name: &str) -> String {
    capital(&spaced(name))
}

/// The same within a name: without a capital that it has not.
pub(crate) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use beleving::{MarkKind, ReasonKind};

    use super::*;

    const NL: Voice = Voice { language: Language::Dutch, audience: Audience::Patient };
    const EN: Voice = Voice { language: Language::English, audience: Audience::Tenant };

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(NL.number(1_234_567.25, 1), "1.234.567,2");
        assert_eq!(EN.number(-1234.5, 1), "−1,234.5");
        assert_eq!(EN.number(-0.04, 1), "0.0");
        assert_eq!(NL.percent(0.0312), "3,1\u{a0}%");
        assert_eq!(EN.percent(0.162), "16%");
        assert_eq!(EN.percent(0.0), "0%");
        assert_eq!(EN.percent(0.0998), "10%");
        assert_eq!(NL.points(0.031), "+3,1");
        assert_eq!(NL.points(-0.031), "−3,1");
        assert_eq!([NL.percent(0.996), EN.percent(0.9996)], ["99,6\u{a0}%", "100%"]);
        assert_eq!([NL.days(1.0), EN.days(1.5), NL.wait(50.0)], ["1 dag", "1.5 days", "2 dagen"]);
    }

    #[test]
    fn the_headline_rounds_as_the_figure_beside_it_and_never_to_none_or_all() {
        for (share, dutch, english) in [
            (0.0, "0 van de 100 gesprekken gingen", "0 in 100"),
            (0.004, "minder dan 1 van de 100 gesprekken ging ", "fewer than 1 in 100"),
            (0.0101, "1 van de 100 gesprekken ging ", "1 in 100"),
            (0.125, "12 van de 100 gesprekken gingen", "12 in 100"),
            (0.31, "31 van de 100 gesprekken gingen", "31 in 100"),
            (0.9951, "meer dan 99 van de 100 gesprekken gingen", "more than 99 in 100"),
            (1.0, "100 van de 100 gesprekken gingen", "100 in 100"),
        ] {
            assert!(NL.went_wrong(share).contains(&format!("schatting {dutch}")), "{share}");
            assert!(EN.went_wrong(share).contains(&format!("estimated {english}")), "{share}");
        }
        assert_eq!(NL.percent(0.125), "12\u{a0}%");
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!([NL.conversations(1), NL.conversations(0)], ["1 gesprek", "0 gesprekken"]);
        assert_eq!([EN.times(1), EN.times(2)], ["1 time", "2 times"]);
        assert_eq!(
            [NL.known_people(1), EN.known_people(12)],
            ["1 bekende patiënt", "12 known tenants"]
        );
    }

    /// A kind that is new to the library, and has no name here yet, fails this.
    #[test]
    fn every_reason_intent_and_claim_has_a_name_in_both_languages() {
        let claims = MarkKind::CLAIMS.map(MarkKind::name);
        let intents = beleving::Intent::ALL.map(|intent| intent.name().to_owned());
        for voice in [NL, EN] {
            for kind in ReasonKind::ALL.map(ReasonKind::name) {
                assert_ne!(voice.reason(kind), plain_name(kind).to_lowercase(), "{kind}");
            }
            for claim in claims {
                assert_ne!(voice.claim(claim), plain_name(claim), "{claim}");
            }
        }
        for intent in &intents {
            assert_ne!(NL.intent(intent), plain_name(intent), "{intent}");
            // In English the name may be what the snake case says; where there is none, both agree.
            assert_ne!(NL.intent(intent), EN.intent(intent), "{intent}");
        }
    }

    #[test]
    fn the_audience_has_its_own_word() {
        assert_eq!(
            NL.tell("De {one} wacht. {Many} wachten.", ""),
            "De patiënt wacht. Patiënten wachten."
        );
        assert_eq!(EN.tell("", "{Many} wait for a {one}."), "Tenants wait for a tenant.");
    }
}
