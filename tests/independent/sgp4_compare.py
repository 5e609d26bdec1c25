#!/usr/bin/env python3
"""How far secular_j2 is from SGP4, with its own secular J2 in NumPy and SGP4 of python3-sgp4.

Usage: sgp4_compare.py TLE_FILE...             errors of positions, and of delays of neighbours
       sgp4_compare.py --golden TLE_FILE...    the numbers of tests/support/sgp4_golden.hpp
Exit code 77 where NumPy or sgp4 is missing.
"""
import sys

try:
    import numpy as np
    from sgp4.api import Satrec
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

MU_KM3_S2, RADIUS_KM, J2, LIGHT_KM_S = 398600.8, 6378.135, 0.001082616, 299792.458
HOURS = (0, 6, 24)


def read(path):
    """(name, line 1, line 2) of each element set of a three-line file."""
    lines = [line.rstrip() for line in open(path) if line.strip()]
    return [tuple(lines[i : i + 3]) for i in range(0, len(lines), 3)]


class SecularJ2:
    """Position [km] and velocity [km/s] of mean elements with the secular rates of J2."""

    def __init__(self, sat):
        self.i, self.node, self.perigee = sat.inclo, sat.nodeo, sat.argpo
        self.e, self.m = sat.ecco, sat.mo
        cos2, beta2 = np.cos(self.i) ** 2, 1 - self.e**2
        kozai = sat.no_kozai / 60  # [rad/s]
        a1 = (MU_KM3_S2 / kozai**2) ** (1 / 3) / RADIUS_KM
        shape = 0.75 * J2 * (3 * cos2 - 1) / beta2**1.5
        d1 = shape / a1**2
        a0 = a1 * (1 - d1 / 3 - d1**2 - 134 / 81 * d1**3)
        n = kozai / (1 + shape / a0**2)
        self.a = (MU_KM3_S2 / n**2) ** (1 / 3)
        rate = 1.5 * J2 * (RADIUS_KM / (self.a * beta2)) ** 2 * n
        self.node_rate = -rate * np.cos(self.i)
        self.perigee_rate = rate * (2 - 2.5 * (1 - cos2))
        self.m_rate = n + rate * np.sqrt(beta2) * (1 - 1.5 * (1 - cos2))

    def position(self, t):
        m = self.m + self.m_rate * t
        anomaly = m
        for _ in range(50):
            anomaly = m + self.e * np.sin(anomaly)
        true = np.arctan2(np.sqrt(1 - self.e**2) * np.sin(anomaly), np.cos(anomaly) - self.e)
        r = self.a * (1 - self.e * np.cos(anomaly))
        u = true + self.perigee + self.perigee_rate * t
        node = self.node + self.node_rate * t
        return r * np.array([np.cos(node) * np.cos(u) - np.sin(node) * np.sin(u) * np.cos(self.i),
                             np.sin(node) * np.cos(u) + np.cos(node) * np.sin(u) * np.cos(self.i),
                             np.sin(u) * np.sin(self.i)])


def sgp4(sat, t):
    """Position [km] and velocity [km/s] t seconds after the epoch; NaN where SGP4 gives up."""
    error, r, v = sat.sgp4_tsince(t / 60)
    return (np.array(r), np.array(v)) if error == 0 else (np.full(3, np.nan), np.full(3, np.nan))


def spread(values):
    values = np.asarray(values)
    values = values[np.isfinite(values)]
    return " ".join(f"{np.percentile(values, p):9.3f}" for p in (50, 90, 99, 100))


def neighbours(r, v):
    """The four nearest satellites of each that move alike and are over 100 km away."""
    normal = np.cross(r, v)
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    pairs = set()
    for i in range(len(r)):
        away = np.linalg.norm(r - r[i], axis=1)
        away[(normal @ normal[i] < np.cos(np.radians(30))) | (away < 100) | np.isnan(away)] = np.inf
        pairs |= {tuple(sorted((i, int(j)))) for j in np.argsort(away)[:4] if away[j] < 5500}
    return np.array(sorted(pairs))


def compare(path):
    sats = [Satrec.twoline2rv(one, two) for _, one, two in read(path)]
    ours = [SecularJ2(sat) for sat in sats]
    print(f"{path}: {len(sats)} satellites, percentiles 50, 90, 99 and 100")
    for h in HOURS:
        errors = [np.linalg.norm(o.position(3600 * h) - sgp4(s, 3600 * h)[0])
                  for s, o in zip(sats, ours)]
        print(f"  position {h:2} h after each epoch [km]       {spread(errors)}")
    start = max(s.jdsatepoch + s.jdsatepochF for s in sats)
    ages = [((start - s.jdsatepoch) - s.jdsatepochF) * 86400 for s in sats]
    pairs = None
    for h in HOURS:
        states = [sgp4(s, age + 3600 * h) for s, age in zip(sats, ages)]
        r, v = (np.array([state[k] for state in states]) for k in (0, 1))
        mine = np.array([o.position(age + 3600 * h) for o, age in zip(ours, ages)])
        if pairs is None:
            pairs = neighbours(r, v)
        a, b = pairs.T
        delays = [np.linalg.norm(x[a] - x[b], axis=1) / LIGHT_KM_S for x in (r, mine)]
        print(f"  delay {h:2} h after the latest epoch [us]    "
              f"{spread(1e6 * np.abs(delays[1] - delays[0]))}   mean delay "
              f"{1e6 * np.nanmean(delays[0]):.0f} us, its error "
              f"{1e6 * np.nanmean(delays[1] - delays[0]):+.2f} us, {len(pairs)} pairs")


def golden(paths):
    """Element sets spread over the files, with positions and velocities by SGP4."""
    chosen = [sets[i] for sets in map(read, paths)
              for i in np.linspace(0, len(sets) - 1, 7).astype(int)]
    print("inline constexpr const char* sgp4_sets =")
    for record in chosen:
        for line in record:
            print(f'    "{line}\\n"')
    print("    ;")
    print("inline constexpr sgp4_state sgp4_states[] = {")
    for i, (_, one, two) in enumerate(chosen):
        sat = Satrec.twoline2rv(one, two)
        for h in HOURS:
            r, v = sgp4(sat, 3600 * h)
            j2 = SecularJ2(sat).position(3600 * h)
            print(f"    {{{i}, {h}, " + ", ".join(
                "{" + ", ".join(f"{x:.{digits}f}" for x in vector) + "}"
                for vector, digits in ((r, 6), (v, 9), (j2, 6))) + "},")
    print("};")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not arguments or arguments == ["--golden"]:
        sys.exit(__doc__)
    if arguments[0] == "--golden":
        golden(arguments[1:])
    else:
        for argument in arguments:
            compare(argument)
