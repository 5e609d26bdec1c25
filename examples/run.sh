#!/usr/bin/env bash
# Builds the latency evaluator and runs it with the arguments given, such as --help. On Debian and
# Ubuntu it first installs what is missing for that.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/setup.sh"

install_missing g++ cmake make libboost-dev libeigen3-dev nlohmann-json3-dev libcli11-dev
phase "Configuring" cmake -S "$root" -B "$root/build" -DCMAKE_BUILD_TYPE=Release \
  -DORBITMOE_BUILD_TESTS=OFF -DORBITMOE_BUILD_BENCHMARKS=OFF -DORBITMOE_JSON=ON
phase "Building the latency evaluator" \
  cmake --build "$root/build" --target latency_evaluator
exec "$root/build/examples/latency_evaluator" "$@"
