#!/usr/bin/python3
"""Shortest delays by SciPy, igraph and networkx, on the graphs of routing --export.

    routing_peers.py FOLDER REPETITIONS    prints a JSON array, one object per task and peer

A graph of the links that are up is built beforehand and not timed. networkx, and the larger graphs,
get fewer sources: the time is per source.
"""
import json
import pathlib
import statistics
import sys
import time

import igraph
import networkx
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra


def scipy_peer(satellites, ends, hop_s):
    graph = csr_matrix((np.concatenate([hop_s, hop_s]),
                        (np.concatenate(ends), np.concatenate(ends[::-1]))),
                       shape=(satellites, satellites))
    return lambda sources: dijkstra(graph, indices=sources)


def igraph_peer(satellites, ends, hop_s):
    graph = igraph.Graph(satellites, list(zip(*(e.tolist() for e in ends))))
    weights = hop_s.tolist()
    return lambda sources: graph.distances(source=sources.tolist(), weights=weights)


def networkx_peer(satellites, ends, hop_s):
    graph = networkx.Graph()
    graph.add_nodes_from(range(satellites))
    graph.add_weighted_edges_from(zip(*(e.tolist() for e in ends), hop_s.tolist()))

    def delays_s(sources):
        return [networkx.single_source_dijkstra_path_length(graph, s) for s in sources.tolist()]

    return delays_s


def as_array(found, satellites):
    """What a peer gives, as sources × satellites."""
    if isinstance(found, list) and isinstance(found[0], dict):
        out = np.full((len(found), satellites), np.inf)
        for row, delays_s in zip(out, found):
            row[list(delays_s.keys())] = list(delays_s.values())
        return out
    return np.asarray(found)


PEERS = {"SciPy": (scipy_peer, 64), "igraph": (igraph_peer, 64), "networkx": (networkx_peer, 4)}


def measure(task, repetitions):
    sources = np.fromfile(task / "sources.f64").astype(int)
    shape = json.loads((task / "shape.json").read_text())
    links = np.fromfile(task / "links.f64").reshape(-1, 2 + shape["slots"])
    ours_s = np.fromfile(task / "delays.f64").reshape(shape["slots"], len(sources), -1)
    satellites = ours_s.shape[-1]
    for peer, (make, limit) in PEERS.items():
        if satellites > 10_000:
            if peer == "networkx":
                continue
            limit = 8
        some = slice(0, limit)
        slots = []
        for slot in range(shape["slots"]):
            up = np.isfinite(links[:, 2 + slot])
            ends = (links[up, 0].astype(int), links[up, 1].astype(int))
            slots.append(make(satellites, ends, links[up, 2 + slot]))
        difference_s, seconds = 0.0, []
        for _ in range(repetitions):
            start = time.perf_counter()
            found = [delays_s(sources[some]) for delays_s in slots]
            seconds.append(time.perf_counter() - start)
        for slot, of_slot in enumerate(found):
            delays_s = as_array(of_slot, satellites)
            same = delays_s == ours_s[slot, some]
            gap = np.abs(np.where(same, 0, delays_s) - np.where(same, 0, ours_s[slot, some]))
            difference_s = max(difference_s, float(gap.max()))
        count = len(slots) * len(sources[some])
        yield {"task": task.name, "peer": peer, "max_abs_difference_s": difference_s,
               "us_per_source": statistics.median(seconds) / count * 1e6}


if __name__ == "__main__":
    tasks = sorted(p for p in pathlib.Path(sys.argv[1]).iterdir() if p.is_dir())
    repetitions = int(sys.argv[2])
    print(json.dumps([row for task in tasks for row in measure(task, repetitions)], indent=1))
