#!/usr/bin/python3
"""Puts what the benchmarks measured into one table and into results.json.

    table.py FOLDER    FOLDER with the output of the programs, as run.sh leaves it

Ends with an error if any peer gives other delays than ours.
"""
import collections
import json
import pathlib
import statistics
import sys

AGREE_S = 1e-9  # of the table; delays must be the same bits
ANY_CPU = ", any cpu"
folder = pathlib.Path(sys.argv[1])


def read(name):
    return json.loads((folder / name).read_text())


def google_benchmark(*names):
    """All repetitions of each benchmark: its name → [(milliseconds, counters)]."""
    runs = collections.defaultdict(list)
    for name in names:
        for run in read(name)["benchmarks"]:
            if run["run_type"] == "iteration":
                assert run["time_unit"] == "ms"
                runs[run["run_name"]].append((run["real_time"], run))
    return runs


def median_ms(runs):
    return statistics.median(ms for ms, _ in runs)


def row(benchmark, satellites, slots, sources, ours_us, peer, peer_us, difference_s):
    return {"benchmark": benchmark, "satellites": satellites, "slots": slots, "sources": sources,
            "ours_us_per_source": ours_us, "peer": peer, "peer_us_per_source": peer_us,
            "ratio": peer_us / ours_us, "max_abs_difference_s": difference_s}


def routing_rows():
    in_process = google_benchmark("routing-1.json", "routing-2.json")
    any_cpu = google_benchmark("routing-any-cpu.json")
    elsewhere = read("routing-peers.json")
    for name in sorted(in_process, key=lambda n: (in_process[n][0][1]["satellites"], n)):
        task, who = name.split("/")
        if who != "ours":
            continue
        counters = in_process[name][0][1]
        sizes = [int(counters[key]) for key in ("satellites", "slots", "sources")]
        count = sizes[1] * sizes[2]
        native_us = median_ms(in_process[name]) / count * 1e3
        any_cpu_us = median_ms(any_cpu[name]) / count * 1e3
        peers = [(peer, median_ms(in_process[f"{task}/{peer}"]) / count * 1e3,
                  in_process[f"{task}/{peer}"][0][1]["max_abs_difference_s"])
                 for peer in ("Boost.Graph", "LEMON")]
        peers += [(each["peer"], each["us_per_source"], each["max_abs_difference_s"])
                  for each in elsewhere if each["task"] == task]
        for build, ours_us in (("", native_us), (ANY_CPU, any_cpu_us)):
            for peer, peer_us, difference_s in peers:
                yield row(task + build, *sizes, ours_us, peer, peer_us, difference_s)


def published_table_rows():
    peers = [json.loads(line) for line in (folder / "table-peer.jsonl").read_text().splitlines()]
    peer_ms = statistics.median(each["seconds"] for each in peers) * 1e3
    difference_s = max(each["max_abs_difference_s"] for each in peers)
    # 61 plans of 32 layers, each with a gateway.
    sources = 61 * 32
    for build, pattern in (("", "table-[0-9].json"), (ANY_CPU, "table-any-cpu-[0-9].json")):
        files = [path.name for path in sorted(folder.glob(pattern))]
        ours_ms = median_ms(google_benchmark(*files)["published_table"])
        print(f"The published table{build}: ours {ours_ms:.0f} ms, NumPy and SciPy "
              f"{peer_ms / 1e3:.1f} s, ratio {peer_ms / ours_ms:.0f}")
        count = 200 * sources
        yield row("published table" + build, 1056, 200, sources, ours_ms / count * 1e3,
                  "NumPy/SciPy", peer_ms / count * 1e3, difference_s)


def print_growth(rows):
    us = {each["benchmark"]: each["ours_us_per_source"] / each["satellites"] for each in rows}
    small, large = us["grid 33x32, gateways"], us["grid 200x150, gateways"]
    print(f"\nTime per source and satellite: {small * 1e3:.3f} ns at 1,056, {large * 1e3:.3f} ns at "
          f"30,000 satellites, growth {large / small:.2f}")


def print_large_sky():
    large = read("large-sky.json")
    print(f"30,000 satellites × 61 layers × 256 experts, top-8, 200 slots, one core: "
          f"{large['large_seconds']:.2f} s, peak memory {large['peak_MiB']:.0f} MiB")
    print(f"  the published experiment: {large['small_seconds'] * 1e3:.0f} ms; ratio to its linear "
          f"extrapolation in satellites × layers {large['ratio_to_linear']:.2f}")


def print_layouts():
    """Means beside Space-XNet's, on the outages of the plan and on others."""
    if not (folder / "layouts.jsonl").exists():
        return
    cases = [json.loads(line) for line in (folder / "layouts.jsonl").read_text().splitlines()]
    print(f"\nLayouts, {cases[0]['search_seconds']:.0f} s of search on one core (twice as long for "
          f"huge); in brackets on outages that they were not made for\n"
          f"{'case':<14}{'space-xnet s':>13}{'ring-optimal':>22}{'layout-search':>22}"
          f"{'lower bound s':>15}{'gap':>8}")
    for case in cases:
        if case["case"] == "trace":
            continue
        ratios = [f"{scheme['ratio']:.4f} ({scheme['held_out_ratio']:.4f})" if scheme else ""
                  for scheme in map(case.get, ("space-xnet-ring-optimal", "layout-search"))]
        bound = (f"{case['lower_bound_s']:>15.4f}{100 * case['gap']:>6.1f} %"
                 if "gap" in case else "")
        print(f"{case['case']:<14}{case['space-xnet']['mean_s']:>13.4f}{ratios[0]:>22}"
              f"{ratios[1]:>22}{bound}")
    for case in cases:
        if case["case"] == "trace":
            print("Plans from one half of real tokens, judged on the other, beside Space-XNet: " +
                  ", ".join(f"{name} {value['ratio']:.4f}" for name, value in case.items()
                            if isinstance(value, dict)))


def print_limits(rows):
    if not (folder / "limits.json").exists():
        return
    limits = read("limits.json")
    ours = next(each for each in rows if each["benchmark"] == "grid 33x32, gateways")
    reached = limits["bytes_per_source"] / ours["ours_us_per_source"] / 1e3
    stream = limits["stream_GB_s"]
    print(f"Each directed link is taken {limits['relaxations_per_edge']:.2f} times")
    print(f"Instructions per directed link and source, 256-bit vectors: "
          f"{limits['instructions_per_edge_sweep']:.2f}; Boost.Graph "
          f"{limits['instructions_per_edge_Boost.Graph']:.1f}")
    print(f"Loads and stores of delays at 1,056 satellites: {reached:.0f} GB/s; the same operations "
          f"on plain blocks: " + ", ".join(f"{k} {v:.0f}" for k, v in stream.items()) + " GB/s")
    print(f"  that is {100 * reached / stream['L2']:.0f} % of what they reach in the L2 cache, "
          f"{100 * reached / stream['memory']:.0f} % of that in memory")


def print_table(rows):
    """One line per task and peer; the build for any cpu beside that for this one."""
    any_cpu = {(r["benchmark"].removesuffix(ANY_CPU), r["peer"]): r for r in rows
               if r["benchmark"].endswith(ANY_CPU)}
    print(f"{'':28}{'':>8}{'ours':>10}{'any cpu':>10}{'':>15}{'peer':>10}{'ratio':>8}"
          f"{'any cpu':>9}{'difference':>12}")
    print(f"{'task':<28}{'sources':>8}{'µs/source':>10}{'µs/source':>10}{'':>15}{'µs/source':>10}"
          f"{'':>8}{'':>9}{'s':>12}")
    for r in rows:
        plain = any_cpu.get((r["benchmark"], r["peer"]))
        if plain is None:
            continue
        print(f"{r['benchmark']:<28}{r['sources'] * r['slots']:>8}{r['ours_us_per_source']:>10.3f}"
              f"{plain['ours_us_per_source']:>10.3f}   {r['peer']:<12}"
              f"{r['peer_us_per_source']:>10.1f}{r['ratio']:>8.0f}{plain['ratio']:>9.0f}"
              f"{r['max_abs_difference_s']:>12.0e}")


def main():
    rows = [*routing_rows(), *published_table_rows()]
    print_table(rows)
    print_growth(rows)
    print_large_sky()
    print_limits(rows)
    print_layouts()
    temporary = folder.parent / "results.json.part"
    temporary.write_text(json.dumps(rows, indent=1) + "\n")
    temporary.rename(folder.parent / "results.json")
    print(f"\nWritten to {folder.parent / 'results.json'}")
    wrong = [r for r in rows if not r["max_abs_difference_s"] <=
             (AGREE_S if r["benchmark"].startswith("published table") else 0)]
    for r in wrong:
        print(f"{r['benchmark']}: {r['peer']} differs by {r['max_abs_difference_s']} s",
              file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
