//! Values that start on a cache line, so that no vector load straddles two.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, and of the widest vector.
const LINE: usize = 64;

/// A slice of zeros that starts on a cache line.
pub(crate) struct Aligned<T> {
    values: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Copy + Default> Aligned<T> {
    pub(crate) fn zeros(len: usize) -> Self {
        let values = vec![T::default(); len + LINE / size_of::<T>()];
        // The heap block stays where it is when the vector moves; wrong only costs speed.
        let start = values.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        Self { values, start, len }
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.values[self.start..self.start + self.len]
    }
}

impl<T> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.start..self.start + self.len]
    }
}
