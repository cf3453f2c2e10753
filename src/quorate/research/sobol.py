"""Sobol's sequence: points that fill a space evenly, so that a few hundred show what a grid of thousands would.

The direction numbers are the first 21 dimensions of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better
two-dimensional projections", SIAM J. Sci. Comput. 30, 2008 (their set `new-joe-kuo-6.21201`). A seed shifts all points
by exclusive-or with one random number for each dimension: the shifted points are as even as the others, and none of
them lies on an edge by rule. Optuna's own sampler of this kind needs SciPy, which nothing else here does.
"""

from collections.abc import Iterator

import numpy as np

BITS = 32
LEADING: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (1, 0, (1,)),
    (2, 1, (1, 3)),
    (3, 1, (1, 3, 1)),
    (3, 2, (1, 1, 1)),
    (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)),
    (5, 2, (1, 1, 5, 5, 17)),
    (5, 4, (1, 1, 5, 5, 5)),
    (5, 7, (1, 1, 7, 11, 19)),
    (5, 11, (1, 1, 5, 1, 1)),
    (5, 13, (1, 1, 1, 3, 11)),
    (5, 14, (1, 3, 5, 5, 31)),
    (6, 1, (1, 3, 3, 9, 7, 49)),
    (6, 13, (1, 1, 1, 15, 21, 21)),
    (6, 16, (1, 3, 1, 13, 27, 49)),
    (6, 19, (1, 1, 1, 15, 7, 5)),
    (6, 22, (1, 3, 1, 15, 13, 25)),
    (6, 25, (1, 1, 5, 5, 19, 61)),
    (7, 1, (1, 3, 7, 11, 23, 15, 103)),
    (7, 4, (1, 3, 7, 13, 13, 15, 69)),
)
"""Degree, coefficients and first direction numbers of each dimension after the first."""
DIMENSIONS_MAX = len(LEADING) + 1


def sobol(dimensions: int, *, seed: int | None) -> Iterator[tuple[float, ...]]:
    """Points of the unit cube, without end of interest (2^32). `seed` None gives the sequence itself, from 0."""
    assert 1 <= dimensions <= DIMENSIONS_MAX, "there are direction numbers for these dimensions"
    directions = [_directions(dimension) for dimension in range(dimensions)]
    current = [0] * dimensions
    if seed is not None:
        current = np.random.default_rng(seed).integers(0, 2**BITS, dimensions).tolist()
    for place in range(2**BITS):
        yield tuple(value / 2**BITS for value in current)
        # Gray code: from one point to the next a single direction changes, that of the lowest bit not set.
        lowest = (~place & (place + 1)).bit_length() - 1
        if lowest < BITS:
            current = [value ^ ways[lowest] for value, ways in zip(current, directions, strict=True)]


def _directions(dimension: int) -> list[int]:
    if dimension == 0:
        return [1 << (BITS - 1 - bit) for bit in range(BITS)]
    degree, coefficients, first = LEADING[dimension - 1]
    ways = [number << (BITS - 1 - bit) for bit, number in enumerate(first)]
    for bit in range(degree, BITS):
        way = ways[bit - degree] ^ (ways[bit - degree] >> degree)
        for term in range(1, degree):
            if coefficients >> (degree - 1 - term) & 1:
                way ^= ways[bit - term]
        ways.append(way)
    return ways
