//! Results as Python holds them: Arrow, handed on without copies by the PyCapsule interface.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::LargeStringBuilder;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    Array, ArrayRef, Int64Array, LargeStringArray, RecordBatch, RecordBatchIterator,
    RecordBatchReader,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_json::writer::{LineDelimited, WriterBuilder};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use beleving::arrow::{score_schema, state_schema, verdict_schema};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyString};

use crate::{raised, refused};

/// Batches of one schema.
#[pyclass(frozen, module = "beleving._beleving")]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

#[pymethods]
impl Table {
    /// Makes a table of lists: of whole numbers or of strings, as their values are.
    #[staticmethod]
    fn of_lists(lists: &Bound<'_, PyDict>) -> PyResult<Self> {
        let (mut fields, mut columns) = (Vec::new(), Vec::<ArrayRef>::new());
        for (name, values) in lists.iter() {
            let name: String = name.extract()?;
            let column: ArrayRef = match values.extract::<Vec<Option<i64>>>() {
                Ok(numbers) => Arc::new(Int64Array::from(numbers)),
                Err(_) => Arc::new(strings(&name, &values)?),
            };
            fields.push(Field::new(name, column.data_type().clone(), true));
            columns.push(column);
        }
        let schema = Arc::new(Schema::new(fields));
        if columns.is_empty() {
            return Ok(Self { schema, batches: Vec::new() });
        }
        let batch = RecordBatch::try_new(schema.clone(), columns)
            .map_err(|e| PyValueError::new_err(e.to_string()))?;
        Ok(Self { schema, batches: vec![batch] })
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

    /// Rows `start..stop` as JSON lines, nulls written out; all columns, or one.
    fn jsonl<'py>(
        &self,
        py: Python<'py>,
        start: usize,
        stop: usize,
        only: Option<&str>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let lines = py.detach(|| -> Result<Vec<u8>, ArrowError> {
            let builder = WriterBuilder::new().with_explicit_nulls(true);
            let mut writer = builder.build::<_, LineDelimited>(Vec::new());
            let only = only.map(|name| self.schema.index_of(name)).transpose()?;
            let mut first = 0;
            for batch in &self.batches {
                let (from, to) = (start.max(first), stop.min(first + batch.num_rows()));
                if from < to {
                    let rows = batch.slice(from - first, to - from);
                    writer.write(&match only {
                        Some(column) => rows.project(&[column])?,
                        None => rows,
                    })?;
                }
                first += batch.num_rows();
            }
            writer.finish()?;
            Ok(writer.into_inner())
        });
        Ok(PyBytes::new(py, &lines.map_err(|e| failed(py, e))?))
    }

    /// The table as an Arrow IPC stream.
    fn ipc<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| -> Result<Vec<u8>, ArrowError> {
            let mut writer = StreamWriter::try_new(Vec::new(), &self.schema)?;
            self.batches.iter().try_for_each(|batch| writer.write(batch))?;
            writer.into_inner()
        });
        Ok(PyBytes::new(py, &bytes.map_err(|e| failed(py, e))?))
    }

    /// Reads what `ipc` wrote.
    #[staticmethod]
    fn of_ipc(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        let read = || -> Result<Self, ArrowError> {
            let reader = StreamReader::try_new(bytes, None)?;
            Ok(Self { schema: reader.schema(), batches: reader.collect::<Result<_, _>>()? })
        };
        read().map_err(|e| failed(py, e))
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

/// A list of strings. One that is no Unicode is refused by its row: what Python says of it holds the text.
fn strings(name: &str, values: &Bound<'_, PyAny>) -> PyResult<LargeStringArray> {
    let mut strings = LargeStringBuilder::new();
    for (n, value) in values.try_iter()?.enumerate() {
        let value = value?;
        if value.is_none() {
            strings.append_null();
            continue;
        }
        let text = value.cast::<PyString>()?.to_str().map_err(|_| {
            let text =
                format!("`{name}` of row {n} has half of a surrogate pair, expected Unicode");
            refused(value.py(), text)
        })?;
        strings.append_value(text);
    }
    Ok(strings.finish())
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

/// The error of a stream: ours and Python's as they were, somebody else's as they say it.
pub(crate) fn failed(py: Python<'_>, error: ArrowError) -> PyErr {
    if let ArrowError::ExternalError(source) = &error {
        if let Some(ours) = source.downcast_ref::<beleving::Error>() {
            return raised(py, ours);
        }
        if let Some(python) = source.downcast_ref::<PyErr>() {
            return python.clone_ref(py);
        }
    }
    let text = error.to_string();
    // A stream that is made in Python can only say it by its text.
    if text.contains("KeyboardInterrupt") {
        return PyKeyboardInterrupt::new_err(());
    }
    PyValueError::new_err(text)
}
