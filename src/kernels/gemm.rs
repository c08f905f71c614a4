//! Matrix product in f32 with a right-hand side that was packed beforehand.

use super::aligned::Aligned;
use super::cpu::{Cpu, Kernel, Simd};
use super::dense::{Target, tiles};

/// Columns of a panel: one AVX-512 register or two of AVX2.
pub(crate) const COLS: usize = 16;

/// A matrix `[K, N]` cut into panels of 16 columns, each `[K, 16]`, the last filled up with zeros.
pub(crate) struct Panels {
    values: Aligned<f32>,
    k: usize,
    n: usize,
}

impl Panels {
    /// Packs a weight of N rows of K: `row(n, out)` writes the weights of output `n`.
    pub(crate) fn pack(n: usize, k: usize, mut row: impl FnMut(usize, &mut [f32])) -> Self {
        let mut values = Aligned::zeros(n.next_multiple_of(COLS) * k);
        let mut weights = vec![0.0; k];
        for column in 0..n {
            row(column, &mut weights);
            let panel = values[column / COLS * COLS * k..].iter_mut();
            for (value, weight) in panel.skip(column % COLS).step_by(COLS).zip(&weights) {
                *value = *weight;
            }
        }
        Self { values, k, n }
    }

    /// `x` `[M, K]` times the matrix, into `target` `[M, N]`.
    ///
    /// Every element is summed over K in order, so a row's bits do not depend on M.
    pub(crate) fn multiply(&self, cpu: Cpu, x: &[f32], target: Target<'_>) {
        cpu.run(Multiply { panels: self, x, target });
    }
}

struct Multiply<'a> {
    panels: &'a Panels,
    x: &'a [f32],
    target: Target<'a>,
}

impl Kernel for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { panels: Panels { values, k, n }, x, mut target } = self;
        let m = x.len() / k;
        target.check(m, *n);
        let wide = S::PANELS * COLS;
        for (panels, first) in values.chunks(wide * k).zip((0..*n).step_by(wide)) {
            let panels = panels.as_chunks().0;
            for rows in tiles(m, S::ROWS) {
                let tile = &x[rows.start * k..rows.end * k];
                multiply_rows::<S>(rows.len(), tile, *k, panels, *k, |r, p, sums| {
                    let first = first + p * COLS;
                    target.put_lanes::<S>(rows.start + r, first, COLS.min(n - first), sums);
                });
            }
        }
    }
}

/// Multiplies up to [`MOST_ROWS`](super::cpu::MOST_ROWS) rows, `x` in rows of `stride`, by one or two panels, each
/// `[depth, 16]`, and hands over by row and panel.
#[inline(always)]
pub(crate) fn multiply_rows<S: Simd>(
    rows: usize,
    x: &[f32],
    stride: usize,
    panels: &[[f32; COLS]],
    depth: usize,
    put: impl FnMut(usize, usize, S::Lanes),
) {
    if S::PANELS == 2 && panels.len() == 2 * depth {
        let (first, second) = panels.split_at(depth);
        by_rows::<S, 2>(rows, x, stride, [first, second], put);
    } else {
        by_rows::<S, 1>(rows, x, stride, [panels], put);
    }
}

#[inline(always)]
fn by_rows<S: Simd, const P: usize>(
    rows: usize,
    x: &[f32],
    stride: usize,
    panels: [&[[f32; COLS]]; P],
    put: impl FnMut(usize, usize, S::Lanes),
) {
    match rows {
        1 => multiply_tile::<S, 1, P>(x, stride, panels, put),
        2 => multiply_tile::<S, 2, P>(x, stride, panels, put),
        3 => multiply_tile::<S, 3, P>(x, stride, panels, put),
        4 => multiply_tile::<S, 4, P>(x, stride, panels, put),
        5 => multiply_tile::<S, 5, P>(x, stride, panels, put),
        6 => multiply_tile::<S, 6, P>(x, stride, panels, put),
        7 => multiply_tile::<S, 7, P>(x, stride, panels, put),
        8 => multiply_tile::<S, 8, P>(x, stride, panels, put),
        _ => unreachable!("a tile has 1 to 8 rows"),
    }
}

#[inline(always)]
fn multiply_tile<S: Simd, const R: usize, const P: usize>(
    x: &[f32],
    stride: usize,
    panels: [&[[f32; COLS]]; P],
    mut put: impl FnMut(usize, usize, S::Lanes),
) {
    let depth = panels[0].len();
    assert!(x.len() >= (R - 1) * stride + depth && panels.iter().all(|p| p.len() == depth));
    let mut sums = [[S::zero(); P]; R];
    for i in 0..depth {
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: `i < depth` and `r < R`, so the assertion above covers both.
            let value = unsafe { *x.get_unchecked(r * stride + i) };
            for (sum, panel) in sums.iter_mut().zip(panels) {
                // SAFETY: as above.
                *sum = S::madd(value, unsafe { panel.get_unchecked(i) }, *sum);
            }
        }
    }
    for (r, sums) in sums.into_iter().enumerate() {
        for (p, sum) in sums.into_iter().enumerate() {
            put(r, p, sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::dense::Store;
    use crate::kernels::reference::{self, Tol, assert_close, random};

    fn multiply(cpu: Cpu, panels: &Panels, x: &[f32], bias: &[f32]) -> Vec<f32> {
        let (m, n) = (x.len() / panels.k, panels.n);
        let mut y = vec![f32::NAN; m * n];
        panels.multiply(cpu, x, Target { y: &mut y, stride: n, store: Store::Biased(bias) });
        y
    }

    fn pack(w: &[f32], n: usize, k: usize) -> Panels {
        Panels::pack(n, k, |row, out| out.copy_from_slice(&w[row * k..(row + 1) * k]))
    }

    #[test]
    fn every_tier_agrees_with_the_plain_loop_at_the_edges() {
        for cpu in Cpu::proven() {
            for (m, n, k) in
                [(1, 1, 1), (5, 15, 31), (6, 16, 32), (7, 17, 33), (13, 48, 384), (25, 40, 100)]
            {
                let (x, w, b) = (random(m * k, 1), random(n * k, 2), random(n, 3));
                let y = multiply(cpu, &pack(&w, n, k), &x, &b);
                assert_close(&y, &reference::linear(&x, &w, &b, m, n, k), Tol::sum_of(k));
            }
        }
    }

    #[test]
    fn a_row_has_the_same_bits_alone_and_among_others() {
        let (m, n, k) = (20, 40, 100);
        let (x, b) = (random(m * k, 1), random(n, 3));
        let panels = pack(&random(n * k, 2), n, k);
        for cpu in Cpu::proven() {
            let all = multiply(cpu, &panels, &x, &b);
            for row in 0..m {
                let alone = multiply(cpu, &panels, &x[row * k..(row + 1) * k], &b);
                assert_eq!(alone, all[row * n..(row + 1) * n]);
            }
        }
    }
}
