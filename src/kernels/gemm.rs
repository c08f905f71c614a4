//! Matrix product with a right-hand side that was packed beforehand.

use super::cpu::{Cpu, Kernel, madd};

/// Columns of a panel: two AVX2 registers.
const COLS: usize = 16;
/// Rows of a tile: 6 x 2 accumulators, 2 columns and 1 broadcast fill 15 of AVX2's 16 registers.
const ROWS: usize = 6;
/// Rows that a panel is used for while it is in the cache: 48 x 1536 values take 295 kB of L2.
const BLOCK_ROWS: usize = 8 * ROWS;

/// A matrix `[K, N]` cut into panels of 16 columns, each `[K, 16]`, the last filled up with zeros.
#[derive(Default)]
pub(crate) struct Panels {
    panels: Vec<f32>,
    k: usize,
    n: usize,
}

/// Rows of a larger row-major matrix: row `m` starts at `m * stride`.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) stride: usize,
}

impl Panels {
    /// Packs the matrix `[K, N]` whose element is `at(k, n)` into `self`, keeping its allocation.
    #[inline(always)]
    pub(crate) fn pack(&mut self, k: usize, n: usize, at: impl Fn(usize, usize) -> f32) {
        self.panels.clear();
        self.panels.resize(n.div_ceil(COLS) * COLS * k, 0.0);
        (self.k, self.n) = (k, n);
        for (panel, first) in
            self.panels.chunks_exact_mut((COLS * k).max(1)).zip((0..n).step_by(COLS))
        {
            for column in 0..COLS.min(n - first) {
                for row in 0..k {
                    panel[row * COLS + column] = at(row, first + column);
                }
            }
        }
    }

    /// Packs the transpose of a weight `[N, K]`, row-major, as a linear layer stores it.
    pub(crate) fn from_weight(weight: &[f32], n: usize, k: usize) -> Self {
        assert_eq!(weight.len(), n * k);
        let mut panels = Self::default();
        panels.pack(k, n, |row, column| weight[column * k + row]);
        panels
    }

    /// `y = x * self + bias`: `x` is `[M, K]`, `y` is `[M, N]` in rows of `y_stride`, `bias` `[N]`.
    ///
    /// Every element is summed over K in order, so a row's bits do not depend on M.
    pub(crate) fn multiply(
        &self,
        cpu: Cpu,
        x: Rows<'_>,
        m: usize,
        bias: Option<&[f32]>,
        y: &mut [f32],
        y_stride: usize,
    ) {
        cpu.run(Multiply { panels: self, x, m, bias, y, y_stride });
    }

    #[inline(always)]
    pub(crate) fn multiply_inline<const FMA: bool>(
        &self,
        x: Rows<'_>,
        m: usize,
        bias: Option<&[f32]>,
        y: &mut [f32],
        y_stride: usize,
    ) {
        assert!(bias.is_none_or(|b| b.len() == self.n) && y_stride >= self.n);
        if self.k == 0 || self.n == 0 {
            return;
        }
        let mut tiles = vec![[0.0; ROWS]; BLOCK_ROWS.min(m).div_ceil(ROWS) * self.k];
        for block in (0..m).step_by(BLOCK_ROWS) {
            let rows = block..m.min(block + BLOCK_ROWS);
            pack_rows(x, rows.clone(), self.k, &mut tiles);
            let panels = self.panels.chunks_exact(COLS * self.k);
            for (panel, first) in panels.zip((0..self.n).step_by(COLS)) {
                let width = COLS.min(self.n - first);
                let mut bias_block = [0.0; COLS];
                if let Some(bias) = bias {
                    bias_block[..width].copy_from_slice(&bias[first..first + width]);
                }
                let tiles = tiles.chunks_exact(self.k);
                for (tile, row) in tiles.zip(rows.clone().step_by(ROWS)) {
                    let sums = multiply_tile::<FMA>(tile, panel);
                    for (sums, row) in sums.iter().zip(row..rows.end) {
                        let y = &mut y[row * y_stride + first..][..width];
                        for ((y, sum), bias) in y.iter_mut().zip(sums).zip(&bias_block) {
                            *y = sum + bias;
                        }
                    }
                }
            }
        }
    }
}

struct Multiply<'a> {
    panels: &'a Panels,
    x: Rows<'a>,
    m: usize,
    bias: Option<&'a [f32]>,
    y: &'a mut [f32],
    y_stride: usize,
}

impl Kernel for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.panels.multiply_inline::<FMA>(self.x, self.m, self.bias, self.y, self.y_stride);
    }
}

/// Interleaves rows of `x` into tiles `[K][ROWS]`. Rows missing from the last tile keep what was
/// there before; what becomes of them is not stored.
#[inline(always)]
fn pack_rows(x: Rows<'_>, rows: std::ops::Range<usize>, k: usize, tiles: &mut [[f32; ROWS]]) {
    for (tile, first) in tiles.chunks_exact_mut(k).zip(rows.clone().step_by(ROWS)) {
        for (r, row) in (first..rows.end.min(first + ROWS)).enumerate() {
            for (values, v) in tile.iter_mut().zip(&x.values[row * x.stride..][..k]) {
                values[r] = *v;
            }
        }
    }
}

/// One tile of rows `[K][ROWS]` times one panel `[K][COLS]`.
#[inline(always)]
fn multiply_tile<const FMA: bool>(tile: &[[f32; ROWS]], panel: &[f32]) -> [[f32; COLS]; ROWS] {
    let mut sums = [[0.0; COLS]; ROWS];
    for (values, columns) in tile.iter().zip(panel.as_chunks::<COLS>().0) {
        for r in 0..ROWS {
            for c in 0..COLS {
                sums[r][c] = madd::<FMA>(values[r], columns[c], sums[r][c]);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference::{self, Tol, assert_close, random};

    #[test]
    fn every_tier_agrees_with_the_plain_loop_at_the_edges() {
        for cpu in Cpu::available() {
            for (m, n, k) in
                [(1, 1, 1), (5, 15, 31), (6, 16, 32), (7, 17, 33), (13, 48, 384), (2, 384, 1536)]
            {
                let (x, w, b) = (random(m * k, 1), random(n * k, 2), random(n, 3));
                let mut y = vec![f32::NAN; m * n];
                let panels = Panels::from_weight(&w, n, k);
                panels.multiply(cpu, Rows { values: &x, stride: k }, m, Some(&b), &mut y, n);
                assert_close(&y, &reference::linear(&x, &w, &b, m, n, k), Tol::sum_of(k));
            }
        }
    }

    #[test]
    fn a_row_has_the_same_bits_alone_and_among_others() {
        let (m, n, k) = (20, 40, 100);
        let (x, w) = (random(m * k, 1), random(n * k, 2));
        let panels = Panels::from_weight(&w, n, k);
        for cpu in Cpu::available() {
            let mut all = vec![0.0; m * n];
            panels.multiply(cpu, Rows { values: &x, stride: k }, m, None, &mut all, n);
            for row in 0..m {
                let mut alone = vec![0.0; n];
                let values = &x[row * k..(row + 1) * k];
                panels.multiply(cpu, Rows { values, stride: k }, 1, None, &mut alone, n);
                assert_eq!(alone, all[row * n..(row + 1) * n]);
            }
        }
    }
}
