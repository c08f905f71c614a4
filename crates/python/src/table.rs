//! Results as Python holds them: Arrow, handed on without copies by the PyCapsule interface.

use std::sync::{Mutex, PoisonError};

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    ArrayRef, Int64Array, RecordBatch, RecordBatchIterator, RecordBatchReader, StringArray,
};
use arrow_json::writer::{LineDelimited, WriterBuilder};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use beleving::arrow::{score_schema, state_schema, verdict_schema};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::raised;

/// Batches of one schema.
#[pyclass(frozen, module = "beleving._beleving")]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

#[pymethods]
impl Table {
    /// Makes a table of lists of strings; those under `seq` are whole numbers.
    #[staticmethod]
    fn of_lists(lists: &Bound<'_, PyDict>) -> PyResult<Self> {
        let columns = lists.iter().map(|(name, values)| -> PyResult<(String, ArrayRef, bool)> {
            let name: String = name.extract()?;
            let column: ArrayRef = if name == "seq" {
                std::sync::Arc::new(Int64Array::from(values.extract::<Vec<Option<i64>>>()?))
            } else {
                std::sync::Arc::new(StringArray::from(values.extract::<Vec<Option<String>>>()?))
            };
            Ok((name, column, true))
        });
        let columns = columns.collect::<PyResult<Vec<_>>>()?;
        let batch = RecordBatch::try_from_iter_with_nullable(columns)
            .map_err(|e| PyValueError::new_err(e.to_string()))?;
        Ok(Self { schema: batch.schema(), batches: vec![batch] })
    }

    /// A table without rows: of `score`, `state` or `verdict`.
    #[staticmethod]
    fn empty(of: &str) -> PyResult<Self> {
        let schema = match of {
            "score" => score_schema(),
            "state" => state_schema(),
            "verdict" => verdict_schema(),
            _ => return Err(PyValueError::new_err("expected `score`, `state` or `verdict`")),
        };
        Ok(Self { schema, batches: Vec::new() })
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    #[getter]
    fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The rows as JSON lines, nulls written out.
    fn jsonl<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyBytes>> {
        let lines = py.detach(|| -> Result<Vec<u8>, ArrowError> {
            let builder = WriterBuilder::new().with_explicit_nulls(true);
            let mut writer = builder.build::<_, LineDelimited>(Vec::new());
            writer.write_batches(&self.batches.iter().collect::<Vec<_>>())?;
            writer.finish()?;
            Ok(writer.into_inner())
        });
        Ok(pyo3::types::PyBytes::new(py, &lines.map_err(|e| failed(py, e))?))
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.schema)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer keep to its own schema.
        let _ = requested_schema;
        let batches = self.batches.clone().into_iter().map(Ok);
        stream_capsule(py, Box::new(RecordBatchIterator::new(batches, self.schema.clone())))
    }
}

impl Table {
    pub(crate) fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

/// Batches that are computed as they are asked for, once.
#[pyclass(frozen, module = "beleving._beleving")]
pub(crate) struct Stream {
    schema: SchemaRef,
    /// `None` once it was handed on.
    batches: Mutex<Option<Batches>>,
}

#[pymethods]
impl Stream {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Table>> {
        py.check_signals()?;
        let mut batches = self.take(py)?;
        let next = py.detach(|| batches.next());
        *self.lock() = Some(batches);
        match next.transpose().map_err(|e| failed(py, e))? {
            Some(batch) => Ok(Some(Table::new(self.schema.clone(), vec![batch]))),
            None => Ok(None),
        }
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.schema)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches = self.take(py)?;
        stream_capsule(py, Box::new(RecordBatchIterator::new(batches, self.schema.clone())))
    }
}

impl Stream {
    pub(crate) fn new(schema: SchemaRef, batches: Batches) -> Self {
        Self { schema, batches: Mutex::new(Some(batches)) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Batches>> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, _attached: Python<'_>) -> PyResult<Batches> {
        self.lock().take().ok_or_else(|| {
            PyRuntimeError::new_err("the stream was handed on, or is being read by another thread")
        })
    }
}

fn schema_capsule<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(schema).map_err(|e| failed(py, e))?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

fn stream_capsule<'py>(
    py: Python<'py>,
    batches: Box<dyn RecordBatchReader + Send>,
) -> PyResult<Bound<'py, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(batches), c"arrow_array_stream")
}

/// The error of a stream: ours as it was, somebody else's as they say it.
pub(crate) fn failed(py: Python<'_>, error: ArrowError) -> PyErr {
    match &error {
        ArrowError::ExternalError(source) => match source.downcast_ref::<beleving::Error>() {
            Some(ours) => raised(py, ours),
            None => PyValueError::new_err(error.to_string()),
        },
        _ => PyValueError::new_err(error.to_string()),
    }
}
