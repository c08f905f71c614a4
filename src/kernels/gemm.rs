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
        for (panel, first) in values.chunks_exact(COLS * k).zip((0..*n).step_by(COLS)) {
            let (panel, width) = (panel.as_chunks().0, COLS.min(n - first));
            for rows in tiles(m, S::ROWS) {
                let tile = &x[rows.start * k..rows.end * k];
                multiply_rows::<S>(rows.len(), tile, *k, panel, |r, sums| {
                    target.put_lanes::<S>(rows.start + r, first, width, sums);
                });
            }
        }
    }
}

/// Multiplies up to 12 rows, `x` in rows of `stride`, by a panel, and hands over row by row.
#[inline(always)]
pub(crate) fn multiply_rows<S: Simd>(
    rows: usize,
    x: &[f32],
    stride: usize,
    panel: &[[f32; COLS]],
    put: impl FnMut(usize, S::Lanes),
) {
    match rows {
        1 => multiply_tile::<S, 1>(x, stride, panel, put),
        2 => multiply_tile::<S, 2>(x, stride, panel, put),
        3 => multiply_tile::<S, 3>(x, stride, panel, put),
        4 => multiply_tile::<S, 4>(x, stride, panel, put),
        5 => multiply_tile::<S, 5>(x, stride, panel, put),
        6 => multiply_tile::<S, 6>(x, stride, panel, put),
        7 => multiply_tile::<S, 7>(x, stride, panel, put),
        8 => multiply_tile::<S, 8>(x, stride, panel, put),
        9 => multiply_tile::<S, 9>(x, stride, panel, put),
        10 => multiply_tile::<S, 10>(x, stride, panel, put),
        11 => multiply_tile::<S, 11>(x, stride, panel, put),
        12 => multiply_tile::<S, 12>(x, stride, panel, put),
        _ => unreachable!("a tile has 1 to 12 rows"),
    }
}

#[inline(always)]
fn multiply_tile<S: Simd, const R: usize>(
    x: &[f32],
    stride: usize,
    panel: &[[f32; COLS]],
    mut put: impl FnMut(usize, S::Lanes),
) {
    assert!(x.len() >= (R - 1) * stride + panel.len());
    let mut sums = [S::zero(); R];
    for (i, columns) in panel.iter().enumerate() {
        for (r, sum) in sums.iter_mut().enumerate() {
            // SAFETY: `i < panel.len()` and `r < R`, so the assertion above covers it.
            let value = unsafe { *x.get_unchecked(r * stride + i) };
            *sum = S::madd(value, columns, *sum);
        }
    }
    for (r, sum) in sums.into_iter().enumerate() {
        put(r, sum);
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
