#!/usr/bin/env bash
# Runs every benchmark beside its peers, on one core, in some three minutes; prints one table and
# writes build/benchmarks/results.json. With --quick every repetition but the first is left out. On
# Debian and Ubuntu it first installs the peers.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/setup.sh"

case ${1-} in
  "") repetitions=5 rounds=3 ;;
  --quick) repetitions=1 rounds=1 ;;
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
phase "Building the benchmarks" cmake --build "$root/build" -j "$jobs"
rm -rf "$raw"
mkdir -p "$raw"

# measure PROGRAM NAME: the repetitions of all its tasks, in random order, into NAME.json.
measure() {
  phase "Running $2" "$programs/$1" --benchmark_repetitions=$repetitions \
    --benchmark_enable_random_interleaving=true --benchmark_min_time=0.05 \
    --benchmark_out="$raw/$2.json" --benchmark_out_format=json
}

phase "Writing the graphs" "$programs/routing" --export "$raw/graphs"
measure routing routing-1
measure routing_any_cpu routing-any-cpu
phase "Running SciPy, igraph and networkx" \
  bash -c '"$1" "$2" "$3" >"$4"' - "$python" "$root/benchmarks/routing_peers.py" "$raw/graphs" \
  "$raw/routing-peers.json"
measure routing routing-2

phase "Writing the random draws" "$programs/published_table" --export "$raw/draws"
for ((round = 1; round <= rounds; ++round)); do
  measure published_table table-$round
  measure published_table_any_cpu table-any-cpu-$round
  phase "Running the published table in NumPy and SciPy" \
    bash -c '"$1" "$2" "$3" >>"$4"' - "$python" "$root/benchmarks/published_table.py" \
    "$raw/draws" "$raw/table-peer.jsonl"
done

phase "Running 30,000 satellites" \
  bash -c '"$1" >"$2"' - "$programs/large_sky" "$raw/large-sky.json"
phase "Counting instructions" \
  bash -c '"$1" "$2" "$3" >"$4"' - "$python" "$root/benchmarks/limits.py" "$programs" \
  "$raw/limits.json"

"$python" "$root/benchmarks/table.py" "$raw"
