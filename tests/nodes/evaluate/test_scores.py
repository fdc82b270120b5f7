"""Scores equal direct calls of sacrebleu, rouge-score and scikit-learn, and those worked out by hand."""

from __future__ import annotations

import math

import pytest

from nodes.evaluate import _scores
from nodes.evaluate._speed import latency, percentile, throughput

SAID = ["the cat sat on the mat", "a quick brown dog jumps", "nothing at all"]
TRUE = ["the cat sat on a mat", "the quick brown fox jumps over", "something else entirely"]
SAID_ZH = ["我喜欢吃苹果和香蕉", "今天天气很好，我们去公园", "价格是 100 元"]
TRUE_ZH = ["我喜欢吃苹果和梨子", "今天的天气很好，我们去公园玩吧", "价格是 120 元"]


def test_bleu_is_that_of_sacrebleu() -> None:
    import sacrebleu

    assert _scores.bleu(SAID, TRUE).values["bleu"] == sacrebleu.corpus_bleu(SAID, [TRUE]).score
    chinese = _scores.bleu(SAID_ZH, TRUE_ZH).values
    assert chinese["bleu"] == sacrebleu.corpus_bleu(SAID_ZH, [TRUE_ZH], tokenize="zh").score > 40
    assert "tok:zh" in chinese["signature"]
    # Taken for English, each sentence would be one long word.
    assert _scores.bleu(SAID_ZH, TRUE_ZH, "13a").values["bleu"] < chinese["bleu"] / 2
    each = _scores.bleu(SAID, TRUE).each["bleu"]
    assert each == [sacrebleu.sentence_bleu(s, [t]).score for s, t in zip(SAID, TRUE, strict=True)]


def test_bleu_by_hand() -> None:
    # 6 words against 6: 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 quadruples; no brevity penalty.
    expected = 100 * math.exp(sum(map(math.log, (5 / 6, 3 / 5, 2 / 4, 1 / 3))) / 4)
    assert _scores.bleu(SAID[:1], TRUE[:1]).values["bleu"] == pytest.approx(expected)


@pytest.mark.parametrize(("said", "true"), [(SAID, TRUE), (SAID_ZH, TRUE_ZH)])
def test_chrf_is_that_of_sacrebleu(said: list[str], true: list[str]) -> None:
    import sacrebleu

    assert _scores.chrf(said, true).values["chrf"] == sacrebleu.corpus_chrf(said, [true]).score


def test_rouge_is_that_of_rouge_score_on_english() -> None:
    from rouge_score.rouge_scorer import RougeScorer

    kinds = ["rouge1", "rouge2", "rougeL"]
    ours = _scores.rouge(SAID, TRUE, kinds)
    theirs = [RougeScorer(kinds).score(t, s) for s, t in zip(SAID, TRUE, strict=True)]
    for kind in kinds:
        assert ours.each[kind] == [score[kind].fmeasure for score in theirs]
        assert ours.values[kind] == pytest.approx(sum(score[kind].fmeasure for score in theirs) / 3)


def test_rouge_reads_chinese_by_character_and_latin_by_word() -> None:
    tokenize = _scores.RougeTokenizer().tokenize
    assert tokenize("我用 Python-3 写code，café") == ["我", "用", "python", "3", "写", "code", "café"]
    found = _scores.rouge(["我喜欢吃苹果"], ["我喜欢吃梨"], ["rouge1", "rouge2", "rougeL"]).values
    # 4 of 6 said characters are among the 5 true ones; pairs: 3 of 5 and 3 of 4.
    assert found["rouge1"] == found["rougeL"] == pytest.approx(2 * 4 / (6 + 5))
    assert found["rouge2"] == pytest.approx(2 * 3 / (5 + 4))


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_labels_are_scored_as_scikit_learn_does(average: str) -> None:
    from sklearn.metrics import f1_score, precision_score, recall_score

    true = ["a", "a", "b", "b", "c", "c", "c"]
    said = ["a", "b", "b", "x", "c", "a", "c"]
    labels = ["a", "b", "c"]
    found = _scores.precision_recall_f1(said, true, labels, average).values
    same = {"labels": labels, "average": average, "zero_division": 0}
    assert found["precision"] == precision_score(true, said, **same)
    assert found["recall"] == recall_score(true, said, **same)
    assert found["f1"] == f1_score(true, said, **same)
    # By hand: rows are references, the last column is what is no label.
    assert found["confusion"] == [[1, 1, 0, 0], [0, 1, 0, 1], [1, 0, 2, 0]]
    assert [entry["recall"] for entry in found["labels"]] == [0.5, 0.5, pytest.approx(2 / 3)]
    assert _scores.accuracy(said, true).values["accuracy"] == 4 / 7
    assert _scores.exact_match(said, true).values["exact_match"] == 4 / 7


def test_percentiles_are_those_of_numpy() -> None:
    import numpy

    seconds = [0.5, 0.1, 0.4, 0.2, 0.3, 1.7, 0.25]
    found = latency(seconds)
    for q in (50, 90, 95, 99):
        assert found[f"p{q}_ms"] == pytest.approx(numpy.percentile(seconds, q) * 1000)
    assert percentile([4.0], 99) == 4.0
    assert found["mean_ms"] == pytest.approx(sum(seconds) / 7 * 1000)
    assert throughput(10, 200, 4.0, 32) == {
        "rps": 2.5, "concurrency": 10, "duration_s": 4.0, "tokens_per_second": 50.0,
    }  # fmt: skip
