//! Which inputs are multiplied side by side where products of bytes are added in 16 bits.
//!
//! AVX2 alone has no exact dot product of bytes: `vpmaddubsw` adds two products in 16 bits and saturates. With tokens of up to
//! 255 no sum overflows if its positive weights are at most 127 together, and its negative ones too. Which inputs meet in a sum
//! is free, though, and so is the sign of each: `x * w` is `(255 - x) * -w` and a constant. So packing looks, for every 16
//! outputs, for pairs of inputs within a block of 16, which a shuffle of the token's bytes brings together, and for steps of two
//! pairs that can even be added to another step before they are widened to 32 bits. What finds no partner is multiplied alone.
//! All sums are those of the other tiers.

#![allow(
    clippy::needless_range_loop,
    reason = "iterators of several arrays are not always inlined, and then compiled for no tier"
)]

use crate::kernels::cpu::{Cpu, Kernel, Simd};

/// Outputs of a panel.
pub(super) const COLUMNS: usize = 16;
/// Inputs that a shuffle can bring together.
const BLOCK: usize = 16;
const PAIRS: usize = BLOCK / 2;
/// Steps that are put in order at a time. A step is four inputs, two pairs of a block.
pub(super) const STEPS: usize = 128;

/// Up to [`STEPS`] steps of a panel, in an order in which no sum overflows.
pub(super) struct Segment {
    /// How a token's row is put in order, 32 bytes at a time.
    pub(super) order: Vec<Order>,
    /// What the sums start from.
    pub(super) start: [i32; COLUMNS],
    /// Where in the ordered row two steps stand that are added in 16 bits.
    pub(super) twos: Vec<[u8; 2]>,
    /// Where steps stand that are widened at once.
    pub(super) ones: Vec<u8>,
    /// Of each step, in the order of `twos`, then `ones`.
    pub(super) weights: Vec<[u32; COLUMNS]>,
}

/// Two blocks of a token's row.
#[derive(Clone, Copy, Default)]
pub(super) struct Order {
    /// Which byte of its block stands at each place.
    pub(super) shuffle: [u8; 2 * BLOCK],
    /// 255 where the byte stands turned, as `255 - x`.
    pub(super) turned: [u8; 2 * BLOCK],
}

/// For each output the sum of the positive weights, then of the negative ones.
type Load = [u8; 2 * COLUMNS];
/// Most that the weights of a sum may add up to: `255 * 127 < 2^15`.
const MOST: u8 = 127;
/// Load of a pair that is taken, which goes with none.
const TAKEN: Load = [u8::MAX; 2 * COLUMNS];

/// Two inputs of a block.
#[derive(Clone, Copy, Default)]
struct Pair {
    inputs: [u8; 2],
    /// Whether the first one is turned.
    turned: bool,
    /// Those that do not go together are multiplied in two steps.
    together: bool,
}

/// A pair by its number in the block, and whether it is turned.
type Term = (usize, bool);

/// Two pairs of a block.
#[derive(Clone, Copy)]
struct Step {
    block: usize,
    pairs: [Term; 2],
}

/// The segments of a panel's rows `[COLUMNS, width]`, of which the first K inputs are not filling.
pub(super) fn segments(cpu: Cpu, rows: &[i8], width: usize, k: usize) -> Vec<Segment> {
    let mut blocks = vec![[[0; COLUMNS]; BLOCK]; k.div_ceil(BLOCK)];
    let mut sizes = vec![[0; BLOCK]; blocks.len()];
    for (column, weights) in rows.chunks_exact(width).enumerate() {
        for (input, &weight) in blocks.as_flattened_mut().iter_mut().zip(weights) {
            input[column] = weight;
        }
        for (size, weight) in sizes.as_flattened_mut().iter_mut().zip(weights) {
            *size += u16::from(weight.unsigned_abs());
        }
    }
    let segments = blocks.chunks(STEPS * 4 / BLOCK).zip(sizes.chunks(STEPS * 4 / BLOCK));
    segments.map(|(blocks, sizes)| cpu.run(Arrange { blocks, sizes })).collect()
}

/// Puts the weights `[K, COLUMNS]` of a segment in order.
struct Arrange<'a> {
    blocks: &'a [[[i8; COLUMNS]; BLOCK]],
    /// Sum of each input's absolute weights.
    sizes: &'a [[u16; BLOCK]],
}

impl Kernel for Arrange<'_> {
    type Output = Segment;

    #[inline(always)]
    fn run<S: Simd>(self) -> Segment {
        let Self { blocks, sizes } = self;
        let mut pairs = Vec::with_capacity(blocks.len());
        let mut loads = Vec::with_capacity(blocks.len());
        for (weights, sizes) in blocks.iter().zip(sizes) {
            let (found, sums) = pair_up(weights, sizes);
            pairs.push(found);
            loads.push(sums);
        }
        let (twos, ones) = steps_of(&mut loads);
        Segment::of(blocks, &pairs, &twos, &ones)
    }
}

#[inline(always)]
fn load(weights: &[i8; COLUMNS]) -> Load {
    let mut load = [0; 2 * COLUMNS];
    for i in 0..COLUMNS {
        load[i] = weights[i].max(0).unsigned_abs();
    }
    for i in 0..COLUMNS {
        load[i + COLUMNS] = weights[i].min(0).unsigned_abs();
    }
    load
}

/// The load of the negated weights.
#[inline(always)]
fn turned(load: &Load) -> Load {
    let mut turned = [0; 2 * COLUMNS];
    turned[..COLUMNS].copy_from_slice(&load[COLUMNS..]);
    turned[COLUMNS..].copy_from_slice(&load[..COLUMNS]);
    turned
}

#[inline(always)]
fn sum(a: &Load, b: &Load) -> Load {
    let mut sum = [0; 2 * COLUMNS];
    for i in 0..2 * COLUMNS {
        sum[i] = a[i].saturating_add(b[i]);
    }
    sum
}

/// Whether products of both, with bytes of up to 255, fit 16 bits together.
#[inline(always)]
fn fit(a: &Load, b: &Load) -> bool {
    fit_within(MOST, a, b)
}

#[inline(always)]
fn fit_within(most: u8, a: &Load, b: &Load) -> bool {
    let mut over = false;
    for i in 0..2 * COLUMNS {
        over |= a[i].saturating_add(b[i]) > most;
    }
    !over
}

/// Pairs the inputs of a block, the heaviest first, each with the one of a few that makes the lightest pair.
#[inline(always)]
fn pair_up(
    weights: &[[i8; COLUMNS]; BLOCK],
    sizes: &[u16; BLOCK],
) -> ([Pair; PAIRS], [Load; PAIRS]) {
    let (mut loads, mut keys) = ([TAKEN; BLOCK], [0; BLOCK]);
    for i in 0..BLOCK {
        loads[i] = load(&weights[i]);
        // No two alike.
        keys[i] = sizes[i] * BLOCK as u16 + i as u16;
    }
    // A sort without branches: how many are lighter.
    let (mut ranks, mut free) = ([0; BLOCK], [0; BLOCK]);
    for other in keys {
        for i in 0..BLOCK {
            ranks[i] += u16::from(other < keys[i]);
        }
    }
    for i in 0..BLOCK {
        free[usize::from(ranks[i]) % BLOCK] = i as u8;
    }
    let (mut pairs, mut sums) = ([Pair::default(); PAIRS], [TAKEN; PAIRS]);
    for done in 0..PAIRS {
        let left = BLOCK - 2 * done - 1;
        let first = free[left];
        let as_it_is = loads[usize::from(first)];
        let the_other_way = turned(&as_it_is);
        let (mut place, mut is_turned, mut together) = (left - 1, false, false);
        'found: for most in [80, 96, 112, MOST] {
            for i in (left.saturating_sub(6)..left).rev() {
                let other = &loads[usize::from(free[i])];
                let one = fit_within(most, &as_it_is, other);
                if one || fit_within(most, &the_other_way, other) {
                    (place, is_turned, together) = (i, !one, true);
                    break 'found;
                }
            }
        }
        let second = free[place];
        free.copy_within(place + 1..left, place);
        pairs[done] = Pair { inputs: [first, second], turned: is_turned, together };
        sums[done] = match (together, is_turned) {
            (false, _) => as_it_is,
            (true, false) => sum(&as_it_is, &loads[usize::from(second)]),
            (true, true) => sum(&the_other_way, &loads[usize::from(second)]),
        };
    }
    (pairs, sums)
}

/// Puts pairs of the same block together to steps: those that go with another step, two by two, and the others.
#[inline(always)]
fn steps_of(loads: &mut [[Load; PAIRS]]) -> (Vec<[Step; 2]>, Vec<Step>) {
    let (mut twos, mut ones) = (Vec::with_capacity(loads.len() * 2), Vec::new());
    let mut alone = vec![None; loads.len()];
    // The first pairs of the blocks are the heaviest: they look for a partner first, and take the heaviest that goes.
    for rank in 0..PAIRS {
        for block in 0..loads.len() {
            if loads[block][rank][0] == TAKEN[0] {
                continue;
            }
            match partners(loads, block, rank) {
                Some(two) => twos.push(two),
                None => match alone[block].take() {
                    None => alone[block] = Some((rank, false)),
                    Some(other) => ones.push(Step { block, pairs: [other, (rank, false)] }),
                },
            }
        }
    }
    (twos, ones)
}

/// Takes a pair, and with it, where there are such, one of its block and two of another block that go with them.
#[inline(always)]
fn partners(loads: &mut [[Load; PAIRS]], block: usize, rank: usize) -> Option<[Step; 2]> {
    let load = std::mem::replace(&mut loads[block][rank], TAKEN);
    let the_other_way = turned(&load);
    for second in rank..PAIRS {
        for other in if second == rank { block + 1 } else { 0 }..loads.len() {
            let candidate = loads[other][second];
            let is_turned = !fit(&load, &candidate);
            if is_turned && !fit(&the_other_way, &candidate) {
                continue;
            }
            loads[other][second] = TAKEN;
            if let Some([a, b]) = partners_beside(loads, block, other) {
                let first = Step { block, pairs: [(rank, false), a] };
                let second = Step { block: other, pairs: [(second, is_turned), b] };
                return Some([first, second]);
            }
            loads[other][second] = candidate;
        }
    }
    None
}

/// Takes a pair of one block, as it is, and one of another that go together.
#[inline(always)]
fn partners_beside(loads: &mut [[Load; PAIRS]], block: usize, other: usize) -> Option<[Term; 2]> {
    for a in 0..PAIRS {
        let load = loads[block][a];
        if load[0] == TAKEN[0] {
            continue;
        }
        loads[block][a] = TAKEN;
        let the_other_way = turned(&load);
        for b in 0..PAIRS {
            let is_turned = !fit(&load, &loads[other][b]);
            if !is_turned || fit(&the_other_way, &loads[other][b]) {
                loads[other][b] = TAKEN;
                return Some([(a, false), (b, is_turned)]);
            }
        }
        loads[block][a] = load;
    }
    None
}

impl Segment {
    #[inline(always)]
    fn of(
        blocks: &[[[i8; COLUMNS]; BLOCK]],
        pairs: &[[Pair; PAIRS]],
        twos: &[[Step; 2]],
        ones: &[Step],
    ) -> Self {
        let steps = 2 * twos.len() + ones.len();
        let (mut places, mut weights) = (Vec::with_capacity(steps), Vec::with_capacity(steps));
        let mut order = vec![Order::default(); blocks.len().div_ceil(2)];
        let (mut start, mut filled, mut late) = ([0; COLUMNS], vec![0; blocks.len()], Vec::new());
        for steps in [twos.as_flattened(), ones] {
            for step in steps {
                let at = step.block * BLOCK / 4 + filled[step.block];
                filled[step.block] += 1;
                let order = &mut order[4 * at / (2 * BLOCK)];
                let (mut four, mut others, mut apart) =
                    ([[0; COLUMNS]; 4], [[0; COLUMNS]; 4], false);
                for i in 0..4 {
                    let (pair, pair_is_turned) = step.pairs[i / 2];
                    let pair = pairs[step.block][pair];
                    let input = pair.inputs[i % 2];
                    let alone = i % 2 == 1 && !pair.together;
                    let is_turned = !alone && pair_is_turned != (pair.turned && i % 2 == 0);
                    let mut weights = blocks[step.block][usize::from(input)];
                    // All bits where it is turned: no branch that is taken every other time.
                    let mask = -i8::from(is_turned);
                    for column in 0..COLUMNS {
                        start[column] += 255 * i32::from(weights[column] & mask);
                    }
                    for weight in &mut weights {
                        *weight = (*weight ^ mask).wrapping_sub(mask);
                    }
                    order.shuffle[4 * at % (2 * BLOCK) + i] = input;
                    order.turned[4 * at % (2 * BLOCK) + i] = mask.cast_unsigned();
                    if alone {
                        (others[i], apart) = (weights, true);
                    } else {
                        four[i] = weights;
                    }
                }
                places.push(at as u8);
                weights.push(by_column(&four));
                if apart {
                    late.push((at as u8, by_column(&others)));
                }
            }
        }
        for (place, other) in late {
            places.push(place);
            weights.push(other);
        }
        let (twos, ones) = places.split_at(2 * twos.len());
        Self { order, start, twos: twos.as_chunks().0.to_vec(), ones: ones.to_vec(), weights }
    }
}

/// The weights of four inputs, column by column.
#[inline(always)]
fn by_column([a, b, c, d]: &[[i8; COLUMNS]; 4]) -> [u32; COLUMNS] {
    let mut columns = [0; COLUMNS];
    for i in 0..COLUMNS {
        let byte = |weight: i8| u32::from(weight.cast_unsigned());
        columns[i] = byte(a[i]) | byte(b[i]) << 8 | byte(c[i]) << 16 | byte(d[i]) << 24;
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weights from a generator, `|w| <= most`.
    fn weights(k: usize, most: i32, seed: u32) -> Vec<i8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as i32
        };
        (0..COLUMNS * k).map(|_| (next() % (2 * most + 1) - most) as i8).collect()
    }

    /// What the kernel computes: sums in 16 bits, which must not overflow, then in 32.
    fn product(segment: &Segment, row: &[u8]) -> [i32; COLUMNS] {
        let mut ordered = vec![0; segment.order.len() * 2 * BLOCK];
        for (i, byte) in ordered.iter_mut().enumerate() {
            let order = &segment.order[i / (2 * BLOCK)];
            let from = i / BLOCK * BLOCK + usize::from(order.shuffle[i % (2 * BLOCK)]);
            *byte = row.get(from).copied().unwrap_or(0) ^ order.turned[i % (2 * BLOCK)];
        }
        let pair = |place: u8, weights: &[u32; COLUMNS], column: usize, half: usize| {
            let weights = weights[column].to_le_bytes().map(u8::cast_signed);
            let bytes = &ordered[usize::from(place) * 4..][..4];
            (2 * half..2 * half + 2)
                .map(|i| i32::from(bytes[i]) * i32::from(weights[i]))
                .sum::<i32>()
        };
        let mut sums = segment.start;
        for (column, sum) in sums.iter_mut().enumerate() {
            let mut add =
                |value: i32| *sum += i32::from(i16::try_from(value).expect("fits 16 bits"));
            for half in 0..2 {
                let (twos, ones) = segment.weights.split_at(2 * segment.twos.len());
                for (&[a, b], weights) in segment.twos.iter().zip(twos.as_chunks::<2>().0) {
                    let products =
                        [pair(a, &weights[0], column, half), pair(b, &weights[1], column, half)];
                    products.iter().for_each(|&product| assert!(i16::try_from(product).is_ok()));
                    add(products[0] + products[1]);
                }
                for (&place, weights) in segment.ones.iter().zip(ones) {
                    add(pair(place, weights, column, half));
                }
            }
        }
        sums
    }

    #[test]
    fn no_sum_overflows_and_none_is_lost_whatever_weights_and_tokens_hold() {
        for (k, most, seed) in
            [(1, 127, 1), (16, 5, 2), (17, 127, 3), (100, 127, 4), (512, 40, 5), (400, 128, 6)]
        {
            let mut rows = weights(k, most, seed);
            if most == 128 {
                rows[..COLUMNS * k / 2].fill(-128);
            }
            let segments = segments(Cpu::Portable, &rows, k, k);
            let [segment] = &segments[..] else { panic!("one segment") };
            let of = |column: usize| &rows[column * k..][..k];
            // Tokens at their worst for a column, and others.
            let mut tokens =
                vec![vec![255; k], vec![0; k], (0..k).map(|i| (i * 37) as u8).collect()];
            for column in 0..COLUMNS {
                for sign in [1, -1] {
                    let worst =
                        of(column).iter().map(|&w| if i32::from(w) * sign > 0 { 255 } else { 0 });
                    tokens.push(worst.collect());
                }
            }
            for token in tokens {
                let found = product(segment, &token);
                for (column, found) in found.into_iter().enumerate() {
                    let products =
                        of(column).iter().zip(&token).map(|(&w, &x)| i32::from(w) * i32::from(x));
                    assert_eq!(found, products.sum::<i32>(), "{k} {most} {column}");
                }
            }
        }
    }

    #[test]
    fn most_steps_of_weights_as_models_have_them_are_added_to_another() {
        // The mean of four is nearly a bell, of a deviation that weights with a scale per output have.
        let four = [7, 8, 9, 10].map(|seed| weights(400, 127, seed));
        let mean = |i: usize| four.iter().map(|rows| i32::from(rows[i])).sum::<i32>() / 4;
        let rows: Vec<i8> = (0..COLUMNS * 400).map(|i| mean(i) as i8).collect();
        let segments = segments(Cpu::best(), &rows, 400, 400);
        let (twos, ones) = (segments[0].twos.len() * 2, segments[0].ones.len());
        assert!(twos >= 4 * ones && twos + ones <= 105, "{twos} in twos, {ones} alone");
    }
}
