#!/usr/bin/python3
"""How far the sweep is from the limits of the machine, as JSON.

    limits.py FOLDER    FOLDER with the programs limits, limits_valgrind and limits_coverage
"""
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def output(*command, **options):
    return subprocess.run(command, check=True, text=True, capture_output=True, **options)


def instructions(program, method):
    """Instructions between entry to and return from `counted_delays`, and what it did."""
    with tempfile.TemporaryDirectory() as scratch:
        run = output("valgrind", "--tool=callgrind", "--toggle-collect=*counted_delays*",
                     f"--callgrind-out-file={scratch}/out", program, "count", method)
    collected = int(re.search(r"Collected *: *(\d+)", run.stderr)[1])
    return collected, json.loads(run.stdout)


def executions(folder):
    """How often the sweep takes a hop and reads a satellite, with all lanes, by the compiler's own
    counters."""
    objects = folder / "CMakeFiles/limits_coverage.dir"
    for old in objects.glob("*.gcda"):
        old.unlink()
    did = json.loads(output(folder / "limits_coverage", "count", "sweep").stdout)
    with tempfile.TemporaryDirectory() as scratch:
        output("gcov", "--json-format", next(objects.resolve().glob("*.gcda")), cwd=scratch)
        report = json.loads(gzip.open(next(pathlib.Path(scratch).glob("*.gcov.json.gz"))).read())

    def count(name):
        return sum(function["execution_count"] for file in report["files"]
                   for function in file["functions"] if name in function["demangled_name"])

    return count("lane_delays::advance"), count("lane_delays::lane_delays"), did


def main():
    folder = pathlib.Path(sys.argv[1])
    result = {"stream_GB_s": json.loads(output(folder / "limits", "stream").stdout)}
    for method in ("sweep", "Boost.Graph"):
        count, did = instructions(folder / "limits_valgrind", method)
        result[f"instructions_per_edge_{method}"] = count / did["edges"] / did["sources"]
    hops, reads, did = executions(folder)
    result["relaxations_per_edge"] = hops / did["edges"]
    # A hop loads and stores where it leads; where it starts is in registers once it is read.
    result["bytes_per_source"] = (2 * hops + reads) * 8
    print(json.dumps(result))


if __name__ == "__main__":
    main()
