//! A model with the number of threads it may use, as `beleving.Scorer` holds it.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, DataType};
use arrow_select::concat::concat_batches;
use beleving::arrow::{Columns, Field, Places, StateMerger};
use beleving::arrow::{score_batch, score_schema, state_batch, state_batch_explained};
use beleving::arrow::{state_schema, verdict_schema};
use beleving::{Error, Precision, Scorer, Threads};
use pyo3::exceptions::{PyOverflowError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::process::{self, Choice};
use crate::raised;
use crate::table::{self, Stream, Table};

/// What a thread is given between two looks at whether the user wants to stop (Ctrl-C): a second's work or so.
const SLICE_BYTES: usize = 16 << 10;
/// Some hundred million words: more than a text has.
const MOST_WINDOWS: usize = 1_000_000;
/// The most rows at a time, however short.
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
        threads: Option<i64>,
        policy: Option<String>,
        precision: String,
        max_windows: Option<i64>,
    ) -> PyResult<Self> {
        let threads = count("threads", threads, Threads::MOST)?;
        let max_windows = count("max_windows", max_windows, MOST_WINDOWS)?;
        let pool = pool(py, threads)?;
        let precision: Precision =
            precision.parse().map_err(|e: Error| PyValueError::new_err(e.to_string()))?;
        let choice = Choice { precision, policy, max_windows };
        let scorer = process::model(py, &model, choice, &pool).map_err(|e| raised(py, &e))?;
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
        let batches = Batches::of(messages)?.only(&columns);
        let threads = self.threads(py)?;
        // Also where no batch comes, a column that is not there is a slip.
        let none = batches.empty();
        self.run(py, |scorer| score_batch(scorer, &none, &columns))?;
        let mut scored = Vec::new();
        for batch in batches {
            for slice in slices(&batch.map_err(|e| table::failed(py, e))?, threads) {
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
        let batches = Batches::of(messages)?.only(&columns);
        let none = batches.empty();
        self.run(py, |scorer| score_batch(scorer, &none, &columns))?;
        let (scorer, threads, count) = (self.scorer.clone(), self.threads, self.threads(py)?);
        // The threads are asked for at each turn: the stream may be read in a forked child, which has its own.
        let ready = move || {
            Python::attach(|py| {
                py.check_signals()?;
                pool(py, threads)
            })
            .map_err(|e: PyErr| ArrowError::ExternalError(Box::new(e)))
        };
        let scored = batches.map(move |batch| -> Result<RecordBatch, ArrowError> {
            let mut scored = Vec::new();
            for slice in slices(&batch?, count) {
                scored.push(ready()?.install(|| score_batch(&scorer, &slice, &columns))?);
            }
            concat_batches(&score_schema(), &scored)
        });
        Ok(Stream::new(score_schema(), Box::new(scored)))
    }

    /// Scores messages and gathers them into one state per interaction. `first` is the place of the first
    /// row, if rows have places; `explain` looks for the sentence that weighs most.
    fn states(
        &self,
        py: Python<'_>,
        messages: &Bound<'_, PyAny>,
        columns: &Bound<'_, PyDict>,
        first: Option<u64>,
        explain: bool,
    ) -> PyResult<Table> {
        let columns = named(py, columns)?;
        let batches = Batches::of(messages)?.only(&columns);
        let threads = self.threads(py)?;
        let none = batches.empty();
        let gather = if explain { state_batch_explained } else { state_batch };
        self.run(py, |scorer| gather(scorer, &none, &columns, Places::Unknown))?;
        let mut next = first;
        let mut states = Vec::new();
        for batch in batches {
            for slice in slices(&batch.map_err(|e| table::failed(py, e))?, threads) {
                let places = match next {
                    None => Places::Unknown,
                    Some(first) => Places::From(u32::try_from(first).map_err(|_| {
                        PyOverflowError::new_err("over 4,294,967,295 rows; give them an `id` and `seq` and pass `ordered=False`")
                    })?),
                };
                next = next.map(|first| first + slice.num_rows() as u64);
                states.push(self.run(py, |scorer| gather(scorer, &slice, &columns, places))?);
            }
        }
        Ok(Table::new(state_schema(), states))
    }

    /// Makes verdicts of states, out of any number of Arrow streams or arrays. `policy` is what is to differ from the
    /// scorer's.
    fn judge(
        &self,
        py: Python<'_>,
        states: &Bound<'_, PyAny>,
        policy: Option<&str>,
    ) -> PyResult<Table> {
        let own = self.scorer.policy();
        let policy = policy.map_or_else(|| Ok(own.clone()), |policy| own.over(policy));
        let policy = policy.map_err(|e| raised(py, &e))?;
        let mut merger = StateMerger::default();
        for part in states.try_iter()? {
            for batch in Batches::of(&part?)? {
                let batch = batch.map_err(|e| table::failed(py, e))?;
                py.detach(|| merger.add(&batch)).map_err(|e| raised(py, &e))?;
            }
        }
        let verdicts = self.run(py, move |scorer| merger.finish_by(scorer, &policy))?;
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

/// A number of at least 1 and at most `most`, if it is given.
fn count(name: &str, n: Option<i64>, most: usize) -> PyResult<Option<usize>> {
    let count = |n| usize::try_from(n).ok().filter(|n| (1..=most).contains(n));
    n.map(|n| {
        count(n).ok_or_else(|| {
            let text = format!("`{name}` is {n}, expected at least 1 and at most {most}, or None");
            PyValueError::new_err(text)
        })
    })
    .transpose()
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

fn slices(batch: &RecordBatch, threads: usize) -> Vec<RecordBatch> {
    let bytes: usize = batch.columns().iter().map(bytes_of).sum();
    let rows = batch.num_rows();
    let size = (rows * SLICE_BYTES * threads / bytes.max(1)).clamp(threads.min(SLICE), SLICE);
    (0..rows).step_by(size).map(|start| batch.slice(start, size.min(rows - start))).collect()
}

/// About as many bytes as the values of a column take.
fn bytes_of(column: &ArrayRef) -> usize {
    match column.data_type() {
        DataType::Utf8View => column.as_string_view().lengths().map(|bytes| bytes as usize).sum(),
        _ => column.to_data().get_slice_memory_size().unwrap_or(0),
    }
}

/// The batches of an Arrow object, checked as they come: what another program says is UTF-8 need not be.
struct Batches {
    reader: Box<dyn RecordBatchReader + Send>,
    /// Places of the columns that are read; `None` for all.
    columns: Option<Vec<usize>>,
}

impl Batches {
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        use arrow_pyarrow::FromPyArrow;
        let reader: Box<dyn RecordBatchReader + Send> = if object.hasattr("__arrow_c_stream__")? {
            Box::new(RecordBatchStreamReader::from_pyarrow_bound(object)?)
        } else {
            let batch = RecordBatch::from_pyarrow_bound(object)?;
            let schema = batch.schema();
            Box::new(RecordBatchIterator::new([Ok(batch)], schema))
        };
        Ok(Self { reader, columns: None })
    }

    /// Leaves out the columns that no field is read from.
    fn only(self, columns: &Columns) -> Self {
        let wanted = Field::ALL.map(|field| columns.name(field));
        let schema = self.reader.schema();
        let places = schema.fields().iter().enumerate();
        let places = places.filter(|(_, field)| wanted.contains(&field.name().as_str()));
        Self { columns: Some(places.map(|(place, _)| place).collect()), ..self }
    }

    /// A batch without rows and with all columns.
    fn empty(&self) -> RecordBatch {
        RecordBatch::new_empty(self.reader.schema())
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        // The producer may be Python of another thread.
        let batch = Python::attach(|py| py.detach(|| self.reader.next()))?;
        Some(batch.and_then(|batch| {
            let batch = match &self.columns {
                Some(columns) => batch.project(columns)?,
                None => batch,
            };
            for column in batch.columns() {
                column.to_data().validate_full()?;
            }
            Ok(batch)
        }))
    }
}
