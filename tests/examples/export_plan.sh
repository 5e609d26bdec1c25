#!/usr/bin/env bash
# Runs export_plan as a user would when things go wrong, and has the files read by other tools.
# Usage: export_plan.sh PATH_OF_EXPORT_PLAN
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
source "$here/expect.sh" "$1"
report=$here/export_plan.report.json

expect 0 'Example:' --help
expect 0 '.' --version
expect 2 '--report' --folder somewhere
expect 2 '--report: file: found none.json' --report none.json
expect 2 '--scheme: found "best"; allowed: space-xnet, rand-place' --report "$report" --scheme best
expect 2 '--slot: found 3; allowed: an integer from 0 to 2' --report "$report" --slot 3
expect 2 '--slot' --report "$report" --slot -1
expect 2 'step_s: found 0; allowed' --report "$report" --step-s 0
echo '{}' > empty.json
expect 2 '--report: schema: found nothing' --report empty.json
touch file
expect 2 'export_plan:' --report "$report" --folder file

for scheme in space-xnet rand-place; do
  expect 0 'sky.czml: Cesium' --report "$report" --scheme $scheme --folder "deep/$scheme" --slot 2
  # 77: this Python has no networkx, jsonschema or NumPy.
  for python in python3 /usr/bin/python3; do
    command -v "$python" > /dev/null || continue
    "$python" "$here/../independent/readers.py" "deep/$scheme" > log 2>&1
    status=$?
    [ $status = 77 ] && continue
    checks=$((checks + 1))
    [ $status = 0 ] || fail "$(cat log)"
    break
  done
done
expect 0 '' --report "$report" --no-links --folder bare
[ "$(wc -c < bare/sky.czml)" -lt "$(wc -c < deep/space-xnet/sky.czml)" ] || fail 'links in bare/sky.czml'
stations=$here/ground_rtt.stations.csv
expect 0 'hypatia/: tles.txt' --report "$report" --stations "$stations" --folder state
head -n 2 state/hypatia/tles.txt | diff - <(printf '4 6\nWALKER 0\n') || fail 'tles.txt'
[ "$(wc -l < state/hypatia/tles.txt)" = 73 ] || fail 'tles.txt: three lines per satellite'
head -n 2 state/hypatia/isls.txt | diff - <(printf '0 1\n0 5\n') || fail 'isls.txt'
expect 2 '--stations: file: found none.csv' --report "$report" --stations none.csv
expect 2 '--min-elevation-deg: found 91' --report "$report" --stations "$stations" --min-elevation-deg 91

echo "export_plan: $checks checks, $failures failures"
[ "$failures" = 0 ]
