#!/usr/bin/env bash
# Builds and runs main.cpp in a fresh directory, with OrbitMoE as its users get it.
#
# usage: run.sh WAY COMPILER
#   WAY  add_subdirectory, fetch_content, find_package, find_package_without_json or pkg_config
set -euo pipefail
way=$1
export CXX=$2

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
orbitmoe=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$here/main.cpp" "$here/CMakeLists.txt" .

case $way in
  find_package* | pkg_config)
    cmake -S "$orbitmoe" -B build-orbitmoe -DCMAKE_INSTALL_PREFIX="$work/staged" \
      -DORBITMOE_BUILD_TESTS=OFF -DORBITMOE_BUILD_EXAMPLES=OFF
    cmake --install build-orbitmoe
    mv staged moved # what is installed holds no absolute path
    rm -r build-orbitmoe
    ;;
esac

case $way in
  pkg_config)
    export PKG_CONFIG_PATH="$work/moved/share/pkgconfig"
    mkdir build
    # shellcheck disable=SC2046 # flags are words
    "$CXX" -std=c++20 -DCONSUMER_USES_JSON main.cpp $(pkg-config --cflags --libs orbitmoe-json) \
      -o build/consumer
    ;;
  find_package*)
    version=$(sed -n 's/#define ORBITMOE_VERSION "\(.*\)".*/\1/p' "$orbitmoe/include/orbitmoe/version.hpp")
    cmake -S . -B build -DWAY="$way" -DCMAKE_PREFIX_PATH="$work/moved" -DORBITMOE_VERSION="$version"
    cmake --build build
    ;;
  *)
    cmake -S . -B build -DWAY="$way" -DORBITMOE_SOURCE_DIR="$orbitmoe"
    cmake --build build
    ;;
esac
build/consumer
