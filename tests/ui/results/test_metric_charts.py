"""The course of a number from what a node has reported."""

from __future__ import annotations

from ui.results.metric_charts import Series, collect, families


def metric(name: str, value: float, step: int | None) -> dict[str, object]:
    return {"name": name, "value": value, "step": step}


def test_a_number_without_steps_sums_up_and_leaves_the_course_alone():
    series = collect(
        [metric("eval_loss", 6.5, 25), metric("eval_loss", 5.3, 50), metric("eval_loss", 5.3, None)]
    )
    assert series["eval_loss"].xs == [25, 50]
    assert series["eval_loss"].last == 5.3


def test_numbers_that_never_have_steps_are_counted():
    series = Series()
    for value in (1.0, 2.0):
        series.add(value, None)
    assert series.xs == [0, 1]


def test_after_a_resume_steps_come_again():
    series = Series()
    for step in (10, 20, 30, 20, 30):
        series.add(float(step), step)
    assert series.xs == [10, 20, 30]


def test_training_and_validation_share_a_chart():
    series = collect([metric("loss", 1, 1), metric("eval_loss", 1, 1), metric("accuracy", 1, None)])
    assert {name: list(group) for name, group in families(series).items()} == {
        "loss": ["loss", "eval_loss"], "accuracy": ["accuracy"],
    }  # fmt: skip
