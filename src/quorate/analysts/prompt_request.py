"""The canonical bytes of a request: who asks the same, asks under the same digest."""

import hashlib
import json

from quorate.domain.minds import MindRequest


def request_of(*, system: str, prompt: str, schema: str, template: str) -> MindRequest:
    """A request with its digest: SHA-256 of the four fields as JSON with sorted keys, no spaces, UTF-8."""
    fields = {"prompt": prompt, "schema": schema, "system": system, "template": template}
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest = hashlib.sha256(canonical).hexdigest()
    return MindRequest(system=system, prompt=prompt, schema=schema, template=template, digest=digest)
