#!/usr/bin/env python3
"""Reads the files that the library writes for other tools, as those tools do.

Usage: readers.py FOLDER. Checks what is there of
  graph.graphml, graph.json   networkx reads both, and they agree in every attribute
  delays.json                 [{"from": a, "delay_s": [to satellite 0, 1, … or null]}, …]: shortest
                              delays, which networkx must find in the graph
  distances.csv               agrees with the graph in its slot
  sky.czml                    fits czml.schema.json; ids, references, times and samples fit together
  expert_map.json, plan.json  vllm-ascend's reader, in NumPy, finds the experts where the plan (an
                              object of gateways and experts) has them
Exit code 77 where networkx, jsonschema or NumPy is missing; 1 where a check fails.
"""
import csv
import json
import math
import sys
from datetime import datetime
from pathlib import Path

try:
    import jsonschema
    import networkx as nx
    import numpy as np
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

LIGHT_KM_S = 299792.458


def check(ok, message):
    if not ok:
        print(f"failed: {message}")
        sys.exit(1)


def load(path):
    """JSON without what only Python takes: NaN, infinities, keys twice."""

    def constant(name):
        check(False, f"{path.name} has {name}")

    def pairs(members):
        check(len(dict(members)) == len(members), f"{path.name} has a key twice")
        return dict(members)

    return json.loads(path.read_text("utf-8"), parse_constant=constant, object_pairs_hook=pairs)


def node_link(data):
    try:
        return nx.node_link_graph(data, edges="links")  # from version 3.4
    except TypeError:
        return nx.node_link_graph(data)


def edges(graph):
    """(source, target, key, attributes) of each edge, the ends in order."""
    keyed = graph.edges(keys=True, data=True) if graph.is_multigraph() else (
        (a, b, None, data) for a, b, data in graph.edges(data=True))
    return sorted((min(a, b), max(a, b), key, sorted(data.items())) for a, b, key, data in keyed)


def check_graph(folder):
    data = load(folder / "graph.json")
    graph = node_link(data)
    other = nx.read_graphml(folder / "graph.graphml", node_type=int)
    for default in ("node_default", "edge_default"):
        check(other.graph.pop(default) == {}, f"GraphML has {default}")
    check(graph.is_multigraph() == other.is_multigraph(), "one graph only is a multigraph")
    check(not graph.is_directed() and not other.is_directed(), "a graph is directed")
    check(graph.graph == other.graph, f"graphs say {graph.graph} and {other.graph}")
    check(dict(graph.nodes(data=True)) == dict(other.nodes(data=True)), "nodes differ")
    check(sorted(graph) == list(range(len(graph))), "nodes are not 0, 1, …")
    check(edges(graph) == edges(other), "edges differ")
    check(graph.number_of_edges() == len(data["links"]), "edges went astray")
    nodes = dict(graph.nodes(data=True))
    for a, b, _, attributes in edges(graph):
        edge = dict(attributes)
        check(math.isclose(edge["length_km"], edge["delay_s"] * LIGHT_KM_S), "length is no delay")
        if "x_km" in nodes[a]:
            ends = [np.array([nodes[n][x] for x in ("x_km", "y_km", "z_km")]) for n in (a, b)]
            check(math.isclose(np.linalg.norm(ends[1] - ends[0]), edge["length_km"], rel_tol=1e-9),
                  f"edge {a}-{b} is not as long as its ends are apart")
    return graph


def check_delays(folder, graph):
    for row in load(folder / "delays.json"):
        found = nx.single_source_dijkstra_path_length(graph, row["from"], weight="delay_s")
        for to, delay_s in enumerate(row["delay_s"]):
            if delay_s is None:
                check(to not in found, f"networkx has a way from {row['from']} to {to}")
            else:
                check(to in found and math.isclose(found[to], delay_s, rel_tol=1e-12, abs_tol=1e-15),
                      f"from {row['from']} to {to}: {found.get(to)} s, not {delay_s} s")


def check_distances(folder, graph):
    up = []
    with open(folder / "distances.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            check((row["up"] == "1") == math.isfinite(float(row["delay_s"])), f"{row}")
            if int(row["slot"]) == graph.graph["slot"] and row["up"] == "1":
                check(float(row["time_s"]) == graph.graph["time_s"], f"time of {row}")
                a, b = int(row["a"]), int(row["b"])
                up.append((min(a, b), max(a, b), float(row["length_km"]), float(row["delay_s"])))
    there = [(a, b, dict(data)["length_km"], dict(data)["delay_s"]) for a, b, _, data in edges(graph)]
    check(sorted(up) == sorted(there), "distances.csv and the graph differ")


def instants(interval):
    return [datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ") for text in interval.split("/")]


def check_czml(folder):
    packets = load(folder / "sky.czml")
    schema = load(Path(__file__).with_name("czml.schema.json"))
    jsonschema.Draft7Validator.check_schema(schema)
    # One packet at a time, since the validator is slow to say where a long array fails.
    validator = jsonschema.Draft7Validator(schema)
    for i, packet in enumerate(packets):
        error = jsonschema.exceptions.best_match(
            validator.iter_errors([packet] if i == 0 else [packets[0], packet]))
        check(error is None, error and f"packet {packet.get('id')}: {error.message[:300]}")
    ids = [packet["id"] for packet in packets]
    check(len(set(ids)) == len(ids), "a packet's id stands twice")
    clock = packets[0]["clock"]["interval"]
    start, stop = instants(clock)
    check(start < stop, "the clock does not run")
    for i, packet in enumerate(packets[1:], 1):
        check(packet.get("availability", clock) == clock, "availability is not the clock's interval")
        check("parent" not in packet or packet["parent"] in ids[:i], "a parent comes after its children")
        if "position" in packet:
            check_samples(packet, (stop - start).total_seconds())
        if "polyline" in packet:
            for reference in packet["polyline"]["positions"]["references"]:
                check(reference.removesuffix("#position") in ids[:i], f"{reference} is not there")
            check_show(packet, start, stop)


def check_samples(packet, span_s):
    table = np.array(packet["position"]["cartesian"])
    check(table.size % 4 == 0, "samples are not t, x, y, z")
    times = table[::4]
    check(times[0] == 0 and np.all(np.diff(times) > 0) and times[-1] >= span_s,
          f"samples of {packet['id']} do not cover the clock")
    radius_m = np.linalg.norm(table.reshape(-1, 4)[:, 1:], axis=1)
    check(np.all((radius_m > 6.4e6) & (radius_m < 1e9)), f"{packet['id']} is not round the Earth")


def check_show(packet, start, stop):
    show = packet["polyline"]["show"]
    if isinstance(show, bool):
        return
    last, shown = start, None
    for part in show:
        begin, end = instants(part["interval"])
        check(begin == last and end > begin, f"intervals of {packet['id']} have gaps")
        check(part["boolean"] is not shown, f"intervals of {packet['id']} are not runs")
        last, shown = end, part["boolean"]
    check(last == stop, f"intervals of {packet['id']} end early")


def check_expert_map(folder):
    """As vllm-ascend: one tensor of all lists; keys that it does not ask for are not looked at."""
    data, plan = load(folder / "expert_map.json"), load(folder / "plan.json")
    layers, devices = data["moe_layer_count"], data["layer_list"][0]["device_count"]
    table = np.array([[device["device_expert"] for device in layer["device_list"]]
                      for layer in data["layer_list"]], dtype=np.int32)  # fails where uneven
    check(table.ndim == 3 and table.shape[:2] == (layers, devices), f"a table of {table.shape}")
    experts = len(plan["experts"][0])
    local = np.full((layers, devices, experts), -1)
    for l in range(layers):
        for d in range(devices):
            local[l, d, table[l, d]] = np.arange(table.shape[2])
    check(np.all((local >= 0).sum(axis=1) == 1), "an expert is not on one device")
    check(table.shape[1] * table.shape[2] == experts, "there are redundant experts")
    own = data["orbitmoe"]
    for l in range(layers):
        hosts = [own["satellites"][l][d] for d in (local[l] >= 0).argmax(axis=0)]
        check(hosts == plan["experts"][l], f"layer {l}: {hosts}, not {plan['experts'][l]}")
    check(own.get("gateways", []) == plan["gateways"], "gateways differ")


def main(folder):
    done = []
    if (folder / "graph.json").exists():
        graph = check_graph(folder)
        done.append(f"graph of {len(graph)} nodes and {graph.number_of_edges()} edges")
        for name, run in (("delays.json", check_delays), ("distances.csv", check_distances)):
            if (folder / name).exists():
                run(folder, graph)
                done.append(name)
    for name, run in (("sky.czml", check_czml), ("expert_map.json", check_expert_map)):
        if (folder / name).exists():
            run(folder)
            done.append(name)
    check(done, f"{folder} has none of the files")
    print("agree: " + ", ".join(done))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
