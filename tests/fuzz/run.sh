#!/usr/bin/env bash
# Fuzzes the readers of foreign files, side by side, under libFuzzer, ASan and UBSan:
#
#   tests/fuzz/run.sh [SECONDS | --runs N] [READER...]     by default 60 s for each in readers.hpp
#
# An input that a reader fails on is kept in build-fuzz, and so is the corpus that grows there: the
# next run goes on from it. Once more with one input:
#
#   build-fuzz/tests/orbitmoe_fuzz --reader=READER FILE
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
source "$root/cmake/setup.sh"
build=$(realpath -m "$root/build-fuzz")

case ${1-} in
  --runs) limit=-runs=$2 && shift 2 ;;
  [0-9]*) limit=-max_total_time=$1 && shift ;;
  *) limit=-max_total_time=60 ;;
esac
readers=("$@")
[ $# -gt 0 ] || readers=("$here"/corpus/*)

# Address sanitizer looks through its stack of used frames at each exception, so that is to be
# small; and no input leaves as much freed memory as its quarantine holds.
export ASAN_OPTIONS=max_uar_stack_size_log=16:quarantine_size_mb=16${ASAN_OPTIONS:+:$ASAN_OPTIONS}
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-16 || true)
export ASAN_SYMBOLIZER_PATH

# fuzz READER: says in a line how it went; the log on standard error where it failed.
fuzz() {
  local reader=$1 log=$build/$1.log max_len=4096 result=ok start=$SECONDS status=0
  case $reader in
    npy) max_len=65536 ;;
    tle) max_len=1024 ;; # an exception for each bad line takes its time
  esac
  mkdir -p "$build/corpus/$reader"
  "$build/tests/orbitmoe_fuzz" "--reader=$reader" "$limit" -max_len=$max_len -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$build/$reader-" \
    "$build/corpus/$reader" "$here/corpus/$reader" >"$log" 2>&1 || status=$?
  [ $status -eq 0 ] || result="FAILED, see $log"
  awk -v reader="$reader" -v seconds=$((SECONDS - start)) -v result="$result" '
    { for (i = 1; i < NF; ++i) if ($i == "cov:" || $i == "ft:") found[$i] = $(i + 1) }
    /^stat::/ { found[$1] = $2 }
    END { inputs = found["stat::number_of_executed_units:"]
          printf "%-16s %9d inputs in %4d s, %6d/s; %5d edges, %5d features, %4d new units: %s\n",
                 reader, inputs, seconds, inputs / (seconds ? seconds : 1), found["cov:"],
                 found["ft:"], found["stat::new_units_added:"], result }' "$log"
  [ $status -eq 0 ] || tail -n 50 "$log" >&2
  return $status
}

install_missing clang-16 libclang-rt-16-dev llvm-16 cmake make libboost-dev libeigen3-dev \
  nlohmann-json3-dev catch2
phase "Configuring" cmake -S "$root" -B "$build" -DCMAKE_CXX_COMPILER=clang++-16 \
  -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -g1 -D_GLIBCXX_ASSERTIONS" -DORBITMOE_JSON=ON \
  -DORBITMOE_BUILD_EXAMPLES=OFF -DORBITMOE_BUILD_FUZZER=ON
phase "Building" cmake --build "$build" --target orbitmoe_fuzz

status=0
running=0
for reader in "${readers[@]##*/}"; do
  if [ $running -eq "$jobs" ]; then
    wait -n || status=1
    running=$((running - 1))
  fi
  fuzz "$reader" &
  running=$((running + 1))
done
while [ $running -gt 0 ]; do
  wait -n || status=1
  running=$((running - 1))
done
exit $status
