"""How many examples a property is tried on: few in everyday runs, many more in `make test-long`."""

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("QUORATE_EXAMPLES_FACTOR", "1"))
EXAMPLES = 60
"""For a property that says nothing else; each of them is quick."""


def use_profile() -> None:
    """Take this house's settings for every property.

    No deadline for one example: a busy machine is no counterexample. On a build server the same examples every time:
    what fails there must fail for whoever looks into it.
    """
    settings.register_profile(
        "house",
        max_examples=EXAMPLES * FACTOR,
        deadline=None,
        derandomize="CI" in os.environ and FACTOR == 1,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("house")


def tried(examples: int) -> settings:
    """Settings of a property whose examples are dear."""
    return settings(max_examples=examples * FACTOR)
