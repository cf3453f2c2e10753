"""Random paths between two known ends: what ties each level of the synthetic market to the level above it."""

from __future__ import annotations

import numpy as np

from quorate.kernel.bars import FloatArray


def bridge(steps: FloatArray, weights: FloatArray, total: FloatArray) -> FloatArray:
    """Running sums of `steps` along the last axis, bent so that the last one is exactly `total`.

    `weights` (positive) say where the bending happens: a step of large weight takes most of the correction.
    """
    walk = np.cumsum(steps, axis=-1)
    share = np.cumsum(weights, axis=-1)
    share /= share[..., -1:]
    path = walk + share * (total - walk[..., -1])[..., None]
    path[..., -1] = total
    return path


def burst_between(noise: FloatArray, begin: FloatArray, end: FloatArray, size: float) -> FloatArray:
    """A log volatility that wanders from `begin` to `end` along the last axis, `size` wide halfway."""
    count = noise.shape[-1]
    along: FloatArray = (np.arange(count, dtype=np.float64) + 0.5) / count
    walk = np.cumsum(noise, axis=-1) / np.sqrt(count)
    wander = walk - walk[..., -1:] * along
    return begin[..., None] * (1 - along) + end[..., None] * along + 2 * size * wander


def extremes(
    begin: FloatArray, end: FloatArray, sigma: FloatArray, up: FloatArray, down: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Highest and lowest point of a random path from `begin` to `end` with standard deviation `sigma`.

    `up` and `down` are uniform draws. The law is that of a Brownian bridge's maximum; both extremes are drawn as if
    they were independent.
    """
    gap = (end - begin) ** 2
    middle = begin + end
    spread = -2 * sigma**2
    high = (middle + np.sqrt(gap + spread * np.log1p(-up))) / 2
    low = (middle - np.sqrt(gap + spread * np.log1p(-down))) / 2
    return np.maximum(high, np.maximum(begin, end)), np.minimum(low, np.minimum(begin, end))


def stretch(values: FloatArray, inner: FloatArray, reached: FloatArray, wanted: FloatArray) -> FloatArray:
    """`values` beyond `inner` scaled so that the one at `reached` comes to `wanted`; those on its near side stay.

    Works upwards and downwards: the order of values never changes.
    """
    excess = reached - inner
    factor = np.divide(wanted - inner, excess, out=np.ones_like(excess), where=np.abs(excess) > 1e-12)[..., None]
    base = inner[..., None]
    side = np.sign(excess)[..., None]
    beyond = (values - base) * side > 0
    return np.where(beyond, base + (values - base) * factor, values)


def portions(total: FloatArray, weights: FloatArray) -> FloatArray:
    """Whole numbers along the last axis, in proportion to `weights`, that add up to `total` (whole) exactly."""
    share = np.cumsum(weights, axis=-1)
    share /= share[..., -1:]
    upto = np.floor(total[..., None] * share)
    upto[..., -1] = total
    return np.diff(upto, axis=-1, prepend=0.0)
