//! Times as people and programs write them.

use anyhow::bail;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;

/// Seconds from 1970 to 1990. What is before it stands for a time that nobody knows: 1970, 1900 or the year 1.
const EARLIEST_S: i64 = 631_152_000;

/// Seconds from 1970 to 2100: a whole number up to here is a time, a longer one is something else.
const LATEST_S: i64 = 4_102_444_800;

/// Most that a clock is off UTC: what `ZoneOffset` of Java allows, and more than any place has.
const MAX_OFFSET_S: i32 = 18 * 3600;

/// Characters of a value whose shape is shown.
const SHOWN_CHARS: usize = 24;

/// How times are read that leave something open.
#[derive(Debug, Clone, Default)]
pub struct Times {
    zone: Option<TimeZone>,
    order: Option<DateOrder>,
}

/// What a date that does not begin with its year begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// 19-10-2026.
    DayFirst,
    /// 10/19/2026.
    MonthFirst,
}

impl Times {
    /// Reads times without an offset by the clock of the zone `named`, an IANA name or an offset, and takes dates for what
    /// `order` says. Without a zone such times are refused; without an order, dates with slashes.
    ///
    /// # Errors
    /// If there is no such zone, or no clock that far off.
    pub fn new(named: Option<&str>, order: Option<DateOrder>) -> anyhow::Result<Self> {
        let zone = match named.map(|name| (name, DateTimeParser::new().parse_time_zone(name))) {
            None => None,
            Some((name, Ok(zone))) => match meant_by_people(name, &zone) {
                Some(meant) => bail!(
                    "--time-zone {name}: a name that POSIX reads the other way round than people; did you mean {meant}?"
                ),
                None => Some(zone),
            },
            Some((name, Err(_))) => bail!(
                "--time-zone {name}: no time zone of that name, expected such as Europe/Amsterdam or +01:00"
            ),
        };
        let offset = zone.as_ref().and_then(|zone| zone.to_fixed_offset().ok());
        if let (Some(name), Some(_)) = (named, offset.filter(|o| o.seconds().abs() > MAX_OFFSET_S))
        {
            bail!(
                "--time-zone {name}: no clock is that far off, expected at most 18 hours, such as +01:00"
            );
        }
        Ok(Self { zone, order })
    }

    /// Whether times without an offset can be read.
    pub(crate) fn has_zone(&self) -> bool {
        self.zone.is_some()
    }

    /// Reads a time: RFC 3339; a date, year or day first, with or without a time of day; or seconds or milliseconds since 1970.
    ///
    /// # Errors
    /// The shape of what was found and what is expected, to be read after the name of its field and `is`.
    pub fn read(&self, text: &str) -> Result<Timestamp, String> {
        let text = text.trim();
        let at = match text.parse().ok().or_else(|| since_1970(text)) {
            Some(at) => at,
            None => self.by_the_clock(text)?,
        };
        if is_known(at) {
            return Ok(at);
        }
        let found = shape(text);
        Err(format!("`{found}`, a time before 1990, expected when it was sent, or nothing"))
    }

    fn by_the_clock(&self, text: &str) -> Result<Timestamp, String> {
        let found = || shape(text);
        let no_time = || {
            format!(
                "`{}`, expected a time such as 2026-10-19T10:00:00+02:00, 2026-10-19 10:00 or 19-10-2026 10:00",
                found()
            )
        };
        let end = text.find(['T', 't', ' ', ',']).unwrap_or(text.len());
        let (date, clock) = text.split_at(end);
        let (separator, fields) = fields_of(date).ok_or_else(no_time)?;
        let [year, month, day] = match (fields.map(str::len), self.order, separator) {
            ([4, 1..=2, 1..=2], _, _) => fields,
            ([1..=2, 1..=2, 4], Some(DateOrder::MonthFirst), _) => {
                [fields[2], fields[0], fields[1]]
            }
            ([1..=2, 1..=2, 4], None, '/') => {
                return Err(format!(
                    "`{}`, a date that may begin with the day or the month, expected --dates day-first or \
                     --dates month-first to say which",
                    found()
                ));
            }
            ([1..=2, 1..=2, 4], _, _) => [fields[2], fields[1], fields[0]],
            _ => return Err(no_time()),
        };
        let is_day = |[year, month, day]: [&str; 3]| {
            let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
            date.ok()
        };
        if is_day([year, month, day]).is_none() {
            let order = match self.order {
                Some(DateOrder::MonthFirst) if day != fields[2] => ", read month first",
                _ => "",
            };
            return Err(format!("`{}`, no such day{order}, expected one of the calendar", found()));
        }
        let clock = clock.strip_prefix(['T', 't', ',']).unwrap_or(clock).trim();
        let clock = of_24_hours(clock).ok_or_else(no_time)?;
        let text = format!("{year}-{month:0>2}-{day:0>2}T{clock}");
        if let Ok(at) = text.parse() {
            return Ok(at);
        }
        // A parser of times without an offset passes over what may follow them.
        let has_no_more = clock.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
        let at = text.parse::<DateTime>().ok().filter(|_| has_no_more).ok_or_else(no_time)?;
        let Some(zone) = &self.zone else {
            return Err(format!(
                "`{}`, a time without an offset, expected one such as +01:00 behind it, or \
                 --time-zone Europe/Amsterdam",
                found()
            ));
        };
        zone.to_timestamp(at).map_err(|_| no_time())
    }
}

/// The offset that people mean by a name such as UTC+1, where POSIX has it the other way round.
fn meant_by_people(name: &str, zone: &TimeZone) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    let sign = ["UTC", "GMT"].iter().find_map(|start| upper.strip_prefix(start)?.chars().next())?;
    let minutes = zone.to_offset(Timestamp::UNIX_EPOCH).seconds().abs() / 60;
    let is_other = minutes > 0 && matches!(sign, '+' | '-');
    is_other.then(|| format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
}

/// A time of day as RFC 3339 has it, without spaces; midnight where there is none.
fn of_24_hours(clock: &str) -> Option<String> {
    if clock.is_empty() {
        return Some("00:00".to_owned());
    }
    let lower = clock.to_ascii_lowercase();
    let halves = ["am", "pm"].map(|half| lower.strip_suffix(half).map(str::trim_end));
    let (time, afternoon) = match halves {
        [Some(time), _] => (time, Some(0)),
        [_, Some(time)] => (time, Some(12)),
        _ => (&*lower, None),
    };
    let (hour, rest) = time.split_once(':')?;
    // A sign in front would be an offset's.
    let hour: u8 = hour.parse().ok().filter(|_| !hour.starts_with('+'))?;
    let hour = match afternoon {
        None => hour,
        Some(noon) if (1..=12).contains(&hour) => hour % 12 + noon,
        Some(_) => return None,
    };
    Some(format!("{hour:02}:{}", rest.replace(' ', "")))
}

/// Whether this is a time at which a message can have been sent, and none that stands for no time.
pub(crate) fn is_known(at: Timestamp) -> bool {
    at.as_second() >= EARLIEST_S
}

/// A whole number of seconds or milliseconds since 1970, between 1990 and 2100, where none can be both. A zero in front is that of
/// a telephone number.
fn since_1970(text: &str) -> Option<Timestamp> {
    // Tables that know no whole numbers with gaps write 3 as 3.0.
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let number: i64 =
        whole.parse().ok().filter(|_| whole.starts_with(|c| matches!(c, '1'..='9')))?;
    let known = EARLIEST_S..LATEST_S;
    let is_seconds = known.contains(&number);
    let milliseconds = if is_seconds { number * 1000 } else { number };
    let at = known.contains(&(milliseconds / 1000)).then_some(milliseconds)?;
    Timestamp::from_millisecond(at).ok()
}

/// The three numbers of a date, and what stands between them.
fn fields_of(date: &str) -> Option<(char, [&str; 3])> {
    let separator = date.chars().find(|c| !c.is_ascii_digit())?;
    let fields: Vec<&str> = date.split(separator).collect();
    let fields: [&str; 3] = fields.try_into().ok()?;
    let digits = fields.iter().all(|field| field.bytes().all(|b| b.is_ascii_digit()));
    (digits && matches!(separator, '-' | '.' | '/')).then_some((separator, fields))
}

/// What a value looks like, without what it says: digits as 9, letters as a.
pub fn shape(value: &str) -> String {
    let mut signs = value.chars().map(|c| match c {
        c if c.is_numeric() => '9',
        c if c.is_alphabetic() => 'a',
        c if c.is_whitespace() => ' ',
        c if c.is_ascii_punctuation() && c != '`' => c,
        _ => '?',
    });
    let shown: String = signs.by_ref().take(SHOWN_CHARS).collect();
    if signs.next().is_some() { shown + "…" } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(zone: &str, order: Option<DateOrder>) -> Times {
        Times::new(Some(zone), order).expect("a zone")
    }

    #[test]
    fn times_without_an_offset_are_read_by_the_clock_of_the_zone() {
        let dutch = times("Europe/Amsterdam", None);
        for text in [
            "2026-10-19 10:00",
            "2026-10-19T10:00:00",
            "2026-10-19t10:00:00.000",
            "2026/10/19 10:00",
            "19-10-2026 10:00",
            "19-10-2026, 10:00:00",
            "19.10.2026 10:00",
            " 19-10-2026  10:00 ",
            // What says its offset needs no zone.
            "2026-10-19T08:00:00Z",
            "19-10-2026 09:00 +0100",
            "1792396800",
            "1792396800.0",
            "1792396800000",
        ] {
            let read = dutch.read(text).map(|at| at.to_string());
            assert_eq!(read.as_deref(), Ok("2026-10-19T08:00:00Z"), "{text}");
        }
        for (zone, text, expected) in [
            ("Europe/Amsterdam", "2026-10-19", "2026-10-18T22:00:00Z"),
            ("Europe/Amsterdam", "9-1-2026 9:05", "2026-01-09T08:05:00Z"),
            ("+05:30", "2026-10-19 10:00", "2026-10-19T04:30:00Z"),
            ("+00:00", "19-10-2026 12:05 AM", "2026-10-19T00:05:00Z"),
            ("+00:00", "19-10-2026 1:05:09pm", "2026-10-19T13:05:09Z"),
            // The hour that comes twice is the first of them, the hour that is left out an hour later.
            ("Europe/Amsterdam", "2026-10-25 02:30", "2026-10-25T00:30:00Z"),
            ("Europe/Amsterdam", "2026-03-29 02:30", "2026-03-29T01:30:00Z"),
        ] {
            let read = times(zone, None).read(text).map(|at| at.to_string());
            assert_eq!(read.as_deref(), Ok(expected), "{text} {zone}");
        }
        let error = Times::new(Some("Europe/Amsterdm"), None).expect_err("no zone").to_string();
        assert!(error.contains("Europe/Amsterdam or +01:00"), "{error}");
        for (zone, is_one) in
            [("+18:00", true), ("+18:01", false), ("+25:00", false), ("-25:00", false)]
        {
            assert_eq!(Times::new(Some(zone), None).is_ok(), is_one, "{zone}");
        }
    }

    #[test]
    fn an_offset_behind_utc_is_refused_with_the_one_that_is_meant() {
        for (zone, meant) in [
            ("UTC+1", "+01:00?"),
            ("utc+01:00", "+01:00?"),
            ("GMT-5", "-05:00?"),
            ("GMT+05:30", "+05:30?"),
        ] {
            let error = Times::new(Some(zone), None).expect_err(zone).to_string();
            assert!(error.ends_with(meant), "{zone}: {error}");
        }
        for (zone, expected) in [
            ("UTC", "2026-10-19T10:00:00Z"),
            ("GMT+0", "2026-10-19T10:00:00Z"),
            ("Etc/GMT+1", "2026-10-19T11:00:00Z"),
        ] {
            let read = times(zone, None).read("2026-10-19 10:00").map(|at| at.to_string());
            assert_eq!(read.as_deref(), Ok(expected), "{zone}");
        }
        assert!(Times::new(Some("UTC+"), None).is_err());
    }

    #[test]
    fn a_day_that_does_not_exist_is_told_as_such() {
        for (order, text, says) in [
            (None, "31-02-2026", "`99-99-9999`, no such day, expected"),
            (None, "2026-02-29T10:00:00Z", "`9999-99-99a99:99:99a`, no such day, expected"),
            (Some(DateOrder::DayFirst), "00/10/2026", "`99/99/9999`, no such day, expected"),
            (
                Some(DateOrder::MonthFirst),
                "19/10/2026",
                "`99/99/9999`, no such day, read month first, expected",
            ),
        ] {
            let error = times("UTC", order).read(text).expect_err("refused");
            assert!(error.starts_with(says), "{text}: {error}");
        }
    }

    #[test]
    fn a_date_with_slashes_is_read_only_if_its_order_was_said() {
        let read = |order, text| times("UTC", order).read(text).map(|at| at.to_string());
        let error = read(None, "03/04/2026 10:00").expect_err("refused");
        assert!(error.starts_with("`99/99/9999 99:99`") && error.contains("--dates"), "{error}");
        for (order, date, expected) in [
            (Some(DateOrder::DayFirst), "03/04/2026", "2026-04-03T00:00:00Z"),
            (Some(DateOrder::MonthFirst), "03/04/2026", "2026-03-04T00:00:00Z"),
            (Some(DateOrder::MonthFirst), "3-4-2026", "2026-03-04T00:00:00Z"),
            (Some(DateOrder::MonthFirst), "2026-03-04", "2026-03-04T00:00:00Z"),
            (None, "03-04-2026", "2026-04-03T00:00:00Z"),
        ] {
            assert_eq!(read(order, date).as_deref(), Ok(expected), "{date} {order:?}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_by_its_shape_and_what_is_expected() {
        let none = Times::default();
        for (text, expected) in [
            ("19-10-2026 10:00", "`99-99-9999 99:99`, a time without an offset"),
            ("2026-10-19", "`9999-99-99`, a time without an offset"),
            ("1970-01-01T00:00:00Z", "`9999-99-99a99:99:99a`, a time before 1990"),
            ("0001-01-01T00:00:00Z", "`9999-99-99a99:99:99a`, a time before 1990"),
        ] {
            let error = none.read(text).expect_err("refused");
            assert!(error.starts_with(expected), "{text}: {error}");
        }
        let zone = times("Europe/Amsterdam", Some(DateOrder::DayFirst));
        for text in [
            "",
            "0",
            "canary",
            "31-02-2026",
            "19-10-26",
            "19-10/2026",
            "19-10-2026 25:00",
            "19-10-2026 +02:00",
            "19-10-2026 13:00 PM",
            "19-10-2026 am",
            "19-10-2026 10:00 canary",
            "2026-10-19T10:00[America/Canary]",
            "20261019",
            "0651234567",
            "1792396800000000",
            "1-1-1970 00:00",
            "1990-01-01T00:00:00+01:00",
        ] {
            let error = zone.read(text).expect_err(text);
            assert!(error.contains("expected") && !error.contains("anary"), "{text}: {error}");
        }
        assert_eq!(shape("Waar blijft mijn pakket van 12 mei?"), "aaaa aaaaaa aaaa aaaaaa …");
    }
}
