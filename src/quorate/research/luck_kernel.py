"""Every split of the days of many points into halves. Compiled by `jit`."""

from math import sqrt

from quorate.kernel.bars import FloatArray, IntArray


def cross_validate(
    chosen: IntArray,
    days: FloatArray,
    totals: FloatArray,
    squares: FloatArray,
    inside: FloatArray,
    outside: FloatArray,
    ranks: FloatArray,
    results: FloatArray,
) -> None:
    """For each split, a row of the blocks in its first half: look the best point of that half up in the other.

    `totals` and `squares` have a row for each block and one of all blocks at the end, a column for each point; `days`
    likewise. `inside` and `outside` are room for two numbers of each point. Written are the rank of the best among all
    points in the other half (1 is the worst, equals share theirs) and its Sharpe ratio there.
    """
    points, whole = totals.shape[1], totals.shape[0] - 1
    for split in range(chosen.shape[0]):
        count = 0.0
        inside[:, :] = 0.0
        for place in range(chosen.shape[1]):
            block = chosen[split, place]
            count += float(days[block])
            for point in range(points):
                inside[0, point] += totals[block, point]
                inside[1, point] += squares[block, point]
        best, rest = 0, float(days[whole]) - count
        for point in range(points):
            total, square = float(inside[0, point]), float(inside[1, point])
            outside[point] = ratio(rest, float(totals[whole, point]) - total, float(squares[whole, point]) - square)
            inside[0, point] = ratio(count, total, square)
        for point in range(1, points):
            if inside[0, point] > inside[0, best]:
                best = point
        below, equal, its = 0, 0, outside[best]
        for point in range(points):
            below += int(outside[point] < its)
            equal += int(outside[point] == its)
        ranks[split] = below + (equal + 1) / 2.0
        results[split] = its


def ratio(days: float, total: float, square: float) -> float:
    """Mean over standard deviation (n - 1) of so many numbers with this sum and sum of squares; 0 where none vary."""
    mean = total / days
    variance = (square - days * mean * mean) / (days - 1.0)
    return mean / sqrt(variance) if variance > 0.0 else 0.0
