#!/usr/bin/env bash
# Runs latency_evaluator as a user would when things go wrong: exit codes, one-line messages, files
# that are written whole or not at all, and reports that do not depend on threads.
# Usage: latency_evaluator.sh PATH_OF_LATENCY_EVALUATOR
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
source "$here/expect.sh" "$1"
recompute=$here/../independent/recompute.py
# with CODE TEXT SCENARIO ARGUMENT...: the same with a scenario given as text.
with() {
  local code=$1 text=$2
  printf '%s' "$3" > scenario.json
  shift 3
  expect "$code" "$text" --scenario scenario.json "$@"
}

small='{"constellation": {"planes": 6, "satellites_per_plane": 8, "altitude_km": 2000, "phasing": 3},
  "links": {"min_grazing_altitude_km": 0}, "time": {"slots": 4},
  "model": {"layers": 3, "experts": 4}, "search": {"moves": 10000}, "repetitions": 2,
  "tokens_per_slot": 5}'

# Command line
expect 0 'Examples:' --help
expect 0 '.' --version
expect 2 'see --help' --no-such-option
expect 2 '--format' --format xml
expect 2 '--threads' --threads -1
expect 2 '--seed' --seed minus
expect 2 '--schemes: schemes: found "best"' --schemes best
expect 2 '--seed: found "-1"; allowed: an integer from 0' --seed -1
expect 2 '--seed: found "010x"' --seed 010x
expect 2 '--schemes: schemes: found "space-xnet" twice' --schemes space-xnet,space-xnet
expect 2 '--scenario: file: found ;' --scenario ''
expect 2 '--scenario: file: found missing.json; allowed: a file that exists and can be read' --scenario missing.json
expect 2 '--activation: file: found missing.csv' --activation missing.csv
expect 2 'a file that exists and can be read' --scenario "$folder"

# Scenarios that are no JSON, or not what they should be
with 2 'json: found parse error' ''
with 2 'json: found parse error at line 1' '{"seed": '
with 2 'nesting over 64 levels' "$(printf '[%.0s' $(seq 1 100000))"
with 2 'the key "seed" twice' '{"seed": 1, "seed": 2}'
with 2 'constellation.planes: found "33"; allowed: an integer' '{"constellation": {"planes": "33"}}'
with 2 'constellation.plane: found an unknown key' '{"constellation": {"plane": 33}}'
with 2 'model.top_k: found 9; allowed: an integer from 1 to 8' '{"model": {"top_k": 9}}'
with 2 'time.slots: found 0' '{"time": {"slots": 0}}'
with 2 'links.survival_probability: found 2' '{"links": {"survival_probability": 2}}'
with 2 'time.slots: found 1000000; allowed: slots' '{"time": {"slots": 1000000}}'
with 2 'tokens_per_slot: found 1000000; allowed: slots' '{"tokens_per_slot": 1000000}'
with 2 'activation.file: file: found none.csv' '{"activation": {"file": "none.csv"}}'
printf '{"seed": 7}\0 anything' > nul.json
expect 2 'json: found a NUL byte' --scenario nul.json
with 2 'over 1000 keys in one object' "{$(seq -f '"k%g": 1,' 1 2000) \"z\": 1}"
with 2 'top_k: found 100; allowed: fewer' \
  '{"model": {"layers": 16, "experts": 65536, "top_k": 100}, "activation": {"zipf": 10}}'
head -c 3000000 /dev/urandom > noise.json
expect 2 'json: found' --scenario noise.json
(printf '{"x": "'; head -c 3000000 /dev/zero | tr '\0' 'y'; printf '"}') > huge.json
expect 2 'x: found an unknown key' --scenario huge.json

# Real satellites: two planes of Iridium NEXT, with two spares below and one between others
satellites=$here/satellites.txt
expect 0 '22 in 2 planes of 11 slots, 3 left out' --satellites "$satellites" --describe
expect 0 'catalogue_number,name,id,plane,slot' --satellites "$satellites" --describe --format csv
[ "$(wc -l < out)" = 26 ] || fail "$(wc -l < out) rows instead of 25 and a header"
expect 2 '--describe: found a sky that is no file' --describe
expect 2 '--format: found json with --describe' --satellites "$satellites" --describe --format json
expect 2 '--satellites: file: found none.txt' --satellites none.txt
expect 3 'and there are 2 planes' --satellites "$satellites" --schemes space-xnet
with 3 'its subnet has 6: experts_per_satellite must be 3 or more' \
  '{"model": {"layers": 3, "experts": 12}}' --satellites "$satellites"
with 0 'satellites: 22; 3 more element sets are left out' '{"model": {"layers": 3, "experts": 12}}' \
  --satellites "$satellites" --experts-per-satellite 3
if grep -q 'from the start' out; then fail 'elements of one day are called old'; fi
expect 2 'experts-per-satellite' --satellites "$satellites" --experts-per-satellite 0
"$program" --satellites "$satellites" --describe --format csv |
  awk -F, '$3 ~ /^[0-9]/ { number[$3] = $1 }
           END { for (id = 0; id < 22; ++id) print number[id], number[(id + 1) % 22]
                 print number[0], 41921; print 43478, 43482 }' > links.txt
by_links='{"links": {"topology": "file", "file": "links.txt"}, "model": {"layers": 3, "experts": 4}}'
with 0 'links: 2 of the 24 in the file are of satellites that are not in this sky' "$by_links" \
  --satellites "$satellites" --schemes space-xnet
sed -i '$d' links.txt && sed -i '$d' links.txt
with 0 '' "$by_links" --satellites "$satellites" --schemes space-xnet
if grep -q '^links:' out; then fail 'links of satellites in the sky are called left out'; fi
with 0 'satellites: elements are up to 46.6 days from the start' "{\"constellation\": {
  \"type\": \"tle\", \"file\": \"$satellites\", \"epoch\": \"2024-09-01T00:00:00Z\"},
  \"model\": {\"layers\": 3, \"experts\": 4}}"
with 0 '' "$small" --satellites "$satellites" --threads 1 --format json --out one.json
with 0 '' "$small" --satellites "$satellites" --threads 2 --format json --out two.json
cmp one.json two.json || fail 'real satellites: the report depends on threads'
with 0 '22 in 2 planes of 11 slots, 1 left out' "{\"constellation\": {\"type\": \"tle\", \"file\": \"$satellites\",
  \"select\": {\"altitude_km\": [775, 790], \"name\": \"iridium 1??\"}}}" --describe
mkdir -p deep/er
with 0 '' "$small" --satellites "$satellites" --format json --out deep/er/report.json
expect 0 '' --scenario deep/er/report.json --format json --out deep/again.json
expect 0 '' --scenario deep/again.json --format json --out deep/er/third.json
cmp deep/er/report.json deep/er/third.json || fail 'a report of real satellites moves its file'
cp "$satellites" near.txt
echo '{"constellation": {"type": "tle", "file": "near.txt"}, "time": {"slots": 2}, "repetitions": 1,
  "model": {"layers": 2, "experts": 4}}' > near.json
expect 0 '' --scenario near.json --format json --out deep/report.json
grep -q '"file": "../near.txt"' deep/report.json || fail 'the path is not as seen from the report'
expect 0 'space-xnet' --scenario deep/report.json
tail -n +4 "$satellites" > near.txt
expect 2 'constellation.satellites[21]: found 41917; allowed: nothing, which' --scenario deep/report.json
rm near.txt
expect 0 'space-xnet' --scenario deep/report.json --satellites "$satellites"
expect 0 'space-xnet' --scenario near.json --satellites "$satellites"
cat "$satellites" > pipe.txt
"$program" --satellites <(cat pipe.txt) --describe > out 2> err || fail "a pipe: $(head -c 300 err)"
echo '<html>' > page.txt
expect 2 '--satellites: page.txt, text: found "<html>"; allowed: two-line element sets' --satellites page.txt
with 2 '--describe: found constellation.planes "none"' "{\"constellation\": {\"type\": \"tle\",
  \"file\": \"$satellites\", \"planes\": \"none\"}}" --describe
with 2 '--pictures: found constellation.planes "none"' "{\"constellation\": {\"type\": \"tle\",
  \"file\": \"$satellites\", \"planes\": \"none\"}}" --pictures here
expect 2 'a name, not nothing' --out ''
expect 2 'a name, not nothing' --pictures ''
expect 2 '--out: file: found none/x' --schemes layout-search --time-limit 1000 --out none/x
expect 2 '--pictures: file: found none/x-' --schemes layout-search --time-limit 1000 --pictures none/x
expect 2 'allowed: a file that can be written' --pictures "$(printf '%0300d' 0)"
sed 's/^1 41917U/1 41918U/' "$satellites" > broken.txt
expect 2 'broken.txt, line 2, checksum' --satellites broken.txt --describe
with 0 'not read: line 2' '{"constellation": {"type": "tle", "file": "broken.txt",
  "bad_records": "skip"}}' --describe

# Activation tables
activation() {
  printf '%b' "$3" > activation.csv
  with "$1" "$2" "$small" --activation activation.csv
}
activation 2 'activation.csv, line 3: found 3 columns; allowed: 4' 'a,b,c,d\n1,2,3,4\n1,2,3\n1,2,3,4\n'
activation 2 'activation.csv, line 2, column 2: found -2' 'a,b,c,d\n1,-2,3,4\n1,2,3,4\n1,2,3,4\n'
activation 2 'activation.csv, line 2, column 3: found "nan"' 'a,b,c,d\n1,2,nan,4\n1,2,3,4\n1,2,3,4\n'
activation 2 'activation: found 2 layers × 4 experts; allowed: 3 layers × 4 experts' 'a,b,c,d\n1,2,3,4\n1,2,3,4\n'
activation 2 'activation[1]: found 1; allowed: top_k = 2 or more experts in use' 'a,b,c,d\n1,2,3,4\n0,2,0,0\n1,2,3,4\n'
activation 2 'line 1: found numbers only' '1,2,3,4\n1,2,3,4\n1,2,3,4\n'
activation 0 'space-xnet' 'a,b,c,d\n1,2,3,4\n1,2,0,4\n1,2,3,4\n'

# Statistics of serving stacks; the first layer of the array is dense
printf '\223NUMPY\1\0\166\0%-117s\n\0\0\0\0\1\2\3\4\1\2\3\4\1\2\3\4' \
  "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 4), }" > counts.npy
with 0 'activation: dense layers of the file, all 0, left out: 0' "$small" --activation counts.npy
with 0 '"dense_layers": [' "${small/'"search"'/'"activation": {"file": "counts.npy"}, "search"'}" --format json
with 2 'found 3 layers × 4 experts (dense layers of the file, all 0, left out: 0); allowed: 4 layers' \
  "${small/'"layers": 3'/'"layers": 4'}" --activation counts.npy
head -c 140 counts.npy > short.npy
expect 2 '--activation: short.npy, npy data: found 12 bytes; allowed: 4 × 4' --activation short.npy
printf '{"logical_count": [[[1, 2, 0, 4], [1, 2, 3, 4], [1, 2, 3, 4]]]}' > counts.json
with 0 'space-xnet' "$small" --activation counts.json
expect 2 '--activation: counts.pt: found the ending ".pt"; allowed: .csv, .npy, .json' --activation counts.pt
for python in python3 /usr/bin/python3; do
  "$python" -c 'import numpy
numpy.save("numpy.npy", numpy.asfortranarray([[1, 2, 0, 4]] * 3, dtype=">f4"))' 2> /dev/null || continue
  with 0 'space-xnet' "$small" --activation numpy.npy
  break
done

# Infeasible
with 3 'space-xnet: layer 2 needs 21 satellites (1 gateway and 20 for 20 experts), and its subnet has 12' \
  "${small/'"experts": 4'/'"experts": 20'}"
with 3 'has every route that the model uses' "${small/'"links": {'/'"links": {"survival_probability": 0, '}"
with 3 'rand-place: layer ' "${small/'"experts": 4'/'"experts": 16'}" --schemes rand-place

# Search
with 0 'layout-search' "$small" --schemes space-xnet,layout-search
with 0 'space-xnet-ring-optimal' "$small" --schemes space-xnet-ring-optimal
with 0 'layout-search' "$small" --schemes layout-search --time-limit 0.1
with 0 'no plan is below' "$small" --lower-bound
with 0 '"gap": ' "$small" --lower-bound --format json
with 2 'search.moves: found -1' "${small/10000/-1}"
with 2 'search.time_limit_s: found 0' "${small/'"moves": 10000'/'"time_limit_s": 0'}"
with 2 'time-limit' "$small" --time-limit -1

# Pictures: one for each scheme
with 0 'space-xnet' "$small" --pictures layout --schemes space-xnet,rand-place
for scheme in space-xnet rand-place; do
  [ "$(tail -n 1 "layout-$scheme.svg")" = '</svg>' ] || fail "no whole picture of $scheme"
  ! command -v python3 > /dev/null ||
    python3 -c 'import sys, xml.dom.minidom as xml; xml.parse(sys.argv[1])' "layout-$scheme.svg" ||
    fail "the picture of $scheme is no XML"
done
[ "$(ls layout-* | wc -l)" = 2 ] || fail 'two schemes should give two pictures'
grep -qF 'rand-place, plan 1 of 2, on average: ' layout-rand-place.svg || fail 'no title'
mkdir drawn
with 0 'space-xnet' "$small" --pictures drawn --schemes space-xnet
[ -s drawn/space-xnet.svg ] || fail 'no picture in the folder'
with 2 '--pictures: file: found no/such/folder/layout-space-xnet.svg' "$small" --pictures no/such/folder/layout

# Output: whole or not at all, the same for any number of threads
with 2 '--out: file: found no/such/folder/report' "$small" --out no/such/folder/report
echo before > report.json
with 2 'constellation.planes' '{"constellation": {"planes": 0}}' --out report.json
[ "$(cat report.json)" = before ] || fail 'an output file changed in spite of an error'
with 0 '' "$small" --format json --threads 1 --out one.json
with 0 '' "$small" --format json --threads 2 --out two.json
cmp one.json two.json || fail 'reports differ between 1 and 2 threads'
with 0 'scheme,mean_s,stderr_s,p50_s,p95_s,p99_s,unreachable_fraction' "$small" --format csv --schemes rand-place
[ "$(wc -l < out)" = 2 ] || fail 'one scheme should give one row'
[ -s err ] && fail "something on standard error in a pipe: $(head -c 300 err)"
if [ -e /dev/full ]; then
  "$program" --scenario scenario.json > /dev/full 2> err
  [ $? = 1 ] || fail 'a full disk should give exit code 1'
  [ "$(wc -l < err)" = 1 ] || fail 'a full disk should give one line'
fi
[ -z "$(find . -name '*.part')" ] || fail 'a temporary file stayed behind'

# The scenario of a report is the experiment: it gives the same report.
python3 - 2> /dev/null << 'PYTHON' && {
import json
json.dump(json.load(open("one.json"))["scenario"], open("again.json", "w"))
PYTHON
  expect 0 '' --scenario again.json --format json --out again.out
  cmp one.json again.out || fail 'the scenario of a report gives another report'
}

# A second implementation gets the same numbers, where there is a Python with SciPy.
for python in python3 /usr/bin/python3; do
  "$python" -c 'import scipy' 2> /dev/null || continue
  with 0 '' '{"time": {"slots": 30}, "repetitions": 1, "activation": {"zipf": 1},
              "links": {"survival_probability": 0.93, "hop_processing_s": 1e-4}}' \
    --format json --out exact.json
  "$python" "$recompute" exact.json || fail 'a second implementation gets other numbers'
  break
done

echo "latency_evaluator: $checks checks, $failures failures"
[ "$failures" = 0 ]
