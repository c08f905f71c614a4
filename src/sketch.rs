use serde::{Deserialize, Serialize};

/// What a message is about, as 128 signs of its vector: enough to see that two messages ask the same, too
/// little to read either.
///
/// Charikar 2002, "Similarity Estimation Techniques from Rounding Algorithms".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sketch(pub(crate) [u8; Sketch::BITS / 8]);

impl Sketch {
    /// Number of signs.
    pub(crate) const BITS: usize = 128;

    /// Makes a sketch of as many projections as there are bits.
    pub(crate) fn of(projections: &[f32]) -> Self {
        let mut bits = [0; Self::BITS / 8];
        for (n, _) in projections.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            bits[n / 8] |= 1 << (n % 8);
        }
        Self(bits)
    }

    /// How alike two messages are: 1 for the same, about 0 for unrelated ones, -1 for opposites.
    pub fn likeness(&self, other: &Self) -> f32 {
        let differ: u32 = self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum();
        1.0 - 2.0 * differ as f32 / Self::BITS as f32
    }

    /// Directions that a vector of `width` is projected on, `[BITS, width]` of 1 and -1.
    ///
    /// Fixed for ever: sketches of one model compare whatever build made them. Signs of splitmix64 (Steele
    /// et al. 2014, "Fast Splittable Pseudorandom Number Generators").
    pub(crate) fn directions(width: usize) -> Vec<f32> {
        let mut state = 0u64;
        let signs = (0..Self::BITS * width).map(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            if (z ^ (z >> 31)) >> 63 == 1 { 1.0 } else { -1.0 }
        });
        signs.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_falls_with_the_angle() {
        let width = 384;
        let directions = Sketch::directions(width);
        let sketch = |x: &[f32]| {
            let rows = directions.chunks(width);
            let projections: Vec<f32> =
                rows.map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum()).collect();
            Sketch::of(&projections)
        };
        let a: Vec<f32> = (0..width).map(|n| ((n * 7919) % 101) as f32 - 50.0).collect();
        let b: Vec<f32> = (0..width).map(|n| ((n * 104_729) % 97) as f32 - 48.0).collect();
        let near: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + 0.3 * b).collect();
        let opposite: Vec<f32> = a.iter().map(|a| -a).collect();
        let a = sketch(&a);
        assert_eq!((a.likeness(&a), a.likeness(&sketch(&opposite))), (1.0, -1.0));
        let (near, far) = (a.likeness(&sketch(&near)), a.likeness(&sketch(&b)));
        assert!(near > 0.6 && far.abs() < 0.35, "{near} {far}");
    }
}
