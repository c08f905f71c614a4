#!/usr/bin/env bash
# Opens invented reports in a headless browser: `cargo task report-pages`. Needs node with npm, and chromium (or CHROMIUM=path).
# With SHOTS=folder it takes pictures as well.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$here/../../../.."
out="$root/target/report-pages"
mkdir -p "$out/html" "$out/node"
cd "$root"
export CHROMIUM="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}"

invent() { cargo run --quiet --example invent -- "$@"; } # as `cargo test` has built it
report() { cargo run --quiet --release --package beleving-cli -- report "$@"; }
invent 1200 2025 plain > "$out/verdicts.jsonl"
invent 1200 2023 plain | sed 's/invented@0.2.0/invented@0.1.0/' > "$out/before.jsonl"
invent 1200 2024 better > "$out/after.jsonl"
rm -f "$out"/html/*.html
for language in nl en; do
    report "$out/verdicts.jsonl" --language "$language" --cost-per-contact 6.50 --cost-per-handoff 4 -o "$out/html/report-$language.html"
    report --compare "$out/before.jsonl" "$out/after.jsonl" --language "$language" -o "$out/html/compare-$language.html"
done

cp "$here/package.json" "$here/check.mjs" "$out/node/"
cd "$out/node"
npm install --silent --no-audit --no-fund --no-package-lock
node check.mjs ../html ${SHOTS:+"$SHOTS"}
