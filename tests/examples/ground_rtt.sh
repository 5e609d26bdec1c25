#!/usr/bin/env bash
# Runs ground_rtt as a user would when things go wrong: exit codes and one-line messages; and checks
# that the output does not depend on threads or on where blocks of samples end.
# Usage: ground_rtt.sh PATH_OF_GROUND_RTT
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
source "$here/expect.sh" "$1"
stations=$here/ground_rtt.stations.csv
pair=(--stations "$stations" --from 0 --to 1)

expect 0 'time_ns,rtt_ns' --help
expect 0 '.' --version
expect 2 '--stations' --from 0 --to 1
expect 2 '--preset: found "kuiper"; allowed: kuiper-630, starlink-550' "${pair[@]}" --preset kuiper
expect 2 '--from: found 9; allowed: an id in 0..2' --stations "$stations" --from 9 --to 1
expect 2 '--to: found 3; allowed' --stations "$stations" --from 0 --to 3
expect 2 '--to' --stations "$stations" --from 0 --to -1
expect 2 '--step-s: found 0; allowed' "${pair[@]}" --step-s 0
expect 2 '--duration-s: found -1; allowed' "${pair[@]}" --duration-s -1
expect 2 '--duration-s: found nan; allowed' "${pair[@]}" --duration-s nan
expect 2 '--threads' "${pair[@]}" --threads -1
expect 2 'missing.csv' --stations missing.csv --from 0 --to 1
echo '0,Nowhere,99,0,0' > bad.csv
expect 2 'bad.csv, line 1, latitude_deg: found 99' --stations bad.csv --from 0 --to 0

# The south of Kuiper's reach ends north of McMurdo.
expect 0 '0,0.0000' --stations "$stations" --from 0 --to 2 --duration-s 1 --step-s 1

# Samples: as many as steps begin before the end, each as if it were alone.
expect 0 '' "${pair[@]}" --duration-s 30 --step-s 0.1 --threads 1
[ "$(wc -l < out)" = 300 ] || fail "$(wc -l < out) samples instead of 300"
grep '^29000000000,' out > one
expect 0 '' "${pair[@]}" --duration-s 30 --step-s 1 --threads 2
[ "$(wc -l < out)" = 30 ] || fail "$(wc -l < out) samples instead of 30"
awk -F , 'NR == FNR { a = $2; next } $1 == 29000000000 { d = $2 / a - 1 }
  END { exit !(a > 0 && d < 1e-9 && d > -1e-9) }' one out || fail 'another value at 29 s'
expect 0 '' "${pair[@]}" --duration-s 0.25 --step-s 0.1
[ "$(wc -l < out)" = 3 ] || fail "$(wc -l < out) samples instead of 3"
if [ -e /dev/full ]; then
  "$program" "${pair[@]}" > /dev/full 2> err
  [ $? = 1 ] || fail 'a full disk should give exit code 1'
fi

echo "ground_rtt: $checks checks, $failures failures"
[ "$failures" = 0 ]
