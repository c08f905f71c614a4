//! What messages without an id are called where those of one interaction stand on several lines.

use std::collections::{BTreeMap, HashMap, HashSet};

/// Names of the messages of an interaction that are called by their number within a line. Who judges them and who looks for
/// their texts must give the same.
pub struct Numbered<Same> {
    taken: HashSet<String>,
    nth: HashMap<String, usize>,
    known: BTreeMap<(String, Same), String>,
}

impl<Same: Ord> Numbered<Same> {
    /// Beside messages with these ids.
    pub fn beside(ids: HashSet<String>) -> Self {
        Self { taken: ids, nth: HashMap::new(), known: BTreeMap::new() }
    }

    /// The name of the next message: its number, with `.1`, `.2` … behind it where an earlier line has another one there. The
    /// `same` one once more, which a line that comes twice has, keeps its name; none depends on messages that come later.
    pub fn name(&mut self, number: &str, same: Same) -> &str {
        self.known.entry((number.to_owned(), same)).or_insert_with(|| {
            let nth = self.nth.entry(number.to_owned()).or_default();
            loop {
                let name = match *nth {
                    0 => number.to_owned(),
                    n => format!("{number}.{n}"),
                };
                *nth += 1;
                if self.taken.insert(name.clone()) {
                    break name;
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_another_message_has_is_told_apart_and_the_same_message_keeps_its_name() {
        let mut names = Numbered::beside(HashSet::from(["0.1".to_owned()]));
        let said = [("0", "a"), ("1", "b"), ("0", "c"), ("0", "a"), ("1", "a"), ("0", "d")];
        let found = said.map(|(number, text)| names.name(number, text).to_owned());
        assert_eq!(found, ["0", "1", "0.2", "0", "1.1", "0.3"]);
    }
}
