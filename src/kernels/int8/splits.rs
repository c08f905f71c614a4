//! Outlier channel splitting: an input far larger than the others is cut into parts.
//!
//! A token's int8 values share one scale, which its largest value sets; in BERT a few channels are ten times as large as
//! the rest. Such an input `x` stands in `n` places of the row, in each as about `x / n`, with the same weight every time: the sum
//! is what it was, and the scale is that of the other inputs. The weights stay as they are, unlike where sizes are moved into
//! them. Zhao et al., "Improving Neural Network Quantization without Retraining using Outlier Channel Splitting", 2019.

use std::ops::Range;

/// Most places behind a row; far more than pays.
pub(crate) const MOST_EXTRAS: usize = 256;

/// Which inputs of a layer are cut into parts; none by default.
#[derive(Debug, Default)]
pub(crate) struct Splits {
    splits: Vec<Split>,
}

#[derive(Debug)]
struct Split {
    column: usize,
    /// Where its other parts stand, behind the row.
    behind: Range<usize>,
}

impl Split {
    fn parts(&self) -> usize {
        self.behind.len() + 1
    }
}

impl Splits {
    /// By the number of parts of each input, 1 for those left whole. None if one is not a whole number from 1 on, or if
    /// they are too many.
    pub(crate) fn of(parts: &[f32]) -> Option<Self> {
        let (mut splits, mut end) = (Vec::new(), parts.len());
        for (column, &parts_of) in parts.iter().enumerate() {
            if !(1.0..=MOST_EXTRAS as f32).contains(&parts_of) || parts_of.fract() != 0.0 {
                return None;
            }
            let behind = end..end + parts_of as usize - 1;
            end = behind.end;
            if !behind.is_empty() {
                splits.push(Split { column, behind });
            }
        }
        (end - parts.len() <= MOST_EXTRAS).then_some(Self { splits })
    }

    /// Places that the parts take behind a row.
    pub(crate) fn extras(&self) -> usize {
        self.splits.iter().map(|split| split.behind.len()).sum()
    }

    /// Puts the weights of inputs that are cut into the places behind the row.
    pub(crate) fn repeat_weights(&self, row: &mut [i8]) {
        for Split { column, behind } in &self.splits {
            let weight = row[*column];
            row[behind.clone()].fill(weight);
        }
    }

    /// The row whose smallest and largest value set the scale: inputs that are cut count with a part of theirs.
    pub(super) fn narrowed<'a>(&self, x: &'a [f32], held: &'a mut Vec<f32>) -> &'a [f32] {
        if self.splits.is_empty() {
            return x;
        }
        held.clear();
        held.extend_from_slice(x);
        for split in &self.splits {
            held[split.column] /= split.parts() as f32;
        }
        held
    }

    /// Calls `put(place, part)` for every part, in steps of the row's scale: whole numbers whose sum is `x * inverse`, rounded,
    /// none more than 1 from another.
    #[inline(always)]
    pub(super) fn each_part(&self, x: &[f32], inverse: f32, mut put: impl FnMut(usize, i32)) {
        for split in &self.splits {
            let whole = (x[split.column] * inverse).round_ties_even() as i32;
            let parts = split.parts() as i32;
            let (smaller, larger) = (whole.div_euclid(parts), whole.rem_euclid(parts) as usize);
            put(split.column, smaller);
            for (n, place) in split.behind.clone().enumerate() {
                put(place, smaller + i32::from(n < larger));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_are_nearly_equal() {
        let splits = Splits::of(&[1.0, 4.0, 1.0, 2.0]).expect("valid");
        assert_eq!(splits.extras(), 4);
        for x in [0.0, 1.0, -1.0, 2.4, -2.6, 100.0, -101.0, 1e6] {
            let mut places = [0; 8];
            splits.each_part(&[9.0, x, 9.0, -x], 2.0, |place, part| places[place] += part);
            let of_second = [places[1], places[4], places[5], places[6]];
            assert_eq!(of_second.iter().sum::<i32>(), (x * 2.0).round_ties_even() as i32);
            assert!(of_second.iter().all(|part| (0..=1).contains(&(part - of_second[0]))));
            assert_eq!(places[3] + places[7], (-x * 2.0).round_ties_even() as i32);
            assert_eq!((places[0], places[2]), (0, 0));
        }
    }

    #[test]
    fn numbers_of_parts_that_cannot_be_are_refused() {
        for parts in
            [[1.0, 0.0], [1.0, 1.5], [f32::NAN, 1.0], [-1.0, 1.0], [200.0, 200.0], [1e9, 1.0]]
        {
            assert!(Splits::of(&parts).is_none(), "{parts:?}");
        }
    }
}
