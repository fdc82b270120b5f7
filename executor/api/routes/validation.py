"""What is wrong with a pipeline, without keeping or running it."""

from __future__ import annotations

from typing import Any

from executor.api.models.pipelines import ToValidate, Validation
from executor.api.reading import Space, router_at
from nodegraph.problems import errors_of

router = router_at("", "pipelines")


@router.post("/validate", response_model=Validation)
def validate_pipeline(space: Space, asked: ToValidate) -> dict[str, Any]:
    """Every mistake of a pipeline at once, each with its place and what to do."""
    problems = space.pipelines.problems(asked.text, asked.params, asked.sets)
    return {"ok": not errors_of(problems), "problems": problems}
