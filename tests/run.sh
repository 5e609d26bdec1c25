#!/usr/bin/env bash
# Builds and runs every test; arguments go to ctest: tests/run.sh -R planner. On Debian and Ubuntu
# it first installs what is missing for that.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/setup.sh"

install_missing g++ cmake make libboost-dev libeigen3-dev nlohmann-json3-dev libcli11-dev \
  catch2 pkg-config
# Quicker to build than a release, with assertions, and lines of code in a debugger.
phase "Configuring" cmake -S "$root" -B "$root/build-tests" \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DCMAKE_UNITY_BUILD=ON \
  -DORBITMOE_JSON=ON
phase "Building the tests (some minutes the first time)" \
  cmake --build "$root/build-tests" -j "$jobs"
exec ctest --test-dir "$root/build-tests" --output-on-failure --no-label-summary -j "$jobs" "$@"
