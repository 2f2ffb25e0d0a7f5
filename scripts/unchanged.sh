#!/usr/bin/env bash
# Shows whether what a user sees is what it was at a commit, byte for byte: help, schema, completion, what
# `init` writes, configurations, refusals, and every report of a run, a sweep, a capacity search and a
# comparison, which the old program measures. Usage: scripts/unchanged.sh COMMIT [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
new=$PWD
commit=${1:?commit}
work=${2:-$(mktemp -d)}
old=$work/old
if [ ! -d "$old" ]; then
  git clone --quiet . "$old"
  git -C "$old" checkout --quiet "$commit"
  ln -s "$new/node_modules" "$old/node_modules"
  (cd "$old" && npm run --silent build)
fi

rtbench() { node "$program/bin/rtbench.js" "$@"; }

results=$work/results
if [ ! -d "$results" ]; then
  program=$old
  mkdir "$results"
  quick=(--clients 40 --seed 7 --quiet --no-save --json)
  rtbench run "${quick[@]}" --duration 3s --warmup 1s --repeat 2 --threshold 'p50<2s' >"$results/run.json" || true
  rtbench run "${quick[@]}" --duration 3s --warmup 1s --repeat 2 --seed 8 >"$results/other.json" || true
  rtbench run "${quick[@]}" --duration 2s --warmup 500ms --sweep rate=1,3 >"$results/sweep.json" || true
  rtbench capacity --transport sse --limit 'p50<200ms' --from 20 --to 80 --duration 2s \
    --warmup 500ms --seed 7 --quiet --no-save --json >"$results/capacity.json" || true
fi

# Standard output, standard error and the code of a command, in a file of its own.
shows() {
  local name=$1 code=0
  shift
  rtbench "$@" >"$out/$name" 2>"$out/$name.err" || code=$?
  echo "exit $code" >>"$out/$name.err"
}

show() {
  program=$1 out=$2
  rm -rf "$out"
  mkdir -p "$out"
  shows help --help
  for command in run capacity ci serve report compare advise doctor init validate schema completion; do
    shows "help-$command" help "$command"
  done
  shows schema schema
  for shell in bash zsh fish; do shows "completion-$shell" completion "$shell"; done
  (cd "$out" && shows init init first)
  for scenario in scenarios/*.yaml scenarios/ci/*.yaml; do
    shows "config-$(basename "$scenario")" run "$scenario" --print-config --seed 3
    shows "validate-$(basename "$scenario")" validate "$scenario"
  done
  RTBENCH_CLIENTS=77 RTBENCH_RATE=0.5 shows config-environment run --print-config --transport sse --hold 5s --seed 3
  shows config-capacity capacity --transport sse --limit 'p99<1s' --print-config --seed 3
  for result in run other sweep capacity; do
    for format in table markdown json html junit csv prometheus; do
      shows "$result.$format" report "$results/$result.json" --format "$format"
    done
    workload=(--users 5k --events-per-user 6/min --latency 2s)
    shows "advise-$result" advise "$results/$result.json" "${workload[@]}"
    shows "advise-json-$result" advise "$results/$result.json" "${workload[@]}" --json
  done
  shows run.hgrm report "$results/run.json" --format hgrm --transport sse --repetition 1
  shows run.hlog report "$results/run.json" --format hlog --transport sse --repetition 1
  shows both.html report "$results/run.json" "$results/other.json" --format html
  shows both.table report "$results/run.json" "$results/other.json"
  for format in table markdown json; do
    shows "compare.$format" compare --all "$results/run.json" "$results/other.json" --format "$format"
  done
  shows compare-sweep compare "$results/sweep.json" "$results/sweep.json"
  shows refused-flag run --clinets 5
  shows refused-value run --clients some
  shows refused-rate run --rate -1
  shows refused-transport run --transport sse,foo
  shows refused-threshold run --threshold 'p98<1'
  shows refused-paths run --threshold 'nothing.at.all<1'
  shows refused-sweep run --sweep nothing=1,2
  shows refused-limit capacity --transport sse --limit 'p99'
  shows refused-file report nowhere.json
  shows refused-format report "$results/run.json" --format nothing
  shows refused-backplane run --backplane kafka
  # The page's script is not what a user sees, nor its hash.
  for page in "$out"/*.html; do perl -0pi -e 's/<script>.*?<\/script>//gs; s/script-src \S+//' "$page"; done
  # Where the program is, and how old a result is, differ by themselves.
  { grep -rlZ -- "$program" "$out" || true; } | xargs -0 -r sed -i "s#$program#PROGRAM#g"
}

show "$old" "$work/before"
show "$new" "$work/after"
grep -q Usage "$work/after/help" || { echo "the program does not start" >&2; exit 1; }
diff -r "$work/before" "$work/after" && echo "unchanged since $commit: $(ls "$work/after" | wc -l) files"
