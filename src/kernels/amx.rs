//! Products in AMX tiles, of bytes and of bf16: 16 rows of tokens by 64 outputs, four tiles of sums.
//!
//! Stable Rust has no intrinsics for tiles, so their instructions stand here in assembly. Nothing of one
//! block has to outlive it but the shapes.

#[cfg(all(test, target_os = "linux"))]
mod emulator;

use std::arch::asm;
use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::OnceLock;

use super::cpu::{Avx512, Avx512Vnni};

/// Rows of a tile, and steps of 4 bytes of one of its rows.
pub(crate) const ROWS: usize = 16;
/// Outputs of four tiles.
pub(crate) const COLUMNS: usize = 64;

/// Proof that AMX tiles with products of bytes and bf16 are usable beside AVX-512 VNNI. Made only by
/// [`Amx::detect`], and in tests by `emulated`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amx(Avx512Vnni);

/// What the CPU is told of the shapes of its eight tiles, as `ldtilecfg` reads it.
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    bytes_per_row: [u16; 16],
    rows: [u8; 16],
}

/// Eight tiles of 16 rows of 64 bytes, of this thread until they are dropped. There is one at a time.
pub(crate) struct Tiles(PhantomData<*const ()>);

thread_local! {
    static TAKEN: Cell<bool> = const { Cell::new(false) };
}

impl Amx {
    pub(crate) fn detect() -> Option<Self> {
        static USABLE: OnceLock<bool> = OnceLock::new();
        let vnni = Avx512Vnni::detect()?;
        USABLE.get_or_init(|| has_tiles() && permitted()).then_some(Self(vnni))
    }

    /// The same instructions carried out by a signal handler, where the CPU has none of them.
    #[cfg(all(test, target_os = "linux"))]
    pub(crate) fn emulated() -> Option<Self> {
        let vnni = Avx512Vnni::detect()?;
        (!has_tiles() && emulator::install()).then_some(Self(vnni))
    }

    pub(crate) fn avx512(self) -> Avx512 {
        self.0.avx512()
    }

    /// Takes the tiles of this thread. The operating system has nothing to save before and after.
    ///
    /// Panics if the thread has them already: dropping the second would take them from the first.
    pub(crate) fn configure(self) -> Tiles {
        assert!(!TAKEN.replace(true), "a thread has its tiles once");
        let mut shapes = Shapes {
            palette: 1,
            start_row: 0,
            reserved: [0; 14],
            bytes_per_row: [0; 16],
            rows: [0; 16],
        };
        shapes.bytes_per_row[..8].fill(64);
        shapes.rows[..8].fill(16);
        // SAFETY: `self` exists only if the CPU has tiles and the operating system lets us use them.
        unsafe {
            asm!(
                "ldtilecfg [{}]",
                in(reg) &shapes,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack, preserves_flags),
            );
        }
        Tiles(PhantomData)
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        // SAFETY: as in `configure`, which made this the only `Tiles` of the thread.
        unsafe {
            asm!(
                "tilerelease",
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack, preserves_flags),
            );
        }
        TAKEN.set(false);
    }
}

/// `$product` of 16 rows of `$steps` steps and a panel of `$steps` lines of 64 steps, into `$sums`.
macro_rules! dot {
    ($product:literal, $values:expr, $panel:expr, $steps:expr, $sums:expr) => {
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "2:",
            "tileloadd tmm4, [{values} + {row}*1]",
            "tileloadd tmm5, [{panel} + {line}*1]",
            "tileloadd tmm6, [{panel} + {line}*1 + 64]",
            concat!($product, " tmm0, tmm4, tmm5"),
            concat!($product, " tmm1, tmm4, tmm6"),
            "tileloadd tmm5, [{panel} + {line}*1 + 128]",
            "tileloadd tmm6, [{panel} + {line}*1 + 192]",
            concat!($product, " tmm2, tmm4, tmm5"),
            concat!($product, " tmm3, tmm4, tmm6"),
            "add {values}, 64",
            "add {panel}, 4096",
            "dec {tiles}",
            "jnz 2b",
            "tilestored [{sums} + {line}*1], tmm0",
            "tilestored [{sums} + {line}*1 + 64], tmm1",
            "tilestored [{sums} + {line}*1 + 128], tmm2",
            "tilestored [{sums} + {line}*1 + 192], tmm3",
            values = inout(reg) $values => _,
            panel = inout(reg) $panel => _,
            tiles = inout(reg) $steps / ROWS => _,
            row = in(reg) $steps * 4,
            line = in(reg) COLUMNS * 4,
            sums = in(reg) $sums,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _,
            options(nostack),
        )
    };
}

impl Tiles {
    /// Unsigned bytes `[16, steps]` times signed bytes `[steps, 64, 4]`; `steps` is a multiple of 16.
    pub(crate) fn dot_int8(
        &self,
        values: &[[u8; 4]],
        panel: &[i8],
        sums: &mut [[i32; COLUMNS]; ROWS],
    ) {
        let steps = whole_steps(values, size_of_val(panel));
        // SAFETY: `whole_steps` bounds all reads, the type of `sums` the writes; while there
        // is a `Tiles`, those of its thread are configured.
        unsafe { dot!("tdpbusd", values.as_ptr(), panel.as_ptr(), steps, sums) }
    }

    /// bf16 `[16, steps, 2]` times bf16 `[steps, 64, 2]`; `steps` is a multiple of 16.
    pub(crate) fn dot_bf16(
        &self,
        values: &[[u8; 4]],
        panel: &[u16],
        sums: &mut [[f32; COLUMNS]; ROWS],
    ) {
        let steps = whole_steps(values, size_of_val(panel));
        // SAFETY: as in `dot_int8`.
        unsafe { dot!("tdpbf16ps", values.as_ptr(), panel.as_ptr(), steps, sums) }
    }
}

/// Steps of a row, at least one tile of them.
fn whole_steps(values: &[[u8; 4]], panel_bytes: usize) -> usize {
    let steps = values.len() / ROWS;
    assert!(steps > 0 && steps.is_multiple_of(ROWS) && values.len() == steps * ROWS);
    assert_eq!(panel_bytes, steps * COLUMNS * 4);
    steps
}

/// Whether the CPU has tiles and both products: leaf 7 of `cpuid`.
#[allow(unused_unsafe)] // `__cpuid` became safe after our oldest compiler
fn has_tiles() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    const BF16: u32 = 1 << 22;
    const TILE: u32 = 1 << 24;
    const INT8: u32 = 1 << 25;
    // SAFETY: every x86-64 CPU has `cpuid`; leaf 7 is asked for only if there is one.
    let edx = unsafe { if __cpuid(0).eax < 7 { 0 } else { __cpuid_count(7, 0).edx } };
    edx & (BF16 | TILE | INT8) == BF16 | TILE | INT8
}

/// Whether the operating system saves tiles for this process. Linux wants to be asked, once for all
/// threads; it refuses where it does not know tiles or a signal stack is too small for them.
fn permitted() -> bool {
    #[cfg(target_os = "linux")]
    {
        const ARCH_PRCTL: u64 = 158;
        const REQUEST_PERMISSION: u64 = 0x1023;
        const TILE_DATA: u64 = 18;
        let result: i64;
        // SAFETY: the call reads no memory; it clobbers `rcx` and `r11` as every call does.
        unsafe {
            asm!(
                "syscall",
                inlateout("rax") ARCH_PRCTL => result,
                in("rdi") REQUEST_PERMISSION,
                in("rsi") TILE_DATA,
                lateout("rcx") _,
                lateout("r11") _,
                options(nostack),
            );
        }
        result == 0
    }
    #[cfg(not(target_os = "linux"))]
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_permission_there_is_no_tier() {
        assert!(permitted() || Amx::detect().is_none());
        // Where the CPU has no tiles, Linux refuses; where it has, it may refuse too.
        assert!(has_tiles() || !permitted());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn tiles_belong_to_the_thread_that_configured_them_until_dropped() {
        let Some(amx) = Amx::emulated() else {
            eprintln!(
                "skipped: this CPU has AMX itself, or no AVX-512 VNNI beside which it is emulated"
            );
            return;
        };
        let tiles = amx.configure();
        assert!(emulator::configured());
        // A thread of any pool comes without tiles, and what it does leaves ours alone.
        std::thread::spawn(move || {
            assert!(!emulator::configured());
            drop(amx.configure());
        })
        .join()
        .expect("no panic");
        assert!(emulator::configured());
        assert!(std::panic::catch_unwind(|| amx.configure()).is_err());
        assert!(emulator::configured());
        drop(tiles);
        assert!(!emulator::configured());
    }
}
