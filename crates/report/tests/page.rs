//! What a person reads, hears and prints of a page, on lines that are made here.

use std::collections::BTreeSet;

use beleving::Policy;
use beleving_report::{Audience, Collected, Language, Options, Period, Rates, Tables, Voice};

const DUTCH: Voice = Voice { language: Language::Dutch, audience: Audience::Tenant };
const ENGLISH: Voice = Voice { language: Language::English, audience: Audience::Tenant };

/// A line on a flagged conversation with fields of its own.
fn flagged(name: &str, fields: &str) -> String {
    format!(
        "{{\"schema\":1,\"interaction\":\"{name}\",\"assessable\":true,\"risk\":0.9,\"flagged\":true,{fields}\
         \"model\":\"m\",\"policy\":\"p\"}}\n"
    )
}

fn collected(lines: &str) -> Collected {
    let mut collected = Collected::default();
    collected.read(lines.as_bytes()).expect("memory can be read");
    collected
}

fn tables(lines: &str, options: &Options) -> Tables {
    collected(lines).tables(options).expect("tables")
}

/// CSV, JSON and text behind each other.
fn written(tables: &Tables) -> String {
    let mut all = Vec::new();
    tables.write_csv(&mut all).expect("memory takes it");
    tables.write_json(&mut all).expect("memory takes it");
    tables.write_text(&mut all).expect("memory takes it");
    String::from_utf8(all).expect("UTF-8")
}

fn page(lines: &str, voice: Voice) -> String {
    tables(lines, &Options::default()).html(voice)
}

#[test]
fn one_conversation_is_spoken_of_as_one() {
    let one = flagged("a", "");
    assert!(page(&one, DUTCH).contains("We lazen 1 gesprek zoals de huurder dat beleefde."));
    assert!(page(&one, ENGLISH).contains("We read 1 conversation as the tenant lived it."));
    let two = one + &flagged("b", "");
    assert!(page(&two, DUTCH).contains("We lazen 2 gesprekken zoals de huurder die beleefde."));
    let options = Options { moments: 1, ..Options::default() };
    let shown = tables(&two, &options);
    assert!(shown.html(DUTCH).contains("Getoond: 1 van de 2 gemelde gesprekken"));
    assert!(shown.html(ENGLISH).contains("Shown: 1 of the 2 flagged conversations"));
}

#[test]
fn a_role_on_a_card_is_called_a_role() {
    let fields = "\"touchpoint\":{\"message\":0,\"role\":\"desk_north\"},";
    let lines: String = (0..10).map(|n| flagged(&n.to_string(), fields)).collect();
    assert!(page(&lines, DUTCH).contains("een antwoord vanuit de rol <bdi>desk north</bdi>"));
    assert!(page(&lines, ENGLISH).contains("an answer from the <bdi>desk north</bdi> role"));
}

#[test]
fn messages_without_an_id_are_counted_from_one() {
    for (id, shown) in [("null", "2"), ("\"1\"", "2"), ("\"m-1\"", "m-1")] {
        let place = format!("{{\"message\":1,\"id\":{id},\"silence\":true}}");
        let line = flagged("a", &format!("\"worst\":{place},\"touchpoint\":{place},"));
        let silent = format!("had nog niets gehoord (na bericht <code><bdi>{shown}</bdi></code>)");
        assert!(page(&line, DUTCH).contains(&silent), "{id}");
        let worst = format!("Clearest in message <code><bdi>{shown}</bdi></code>.");
        assert!(page(&line, ENGLISH).contains(&worst), "{id}");
        assert!(page(&line, ENGLISH).contains("had heard nothing yet when writing again"));
    }
}

#[test]
fn a_quote_is_in_its_own_language_and_direction() {
    let line = flagged("a", "\"worst\":{\"message\":0,\"id\":\"m\"},");
    for (field, lang) in [
        ("\"language\":\"fr-BE\",", " lang=\"fr-BE\""),
        ("\"language\":\"und\",", ""),
        ("\"language\":\"Dutch\",", ""),
        ("\"language\":\"e\\\"n\",", ""),
        ("\"language\":null,", ""),
        ("", ""),
    ] {
        let mut found = tables(&line, &Options::default());
        let text = format!("{{\"interaction\":\"a\",\"id\":\"m\",{field}\"text\":\"Enfin\"}}\n");
        assert_eq!(found.add_texts(text.as_bytes()).expect("memory").found, 1);
        let quote = format!("<blockquote{lang} dir=\"auto\">Enfin</blockquote>");
        assert!(found.html(DUTCH).contains(&quote), "{field}");
        let mut json = Vec::new();
        found.write_json(&mut json).expect("memory takes it");
        assert!(String::from_utf8_lossy(&json).contains("\"said\": \"Enfin\""));
    }
}

#[test]
fn texts_of_messages_without_ids_on_several_lines_are_found_by_the_names_that_judge_gives() {
    let fields = "\"messages\":4,\"worst\":{\"message\":3,\"id\":\"1.1\"},\
                  \"touchpoint\":{\"message\":2,\"id\":\"0.1\",\"role\":\"planner\",\"silence\":false},";
    let line = |said: [&str; 2], who: [&str; 2]| {
        let messages =
            [0, 1].map(|n| format!("{{\"speaker\":\"{}\",\"text\":\"{}\"}}", who[n], said[n]));
        format!("{{\"interaction\":\"12\",\"messages\":[{}]}}\n", messages.join(","))
    };
    let first = line(["the first", "the second"], ["customer", "staff"]);
    let last = line(["the answer", "the worst"], ["staff", "customer"]);
    // The same line once more is the same messages.
    let mut own = tables(&flagged("12", fields), &Options::default());
    let file = [&*first, &first, &last, &first].concat();
    assert_eq!(own.add_texts(file.as_bytes()).expect("memory").found, 1);
    let page = own.html(DUTCH);
    assert!(["the answer", "the worst"].iter().all(|text| page.contains(text)));
    assert!(!["the first", "the second"].iter().any(|text| page.contains(text)));
}

#[test]
fn every_table_says_what_it_is() {
    let rates = Rates { contact: Some(6.5), handoff: Some(2.0), ..Rates::default() };
    let options = Options { rates, ..Options::default() };
    let line = |n: usize| {
        let fields = format!(
            "\"start\":\"2026-{:02}-05T09:00:00Z\",\"channel\":\"c{}\",\"intents\":{{\"complaint\":0.9}},\
             \"signals\":{{\"repeat_contact\":0.9}},",
            1 + n % 3,
            n % 2
        );
        flagged(&n.to_string(), &fields)
    };
    let lines: String = (0..90).map(line).collect();
    let page = tables(&lines, &options).html(DUTCH);
    let all = page.matches("<table>").count();
    assert!(all > 3 && page.contains("tegen uw eigen tarieven"));
    assert_eq!(page.matches("<table><caption>").count(), all);
}

#[test]
fn names_that_came_too_late_to_be_told_apart_are_told_in_words() {
    let line =
        |n: usize| flagged(&n.to_string(), &format!("\"channel\":\"c{}\",", n.min(220) % 210));
    let lines: String = (0..260).map(line).collect();
    let options = Options { min_group: 1, ..Options::default() };
    let found = tables(&lines, &options);
    assert!(found.by_channel.rows.iter().any(|group| group.name == "…"));
    assert!(found.html(DUTCH).contains("<bdi>Alle na de eerste 200</bdi>"));
    assert!(found.html(ENGLISH).contains("<bdi>All after the first 200</bdi>"));
}

#[test]
fn a_name_cannot_turn_what_follows_around() {
    let name = "bal\u{202e}ie\u{2066}\u{2028}";
    let lines: String =
        (0..20).map(|n| flagged(&n.to_string(), &format!("\"channel\":\"{name}\","))).collect();
    let found = tables(&lines, &Options::default());
    assert_eq!(found.by_channel.rows[0].name, "bal ie");
    let mut text = Vec::new();
    found.write_text(&mut text).expect("memory takes it");
    for written in [found.html(DUTCH), String::from_utf8(text).expect("UTF-8")] {
        assert!(!written.contains(['\u{202e}', '\u{2066}', '\u{2028}']));
    }
}

#[test]
fn a_row_by_channel_and_period_is_named_by_both() {
    let line = |n: usize| {
        let fields = format!(
            "\"start\":\"2026-{:02}-05T09:00:00Z\",\"channel\":\"c{}\",",
            1 + n % 4,
            n % 8 / 4
        );
        flagged(&n.to_string(), &fields)
    };
    let page = page(&(0..400).map(line).collect::<String>(), DUTCH);
    let table = page.split("<caption>Hetzelfde per kanaal</caption>").nth(1).expect("the table");
    let row = table.split("<tbody>").nth(1).expect("rows").split("</tr>").next().expect("a row");
    assert_eq!(row.matches("<th scope=\"row\">").count(), 2, "{row}");
}

#[test]
fn what_is_at_stake_is_set_against_a_bad_ending_of_the_policys_weight() {
    let at = "\"start\":\"2026-01-05T09:00:00Z\",\"end\":\"2026-01-05T09:00:00Z\",";
    let line = |n: usize| {
        flagged(&n.to_string(), &format!("{at}\"customer\":\"c{n}\",\"rework\":{},", n < 3))
    };
    let lines: String = (0..40).map(line).collect();
    for (weight, heavy, half, from) in
        [("3.0", 3, 40, "1.5"), ("0.0", 3, 3, "0"), ("0.3", 3, 40, "0.15")]
    {
        let policy = Policy::parse(&format!("[stake]\nbad_ending = {weight}")).expect("a policy");
        let found = tables(&lines, &Options { policy, ..Options::default() });
        let told = format!(
            "with {heavy} of 40 known tenants more is open than after one bad ending of that day, with {half} "
        );
        assert!(found.html(ENGLISH).contains(&told), "{weight}");
        assert!(written(&found).contains(&format!("at_stake_from,{from},")), "{weight}");
    }
}

#[test]
fn two_models_over_the_same_time_have_lines_of_their_own() {
    let line = |n: usize| {
        let (month, channel, model) = (1 + n % 3, n / 3 % 2, ["one", "two"][n / 6 % 2]);
        let fields =
            format!("\"start\":\"2026-{month:02}-05T09:00:00Z\",\"channel\":\"c{channel}\",");
        flagged(&n.to_string(), &fields)
            .replace("\"model\":\"m\"", &format!("\"model\":\"{model}\""))
    };
    let options = Options { period: Some(Period::Month), ..Options::default() };
    let both = tables(&(0..240).map(line).collect::<String>(), &options);
    let page = both.html(ENGLISH);
    assert!(page.contains("Each model with its policy has a line of its own"));
    assert!(!page.contains("The line is broken") && !page.contains("class=\"takeover\""));
    let table = page.split("<caption>The same by channel</caption>").nth(1).expect("the table");
    let table = table.split("</table>").next().expect("its end");
    assert!(table.contains(">read by</th>") && table.matches("<td>two, p</td>").count() == 6);
}

#[test]
fn the_latest_periods_are_counted_however_many_read_each() {
    let line = |n: usize| {
        let (year, month) = (2000 + n / 24, 1 + n / 2 % 12);
        let fields = format!("\"start\":\"{year}-{month:02}-05T09:00:00Z\",");
        flagged(&n.to_string(), &fields)
            .replace("\"model\":\"m\"", &format!("\"model\":\"m{}\"", n % 2))
    };
    let options = Options { period: Some(Period::Month), ..Options::default() };
    let found = tables(&(0..600).map(line).collect::<String>(), &options);
    let days: BTreeSet<&str> = found.over_time.iter().map(|point| &*point.from).collect();
    assert_eq!((days.len(), found.over_time.len()), (240, 480));
}

#[test]
fn the_share_at_the_line_is_of_a_period_that_the_data_fill() {
    for (last, anchor) in [("2026-04-27", "middle"), ("2026-04-28", "start")] {
        let days = ["2026-01-01", "2026-02-05", "2026-03-05", last];
        let each = days.iter().flat_map(|day| (0..20).map(move |n| (day, n)));
        let lines: String = each
            .map(|(day, n)| {
                flagged(&format!("{day}-{n}"), &format!("\"start\":\"{day}T09:00:00Z\","))
            })
            .collect();
        let options = Options { period: Some(Period::Month), ..Options::default() };
        let page = tables(&lines, &options).html(ENGLISH);
        let drawn = page.split("</svg>").next().expect("the wide drawing");
        let (_, told) = drawn.split_once("class=\"value\"").expect("a share");
        // Above the line where that goes on.
        assert!(
            told.split('>').next().expect("a tag").ends_with(&format!("\"{anchor}\"")),
            "{last}"
        );
    }
}

#[test]
fn every_year_has_its_number_under_the_line() {
    let at = |n: usize| {
        format!("\"start\":\"{}-{:02}-05T09:00:00Z\",", 2023 + (n + 10) / 12, 1 + (n + 10) % 12)
    };
    let each = (0..30).flat_map(|month| (0..12).map(move |n| (month, n)));
    let lines: String =
        each.map(|(month, n)| flagged(&format!("{month}-{n}"), &at(month))).collect();
    let page = page(&lines, ENGLISH);
    for drawn in page.split("</svg>").take(2) {
        assert!([2023, 2024, 2025].iter().all(|year| drawn.contains(&format!(">{year}</text>"))));
        assert_eq!(drawn.matches(">2024</text>").count(), 1);
    }
}

#[test]
fn a_comparison_tells_its_days_and_what_is_withheld() {
    let lines = |month: usize| -> String {
        let each = [("email", 20), ("chat", 20), ("letter", 4 * month)].into_iter();
        each.flat_map(|(channel, n)| (0..n).map(move |i| (channel, i)))
            .map(|(channel, i)| {
                let at = format!("2026-{month:02}-{:02}T09:00:00Z", 1 + i);
                let fields = format!("\"start\":\"{at}\",\"channel\":\"{channel}\",");
                flagged(&format!("{month}-{channel}-{i}"), &fields)
            })
            .collect()
    };
    let (before, after) = (collected(&lines(1)), collected(&lines(3)));
    let tables = Collected::compare(&before, &after, &Options::default()).expect("in common");
    let page = tables.html(ENGLISH);
    assert!(page.contains("after the change (1 March 2026 – 20 March 2026) with 44 before it"));
    assert!(page.contains("before it (1 January 2026 – 20 January 2026)."));
    assert!(page.contains("too few of them to compare: 1 group, with 16 conversations."));
    let told = "te weinig van zijn om te vergelijken: 1 groep, met 16 gesprekken.";
    assert!(tables.html(DUTCH).contains(told));
    for told in [
        "days_before,2026-01-01,2026-01-20,",
        "withheld,comparison_by_channel,1 group,16,",
        "First and last day of the time before\n  2026-01-01  2026-01-20\n",
        "\"withheld_n\": 16",
    ] {
        assert!(written(&tables).contains(told), "{told}");
    }
}

#[test]
fn conversations_of_which_no_message_could_be_read_are_told_apart() {
    let line = |n: usize| {
        let failed = if n < 3 { 2 } else { n % 2 };
        flagged(&n.to_string(), &format!("\"messages\":2,\"failed\":{failed},")).replace(
            "\"assessable\":true,\"risk\":0.9,\"flagged\":true",
            "\"assessable\":false,\"flagged\":false",
        )
    };
    let found = tables(&(0..10).map(line).collect::<String>(), &Options::default());
    assert_eq!((found.counts.not_assessable, found.counts.none_scored), (10, 3));
    let page = found.html(ENGLISH);
    assert!(page.contains("automatic reply</th><td>7 (70%)</td>"));
    assert!(page.contains("none of the messages could be read</th><td>3 (30%)</td>"));
}

#[test]
fn a_source_has_two_cards_however_its_role_is_spelled() {
    let answer = |role: &str| format!("\"touchpoint\":{{\"message\":1,\"role\":{role}}},");
    let (staff, opening) = (answer("null"), String::new());
    let spelled = ["\"Planner\"", "\" planner\"", "\"planner \""].map(answer);
    let sources = [&spelled[..], &[staff, opening]].concat();
    let lines: String =
        (0..15).map(|n| flagged(&format!("{}-{n}", n % 5), &sources[n % 5])).collect();
    let found = tables(&lines, &Options { moments: 255, ..Options::default() });
    let of = |sources: [&str; 3]| {
        let names = found.moments.iter().map(|moment| &moment.interaction[..1]);
        names.filter(|name| sources.contains(name)).count()
    };
    assert_eq!([of(["0", "1", "2"]), of(["3"; 3]), of(["4"; 3])], [2, 2, 2]);
}
