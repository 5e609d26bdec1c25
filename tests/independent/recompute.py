#!/usr/bin/env python3
"""A second implementation of the model, in NumPy and SciPy, that shares no code with the library.

Reads a report of latency_evaluator (format json, one repetition), computes the sky, the links, the
outages, the plan of Space-XNet and the exact mean of every scheme's placement from the scenario
alone, and compares. Usage: recompute.py REPORT. Exit code 77 where SciPy is missing.
"""
import itertools
import json
import sys

try:
    import numpy as np
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

MU_KM3_S2, RADIUS_KM, LIGHT_KM_S = 398600.4418, 6371.0, 299792.458
MASK = 2**64 - 1


def mt19937_64(seed):
    """The generator of Matsumoto and Nishimura (2004), 64 bits, as uniform numbers in [0, 1)."""
    state = [seed]
    for i in range(1, 312):
        state.append((6364136223846793005 * (state[-1] ^ (state[-1] >> 62)) + i) & MASK)
    while True:
        for i in range(312):
            x = (state[i] & 0xFFFFFFFF80000000) | (state[(i + 1) % 312] & 0x7FFFFFFF)
            state[i] = state[(i + 156) % 312] ^ (x >> 1) ^ (0xB5026F5AA96619E9 if x & 1 else 0)
        for x in state:
            x ^= (x >> 29) & 0x5555555555555555
            x ^= (x << 17) & 0x71D67FFFEDA60000
            x ^= (x << 37) & 0xFFF7EEE000000000
            x &= MASK
            yield (x ^ (x >> 43)) / 2.0**64


def stream(seed, purpose, i):
    def mix(z):
        z = (z + 0x9E3779B97F4A7C15) & MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    name = 0xCBF29CE484222325
    for byte in purpose.encode():
        name = ((name ^ byte) * 0x100000001B3) & MASK
    return mt19937_64(mix(mix(mix(mix(seed) ^ name) ^ i)))


class Network:
    """Shortest delays of every slot: MODEL 1 to 3."""

    def __init__(self, scenario):
        sky, links, time = scenario["constellation"], scenario["links"], scenario["time"]
        self.planes, self.per_plane = sky["planes"], sky["satellites_per_plane"]
        self.size, self.slots = self.planes * self.per_plane, time["slots"]
        self.sky, self.rules, self.span_s = sky, links, time["span_s"]
        self.seed = scenario["seed"]
        self.overhead_s = (scenario["model"]["token_bytes"] * 8 / (links["rate_gbps"] * 1e9)
                           + links["hop_processing_s"])
        pairs = set()
        for p, s in itertools.product(range(self.planes), range(self.per_plane)):
            here = p * self.per_plane + s
            others = [p * self.per_plane + (s + 1) % self.per_plane]
            if p + 1 < self.planes:
                others.append(here + self.per_plane)
            elif links["seam"]:
                others.append((s + sky["phasing"]) % self.per_plane)
            pairs |= {(min(here, o), max(here, o)) for o in others if o != here}
        self.pairs = np.array(sorted(pairs))

    def state_vector(self, t):
        a = RADIUS_KM + self.sky["altitude_km"]
        n = np.sqrt(MU_KM3_S2 / a**3)
        plane, slot = np.divmod(np.arange(self.size), self.per_plane)
        raan = np.radians(self.sky["raan_spread_deg"]) * plane / self.planes
        u = 2 * np.pi * (slot / self.per_plane
                         + self.sky["phasing"] * plane / (self.planes * self.per_plane)) + n * t
        tilt = np.radians(self.sky["inclination_deg"])

        def rotated(x, y):
            return np.stack([np.cos(raan) * x - np.sin(raan) * y * np.cos(tilt),
                             np.sin(raan) * x + np.cos(raan) * y * np.cos(tilt),
                             y * np.sin(tilt)], axis=1)

        return a * rotated(np.cos(u), np.sin(u)), a * n * rotated(-np.sin(u), np.cos(u))

    def graph(self, slot):
        r, v = self.state_vector(slot * self.span_s / self.slots)
        a, b = self.pairs.T
        dr, dv = r[b] - r[a], v[b] - v[a]
        length = np.linalg.norm(dr, axis=1)
        rate = np.linalg.norm(np.cross(dr, dv), axis=1) / length**2
        along = np.clip(-np.einsum("ij,ij->i", r[a], dr) / length**2, 0, 1)
        grazing = np.linalg.norm(r[a] + along[:, None] * dr, axis=1) - RADIUS_KM
        draws = np.fromiter(stream(self.seed, "outages", slot), float, len(self.pairs))
        up = ((draws < self.rules["survival_probability"])
              & (rate < self.rules["max_angular_rate_rad_s"])
              & (grazing >= self.rules["min_grazing_altitude_km"]))
        if self.rules["max_range_km"] is not None:
            up &= length <= self.rules["max_range_km"]
        weight = length / LIGHT_KM_S + self.overhead_s
        return csr_matrix((weight[up], (a[up], b[up])), shape=(self.size, self.size))

    def delays_s(self, sources):
        """slots x sources x satellites"""
        return np.stack([dijkstra(self.graph(k), directed=False, indices=sources)
                         for k in range(self.slots)])


def subnets_of(scenario):
    layers, slots = scenario["model"]["layers"], scenario["constellation"]["satellites_per_plane"]
    assert layers <= slots, "bands are not recomputed here"
    ids = np.arange(scenario["constellation"]["planes"] * slots)
    return [ids[(ids % slots) * layers // slots == layer] for layer in range(layers)]


def space_xnet(scenario, net, weights):
    """Central gateways, then the heaviest expert on the lowest expected path latency."""
    subnets, gateways = subnets_of(scenario), []
    for members in subnets:
        planes, slots = np.unique(members // net.per_plane), np.unique(members % net.per_plane)
        gateways.append(int(planes[len(planes) // 2] * net.per_plane + slots[len(slots) // 2]))
    delays = net.delays_s(gateways)
    experts = []
    for layer, members in enumerate(subnets):
        path = delays[:, layer] + delays[:, (layer + 1) % len(subnets)]
        finite = np.isfinite(path)
        with np.errstate(invalid="ignore"):
            tau = np.where(finite, path, 0).sum(axis=0) / finite.sum(axis=0)
        hosts = sorted((v for v in members if v != gateways[layer]), key=lambda v: (tau[v], v))
        heaviest = sorted(range(len(weights[layer])), key=lambda e: (-weights[layer][e], e))
        row = [0] * len(heaviest)
        for expert, host in zip(heaviest, hosts):
            row[expert] = int(host)
        experts.append(row)
    return {"gateways": gateways, "experts": experts}


def set_probabilities(weights, k):
    """Probability of each set of k experts drawn successively, by all orders of drawing."""
    law = {}
    for order in itertools.permutations([e for e, w in enumerate(weights) if w > 0], k):
        left, p = sum(weights), 1.0
        for e in order:
            p *= weights[e] / left
            left -= weights[e]
        law[frozenset(order)] = law.get(frozenset(order), 0) + p
    return law


def mean_latency_s(scenario, net, weights, plan):
    model, compute = scenario["model"], scenario["compute"]
    fixed_s = (model["expert_flops"]
               + (model["gateway_flops"] if compute["count_gateway"] else 0)) / compute["flops_per_s"]
    delays = net.delays_s(plan["gateways"])
    total = np.zeros(net.slots)
    for layer, hosts in enumerate(plan["experts"]):
        path = delays[:, layer, hosts] + delays[:, (layer + 1) % len(plan["gateways"]), hosts]
        used = [e for e, w in enumerate(weights[layer]) if w > 0]
        total[~np.isfinite(path[:, used]).all(axis=1)] = np.inf
        total += fixed_s
        for chosen, p in set_probabilities(weights[layer], model["top_k"]).items():
            total += p * path[:, sorted(chosen)].max(axis=1)
    reachable = np.isfinite(total)
    return total[reachable].mean(), 1 - reachable.mean()


def main():
    with open(sys.argv[1]) as file:
        report = json.load(file)
    scenario = report["scenario"]
    assert scenario["repetitions"] == 1 and scenario["activation"]["sampling"] == "successive"
    weights, net = scenario["activation"]["matrix"], Network(scenario)
    worst = 0.0
    for scheme in report["schemes"]:
        if scheme["name"] == "space-xnet":
            assert space_xnet(scenario, net, weights) == scheme["placement"], "other placement"
        mean_s, unreachable = mean_latency_s(scenario, net, weights, scheme["placement"])
        difference = abs(mean_s / scheme["token_latency_s"]["mean"] - 1)
        print(f"{scheme['name']:16} {mean_s:.12f} s, relative difference {difference:.1e}")
        assert abs(unreachable - scheme["unreachable_fraction"]) < 1e-12, "other unreachable slots"
        worst = max(worst, difference)
    assert worst < 1e-9, f"relative difference {worst}"


main()
