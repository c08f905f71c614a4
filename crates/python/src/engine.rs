//! A model with the number of threads it may use, as `beleving.Scorer` holds it.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::{Array, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::ArrowError;
use beleving::arrow::{Columns, Field, Places, StateMerger};
use beleving::arrow::{score_batch, score_schema, state_batch, state_schema, verdict_schema};
use beleving::{Precision, Scorer};
use pyo3::exceptions::{PyOverflowError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::table::{self, Stream, Table};
use crate::{process, raised};

/// Rows between two looks at whether the user wants to stop (Ctrl-C).
const SLICE: usize = 4096;

#[pyclass(frozen, module = "beleving._beleving")]
pub(crate) struct Engine {
    scorer: Arc<Scorer>,
    threads: Option<usize>,
}

#[pymethods]
impl Engine {
    #[new]
    fn new(
        py: Python<'_>,
        model: PathBuf,
        threads: Option<usize>,
        policy: Option<String>,
        precision: String,
    ) -> PyResult<Self> {
        if threads == Some(0) {
            return Err(PyValueError::new_err("`threads` is 0, expected at least 1 or None"));
        }
        let pool = pool(py, threads)?;
        let format = match precision.as_str() {
            "auto" => Precision::Auto,
            "int8" => Precision::Int8,
            "bf16" => Precision::Bf16,
            "f32" => Precision::F32,
            _ => {
                let text = "`precision` is none of `auto`, `int8`, `bf16` and `f32`";
                return Err(PyValueError::new_err(text));
            }
        };
        let scorer = process::model(py, &model, (precision, format), policy, &pool)
            .map_err(|e| raised(py, &e))?;
        Ok(Self { scorer, threads })
    }

    #[getter]
    fn model(&self) -> &str {
        self.scorer.model_id()
    }

    #[getter]
    fn policy(&self) -> String {
        self.scorer.policy().to_toml()
    }

    #[getter]
    fn arithmetic(&self) -> String {
        format!("{}-{}", self.scorer.tier(), self.scorer.precision())
    }

    #[getter]
    fn threads(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(pool(py, self.threads)?.current_num_threads())
    }

    /// Scores everything of an Arrow stream or array.
    fn score(
        &self,
        py: Python<'_>,
        messages: &Bound<'_, PyAny>,
        columns: &Bound<'_, PyDict>,
    ) -> PyResult<Table> {
        let columns = named(py, columns)?;
        let mut scored = Vec::new();
        for batch in Batches::of(messages)? {
            for slice in slices(&batch.map_err(|e| table::failed(py, e))?) {
                scored.push(self.run(py, |scorer| score_batch(scorer, &slice, &columns))?);
            }
        }
        Ok(Table::new(score_schema(), scored))
    }

    /// Scores an Arrow stream batch by batch, as the result is read.
    fn score_stream(
        &self,
        py: Python<'_>,
        messages: &Bound<'_, PyAny>,
        columns: &Bound<'_, PyDict>,
    ) -> PyResult<Stream> {
        let columns = named(py, columns)?;
        let batches = Batches::of(messages)?;
        let (scorer, pool) = (self.scorer.clone(), pool(py, self.threads)?);
        let scored = batches.map(move |batch| -> Result<RecordBatch, ArrowError> {
            let batch = batch?;
            pool.install(|| score_batch(&scorer, &batch, &columns)).map_err(ArrowError::from)
        });
        Ok(Stream::new(score_schema(), Box::new(scored)))
    }

    /// Scores messages and gathers them into one state per interaction. `first` is the place of the first
    /// row, if rows have places.
    fn states(
        &self,
        py: Python<'_>,
        messages: &Bound<'_, PyAny>,
        columns: &Bound<'_, PyDict>,
        first: Option<u64>,
    ) -> PyResult<Table> {
        let columns = named(py, columns)?;
        let mut next = first;
        let mut states = Vec::new();
        for batch in Batches::of(messages)? {
            for slice in slices(&batch.map_err(|e| table::failed(py, e))?) {
                let places = match next {
                    None => Places::Unknown,
                    Some(first) => Places::From(u32::try_from(first).map_err(|_| {
                        PyOverflowError::new_err("over 4,294,967,295 rows; give them an `id` and `seq` and pass `ordered=False`")
                    })?),
                };
                next = next.map(|first| first + slice.num_rows() as u64);
                states.push(self.run(py, |scorer| state_batch(scorer, &slice, &columns, places))?);
            }
        }
        Ok(Table::new(state_schema(), states))
    }

    /// Makes verdicts of states, out of any number of Arrow streams or arrays.
    fn judge(&self, py: Python<'_>, states: &Bound<'_, PyAny>) -> PyResult<Table> {
        let mut merger = StateMerger::default();
        for part in states.try_iter()? {
            for batch in Batches::of(&part?)? {
                let batch = batch.map_err(|e| table::failed(py, e))?;
                py.detach(|| merger.add(&batch)).map_err(|e| raised(py, &e))?;
            }
        }
        let verdicts = self.run(py, move |scorer| merger.finish(scorer))?;
        Ok(Table::new(verdict_schema(), vec![verdicts]))
    }
}

impl Engine {
    /// Runs something on the threads of this process, without the interpreter.
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&Scorer) -> beleving::Result<T> + Send,
    ) -> PyResult<T> {
        py.check_signals()?;
        let pool = pool(py, self.threads)?;
        py.detach(|| pool.install(|| work(&self.scorer))).map_err(|e| raised(py, &e))
    }
}

fn pool(py: Python<'_>, threads: Option<usize>) -> PyResult<Arc<rayon::ThreadPool>> {
    process::pool(py, threads)
        .map_err(|_| PyRuntimeError::new_err("the threads of the scorer cannot be started"))
}

/// Reads `{field: column}`.
fn named(py: Python<'_>, columns: &Bound<'_, PyDict>) -> PyResult<Columns> {
    columns.iter().try_fold(Columns::new(), |known, (field, column)| {
        let field: String = field.extract()?;
        let field: Field = field.parse().map_err(|e| raised(py, &e))?;
        Ok(known.named(field, column.extract::<String>()?))
    })
}

fn slices(batch: &RecordBatch) -> Vec<RecordBatch> {
    let starts = (0..batch.num_rows()).step_by(SLICE);
    starts.map(|start| batch.slice(start, SLICE.min(batch.num_rows() - start))).collect()
}

/// The batches of an Arrow object, checked as they come: what another program says is UTF-8 need not be.
struct Batches(Box<dyn RecordBatchReader + Send>);

impl Batches {
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        use arrow_pyarrow::FromPyArrow;
        if object.hasattr("__arrow_c_stream__")? {
            return Ok(Self(Box::new(RecordBatchStreamReader::from_pyarrow_bound(object)?)));
        }
        let batch = RecordBatch::from_pyarrow_bound(object)?;
        let schema = batch.schema();
        Ok(Self(Box::new(RecordBatchIterator::new([Ok(batch)], schema))))
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        // The producer may be Python of another thread.
        let batch = Python::attach(|py| py.detach(|| self.0.next()))?;
        Some(batch.and_then(|batch| {
            for column in batch.columns() {
                column.to_data().validate_full()?;
            }
            Ok(batch)
        }))
    }
}
