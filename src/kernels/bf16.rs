//! Matrix product in bf16 with sums in f32: weights and tokens are rounded to 8 bits of mantissa.
//!
//! AVX-512 BF16 and AMX have the instruction; the plain loop is for comparison.

use half::bf16;

use super::aligned::Aligned;
#[cfg(target_arch = "x86_64")]
use super::amx;
use super::cpu::{Cpu, Kernel, Simd};
use super::dense::{Layout, ROWS, Steps, Target, tiles};

/// Outputs of a panel.
const COLUMNS: usize = 64;
/// Inputs that one 32-bit lane takes.
const GROUP: usize = 2;

pub(crate) fn layout(cpu: Cpu) -> Layout {
    let fill = match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Amx(_) => amx::ROWS,
        _ => 1,
    };
    Layout { columns: COLUMNS, group: GROUP, lane: GROUP, fill, ..Layout::default() }
}

/// Weights `[K, N]` cut into panels of 64 outputs, each `[K / 2, 64, 2]`, filled up with zeros.
pub(crate) struct Panels {
    cpu: Cpu,
    /// Bits of bf16.
    values: Aligned<u16>,
    n: usize,
    steps: usize,
}

impl Panels {
    /// Packs N rows of K weights: `row(n, out)` writes those of output `n`.
    pub(crate) fn pack(
        cpu: Cpu,
        n: usize,
        k: usize,
        mut row: impl FnMut(usize, &mut [f32]),
    ) -> Self {
        let steps = layout(cpu).steps(k);
        let mut values = Aligned::zeros(n.next_multiple_of(COLUMNS) * steps * GROUP);
        let mut weights = vec![0.0; steps * GROUP];
        for output in 0..n {
            row(output, &mut weights[..k]);
            let panel = &mut values[output / COLUMNS * COLUMNS * steps * GROUP..];
            let lanes = panel[output % COLUMNS * GROUP..].chunks_mut(COLUMNS * GROUP);
            for (lane, weights) in lanes.zip(weights.as_chunks::<GROUP>().0) {
                lane[..GROUP].copy_from_slice(&weights.map(|w| bf16::from_f32(w).to_bits()));
            }
        }
        Self { cpu, values, n, steps }
    }

    /// `x` times the weights, into `target` `[M, N]`. A row's bits do not depend on M.
    pub(crate) fn multiply(&self, x: &Steps, target: Target<'_>) {
        #[cfg(target_arch = "x86_64")]
        match (self.cpu, self.cpu.bf16()) {
            (Cpu::Amx(amx), _) => {
                let tiles = amx.configure();
                self.multiply_by(x, target, |Tile { values, panel, .. }, sums| {
                    tiles.dot_bf16(values, panel, sums);
                });
            }
            (_, Some(cpu)) => self.multiply_by(x, target, |tile, sums| cpu.dot(tile, sums)),
            (_, None) => self.multiply_by(x, target, portable),
        }
        #[cfg(not(target_arch = "x86_64"))]
        self.multiply_by(x, target, portable);
    }

    fn multiply_by<const ROWS: usize>(
        &self,
        x: &Steps,
        mut target: Target<'_>,
        dot: impl Fn(Tile<'_>, &mut [[f32; COLUMNS]; ROWS]),
    ) {
        assert_eq!((x.steps, x.layout), (self.steps, layout(self.cpu)));
        target.check(x.rows(), self.n);
        let panels = self.values.chunks_exact((COLUMNS * self.steps * GROUP).max(1));
        let mut sums = [[0.0; COLUMNS]; ROWS];
        for (panel, first) in panels.zip((0..self.n).step_by(COLUMNS)) {
            let width = COLUMNS.min(self.n - first);
            for rows in tiles(x.rows(), ROWS) {
                dot(
                    Tile { values: x.tile(&rows), rows: rows.len(), panel, steps: self.steps },
                    &mut sums,
                );
                let (sums, target) = (&sums[..rows.len()], target.reborrow());
                self.cpu.run(Put { sums, target, first_row: rows.start, first, width });
            }
        }
    }
}

/// Some rows of tokens against one panel of weights.
#[derive(Clone, Copy)]
struct Tile<'a> {
    /// `[rows, steps]`, filled up.
    values: &'a [[u8; 4]],
    /// As many as the tier's `dot` takes, or fewer.
    rows: usize,
    /// `[steps, 64, 2]`
    panel: &'a [u16],
    steps: usize,
}

struct Put<'a> {
    sums: &'a [[f32; COLUMNS]],
    target: Target<'a>,
    first_row: usize,
    first: usize,
    width: usize,
}

impl Kernel for Put<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { sums, mut target, first_row, first, width } = self;
        for (r, sums) in sums.iter().enumerate() {
            target.put(first_row + r, first, width, sums);
        }
    }
}

/// Odd values of a step, then even ones, each rounded to f32: the order of the instruction.
fn portable(tile: Tile<'_>, sums: &mut [[f32; COLUMNS]; ROWS]) {
    let number = |bits: u16| f32::from_bits(u32::from(bits) << 16);
    for (row, sums) in tile.values.chunks_exact(tile.steps).zip(&mut sums[..tile.rows]) {
        sums.fill(0.0);
        for (&[a, b, c, d], weights) in row.iter().zip(tile.panel.as_chunks::<128>().0) {
            let (even, odd) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
            for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<2>().0) {
                *sum += number(odd) * number(weights[1]);
                *sum += number(even) * number(weights[0]);
            }
        }
    }
}

/// Rounds rows of `k` numbers to bf16.
pub(crate) struct Round<'a> {
    pub(crate) x: &'a [f32],
    pub(crate) k: usize,
    pub(crate) steps: &'a mut Steps,
}

impl Kernel for Round<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { x, k, steps } = self;
        steps.scales.fill(1.0);
        for (x, values) in x.chunks_exact(k).zip(steps.values.chunks_exact_mut(steps.steps)) {
            let halves = values.as_flattened_mut().as_chunks_mut::<2>().0;
            for (half, v) in halves.iter_mut().zip(x) {
                // To nearest, ties to even; infinities stay, NaN stays NaN.
                let bits = v.to_bits();
                let up = 0x7FFF + ((bits >> 16) & 1);
                let rounded = if v.is_nan() { bits | 0x40_0000 } else { bits.wrapping_add(up) };
                *half = ((rounded >> 16) as u16).to_le_bytes();
            }
            // What fills a row up meets weights of 0, but a NaN of an earlier batch would not be 0.
            halves[k..].fill([0; 2]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::*;

    use super::{COLUMNS, ROWS, Tile};
    use crate::kernels::cpu::Avx512Bf16;
    use crate::kernels::dense::by_rows;

    impl Avx512Bf16 {
        /// The dot products of a tile.
        pub(super) fn dot(self, tile: Tile<'_>, sums: &mut [[f32; COLUMNS]; ROWS]) {
            // SAFETY: `self` exists only if detection saw AVX-512 F and BF16.
            unsafe { by_rows!(tile, sums) }
        }
    }

    #[target_feature(enable = "avx512f,avx512bf16")]
    fn dot_rows<const R: usize>(tile: Tile<'_>, sums: &mut [[f32; COLUMNS]; ROWS]) {
        let Tile { values, panel, steps, .. } = tile;
        assert!(values.len() == R * steps && panel.len() == steps * COLUMNS * 2);
        let mut lanes = [[_mm512_setzero_ps(); 4]; R];
        for step in 0..steps {
            // SAFETY: the assertion above bounds both reads for every `step < steps` and `r < R`.
            unsafe {
                let weights = panel.as_ptr().add(step * COLUMNS * 2);
                let mut columns = [_mm512_setzero_si512(); 4];
                for (c, columns) in columns.iter_mut().enumerate() {
                    *columns = _mm512_loadu_si512(weights.add(c * 32).cast());
                    // The panel behind this one comes next; there need not be one.
                    let next = weights.wrapping_add(panel.len() + c * 32);
                    _mm_prefetch::<_MM_HINT_T1>(next.cast());
                }
                for (r, lanes) in lanes.iter_mut().enumerate() {
                    let value = values.as_ptr().add(r * steps + step).cast::<i32>();
                    let value = _mm512_set1_epi32(value.read_unaligned());
                    for (lane, columns) in lanes.iter_mut().zip(columns) {
                        // SAFETY: both are vectors of 64 bytes without invalid values.
                        let (value, columns) = (
                            std::mem::transmute::<__m512i, __m512bh>(value),
                            std::mem::transmute::<__m512i, __m512bh>(columns),
                        );
                        *lane = _mm512_dpbf16_ps(*lane, value, columns);
                    }
                }
            }
        }
        for (lanes, sums) in lanes.iter().zip(sums) {
            for (lane, sums) in lanes.iter().zip(sums.as_chunks_mut::<16>().0) {
                // SAFETY: 16 values of 4 bytes.
                unsafe { _mm512_storeu_ps(sums.as_mut_ptr(), *lane) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::dense::{Format, Input, Store};
    use crate::kernels::int8::Splits;
    use crate::kernels::reference::{self, Tol, assert_close, random};

    fn multiply(cpu: Cpu, w: &[f32], x: &[f32], k: usize, bias: &[f32]) -> Vec<f32> {
        let n = bias.len();
        let panels = Panels::pack(cpu, n, k, |row, out| out.copy_from_slice(&w[row * k..][..k]));
        let mut steps = Steps::default();
        let Input::Steps(x) = steps.prepare(cpu, Format::Bf16, x, k, &Splits::default()) else {
            unreachable!("bf16 is prepared in steps");
        };
        let mut y = vec![f32::NAN; x.rows() * n];
        panels.multiply(x, Target { y: &mut y, stride: n, store: Store::Biased(bias) });
        y
    }

    #[test]
    fn every_tier_agrees_with_the_plain_loop_on_rounded_values_at_the_edges() {
        let round = |v: &f32| bf16::from_f32(*v).to_f32();
        for cpu in Cpu::proven() {
            for (m, n, k) in [(1, 1, 1), (5, 63, 31), (6, 64, 32), (7, 65, 33), (13, 130, 384)] {
                let (x, w, b) = (random(m * k, 1), random(n * k, 2), random(n, 3));
                let found = multiply(cpu, &w, &x, k, &b);
                let (x, w): (Vec<_>, Vec<_>) =
                    (x.iter().map(round).collect(), w.iter().map(round).collect());
                assert_close(&found, &reference::linear(&x, &w, &b, m, n, k), Tol::sum_of(k));
                for row in 0..m {
                    let alone = multiply(cpu, &w, &x[row * k..(row + 1) * k], k, &b);
                    assert_eq!(alone, found[row * n..(row + 1) * n]);
                }
            }
        }
    }
}
