# What the scripts of the examples share, to be sourced with the path of the program: $program, an
# empty folder to work in, and `expect` and `fail`, which count in $checks and $failures.
set -u
program=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0 checks=0

fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# expect CODE TEXT ARGUMENT...: the exit code, and TEXT in what is one line on standard error.
expect() {
  local code=$1 text=$2
  shift 2
  "$program" "$@" > out 2> err < /dev/null
  local found=$?
  checks=$((checks + 1))
  [ "$found" = "$code" ] || fail "exit code $found instead of $code: $*: $(head -c 300 err)"
  [ -z "$text" ] || grep -qF -- "$text" err out || fail "no \"$text\" from: $*: $(head -c 300 err)"
  if [ "$code" != 0 ]; then
    [ "$(wc -l < err)" = 1 ] || fail "$(wc -l < err) lines on standard error: $*"
    [ "$(wc -c < err)" -lt 1000 ] || fail "a message of $(wc -c < err) bytes: $*"
    [ -s out ] && fail "output in spite of an error: $*"
  fi
}
