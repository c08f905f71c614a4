//! Hours on working days.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::Offset;

use crate::policy::Calendar;

/// Days that are counted one by one; a longer wait is long on any calendar.
const MAX_DAYS: i32 = 3660;

impl Calendar {
    /// Hours between two moments without those on days off; 0 where `to` is not after `from`.
    pub(crate) fn hours(&self, from: Timestamp, to: Timestamp) -> f64 {
        let offset = Offset::constant(self.utc_offset_hours);
        let (from, to) = (from.max(Timestamp::UNIX_EPOCH), to.max(Timestamp::UNIX_EPOCH));
        let seconds = (to.as_second() - from.as_second()).max(0);
        let (start, end) = (offset.to_datetime(from), offset.to_datetime(to));
        if seconds == 0 || seconds / 86_400 > i64::from(MAX_DAYS) {
            return seconds as f64 / 3600.0;
        }
        let since_midnight = |t: jiff::civil::Time| {
            f64::from(t.hour()) + f64::from(t.minute()) / 60.0 + f64::from(t.second()) / 3600.0
        };
        let mut hours = 0.0;
        let mut day = start.date();
        while day <= end.date() {
            if self.works(day) {
                let first = if day == start.date() { since_midnight(start.time()) } else { 0.0 };
                let last = if day == end.date() { since_midnight(end.time()) } else { 24.0 };
                hours += last - first;
            }
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        hours
    }

    fn works(&self, day: Date) -> bool {
        let weekday = day.weekday();
        self.working_days.iter().any(|&d| Weekday::from(d) == weekday)
            && !self.holidays.contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(calendar: &Calendar, from: &str, to: &str) -> f64 {
        calendar.hours(from.parse().expect("a time"), to.parse().expect("a time"))
    }

    #[test]
    fn weekends_and_holidays_do_not_count() {
        let calendar = Calendar::default();
        // Friday noon to Monday noon.
        assert_eq!(hours(&calendar, "2026-03-06T12:00:00Z", "2026-03-09T12:00:00Z"), 24.0);
        let closed = Calendar {
            holidays: vec!["2026-03-09".parse().expect("a date")],
            ..Calendar::default()
        };
        assert_eq!(hours(&closed, "2026-03-06T12:00:00Z", "2026-03-09T12:00:00Z"), 12.0);
        // 23:30 UTC on Sunday is Monday at +1.
        let here = Calendar { utc_offset_hours: 1, ..Calendar::default() };
        assert_eq!(hours(&here, "2026-03-08T20:00:00Z", "2026-03-08T23:30:00Z"), 0.5);
        assert_eq!(hours(&calendar, "2026-03-09T12:00:00Z", "2026-03-06T12:00:00Z"), 0.0);
        assert!(hours(&calendar, "1980-01-01T00:00:00Z", "2026-03-06T12:00:00Z") > 400_000.0);
    }
}
