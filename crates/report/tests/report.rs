//! What must hold of a report as a whole, on invented lines (`examples/invent.rs` prints them).

use std::collections::BTreeSet;

use beleving::Policy;
use beleving_report::{
    Audience, Checked, Collected, Language, Method, Options, Rates, ReportError, Tables, Voice,
};

const INVENTED: &str = include_str!("data/invented.jsonl");
const VOICES: [Voice; 2] = [
    Voice { language: Language::Dutch, audience: Audience::Citizen },
    Voice { language: Language::English, audience: Audience::Customer },
];

fn collected(lines: &str) -> Collected {
    let mut collected = Collected::default();
    collected.read(lines.as_bytes()).expect("memory can be read");
    collected
}

fn tables(lines: &str) -> Tables {
    collected(lines).tables(&Options::default()).expect("tables")
}

/// A page without what only a browser sees.
fn words_of(page: &str) -> String {
    let body = page.split_once("</style>").expect("a style").1;
    let mut text = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

/// CSV, JSON and text.
fn exports(tables: &Tables) -> [String; 3] {
    let mut written = [const { Vec::new() }; 3];
    let [csv, json, text] = &mut written;
    tables.write_csv(csv).expect("memory takes it");
    tables.write_json(json).expect("memory takes it");
    tables.write_text(text).expect("memory takes it");
    written.map(|out| String::from_utf8(out).expect("UTF-8"))
}

#[test]
fn the_counts_of_a_report_are_those_of_its_lines() {
    let tables = tables(INVENTED);
    let lines: Vec<serde_json::Value> =
        INVENTED.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let n = |of: &dyn Fn(&serde_json::Value) -> bool| lines.iter().filter(|v| of(v)).count() as u64;
    assert_eq!(tables.counts.interactions, lines.len() as u64);
    assert_eq!(tables.counts.assessed, n(&|v| v["assessable"] == true));
    assert_eq!(tables.counts.not_assessable, n(&|v| v["assessable"] == false));
    assert_eq!(tables.counts.flagged, n(&|v| v["flagged"] == true));
    assert_eq!(tables.well.recovered, n(&|v| v["recovered"] == true));
    let praise = n(&|v| v["praise"] == true && v["flagged"] == false && v["recovered"] == false);
    assert_eq!(tables.well.praise, praise);
    let mean = lines.iter().filter_map(|v| v["risk"].as_f64()).sum::<f64>()
        / tables.counts.assessed as f64;
    assert!((tables.overall.expect("assessed").share - mean).abs() < 1e-9);
    assert_eq!(tables.over_time.iter().map(|point| point.n).sum::<u64>(), tables.counts.assessed);
    for groups in [&tables.by_channel, &tables.by_intent, &tables.by_sector] {
        let shown: u64 = groups.rows.iter().map(|group| group.n).sum();
        assert_eq!(shown + groups.withheld_n + groups.unnamed, tables.counts.assessed);
    }
    let touchpoints = &tables.touchpoints;
    let shown: u64 = touchpoints.rows.iter().map(|row| row.n).sum();
    assert_eq!(shown + touchpoints.withheld_n, tables.counts.flagged);
    assert_eq!(tables.readers.len(), 2);
    let (shown, flagged) = (tables.moments.len(), tables.counts.flagged);
    let page = tables.html(VOICES[1]);
    assert!(page.contains(&format!("Shown: {shown} of the {flagged} flagged conversations")));
    let (all, n) = (tables.counts.interactions, tables.counts.assessed);
    assert!(page.contains(&format!("We read {all} conversations")));
    assert!(page.contains(&format!("could assess {n}.")));
    assert!(page.contains("Each conversation counts once, with its main intent."));
}

#[test]
fn the_line_is_broken_where_the_model_changed() {
    let tables = tables(INVENTED);
    let readers: BTreeSet<usize> = tables.over_time.iter().map(|point| point.reader).collect();
    assert_eq!(readers.len(), 2);
    for voice in VOICES {
        let page = tables.html(voice);
        assert!(page.contains("class=\"takeover\""));
        // One stroke for each model, in the wide drawing and in the narrow one.
        let whole = page.split("channel-chart").next().expect("the first figure");
        assert_eq!(whole.matches("class=\"line\"").count(), 4);
    }
}

#[test]
fn small_groups_are_withheld_everywhere() {
    let lone = INVENTED
        .lines()
        .filter(|line| line.contains("\"flagged\":true") && line.contains("\"role\":\""))
        .take(3)
        .map(|line| line.replace("\"sector\":\"", "\"sector\":\"alone-"))
        .map(|line| line.replace("\"role\":\"", "\"role\":\"alone-"))
        .map(|line| line.replace("\"interaction\":\"", "\"interaction\":\"own-"))
        .collect::<Vec<_>>();
    assert_eq!(lone.len(), 3);
    let lines = format!("{INVENTED}\n{}", lone.join("\n"));
    let options = Options { moments: 255, ..Options::default() };
    let tables = collected(&lines).tables(&options).expect("tables");
    assert!(tables.by_sector.withheld > 0 && tables.touchpoints.withheld > 0);
    // They have cards, which name roles of groups that are large enough.
    let cards = &tables.moments;
    let alone = |name: &str| lone.iter().any(|line| line.contains(&format!("\"{name}\"")));
    assert!(cards.iter().any(|card| alone(&card.interaction) && card.role.is_none()));
    assert!(cards.iter().any(|card| card.role.is_some()));
    let mut csv = Vec::new();
    tables.write_csv(&mut csv).expect("memory takes it");
    assert!(!String::from_utf8_lossy(&csv).contains("alone-"));
    assert!(!tables.html(VOICES[0]).to_lowercase().contains("alone-"));
}

/// Every text of a line is made hostile; nothing of it may become markup.
#[test]
fn nothing_of_the_input_becomes_markup() {
    const HOSTILE: &str =
        r#"</title></style></svg><script>alert(1)</script><img src=x onerror="alert(2)">'"&{one}"#;
    let hostile = serde_json::to_string(HOSTILE).expect("a string");
    let hostile = hostile.trim_matches('"');
    let lines: String = INVENTED
        .lines()
        .map(|line| {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let interaction = line["interaction"].as_str().expect("a name").to_owned();
            line["interaction"] = format!("{interaction}{HOSTILE}").into();
            for field in ["channel", "sector", "model", "policy"] {
                line[field] = format!("{}{HOSTILE}", line[field].as_str().unwrap_or("")).into();
            }
            if let Some(role) = line["touchpoint"]["role"].as_str() {
                line["touchpoint"]["role"] = format!("{HOSTILE}{role}").into();
            }
            for place in ["turned", "worst", "touchpoint"] {
                if line[place].is_object() {
                    line[place]["id"] = HOSTILE.into();
                }
            }
            for reason in line["reasons"].as_array_mut().into_iter().flatten() {
                reason["kind"] = HOSTILE.into();
            }
            line.to_string() + "\n"
        })
        .collect();
    let mut tables = tables(&lines);
    let texts: String = tables
        .moments
        .iter()
        .map(|moment| {
            let name = serde_json::to_string(&moment.interaction).expect("a string");
            // As it was read: of a text as it was written the markup is gone before a page is made.
            format!(
                "{{\"interaction\":{name},\"id\":\"{hostile}\",\"assessable\":true,\"text\":\"{hostile}\"}}\n"
            )
        })
        .collect();
    assert!(!tables.moments.is_empty());
    tables.add_texts(texts.as_bytes()).expect("memory can be read");
    assert!(tables.moments.iter().any(|moment| moment.said.is_some()));
    for voice in VOICES {
        let page = tables.html(voice);
        for markup in ["<script", "<img", "onerror=\"", "</title></style>"] {
            assert!(!page.contains(markup), "{markup}");
        }
        assert_eq!(page.matches("<style>").count(), 1);
        assert!(page.contains("&lt;script&gt;"));
    }
}

#[test]
fn a_page_asks_for_nothing_and_runs_nothing() {
    for voice in VOICES {
        let page = tables(INVENTED).html(voice);
        for asks in ["http:", "https:", "src=", "<script", "@import", "url(", "<iframe", "onload"] {
            assert!(!page.contains(asks), "{asks}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn every_id_is_there_once_and_every_reference_has_its_target() {
    for voice in VOICES {
        let page = tables(INVENTED).html(voice);
        let values = |name: &str| -> Vec<String> {
            page.split(&format!(" {name}=\""))
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .map(str::to_owned)
                .collect()
        };
        let ids = values("id");
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len());
        for target in [values("aria-labelledby"), values("aria-describedby")].concat() {
            assert!(unique.contains(&target), "{target}");
        }
        for link in values("href").iter().filter_map(|link| link.strip_prefix('#')) {
            assert!(unique.contains(&link.to_owned()), "{link}");
        }
    }
}

#[test]
fn the_audience_is_called_by_its_name() {
    let tables = tables(INVENTED);
    let words = [
        (Audience::Customer, "klant", "customer"),
        (Audience::Citizen, "burger", "citizen"),
        (Audience::Patient, "patiënt", "patient"),
        (Audience::Tenant, "huurder", "tenant"),
    ];
    for (audience, dutch, english) in words {
        for (language, own) in [(Language::Dutch, dutch), (Language::English, english)] {
            let text = words_of(&tables.html(Voice { language, audience })).to_lowercase();
            // A role of the data is called `klantenservice`.
            let text = text.replace("klantenservice", "");
            assert!(text.contains(own), "{own}");
            assert!(!text.contains('{'), "a word was not filled in");
            for (other, dutch, english) in words {
                let word = if language == Language::Dutch { dutch } else { english };
                assert!(other == audience || !text.contains(word), "{own} page says {word}");
            }
        }
    }
}

#[test]
fn texts_are_shown_where_they_were_given_and_in_no_debug() {
    let mut tables = tables(INVENTED);
    let moment = tables.moments[0].clone();
    let worst = moment.worst.expect("flagged");
    let line = format!(
        "{{\"interaction\":\"{}\",\"id\":\"{worst}\",\"text\":\"canary at large\"}}\nnot JSON\n",
        moment.interaction
    );
    assert!(!tables.html(VOICES[0]).contains("canary"));
    assert_eq!(tables.add_texts(line.as_bytes()).expect("memory").found, 1);
    assert!(tables.html(VOICES[0]).contains("canary at large"));
    assert!(!format!("{tables:?}").contains("canary"));
    let mut json = Vec::new();
    tables.write_json(&mut json).expect("memory takes it");
    assert!(String::from_utf8_lossy(&json).contains("canary at large"));
}

#[test]
fn texts_are_found_by_the_names_and_speakers_that_judge_reads() {
    let fields = "\"messages\":3,\"worst\":{\"message\":2},\
                  \"touchpoint\":{\"message\":1,\"role\":\"planner\",\"silence\":false},";
    let lines = flagged("12", fields);
    let rows = [("klant", "the first"), ("medewerker", "the answer"), ("klant", "the worst")];
    let rows = rows.map(|(speaker, text)| {
        format!("{{\"interaction\":12.0,\"speaker\":\"{speaker}\",\"text\":\"{text}\"}}\n")
    });
    let file = format!("\u{feff}{}", rows.concat());
    let mut own = tables(&lines);
    assert_eq!(own.add_texts(file.as_bytes()).expect("memory").found, 1);
    let page = own.html(VOICES[0]);
    let [first, answer, worst] = ["the first", "the answer", "the worst"].map(|t| page.contains(t));
    assert!(answer && worst && !first);
    // Another interaction of that name: whose words they are is not known.
    let both = format!("{file}{}", rows.concat().replace("the ", "another "));
    let found = tables(&lines).add_texts(both.as_bytes()).expect("memory");
    assert!(found.found == 0 && found.why.is_some_and(|why| why.contains("than were judged")));
}

#[test]
fn a_checked_sample_and_a_comparison_need_one_model() {
    let checked = Checked { flagged_bad: 40, flagged_fine: 10, missed_bad: 12, left_fine: 138 };
    let options = Options { method: Method::Checked(checked), ..Options::default() };
    let two = collected(INVENTED);
    let error = two.tables(&options).expect_err("two models").to_string();
    assert!(error.contains("invented@0.1.0") && error.contains("invented@0.2.0"), "{error}");
    let error = Collected::compare(&two, &two, &Options::default()).expect_err("two models");
    assert!(matches!(error, ReportError::Mixed { .. }));
    let one = collected(&INVENTED.replace("invented@0.2.0", "invented@0.1.0"));
    assert!(one.tables(&options).expect("one model").overall.is_some());
    let same = Collected::compare(&one, &one, &options).expect("one model");
    let difference = same.comparison.expect("compared").standardised;
    assert!(difference.difference.abs() < 1e-12 && difference.low < 0.0 && difference.high > 0.0);
}

#[test]
fn cost_is_counts_times_rates() {
    let rates = Rates { contact: Some(6.5), handoff: Some(2.0), ..Rates::default() };
    let options = Options { rates, ..Options::default() };
    let tables = collected(INVENTED).tables(&options).expect("tables");
    let rework = &tables.rework;
    let cost = rework.cost.as_ref().expect("rates were given");
    let expected = rework.repeat_count.expect("signals")[0] * 6.5 + rework.handoffs as f64 * 2.0;
    assert!((cost.total[0] - expected).abs() < 1e-6);
    assert!(cost.total[1] < cost.total[0] && cost.total[0] < cost.total[2]);
}

#[test]
fn poor_input_gives_a_page_and_no_panic() {
    let bare = r#"{"schema":1,"interaction":"a","assessable":true,"risk":0.5,"flagged":false,"model":"m","policy":"p"}"#;
    let silent = r#"{"schema":1,"interaction":"a","assessable":false,"risk":null,"flagged":false,"model":"m","policy":"p"}"#;
    let old = bare.replace("\"risk\"", "\"start\":\"-009999-01-02T02:00:00Z\",\"risk\"");
    let new = bare.replace("\"risk\"", "\"start\":\"9999-12-30T20:00:00Z\",\"risk\"");
    for lines in
        ["", bare, silent, "{", "\u{feff}{}", &format!("{old}\n{new}"), &[bare; 40].join("\n")]
    {
        let found = tables(lines);
        for voice in VOICES {
            assert!(found.html(voice).ends_with("</html>"));
        }
        found.write_csv(Vec::new()).expect("memory takes it");
        found.write_json(Vec::new()).expect("memory takes it");
    }
    assert_eq!(tables(&[bare; 40].join("\n")).counts.repeated_names, 39);
}

#[test]
fn a_name_is_no_formula_in_a_spreadsheet() {
    for sign in ["=", "+", "-", "@", "＝", "＋", "－", "＠"] {
        let name = format!("{sign}HYPERLINK(1)");
        let lines = INVENTED.replace("\"channel\":\"email\"", &format!("\"channel\":\"{name}\""));
        let [csv, ..] = exports(&tables(&lines));
        assert!(csv.contains(&format!(",'{name}")) && !csv.contains(&format!(",{name}")));
    }
}

#[test]
fn a_period_that_two_models_read_has_a_row_of_each_that_says_which() {
    let line = |model: &str, n: usize| {
        let fields = "\"start\":\"2026-01-05T09:00:00Z\",\"channel\":\"email\",";
        flagged(&format!("{model}-{n}"), fields)
            .replace("\"model\":\"m\"", &format!("\"model\":\"{model}\""))
    };
    let of_both: String = (0..40).map(|n| line(["one", "two"][n % 2], n)).collect();
    let both = tables(&of_both);
    let [csv, _, text] = exports(&both);
    let rows: Vec<&str> = csv.lines().filter(|row| row.starts_with("over_time,")).collect();
    assert!(
        rows.len() == 2 && rows[0].ends_with(",\"one, p\"") && rows[1].ends_with(",\"two, p\"")
    );
    let block = text.split("\n\n").find(|block| block.starts_with("The same over time"));
    let first = block.expect("a table").lines().nth(2).expect("a row");
    assert!(first.matches("2026-01-05").count() == 1 && first.ends_with("one, p"), "{first}");
    let one = tables(&(0..40).map(|n| line("one", n)).collect::<String>());
    let [csv, _, text] = exports(&one);
    assert!(csv.starts_with("table,group,detail,n,flagged,value,low,high,reader\n"));
    assert!(!csv.contains("one, p") && !text.contains("reader"));
}

#[test]
fn spellings_of_a_channel_and_of_a_sector_are_one_whichever_comes_first() {
    let lines = |spelled: [&str; 2], period: &str| -> String {
        let line = |n: usize| {
            let name = spelled[n % 2];
            flagged(
                &format!("{period}{n}"),
                &format!("\"channel\":\"{name}\",\"sector\":\"{name}\","),
            )
        };
        (0..30).map(line).collect()
    };
    for spelled in [["Email", "email "], ["email ", "Email"]] {
        let before = collected(&lines(["email", "email"], "before"));
        let after = collected(&lines(spelled, "after"));
        let tables = Collected::compare(&before, &after, &Options::default()).expect("in common");
        for groups in [&tables.by_channel, &tables.by_sector] {
            let [group] = &groups.rows[..] else { panic!("one group") };
            assert_eq!((&*group.name, group.n), ("Email", 30));
        }
        let comparison = tables.comparison.expect("compared");
        assert_eq!(comparison.comparable, 1.0);
        assert_eq!(comparison.by_channel.rows[0].0, "Email");
    }
}

#[test]
fn one_of_anything_is_no_plural_on_a_page() {
    let fields = "\"start\":\"2026-01-05T09:00:00Z\",\"end\":\"2026-01-05T09:00:00Z\",\"customer\":\"c\",\"messages\":1,\
        \"handoffs\":1,\"recovered\":true,\"praise\":true,\"channel\":\"chat\",\
        \"signals\":{\"repeat_contact\":0.9},\"intents\":{\"complaint\":0.9},";
    let one = flagged("one", fields);
    let many: String = (0..20).map(|n| flagged(&n.to_string(), "\"channel\":\"email\",")).collect();
    for lines in [one.clone(), many + &one] {
        for voice in VOICES {
            let text = words_of(&tables(&lines).html(voice));
            let plurals = [
                " gesprekken",
                " berichten",
                " groepen",
                " bekende burgers",
                " conversations",
                " messages",
                " groups",
                " known customers",
                " times",
            ];
            for plural in plurals.map(|plural| format!(" 1{plural}")) {
                assert!(!text.contains(&plural), "{plural}");
            }
            assert!(!text.contains("(s)") && !text.contains("(en)"));
        }
    }
}

#[test]
fn bad_endings_of_today_are_seen_in_what_is_at_stake() {
    let at = "\"start\":\"2026-01-05T09:00:00Z\",\"end\":\"2026-01-05T09:00:00Z\",";
    let line = |n: usize| {
        flagged(&n.to_string(), &format!("{at}\"customer\":\"c{n}\",\"rework\":{},", n < 3))
    };
    let page = tables(&(0..40).map(line).collect::<String>()).html(VOICES[1]);
    // A bad ending of today is its risk, 0.9, and rework 0.5.
    let told = "As of 5 January 2026, the day of the last message: with 3 of 40 known customers more is open than after \
                one bad ending of that day, with 40 at least half of that.";
    assert!(page.contains(told));
}

#[test]
fn praise_is_where_nothing_went_wrong_and_no_recovery_teaches_nothing() {
    let line = |recovered: bool| {
        format!(
            r#"{{"schema":1,"interaction":"a{recovered}","assessable":true,"risk":0.2,"flagged":false,"experience":4,
            "praise":true,"recovered":{recovered},"model":"m","policy":"p"}}"#
        )
        .replace('\n', "")
    };
    let both = tables(&format!("{}\n{}", line(true), line(false)));
    assert_eq!((both.well.praise, both.well.recovered), (1, 1));
    assert!(both.html(VOICES[1]).contains("something to learn there"));
    let one = tables(&line(false));
    for (voice, lesson) in
        VOICES.into_iter().zip(["Daar is iets van te leren", "something to learn"])
    {
        assert!(!one.html(voice).contains(lesson));
    }
}

#[test]
fn a_date_that_cannot_be_counts_and_moves_no_time() {
    let limit = "2026-06-01T00:00:00Z".parse().expect("a time");
    let read = |lines: &str| {
        let mut collected = Collected::dated_until(limit);
        collected.read(lines.as_bytes()).expect("memory can be read");
        collected.tables(&Options::default()).expect("tables")
    };
    let named = INVENTED.replace("\"failed\":0", "\"customer\":\"c1\",\"failed\":0");
    let right = read(&named);
    assert_eq!(right.counts.misdated, 0);
    let first = named.lines().find(|line| line.contains("\"assessable\":true")).expect("assessed");
    let mut wrong = String::new();
    for (field, at) in [
        ("start", "1970-01-01T00:00:00Z"),
        ("end", "2126-01-01T00:00:00Z"),
        ("start", "0001-01-01T00:00:00Z"),
        ("end", "2026-06-01T00:00:01Z"),
        // Before it started.
        ("end", "1999-01-01T00:00:00Z"),
    ] {
        let mut line: serde_json::Value = serde_json::from_str(first).expect("JSON");
        line["interaction"] = at.into();
        line[field] = at.into();
        wrong += &format!("{line}\n");
    }
    let found = read(&format!("{}\n{wrong}", named.trim_end()));
    assert_eq!((found.counts.misdated, found.counts.undated), (5, right.counts.undated));
    assert_eq!(found.counts.assessed, right.counts.assessed + 5);
    assert_eq!((&found.days, found.period), (&right.days, right.period));
    assert_eq!(found.over_time.len(), right.over_time.len());
    let as_of = |tables: &Tables| tables.at_stake.as_ref().expect("a customer").as_of.clone();
    assert_eq!(as_of(&found), as_of(&right));
}

#[test]
fn nothing_is_at_stake_on_a_page_without_an_assessed_conversation() {
    let line = |n: usize, assessable: bool| {
        format!(
            "{{\"schema\":1,\"interaction\":\"i{n}\",\"customer\":\"c{n}\",\"start\":\"2026-01-05T09:00:00Z\",\
             \"end\":\"2026-01-05T09:00:00Z\",\"assessable\":{assessable},\"risk\":{},\"flagged\":false,\"model\":\"m\",\"policy\":\"p\"}}\n",
            if assessable { "0.2" } else { "null" }
        )
    };
    for assessable in [true, false] {
        let found = tables(&(0..40).map(|n| line(n, assessable)).collect::<String>());
        assert_eq!(found.html(VOICES[1]).contains("What is at stake"), assessable);
    }
}

/// A line on a flagged conversation with fields of its own.
fn flagged(name: &str, fields: &str) -> String {
    format!(
        "{{\"schema\":1,\"interaction\":\"{name}\",\"assessable\":true,\"risk\":0.9,\"flagged\":true,{fields}\
         \"model\":\"m\",\"policy\":\"p\"}}\n"
    )
}

/// Flagged conversations in which the customer reacted to an answer of a role; empty where it is not known.
fn reacted_to(roles: &[(&str, usize)]) -> String {
    let each = roles.iter().flat_map(|&(role, n)| (0..n).map(move |i| (role, i)));
    each.map(|(role, i)| {
        let fields = format!("\"touchpoint\":{{\"message\":1,\"role\":\"{role}\"}},");
        flagged(&format!("{role}-{i}").to_lowercase(), &fields.replace("\"\"", "null"))
    })
    .collect()
}

#[test]
fn touchpoints_name_roles_of_the_policy_that_are_large_and_of_several_people() {
    let lines = reacted_to(&[
        ("monteur", 7),
        ("Monteur ", 5),
        ("planner", 10),
        ("Directeur", 12),
        ("", 11),
        ("stagiair", 3),
    ]);
    let lines = lines.replace("monteur -", "ook-monteur-");
    let one_person = "[groups]\nsingle_person_roles = [\"directeur \"]";
    let listed = format!("roles = [\"planner\"]\n{one_person}");
    let all: &[(&str, u64)] = &[("Directeur", 12), ("Monteur", 12), ("staff", 11), ("planner", 10)];
    for (policy, min_group, shown, withheld) in [
        // One that is withheld alone would be what the others leave.
        ("", 10, &all[..3], (2, 13)),
        // A role is never shown under five.
        ("", 1, &all[..3], (2, 13)),
        ("", 11, &all[..3], (2, 13)),
        (one_person, 10, &[("Monteur", 12), ("planner", 10)], (3, 26)),
        (&listed, 1, &[("other", 15), ("planner", 10)], (2, 23)),
    ] {
        let policy = Policy::parse(policy).expect("a policy");
        let personal = !policy.groups.single_person_roles.is_empty();
        let options = Options { policy, min_group, moments: 255, ..Options::default() };
        let tables = collected(&lines).tables(&options).expect("tables");
        let found = &tables.touchpoints;
        let rows: Vec<(&str, u64)> = found
            .rows
            .iter()
            .map(|row| (row.role.as_deref().unwrap_or(row.source.name()), row.n))
            .collect();
        assert_eq!((rows.as_slice(), (found.withheld, found.withheld_n)), (shown, withheld));
        assert_eq!(found.min_group, min_group.max(5));
        let on_cards: BTreeSet<&str> =
            tables.moments.iter().filter_map(|moment| moment.role.as_deref()).collect();
        let named = shown.iter().map(|(name, _)| *name).filter(|name| *name != "staff");
        assert_eq!(on_cards, named.collect());
        let page = tables.html(VOICES[1]);
        assert!(page.contains(&format!("groups, with {} conversations.", withheld.1)));
        // Names of interactions are made of roles here, and are on cards.
        assert_eq!(page.contains("<bdi>Directeur</bdi>"), !personal);
    }
}

#[test]
fn a_touchpoint_that_is_withheld_alone_cannot_be_told_from_the_others() {
    let policy =
        Policy::parse("[groups]\nsingle_person_roles = [\"directeur\"]").expect("a policy");
    let silent = |n: usize| -> String {
        let fields = "\"touchpoint\":{\"message\":0,\"silence\":true},";
        (0..n).map(|i| flagged(&format!("s{i}"), fields)).collect()
    };
    let opened = |n: usize| -> String { (0..n).map(|i| flagged(&format!("o{i}"), "")).collect() };
    let others = silent(8) + &opened(20);
    for (lines, shown, withheld) in [
        (reacted_to(&[("Directeur", 12), ("planner", 30), ("monteur", 11)]) + &others, 3, (2, 23)),
        (reacted_to(&[("planner", 30)]) + &others, 3, (0, 0)),
        (reacted_to(&[("Directeur", 12), ("planner", 30)]), 0, (2, 42)),
        // What goes with it must be enough to hide it.
        (reacted_to(&[("Directeur", 12)]) + &others, 1, (2, 32)),
        (reacted_to(&[("Directeur", 12)]) + &silent(1) + &opened(20), 1, (2, 32)),
        (reacted_to(&[("Directeur", 12)]) + &silent(4) + &opened(9), 0, (3, 25)),
        (reacted_to(&[("Directeur", 12)]) + &silent(3) + &opened(4), 0, (3, 19)),
        // Of one that is all there is nothing is told.
        (reacted_to(&[("Directeur", 12)]), 0, (0, 0)),
    ] {
        let options = Options { policy: policy.clone(), ..Options::default() };
        let tables = collected(&lines).tables(&options).expect("tables");
        let found = &tables.touchpoints;
        assert_eq!((found.rows.len(), (found.withheld, found.withheld_n)), (shown, withheld));
        let note = format!("{} groups, with {} conversations", withheld.0, withheld.1);
        let page = tables.html(VOICES[1]);
        assert_eq!(page.contains("Where the conversation turned"), shown > 0 || withheld.0 > 0);
        assert_eq!(page.contains(&note), withheld.0 > 0);
        assert_eq!(page.contains("Not shown"), withheld.0 > 0);
        let [csv, _, text] = exports(&tables);
        assert_eq!(csv.contains("withheld,touchpoints"), withheld.0 > 0);
        assert_eq!(text.contains("Withheld"), withheld.0 > 0);
    }
}

#[test]
fn a_share_of_few_conversations_is_no_headline() {
    for (n, conversations) in [(1, "1 conversation "), (9, "9 conversations "), (10, "10 conv")] {
        let lines: String = (0..n).map(|i| flagged(&i.to_string(), "")).collect();
        let page = tables(&lines).html(VOICES[1]);
        assert!(page.contains(&format!("We read {conversations}")));
        assert_eq!(page.contains("An estimated 90 in 100"), n == 10);
        assert_eq!(page.contains("went wrong, estimated"), n == 10);
        assert_eq!(page.contains("Of fewer than 10 assessed conversations"), n < 10);
    }
}

#[test]
fn a_difference_of_few_conversations_is_no_headline() {
    let lines = |n: usize, risk: &str| -> String {
        (0..n).map(|i| flagged(&format!("{risk}-{i}"), "").replace("0.9", risk)).collect()
    };
    for (before, after, is_told) in [(3, 3, false), (40, 9, false), (9, 40, false), (10, 10, true)]
    {
        let (before, after) = (collected(&lines(before, "0.9")), collected(&lines(after, "0.1")));
        let tables = Collected::compare(&before, &after, &Options::default()).expect("in common");
        let page = tables.html(VOICES[1]);
        assert_eq!(page.contains("fewer in 100 conversations went wrong</h1>"), is_told);
        assert_eq!(page.contains("Yes, it looks that way."), is_told);
        assert_eq!(page.contains("Too few conversations for an estimate</h1>"), !is_told);
        assert_eq!(page.contains("Of fewer than 10 assessed conversations"), !is_told);
        assert_eq!(page.contains("It cannot be told"), !is_told);
    }
}

#[test]
fn groups_that_are_all_withheld_are_told() {
    let line = |n: usize| flagged(&n.to_string(), &format!("\"channel\":\"c{}\",", n % 4));
    let page = tables(&(0..36).map(line).collect::<String>()).html(VOICES[1]);
    let told = page.split("Through which channel</h3>").nth(1).expect("a heading");
    assert!(told.starts_with(
        "<p class=\"note-line\">Too small to show: 4 groups, with 36 conversations.</p>"
    ));
}

#[test]
fn the_largest_groups_are_drawn_and_the_table_has_all() {
    let roles: Vec<(String, usize)> = (0..20).map(|n| (format!("r{n:02}"), 10 + n)).collect();
    let named: Vec<(&str, usize)> = roles.iter().map(|(name, n)| (&**name, *n)).collect();
    let page = tables(&reacted_to(&named)).html(VOICES[1]);
    let figure = page.split("Where the conversation turned</h3>").nth(1).expect("the figure");
    let (drawn, rest) = figure.split_once("</svg>").expect("the wide drawing");
    let all = rest.split("</table>").next().expect("the table");
    assert_eq!(drawn.matches("class=\"name\"").count(), 15);
    assert!(!drawn.contains("R00") && drawn.contains("R19"));
    assert_eq!(roles.iter().filter(|(name, _)| all.contains(&name.to_uppercase())).count(), 20);
    assert!(all.contains("The 15 largest of 20 are drawn; the table has all."));
}

#[test]
fn the_largest_groups_of_a_comparison_are_drawn_and_the_table_has_all() {
    let lines = |period: &str| -> String {
        let each = (0..20).flat_map(|channel| (0..10 + channel).map(move |i| (channel, i)));
        each.map(|(channel, i)| {
            let fields = format!("\"channel\":\"c{channel:02}\",");
            flagged(&format!("{period}-{channel}-{i}"), &fields)
        })
        .collect()
    };
    let (before, after) = (collected(&lines("before")), collected(&lines("after")));
    let tables = Collected::compare(&before, &after, &Options::default()).expect("in common");
    let page = tables.html(VOICES[1]);
    let figure = page.split("Difference by channel</h3>").nth(1).expect("the figure");
    let (drawn, rest) = figure.split_once("</svg>").expect("the wide drawing");
    let all = rest.split("</table>").next().expect("the table");
    assert_eq!(drawn.matches("class=\"name\"").count(), 15);
    assert!(!drawn.contains(">C04<") && drawn.contains(">C05<"));
    assert!((0..20).all(|channel| all.contains(&format!(">C{channel:02}<"))));
    assert!(all.contains("The 15 largest of 20 are drawn; the table has all."));
}

#[test]
fn a_comparison_tells_what_was_missing_in_either_period() {
    let line = |name: &str| flagged(name, "\"start\":\"2026-01-05T09:00:00Z\",");
    let failed = "{\"error\":{\"kind\":\"input\"}}\n".repeat(7);
    let before = collected(&(line("a") + &line("a") + "no line\n" + &failed));
    let after = collected(&line("b"));
    let tables = Collected::compare(&before, &after, &Options::default()).expect("in common");
    let page = tables.html(VOICES[1]);
    assert!(page.contains("<caption>Before it</caption>"));
    assert!(!page.contains("<caption>After the change</caption>"));
    assert!(page.contains("Rows that failed, by error: input 7"));
    assert!(page.contains("with the same name and start: 1."));
    let mut csv = Vec::new();
    tables.write_csv(&mut csv).expect("memory takes it");
    let csv = String::from_utf8(csv).expect("UTF-8");
    for row in
        ["counts_before,unreadable,,1,", "failed_rows_before,input,,7,", "counts,unreadable,,0,"]
    {
        assert!(csv.contains(row), "{row}");
    }
}

#[test]
fn months_do_not_stand_on_each_other_where_a_week_begins_on_the_last_day_of_one() {
    let at = |n: u64| format!("\"start\":\"2026-{:02}-{:02}T09:00:00Z\",", 1 + n % 6, 1 + n % 28);
    let lines: String = (0..600).map(|n| flagged(&n.to_string(), &at(n))).collect();
    let page = tables(&lines).html(VOICES[1]);
    let wide = page.split("</svg>").next().expect("the drawing");
    assert!(wide.contains(">Jan</text>") && !wide.contains(">Dec</text>"));
}

#[test]
fn what_nobody_felt_is_not_drawn() {
    let lines: String = (0..20).map(|n| flagged(&n.to_string(), "\"experience\":2,")).collect();
    let page = tables(&lines).html(VOICES[1]);
    assert_eq!(page.matches("class=\"part ").count(), 2, "wide and narrow");
}

#[test]
fn an_interaction_that_is_given_again_counts_nowhere() {
    let lines = reacted_to(&[("planner", 6), ("stagiair", 4)]);
    let options = Options { min_group: 5, moments: 255, ..Options::default() };
    let once = collected(&lines).tables(&options).expect("tables");
    let mut often = collected(&lines.repeat(5)).tables(&options).expect("tables");
    assert_eq!((often.counts.counted_twice, often.counts.interactions), (40, 10));
    assert!(often.html(VOICES[1]).contains("They are not counted again"));
    (often.counts.counted_twice, often.counts.repeated_names) = (0, 0);
    assert_eq!(often, once);
    // Without names and dates, two files have the same rows and say other things in them.
    let undated = |risk: f64| {
        let line = lines.lines().next().expect("a line");
        let mut line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        (line["start"], line["end"], line["risk"]) = (().into(), ().into(), risk.into());
        format!("{line}\n")
    };
    let both = collected(&(undated(0.9) + &undated(0.8) + &undated(0.9))).tables(&options);
    let counts = both.expect("tables").counts;
    assert_eq!((counts.interactions, counts.counted_twice), (2, 1));
}

#[test]
fn tables_by_group_add_up_and_those_of_no_group_are_no_group() {
    let channels = [("email", 20), ("phone", 15), ("chat", 4), ("", 7)];
    let lines = |period: usize| {
        let each = channels.iter().flat_map(|&(channel, n)| (0..n).map(move |i| (channel, i)));
        each.map(|(channel, i)| {
            let fields = format!("\"channel\":\"{channel}\",\"intents\":{{}},");
            flagged(&format!("{period}-{channel}-{i}"), &fields)
        })
        .collect::<String>()
    };
    let (before, after) = (collected(&lines(0)), collected(&lines(1)));
    let tables = after.tables(&Options::default()).expect("tables");
    let note = "Too small to show: 1 group, with 4 conversations. Not known: 7 conversations.";
    assert!(tables.html(VOICES[1]).contains(note));
    let [csv, _, text] = exports(&tables);
    assert!(csv.contains("by_channel,,not known,7,") && csv.contains("withheld,by_channel"));
    // Where no interaction has an intent there is no table of them.
    assert!(!csv.contains("by_intent"));
    let block = text.split("\n\n").find(|block| block.starts_with("By channel"));
    let row = block.expect("a table").lines().find(|line| line.contains("not known"));
    assert!(row.expect("a row").split_whitespace().any(|cell| cell == "7"));
    let comparison = Collected::compare(&before, &after, &Options::default()).expect("in common");
    let comparison = comparison.comparison.expect("compared");
    let names: BTreeSet<&str> =
        comparison.by_channel.rows.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, BTreeSet::from(["email", "phone"]));
    assert!(comparison.by_intent.rows.is_empty());
}

#[test]
fn rows_and_moments_of_equal_weight_stand_in_the_same_order_whatever_comes_first() {
    let name = |n: usize| ["email", "chat", "phone", "post"][n % 4];
    let lines = |order: &mut dyn Iterator<Item = usize>| -> String {
        let line = |n| {
            let fields = format!(
                "\"channel\":\"{0}\",\"touchpoint\":{{\"message\":1,\"role\":\"{0}\"}},",
                name(n)
            );
            flagged(&n.to_string(), &fields)
        };
        order.map(line).collect()
    };
    let (one, other) = (tables(&lines(&mut (0..80))), tables(&lines(&mut (0..80).rev())));
    let names = |found: &Tables| -> Vec<String> {
        let channels = found.by_channel.rows.iter().map(|row| row.name.clone());
        let roles = found.touchpoints.rows.iter().filter_map(|row| row.role.clone());
        let moments = found.moments.iter().map(|moment| moment.interaction.clone());
        channels.chain(roles).chain(moments).collect()
    };
    assert_eq!(names(&one), names(&other));
    assert_eq!(names(&one)[..4], ["chat", "email", "phone", "post"]);
}
