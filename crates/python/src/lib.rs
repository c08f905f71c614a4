//! The native half of the Python package `beleving`. What a user sees is in `python/beleving`.
//!
//! Everything goes in and out as Arrow, by the PyCapsule interface. The interpreter is let go of wherever
//! the model runs.

mod engine;
mod process;
mod table;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use engine::Engine;
use table::{Stream, Table};

pyo3::create_exception!(
    beleving,
    BelevingError,
    PyValueError,
    "A model, policy, column or state that cannot be used; `kind` says which."
);

/// The error as Python raises it: its text, and its kind beside it.
fn raised(py: Python<'_>, error: &beleving::Error) -> PyErr {
    let raised = BelevingError::new_err(error.to_string());
    // Fails only for want of memory; the text is what matters then.
    let _ = raised.value(py).setattr("kind", error.kind().name());
    raised
}

/// What is wrong with the input, in the same form.
fn refused(py: Python<'_>, text: String) -> PyErr {
    let raised = BelevingError::new_err(text);
    let _ = raised.value(py).setattr("kind", beleving::ErrorKind::Input.name());
    raised
}

#[pymodule]
fn _beleving(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("BelevingError", module.py().get_type::<BelevingError>())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<Engine>()?;
    module.add_class::<Table>()?;
    module.add_class::<Stream>()
}
