# shellcheck shell=bash
# What the scripts that build this project share. To be sourced by bash.
#
#   install_missing PACKAGE...    sees to it that what these Debian packages bring is there
#   phase "Building" COMMAND...   runs a command, silent unless it fails

# shellcheck disable=SC2034 # for the scripts that source this
jobs=$(getconf _NPROCESSORS_ONLN)

has_header() {
  local header directory
  for header; do
    for directory in /usr/include /usr/local/include ${CPATH:+"${CPATH%%:*}"}; do
      [ -e "$directory/$header" ] && return
    done
  done
  return 1
}

# Whether the default compiler knows C++20 and its library; Clang before 16 does not take libstdc++'s.
compiles_cpp20() {
  "${CXX:-c++}" -std=c++20 -fsyntax-only -x c++ - <<<'#include <algorithm>
    auto count(int (&v)[2]) { return std::ranges::unique(v).size(); }'
}

# Whether what a Debian package brings is there, wherever it came from.
is_there() {
  case $1 in
    catch2) has_header catch2/catch.hpp catch2/catch_all.hpp ;;
    g++) compiles_cpp20 ;;
    libboost-dev) has_header boost/version.hpp ;;
    libcli11-dev) has_header CLI/CLI.hpp ;;
    libeigen3-dev) has_header eigen3/Eigen/Core Eigen/Core ;;
    nlohmann-json3-dev) has_header nlohmann/json.hpp ;;
    *) command -v "$1" || dpkg-query --show --showformat '${db:Status-Status}' "$1" | grep -qx installed ;;
  esac >/dev/null 2>&1
}

# apt_install PACKAGE...; the package lists are fetched only where they are too old or not there.
apt_install() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  [ "$(id -u)" -eq 0 ] || apt=(sudo "${apt[@]}")
  "${apt[@]}" install --no-install-recommends "$@" ||
    { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"; }
}

install_missing() {
  local package missing=()
  for package; do
    is_there "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }; then
    phase "Installing ${missing[*]}" apt_install "${missing[@]}" && return
  fi
  echo "Please install these packages (their names in Debian): ${missing[*]}" >&2
  echo "Going on with what is there." >&2
}

# On a terminal a line says what is done; in a pipe there is nothing unless the command fails.
phase() {
  local name=$1 output status=0 start=$SECONDS terminal=false
  shift
  [ -t 1 ] && [ -t 2 ] && terminal=true
  if $terminal; then printf '%s ...' "$name" >&2; fi
  output=$("$@" 2>&1) || status=$?
  if $terminal; then printf ' %s s\n' $((SECONDS - start)) >&2; fi
  if [ $status -ne 0 ]; then printf '%s\n%s: failed (%s)\n' "$output" "$name" $status >&2; fi
  return $status
}
