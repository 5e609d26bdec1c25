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
    """Instructions between entry to and return from the function `counted`, and what it did."""
    with tempfile.TemporaryDirectory() as scratch:
        run = output("valgrind", "--tool=callgrind", "--toggle-collect=*counted*",
                     f"--callgrind-out-file={scratch}/out", program, "count", method)
    collected = int(re.search(r"Collected *: *(\d+)", run.stderr)[1])
    return collected, json.loads(run.stdout)


def relaxations(folder):
    """How often the sweep takes a hop with all its lanes, by the compiler's own counters."""
    objects = folder / "CMakeFiles/limits_coverage.dir"
    for old in objects.glob("*.gcda"):
        old.unlink()
    did = json.loads(output(folder / "limits_coverage", "count", "sweep").stdout)
    with tempfile.TemporaryDirectory() as scratch:
        output("gcov", "--json-format", next(objects.resolve().glob("*.gcda")), cwd=scratch)
        report = json.loads(gzip.open(next(pathlib.Path(scratch).glob("*.gcov.json.gz"))).read())
    counts = [function["execution_count"] for file in report["files"]
              for function in file["functions"]
              if re.search(r"lane_delays::advance", function["demangled_name"])]
    return sum(counts), did


def main():
    folder = pathlib.Path(sys.argv[1])
    result = {"stream_GB_s": json.loads(output(folder / "limits", "stream").stdout)}
    for method in ("sweep", "Boost.Graph"):
        count, did = instructions(folder / "limits_valgrind", method)
        result[f"instructions_per_edge_{method}"] = count / did["edges"] / did["sources"]
    hops, did = relaxations(folder)
    result["relaxations_per_edge"] = hops / did["edges"]
    result["bytes_per_source"] = hops * 3 * 8  # two loads and a store of one lane each
    print(json.dumps(result))


if __name__ == "__main__":
    main()
