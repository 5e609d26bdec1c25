#!/usr/bin/env bash
# Builds every benchmark and runs it beside its peers, in about four minutes; prints one table and
# writes build/benchmarks/results.json. With --quick nothing is repeated. Where the measured data are
# (see README.md here), it then searches layouts, which takes another fifteen minutes, or half a
# minute with --quick. On Debian and Ubuntu it first installs the peers.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/setup.sh"

case ${1-} in
  "") repetitions=5 rounds=3 search=(60) ;;
  --quick) repetitions=1 rounds=1 search=(2 published delta-72x22 star-40x40) ;;
  *)
    echo "usage: benchmarks/run.sh [--quick]" >&2
    exit 2
    ;;
esac

install_missing g++ cmake make libboost-dev libeigen3-dev libbenchmark-dev liblemon-dev \
  python3-scipy python3-igraph python3-networkx valgrind
python=python3
if [ -x /usr/bin/python3 ]; then python=/usr/bin/python3; fi  # Debian's, which has the packages
programs=$root/build/benchmarks
raw=$programs/raw
phase "Configuring" cmake -S "$root" -B "$root/build" -DCMAKE_BUILD_TYPE=Release \
  -DORBITMOE_BUILD_TESTS=OFF -DORBITMOE_BUILD_BENCHMARKS=ON
phase "Building the benchmarks" cmake --build "$root/build" --target all_benchmarks -j "$jobs"
rm -rf "$raw"
mkdir -p "$raw"

# measure PROGRAM NAME: the repetitions of all its tasks, in random order, into NAME.json.
measure() {
  phase "Running $2" "$programs/$1" --benchmark_repetitions=$repetitions \
    --benchmark_enable_random_interleaving=true --benchmark_min_time=0.05 \
    --benchmark_out="$raw/$2.json" --benchmark_out_format=json
}

# same PROGRAM FOLDER: writes what PROGRAM and PROGRAM_any_cpu export; both must be the same bits.
same() {
  phase "Writing $2" "$programs/$1" --export "$raw/$2"
  phase "Writing $2 without wide vectors" "$programs/$1_any_cpu" --export "$raw/any-cpu"
  phase "Comparing them" diff -r "$raw/$2" "$raw/any-cpu"
  rm -r "$raw/any-cpu"
}

same routing graphs
measure routing routing-1
measure routing_any_cpu routing-any-cpu
phase "Running SciPy, igraph and networkx" \
  bash -c '"$1" "$2" "$3" "$4" >"$5"' - "$python" "$root/benchmarks/routing_peers.py" \
  "$raw/graphs" $repetitions "$raw/routing-peers.json"
measure routing routing-2

same published_table draws
for ((round = 1; round <= rounds; ++round)); do
  measure published_table table-$round
  measure published_table_any_cpu table-any-cpu-$round
  phase "Running the published table in NumPy and SciPy" \
    bash -c '"$1" "$2" "$3" >>"$4"' - "$python" "$root/benchmarks/published_table.py" \
    "$raw/draws" "$raw/table-peer.jsonl"
done

phase "Running 30,000 satellites" \
  bash -c '"$1" >"$2"' - "$programs/large_sky" "$raw/large-sky.json"
phase "Counting instructions (needs g++ and its gcov)" \
  bash -c '"$1" "$2" "$3" >"$4"' - "$python" "$root/benchmarks/limits.py" "$programs" \
  "$raw/limits.json" || rm -f "$raw/limits.json"

data=${ORBITMOE_DATA_DIR:-$root/../shared/data}
if [ -d "$data/moe" ]; then
  phase "Searching layouts" \
    bash -c '"$1" "$2" "${@:4}" >"$3"' - "$programs/layouts" "$data" "$raw/layouts.jsonl" \
    "${search[@]}"
else
  echo "No data in $data, so no search for layouts"
fi

"$python" "$root/benchmarks/table.py" "$raw"
rm -r "$raw/graphs" "$raw/draws"
