//! What the transcripts of a run are called: the interaction of one that names none itself.

use std::collections::{HashMap, HashSet};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use crate::bytes::Compression;
use crate::input::{Format, InputFile};

/// Name of the file without its endings.
pub(crate) fn stem(path: &Path, format: Format) -> String {
    let name = text(path.file_name().map_or(path, Path::new));
    let (inner, _) = Compression::of(&name);
    let known = |ending: &str| format.endings().iter().any(|e| e.eq_ignore_ascii_case(ending));
    let stem = match inner.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && known(ending) => stem,
        _ => inner,
    };
    stem.to_owned()
}

/// So many files of a list are named.
const NAMED: usize = 5;

/// Leaves every SRT file out that lies beside a WebVTT file of the same name: tools write a call in both
/// forms, and it would count twice. WebVTT is read because it names its speakers.
pub(crate) fn leave_second_forms_out(files: &mut Vec<InputFile>) {
    let call = |file: &InputFile| (file.path.parent().map(Path::to_owned), file.call.clone());
    let webvtt = files.iter().filter(|file| file.format == Format::WebVtt);
    let webvtt: HashSet<_> = webvtt.map(call).collect();
    let mut left_out = Vec::new();
    files.retain(|file| {
        let second = file.format == Format::Srt && webvtt.contains(&call(file));
        if second {
            left_out.push(file.path.clone());
        }
        !second
    });
    if !left_out.is_empty() {
        tracing::warn!("left out, beside a WebVTT file of the same call: {}", listed(&left_out));
    }
}

/// Tells of files that are given again, since all that they hold counts as often.
pub(crate) fn tell_of_repeated(files: &[InputFile]) {
    let mut seen = HashSet::new();
    let repeated = files.iter().filter(|file| !seen.insert(real(&file.path)));
    let repeated: Vec<PathBuf> = repeated.map(|file| file.path.clone()).collect();
    if !repeated.is_empty() {
        tracing::warn!("given more than once, and read each time: {}", listed(&repeated));
    }
}

fn listed(files: &[PathBuf]) -> String {
    let named = files.iter().take(NAMED).map(|path| format!("`{}`", path.display()));
    let named = named.collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Gives transcripts that share a name their paths: from the folder that was to be read, or as given where
/// those are shared too.
///
/// Under one name they would be judged as one call, and turns of equal numbers be left out as said twice.
pub(crate) fn tell_apart(files: &mut [InputFile]) {
    let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, file) in files.iter().enumerate() {
        if matches!(file.format, Format::Json | Format::WebVtt | Format::Srt) {
            named.entry(&file.call).or_default().push(n);
        }
    }
    let shared: Vec<Vec<usize>> = named.into_values().filter(|same| same.len() > 1).collect();
    let mut renamed = 0;
    for same in shared {
        // A file that was given twice is one call, whatever its path was each time.
        let real: Vec<PathBuf> = same.iter().map(|n| real(&files[*n].path)).collect();
        let mut first = HashMap::new();
        for (n, real) in same.iter().zip(&real) {
            first.entry(real).or_insert(*n);
        }
        if first.len() == 1 {
            continue;
        }
        let within: HashSet<&Path> = first.values().map(|n| files[*n].path_within()).collect();
        let differ = within.len() == first.len();
        for (n, real) in same.iter().zip(&real) {
            let file = &files[first[real]];
            files[*n].call = text(if differ { file.path_within() } else { &file.path });
        }
        renamed += first.len();
    }
    if renamed > 0 {
        tracing::warn!(
            "{renamed} transcripts share the name of their file and are called by its path"
        );
    }
}

/// The file itself, where it can be found.
pub(crate) fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The path as text, the same on every system. Bytes that are none are written out, so that names which differ in them
/// stay apart.
fn text(path: &Path) -> String {
    let bytes = || path.as_os_str().as_encoded_bytes().escape_ascii().to_string();
    path.to_str().map_or_else(bytes, |text| text.replace(MAIN_SEPARATOR, "/"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::input::Inputs;

    const CUES: &str = "WEBVTT\n\n00:01.000 --> 00:02.000\nKlant: Hoi\n";

    /// Names of the calls in these files of a folder, given as the names say.
    fn calls(files: &[&str], names: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, CUES).expect("written");
        }
        let names: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
        let mut kept = crate::testing::Kept::default();
        Inputs::find(&names, None)
            .expect("found")
            .read(&Default::default(), &mut kept)
            .expect("read");
        // Only paths as given name the folder.
        let given = text(folder.path()) + "/";
        kept.values("interaction").iter().map(|name| name.replace(&given, "GIVEN/")).collect()
    }

    #[test]
    fn a_call_is_called_as_its_file_without_the_endings_of_its_format() {
        let stem = |name: &str| stem(Path::new(name), Format::WebVtt);
        assert_eq!(stem("calls/call-7.vtt"), "call-7");
        assert_eq!(stem("CALL.VTT.GZ"), "CALL");
        assert_eq!(stem("2026.03.01.vtt.zst"), "2026.03.01");
        assert_eq!(stem(".vtt"), ".vtt");
        assert_eq!(
            calls(&["2026.03.01.vtt", "2026.03.02.vtt"], &[""]),
            ["2026.03.01", "2026.03.02"]
        );
    }

    #[test]
    fn a_call_in_two_forms_in_one_folder_is_one_call() {
        let files = ["001.srt", "001.vtt", "002.srt"];
        assert_eq!(calls(&files, &[""]), ["001", "002"]);
        assert_eq!(calls(&files, &files), ["001", "002"]);
        assert_eq!(calls(&files, &["001.srt"]), ["001"], "the other was not asked for");
        let apart = ["feb/001.srt", "jan/001.vtt"];
        assert_eq!(calls(&apart, &[""]), apart);
    }

    #[test]
    fn calls_of_one_name_are_called_by_their_paths() {
        let files = ["feb/001.vtt", "jan/001.vtt", "jan/002.vtt"];
        assert_eq!(calls(&files, &[""]), ["feb/001.vtt", "jan/001.vtt", "002"]);
        assert_eq!(
            calls(&files, &["feb", "jan"]),
            ["GIVEN/feb/001.vtt", "GIVEN/jan/001.vtt", "002"]
        );
        assert_eq!(calls(&files, &["jan", "jan/001.vtt"]), ["001", "002", "001"]);
        let twice = ["feb/001.vtt", "jan/001.vtt", "feb/001.vtt"];
        assert_eq!(calls(&files, &["", "feb/001.vtt"])[3], "feb/001.vtt");
        assert_eq!(calls(&files[..2], &twice), twice.map(|name| format!("GIVEN/{name}")));
    }
}
