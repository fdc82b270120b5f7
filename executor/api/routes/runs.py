"""Runs: started, listed, looked at, cancelled, run again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Query
from starlette.responses import PlainTextResponse, Response

from executor.api.models.runs import RerunAsked, RunAsked, RunObject, RunPage
from executor.api.reading import Limit, Offset, RunId, Space, router_at
from executor.services.finding import Wanted
from executor.services.views import RunView, result_with_usage
from nodegraph.errors import InvalidInput

router = router_at("/runs", "runs")
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=255, description="The same key, the same run."),
]
Time = Annotated[
    float | None, Query(ge=0, le=2**40, description="Of its creation, in seconds since the epoch.")
]
_YAML = "application/yaml; charset=utf-8"


@router.post(
    "", response_model=RunObject, status_code=201,
    responses={200: {"model": RunObject, "description": "The run that the same key has started before."}},
)  # fmt: skip
def start_run(space: Space, asked: RunAsked, response: Response, key: Key = None) -> dict[str, Any]:
    """Start a run of a kept pipeline or of a text; everything is checked before anything is stored."""
    options = asked.model_dump(exclude_unset=True, exclude={"pipeline", "text"})
    options |= {"trigger": "api", "idempotency_key": asked.idempotency_key or key}
    if (asked.pipeline is None) == (asked.text is None):
        raise InvalidInput("The request names no pipeline, or two.", "Give either pipeline or text.")
    if asked.pipeline is not None:
        submitted = space.runs.start_once(asked.pipeline, **options)
    else:
        submitted = space.runs.start_text(asked.text or "", **options)
    response.status_code = 201 if submitted.new else 200
    response.headers["location"] = f"/api/v1/runs/{submitted.run}"
    return run_object(space.runs.get(submitted.run))


@router.get("", response_model=RunPage)
def list_runs(
    space: Space,
    pipeline: Annotated[str | None, Query(description="The name of a pipeline.")] = None,
    state: Annotated[list[str] | None, Query(description="One or several states.")] = None,
    trigger: Annotated[list[str] | None, Query(description="One or several triggers.")] = None,
    search: Annotated[str, Query(description="What is in the pipeline's name or title, or an id.")] = "",
    since: Time = None,
    until: Time = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """The runs, the latest first."""
    wanted = Wanted(pipeline=pipeline, state=state, trigger=trigger, search=search, since=since, until=until)
    runs = space.runs.list(limit, offset=offset, **wanted)
    return {"runs": [run_summary(view) for view in runs], "total": space.runs.count(**wanted)}


@router.get("/{run}", response_model=RunObject)
def get_run(space: Space, run: RunId) -> dict[str, Any]:
    """A run and its nodes: the object that `nodegraph run --json` prints, with more about the run."""
    return run_object(space.runs.get(run))


@router.post("/{run}/cancel", response_model=RunObject, status_code=202)
def cancel_run(space: Space, run: RunId) -> dict[str, Any]:
    """Ask for a run to be cancelled; one that has ended stays as it is."""
    return run_object(space.runs.cancel(run))


@router.post("/{run}/rerun", response_model=RunObject, status_code=201)
def rerun(space: Space, run: RunId, asked: RerunAsked | None = None) -> dict[str, Any]:
    """Run the same pipeline with the same parameters again, from a node on where one is named."""
    from_node = asked.from_node if asked else None
    return run_object(space.runs.get(space.runs.rerun(run, from_node)))


@router.post("/{run}/retry", response_model=RunObject, status_code=201)
def retry_run(space: Space, run: RunId) -> dict[str, Any]:
    """Run what failed again, and what follows it; what succeeded comes from the cache."""
    return run_object(space.runs.get(space.runs.rerun(run)))


@router.get(
    "/{run}/pipeline", response_class=PlainTextResponse,
    responses={200: {"content": {"application/yaml": {"schema": {"type": "string"}}}}},
)  # fmt: skip
def get_run_pipeline(space: Space, run: RunId) -> Response:
    """The pipeline file as it was when the run was started."""
    return Response(space.runs.text(run), media_type=_YAML)


def run_summary(view: RunView) -> dict[str, Any]:
    """A run without its nodes, as the models name its parts."""
    head = {name: value for name, value in vars(view).items() if name not in ("nodes", "state")}
    return {**head, "status": view.state}


def run_object(view: RunView) -> dict[str, Any]:
    """A run with its nodes."""
    return {**run_summary(view), **result_with_usage(view), "id": view.id}
