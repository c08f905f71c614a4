//! Names of closed enums: shown by `Display`, read by `FromStr`.

use crate::error::{Error, ErrorKind, Result};

/// Shows a type of `name` by it, and, where it is said what a value is, reads the names of its `ALL`.
///
/// A macro, as `Display` of the standard library cannot be implemented for all types of a trait of ours.
macro_rules! names {
    ($of:ty) => {
        impl std::fmt::Display for $of {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
    ($of:ty, $what:literal) => {
        $crate::names::names!($of);

        impl std::str::FromStr for $of {
            type Err = $crate::Error;

            /// Reads a name; the error lists all.
            fn from_str(name: &str) -> $crate::Result<Self> {
                $crate::names::named($what, &Self::ALL, Self::name, name)
            }
        }
    };
}
pub(crate) use names;

/// The one of `all` that is called `name`; `what` says what they are.
pub(crate) fn named<T: Copy>(
    what: &str,
    all: &[T],
    name_of: fn(T) -> &'static str,
    name: &str,
) -> Result<T> {
    all.iter().copied().find(|&one| name_of(one) == name).ok_or_else(|| {
        let names = all.iter().map(|&one| name_of(one)).collect::<Vec<_>>().join("`, `");
        Error::new(ErrorKind::Unsupported, format!("no {what} `{name}`, expected `{names}`"))
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Display};
    use std::str::FromStr;

    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::{Day, Intent, MarkKind, NotAssessable, ReasonKind, Speaker};

    /// Whether `all` are all, are shown as serde writes them, and are read back.
    fn check<T>(all: &[T])
    where
        T: Copy + Debug + Display + PartialEq + FromStr<Err = Error> + Serialize + DeserializeOwned,
    {
        for &one in all {
            let name = one.to_string();
            assert_eq!(serde_json::to_value(one).expect("a string"), *name);
            assert_eq!(name.parse::<T>().expect("its own name"), one);
            let refused = "no such".parse::<T>().expect_err("no name").to_string();
            assert!(refused.contains(&format!("`{name}`")), "{refused}");
        }
        // serde names every one it would take instead.
        let refused = serde_json::from_str::<T>("\"\"").expect_err("no name").to_string();
        assert_eq!(refused.matches('`').count() / 2 - 1, all.len(), "{refused}");
    }

    #[test]
    fn names_are_those_of_serde_and_read_back() {
        check(&Day::ALL);
        check(&Intent::ALL);
        check(&MarkKind::ALL);
        check(&NotAssessable::ALL);
        check(&ReasonKind::ALL);
        check(&Speaker::ALL);
        assert_eq!(format!("{:>9}|{:<6}", Intent::Other, Day::Mon), "    other|mon   ");
    }
}
