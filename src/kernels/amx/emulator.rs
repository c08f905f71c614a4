//! AMX for CPUs that have none, so that the tile code is proven on them too.
//!
//! A CPU without tiles stops at the first instruction that wants them. The handler here carries it out as
//! Intel's manual describes it (volume 2, the entries of the instructions) and goes on behind it. It knows
//! the seven instructions that the kernels use; any other ends the process as it would have.

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

const ROWS: usize = 16;
type Tile = [[u8; 64]; ROWS];

/// The tiles of a thread.
struct State {
    configured: bool,
    tiles: [Tile; 8],
}

thread_local! {
    static STATE: UnsafeCell<State> =
        const { UnsafeCell::new(State { configured: false, tiles: [[[0; 64]; ROWS]; 8] }) };
}

/// Whether this thread has tiles now.
pub(super) fn configured() -> bool {
    // SAFETY: no reference to the state outlives a call, and the handler is not running.
    STATE.with(|state| unsafe { (*state.get()).configured })
}

/// Installs the handler, once; `false` where it cannot.
pub(super) fn install() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        // SAFETY: an action without flags but `SA_SIGINFO`, whose handler has the type this asks for.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_flags = libc::SA_SIGINFO;
            action.sa_sigaction = handle as *const () as usize;
            libc::sigaction(libc::SIGILL, &action, std::ptr::null_mut()) == 0
        }
    })
}

extern "C" fn handle(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel hands over the context of the instruction that it stopped at.
    let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    let state = STATE.with(UnsafeCell::get);
    // SAFETY: the instruction is this thread's, and nothing of the thread runs meanwhile.
    match unsafe { step(registers, &mut *state) } {
        Some(length) => registers[libc::REG_RIP as usize] += length as i64,
        // Not one of ours: without the handler the same instruction ends the process.
        // SAFETY: setting the default action has no further conditions.
        None => unsafe {
            libc::signal(libc::SIGILL, libc::SIG_DFL);
        },
    }
}

/// Carries out the instruction at `rip`; its length, or nothing if it is not one of ours.
///
/// # Safety
/// The registers are those of an instruction whose operands are valid addresses.
unsafe fn step(registers: &[i64], state: &mut State) -> Option<usize> {
    let code = registers[libc::REG_RIP as usize] as *const u8;
    // SAFETY: bytes of an instruction, read only as far as the bytes before say that it goes.
    let byte = |at: usize| unsafe { *code.add(at) };
    // Three-byte VEX prefix, map 0F 38, 128 bits, W 0.
    if byte(0) != 0xC4 || byte(1) & 0x1F != 2 || byte(2) & 0x84 != 0 {
        return None;
    }
    let (index_high, base_high) = ((!byte(1) >> 6 & 1) << 3, (!byte(1) >> 5 & 1) << 3);
    let (second, prefix) = ((!byte(2) >> 3 & 15) as usize, byte(2) & 3);
    let (opcode, modrm) = (byte(3), byte(4));
    let (mode, reg, rm) = (modrm >> 6, (modrm >> 3 & 7) as usize, modrm & 7);

    // `[base + displacement]` and the index, by which lines of a tile are apart: address, index, length.
    let memory = || -> Option<(usize, usize, usize)> {
        let value = |number: u8| registers[REGISTERS[number as usize] as usize];
        let (base, index, mut length) = match (rm, byte(5)) {
            (4, sib) if sib >> 3 & 7 | index_high == 4 => (sib & 7 | base_high, 0, 6),
            (4, sib) => (sib & 7 | base_high, value(sib >> 3 & 7 | index_high) << (sib >> 6), 6),
            _ => (rm | base_high, 0, 5),
        };
        let displacement = match mode {
            // Without a base, or relative to the instruction: our code has neither.
            0 if base & 7 == 5 => return None,
            0 => 0,
            1 => i64::from(byte(length) as i8),
            _ => i64::from(i32::from_le_bytes(std::array::from_fn(|i| byte(length + i)))),
        };
        length += [0, 1, 4][mode as usize];
        Some(((value(base) + displacement) as usize, index as usize, length))
    };

    // Prefix: 0 none, 1 is 66, 2 is F3, 3 is F2.
    match (opcode, prefix, mode) {
        (0x49, 0, 3) if modrm == 0xC0 => {
            // TILERELEASE
            state.configured = false;
            state.tiles = [[[0; 64]; ROWS]; 8];
            return Some(5);
        }
        (0x49, 0, 0..3) if reg == 0 => {
            // LDTILECFG: the only shapes that the kernels use.
            let (address, index, length) = memory()?;
            if index != 0 {
                return None;
            }
            // SAFETY: the caller's operand: 64 bytes.
            let shapes = unsafe { &*(address as *const [u8; 64]) };
            let expected: [u8; 64] = std::array::from_fn(|at| match at {
                0 => 1,
                16..32 if at % 2 == 0 => 64,
                48..56 => ROWS as u8,
                _ => 0,
            });
            if *shapes != expected {
                return None;
            }
            state.configured = true;
            state.tiles = [[[0; 64]; ROWS]; 8];
            return Some(length);
        }
        _ if !state.configured || second > 7 || byte(1) & 0x80 == 0 => return None,
        (0x49, 3, 3) if rm == 0 => state.tiles[reg] = [[0; 64]; ROWS],
        (0x4B, 2 | 3, 0..3) if rm == 4 => {
            let (address, stride, length) = memory()?;
            for (r, row) in state.tiles[reg].iter_mut().enumerate() {
                let line = (address + r * stride) as *mut [u8; 64];
                // SAFETY: the caller's operand: 16 lines of 64 bytes. TILELOADD or TILESTORED.
                unsafe { if prefix == 3 { *row = *line } else { *line = *row } }
            }
            return Some(length);
        }
        // TDPBUSD and TDPBF16PS
        (0x5E, 1, 3) => products(state, reg, rm as usize, second, |sum, a, b| {
            let start = i32::from_le_bytes(sum);
            let terms = |row: usize| -> i32 {
                let (a, b) = (a(row), b(row));
                (0..4).map(|i| i32::from(a[i]) * i32::from(b[i] as i8)).sum()
            };
            (0..ROWS).map(terms).fold(start, i32::wrapping_add).to_le_bytes()
        }),
        (0x5C, 2, 3) => products(state, reg, rm as usize, second, |sum, a, b| {
            // Even and odd products have a sum each; subnormal numbers are zeros.
            let number = |pair: [u8; 4], i: usize| {
                flush(f32::from_bits(
                    u32::from(u16::from_le_bytes([pair[2 * i], pair[2 * i + 1]])) << 16,
                ))
            };
            let mut sums = [0f32; 2];
            for row in 0..ROWS {
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = flush(number(a(row), i).mul_add(number(b(row), i), *sum));
                }
            }
            flush(flush(f32::from_le_bytes(sum)) + flush(sums[0] + sums[1])).to_le_bytes()
        }),
        _ => return None,
    }
    Some(5)
}

/// Numbers of the general registers in the order that instructions count them.
const REGISTERS: [c_int; 16] = [
    libc::REG_RAX,
    libc::REG_RCX,
    libc::REG_RDX,
    libc::REG_RBX,
    libc::REG_RSP,
    libc::REG_RBP,
    libc::REG_RSI,
    libc::REG_RDI,
    libc::REG_R8,
    libc::REG_R9,
    libc::REG_R10,
    libc::REG_R11,
    libc::REG_R12,
    libc::REG_R13,
    libc::REG_R14,
    libc::REG_R15,
];

fn flush(x: f32) -> f32 {
    if x.is_subnormal() { 0f32.copysign(x) } else { x }
}

/// Replaces every sum of a tile: `sum(before, step k of its row, step k of its column)`.
fn products(
    state: &mut State,
    sums: usize,
    rows: usize,
    columns: usize,
    sum: impl Fn([u8; 4], &dyn Fn(usize) -> [u8; 4], &dyn Fn(usize) -> [u8; 4]) -> [u8; 4],
) {
    let (rows, columns) = (state.tiles[rows], state.tiles[columns]);
    let step = |line: &[u8; 64], k: usize| -> [u8; 4] { std::array::from_fn(|i| line[4 * k + i]) };
    for (m, line) in state.tiles[sums].iter_mut().enumerate() {
        for n in 0..ROWS {
            let before = step(line, n);
            let after = sum(before, &|k| step(&rows[m], k), &|k| step(&columns[k], n));
            line[4 * n..4 * n + 4].copy_from_slice(&after);
        }
    }
}
