"""What an audit is told of asking the panel's models: hashes, codes and figures, without a word of what was said."""

from collections.abc import Mapping, Sequence

from quorate.analysts.consulting import Consulted, Round
from quorate.analysts.prompt import Composed
from quorate.analysts.prompt_text import model_name
from quorate.domain.minds import AskingMade, ModelAsked, ModelSpec


def asked_of(
    consulted: Sequence[Consulted], specs: Sequence[ModelSpec], prompts: Mapping[str, Composed]
) -> tuple[ModelAsked, ...]:
    """The account of one cycle, a model at a time; `prompts` are those that were made, by template version."""
    by_name = {spec.analyst: spec for spec in specs}
    return tuple(_asked(each, by_name[each.analyst], prompts.get(each.template)) for each in consulted)


def _asked(each: Consulted, spec: ModelSpec, prompt: Composed | None) -> ModelAsked:
    return ModelAsked(
        analyst=each.analyst,
        provider=spec.provider,
        model=spec.model,
        template=each.template,
        prompt="" if prompt is None else prompt.request.digest,
        code=each.code,
        stood_in=model_name(each.stood_in),
        askings=tuple(_asking(one) for one in each.rounds),
        record=spec.record_key(each.template),
        knowledge_cutoff=spec.knowledge_cutoff,
        repeats=each.repeats,
        flips=each.flips,
    )


def _asking(one: Round) -> AskingMade:
    return AskingMade(
        request=one.request,
        record=one.record,
        answered_by=model_name(one.answered_by),
        fallback=one.fallback,
        fault=one.fault.partition(":")[0],
        input_tokens=one.input_tokens,
        output_tokens=one.output_tokens,
        cost_usd=one.cost_usd,
        latency_ms=one.latency_ms,
    )
