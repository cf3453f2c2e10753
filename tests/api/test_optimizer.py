"""What the optimizer has set, read back."""

from decimal import Decimal as D

from quorate.api.schemas.optimizer import OptimizerConfig
from quorate.domain import events as e
from quorate.domain.optimization import Adjustment, Optimization
from quorate.domain.votes import Regime
from tests.journal import samples

RAISED = Adjustment("weight trend", 40, D("0.31"), D("0.6"), D("0.4"), D(1), D("1.12"), "40 closed trades earn 0.31 R.")


def version(number, *, reverts_to=None, by="optimizer"):
    return e.OptimizationChanged(
        Optimization(
            version=number,
            at_ms=samples.START_MS + number,
            by=by,
            weights=(("trend", D("1.12")),),
            base_factors=(("aggressive", D("0.9")),),
            blocked_regimes=(Regime.CHOPPY,),
            adjustments=(RAISED,),
            reverts_to=reverts_to,
        )
    )


async def config(api, **params):
    return OptimizerConfig.model_validate((await api.get("/api/optimize", params=params)).json())


async def test_before_the_first_run_everything_is_as_the_settings_say(api, desk):
    found = await config(api)
    assert (found.version, found.by, found.at, found.history, found.blocked_regimes) == (0, "settings", None, [], [])
    assert {each.analyst: each.weight for each in found.weights} == {"breakout": "1", "momentum": "1", "trend": "1"}
    assert [(each.portfolio, each.base, each.factor) for each in found.base_risk] == [
        ("aggressive", "0.1", "1"),
        ("conservative", "0.04", "1"),
        ("strategies", "0.006", "1"),
    ]
    assert (found.schedule, found.next_slot) == ("0 */6 * * *", None)


async def test_what_holds_now_is_told_with_its_reasons_and_every_version_before(api, desk):
    await desk.beat("feed", kind="replay", at_ms=samples.START_MS + 1)
    await desk.write([version(1), version(2)])
    await desk.write([version(3, reverts_to=1, by="a person")])
    found = await config(api)
    assert (found.version, found.by, found.reverts_to, found.blocked_regimes) == (3, "a person", 1, ["CHOPPY"])
    assert {each.analyst: each.weight for each in found.weights}["trend"] == "1.12"
    assert (found.base_risk[0].setting, found.base_risk[0].base) == ("0.1", "0.09")
    (why,) = found.adjustments
    assert (why.subject, why.before, why.after, why.reason) == ("weight trend", "1", "1.12", RAISED.reason)
    assert [each.version for each in found.history] == [3, 2, 1]
    assert found.next_slot == "2025-01-01T06:00:00Z"
    assert [each.version for each in (await config(api, limit=1)).history] == [3]


async def test_reading_needs_no_secret_of_an_outside_scheduler(serve, desk):
    api = await serve(cron_secret="a-secret")
    assert (await api.get("/api/optimize")).status_code == 200
    assert (await api.get("/api/optimize", params={"run": "true"})).status_code == 401
