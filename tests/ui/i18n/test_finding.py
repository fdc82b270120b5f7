"""A finished sentence is recognised: by itself, by its pattern, sentence by sentence, and inside others."""

from __future__ import annotations

import pytest

from ui.i18n import speaking, t, t_message
from ui.i18n.catalogue import find

SENTENCES = [
    # a value is kept as it is
    ("There is no run 41.", "没有运行 41。"),
    # the title of a parameter is translated, its key is not
    ("Learning rate (learning_rate) must be at most 1, not 3.",
     "学习率（learning_rate）必须不大于 1，而不是 3。"),
    ('Epochs must be a whole number, not the text "many".', "轮数必须是整数，而不是文本“many”。"),
    # pydantic made a sentence of a fault
    ("Train: The shares add up to 2, not 1 (1, 1); or give counts of rows.",
     "训练：比例之和为 2，不是 1（1, 1）；也可以写行数。"),
    # lists of reasons
    ("changed since run 41: learning_rate, input dataset, code of the node type",
     "自运行 41 以来有变化：learning_rate、输入 dataset、节点类型的代码"),
    ("its condition does not hold: gate.metrics.f1 is 0.5, not gate.metrics.f1 >= 0.75; a.b.c has no value",
     "条件不成立：gate.metrics.f1 为 0.5，不满足 gate.metrics.f1 >= 0.75；a.b.c 没有值"),
    # a sentence that another one tells
    ("attempt 2 failed: The time limit of 30 s ran out.", "第 2 次尝试失败：时限（30 秒）已到。"),
    # several sentences, of which one is foreign
    ("Disk full. Segmentation fault.", "磁盘已满。Segmentation fault."),
    # a value that becomes Chinese is not set apart, one that stays Latin is
    ("The port 80 is taken by another program.", "端口 80 已被其他程序占用。"),
    ("The port 80 is taken by the service demo.", "端口 80 已被服务 demo 占用。"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "chinese"), SENTENCES)
def test_a_sentence_is_recognised(sentence: str, chinese: str) -> None:
    assert find("zh", sentence) == chinese


FOREIGN = [
    "ValueError: foo", "CUDA error: an illegal memory access", "to go to Rome", "", "…", "{a}",
    # no half of them becomes Chinese
    "A batch of 64 needs 26.1 GB, and 22.4 GB were free.",
    "Make batch_size smaller, or turn on gradient checkpointing.",
]  # fmt: skip


@pytest.mark.parametrize("sentence", FOREIGN)
def test_what_is_not_known_stays(sentence: str) -> None:
    with speaking("zh"):
        assert t_message(sentence) == sentence


def test_a_value_is_never_filled_in_again() -> None:
    assert find("zh", "There is no pipeline {run}.") == "没有流水线 {run}。"


def test_english_stays_english() -> None:
    with speaking("en"):
        assert t("Run") == "Run"
        assert t_message("There is no run 41.") == "There is no run 41."


def test_own_texts_take_values() -> None:
    with speaking("zh"):
        assert t("Run") == "运行"
        assert t("No such text with {n}", n=3) == "No such text with 3"


def test_sentences_follow_each_other_as_the_language_has_it() -> None:
    with speaking("zh"):
        assert t_message("Disk full.", "Run it again.") == "磁盘已满。请重新运行。"
        assert t_message("Disk full.", "") == "磁盘已满。"
        assert t_message("Killed.", "Run it again.") == "Killed. 请重新运行。"
    with speaking("en"):
        assert t_message("Disk full.", "Run it again.") == "Disk full. Run it again."


def test_a_sentence_without_a_full_stop_gets_one_before_the_next() -> None:
    assert t_message("ValueError: foo", "See the log.") == "ValueError: foo. See the log."
    assert t_message("There is no run 4.", "See the log.") == "There is no run 4. See the log."
    assert t_message("ValueError: foo", "") == "ValueError: foo"
