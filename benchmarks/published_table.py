#!/usr/bin/python3
"""The whole published table with NumPy and SciPy: network, Space-XNet's plan, exact means.

    published_table.py FOLDER    FOLDER as written by published_table --export

Arrays wherever NumPy has an operation for all slots or all plans at once; one call of
scipy.sparse.csgraph.dijkstra per slot, for every gateway of every scheme. Reading files, the random
draws and imports are not timed. Prints {"seconds": ..., "max_abs_difference_s": ...}.
"""
import json
import pathlib
import sys
import time

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

PLANES, PER_PLANE, SLOTS, LAYERS, EXPERTS = 33, 32, 200, 32, 8
EARTH_KM, MU, LIGHT_KM_S = 6371.0, 398600.4418, 299792.458
ALTITUDE_KM, INCLINATION, PHASING = 550, np.radians(87), 17
MAX_RATE_RAD_S, GRAZING_KM = 0.12, 80
MESSAGE_S = 4096 * 2 * 8 / 100e9
COMPUTE_S = 2 * 3 * 4096 * 1376 / 7.28e9


def plus_grid():
    plane, slot = np.divmod(np.arange(PLANES * PER_PLANE), PER_PLANE)
    here = plane * PER_PLANE + slot
    along = np.stack([here, plane * PER_PLANE + (slot + 1) % PER_PLANE], axis=1)
    across = np.stack([here, here + PER_PLANE], axis=1)[plane < PLANES - 1]
    links = np.sort(np.concatenate([along, across]), axis=1)
    return links[np.lexsort((links[:, 1], links[:, 0]))].T


def hop_delays_s(a, b):
    """Slots × links, infinite where a link is not feasible."""
    radius = EARTH_KM + ALTITUDE_KM
    motion = np.sqrt(MU / radius**3)
    plane, slot = np.divmod(np.arange(PLANES * PER_PLANE), PER_PLANE)
    raan = 2 * np.pi * plane / PLANES
    start = 2 * np.pi * (slot / PER_PLANE + PHASING * plane / (PLANES * PER_PLANE))
    u = start + 2 * np.pi * np.arange(SLOTS)[:, None] / SLOTS

    def in_plane(x, y):
        return np.stack([np.cos(raan) * x - np.sin(raan) * y * np.cos(INCLINATION),
                         np.sin(raan) * x + np.cos(raan) * y * np.cos(INCLINATION),
                         y * np.sin(INCLINATION)], axis=-1)

    position = in_plane(radius * np.cos(u), radius * np.sin(u))
    velocity = in_plane(-radius * motion * np.sin(u), radius * motion * np.cos(u))
    ends = position[:, a]
    way = position[:, b] - ends
    square = np.sum(way**2, axis=-1)
    rate = np.linalg.norm(np.cross(way, velocity[:, b] - velocity[:, a]), axis=-1) / square
    nearest = np.clip(-np.sum(ends * way, axis=-1) / square, 0, 1)
    height = np.linalg.norm(ends + nearest[..., None] * way, axis=-1)
    feasible = (rate < MAX_RATE_RAD_S) & (height >= EARTH_KM + GRAZING_KM)
    return np.where(feasible, np.sqrt(square) / LIGHT_KM_S + MESSAGE_S, np.inf)


def mean_slowest_s(path_s, weights):
    """Plans × slots × layers: the slower of two experts drawn successively, in the mean."""
    order = np.argsort(path_s, axis=-1)
    path_s = np.take_along_axis(path_s, order, axis=-1)
    w = np.take_along_axis(np.broadcast_to(weights, path_s.shape), order, axis=-1)
    c = w / (1 - w)
    return np.sum(path_s * (w * (np.cumsum(c, axis=-1) - c) + c * (np.cumsum(w, axis=-1) - w)),
                  axis=-1)


def table_s(survives, weights, gateways, experts):
    """Means of Space-XNet and of the random schemes, from 20 plans for each of the latter."""
    a, b = plus_grid()
    delays_s = np.where(survives, hop_delays_s(a, b), np.inf)
    satellites = PLANES * PER_PLANE
    central = PLANES // 2 * PER_PLANE + np.arange(LAYERS)
    sources = np.unique(np.concatenate([central, gateways.ravel()]))
    row = np.zeros(satellites, dtype=int)
    row[sources] = np.arange(len(sources))
    hosts = np.array([[p * PER_PLANE + l for p in range(PLANES) if p != PLANES // 2]
                      for l in range(LAYERS)])

    def over(d, gateways, experts):
        here, there = row[gateways], row[np.roll(gateways, -1, axis=-1)]
        return d[here[..., None], experts] + d[there[..., None], experts]

    subnet_s = np.empty((SLOTS, LAYERS, PLANES - 1))
    random_s = np.empty((len(gateways), SLOTS, LAYERS, EXPERTS))
    for k in range(SLOTS):
        up = np.isfinite(delays_s[k])
        ends, hop_s = (a[up], b[up]), delays_s[k, up]
        graph = csr_matrix((np.concatenate([hop_s, hop_s]),
                            (np.concatenate(ends), np.concatenate(ends[::-1]))),
                           shape=(satellites, satellites))
        d = dijkstra(graph, indices=sources)
        subnet_s[k] = over(d, central, hosts)
        random_s[:, k] = over(d, gateways, experts)

    finite = np.isfinite(subnet_s)
    tau_s = np.sum(np.where(finite, subnet_s, 0), axis=0) / np.sum(finite, axis=0)
    place = np.empty((LAYERS, EXPERTS), dtype=int)
    for l in range(LAYERS):
        place[l, np.argsort(-weights[l], kind="stable")] = np.argsort(tau_s[l])[:EXPERTS]
    ours_s = np.take_along_axis(subnet_s, place[None], axis=-1)

    token_s = []
    for path_s in (ours_s[None], random_s):
        reachable = np.isfinite(path_s).all(axis=(2, 3))
        layer_s = mean_slowest_s(np.where(reachable[..., None, None], path_s, 0), weights)
        slot_s = np.sum(layer_s, axis=-1) + LAYERS * COMPUTE_S
        token_s.append(np.sum(slot_s * reachable, axis=1) / np.sum(reachable, axis=1))
    return np.concatenate([token_s[0], token_s[1].reshape(3, -1).mean(axis=1)])


def main():
    folder = pathlib.Path(sys.argv[1])
    read = lambda name, *shape: np.fromfile(folder / f"{name}.f64").reshape(shape)
    survives = read("survives", SLOTS, -1) > 0
    weights = read("activation", LAYERS, EXPERTS)
    gateways = read("gateways", -1, LAYERS).astype(int)
    experts = read("experts", -1, LAYERS, EXPERTS).astype(int)
    start = time.perf_counter()
    means_s = table_s(survives, weights, gateways, experts)
    seconds = time.perf_counter() - start
    difference_s = float(np.max(np.abs(means_s - read("means", -1))))
    print(json.dumps({"seconds": seconds, "max_abs_difference_s": difference_s,
                      "means_s": means_s.tolist()}))


if __name__ == "__main__":
    main()
