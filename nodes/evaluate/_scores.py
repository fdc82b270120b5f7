"""Scores by sacrebleu, rouge-score and scikit-learn, each imported when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nodes.evaluate._texts import CJK, is_chinese

_TOKEN = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")


@dataclass
class Score:
    """What a metric says of all samples, and of each where it can."""

    values: dict[str, Any]
    each: dict[str, list[float]] = field(default_factory=dict)


def exact_match(predictions: Sequence[str], references: Sequence[str]) -> Score:
    """The share of answers that equal their reference."""
    hits = [float(p == r) for p, r in zip(predictions, references, strict=True)]
    return Score({"exact_match": sum(hits) / len(hits)}, {"exact_match": hits})


def accuracy(predictions: Sequence[str], references: Sequence[str]) -> Score:
    """The share of right answers, by scikit-learn."""
    from sklearn.metrics import accuracy_score

    return Score({"accuracy": float(accuracy_score(list(references), list(predictions)))})


def precision_recall_f1(
    predictions: Sequence[str], references: Sequence[str], labels: Sequence[str], average: str
) -> Score:
    """Precision, recall and F1 by scikit-learn over `labels`, and the confusion matrix.

    An answer that is none of the labels is a miss for its reference and a hit for none; the matrix
    counts it in its last column.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    truth, said = list(references), list(predictions)
    known = list(labels)
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, said, labels=known, average=average, zero_division=0
    )
    by_label = precision_recall_fscore_support(truth, said, labels=known, average=None, zero_division=0)
    # A word that is no label: what no label matches.
    other = "\0"
    columns = [p if p in set(known) else other for p in said]
    matrix = confusion_matrix(truth, columns, labels=[*known, other])[: len(known)]
    return Score(
        {
            "precision": float(precision),
            "recall": float(recall),
            "f1": float(f1),
            "labels": [
                {"label": label, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
                for label, p, r, f, n in zip(known, *by_label, strict=True)
            ],
            "confusion": matrix.tolist(),
        }
    )


def bleu(predictions: Sequence[str], references: Sequence[str], tokenize: str = "auto") -> Score:
    """Corpus BLEU by sacrebleu, from 0 to 100; Chinese is tokenised by its zh tokenizer by default."""
    from sacrebleu.metrics import BLEU

    chosen = ("zh" if is_chinese(references) else "13a") if tokenize == "auto" else tokenize
    corpus = BLEU(tokenize=chosen)
    score = corpus.corpus_score(list(predictions), [list(references)])
    single = BLEU(tokenize=chosen, effective_order=True)
    each = [single.sentence_score(p, [r]).score for p, r in zip(predictions, references, strict=True)]
    return Score({"bleu": score.score, "signature": str(corpus.get_signature())}, {"bleu": each})


def chrf(predictions: Sequence[str], references: Sequence[str]) -> Score:
    """Corpus chrF (chrF2) by sacrebleu, from 0 to 100."""
    from sacrebleu.metrics import CHRF

    metric = CHRF()
    score = metric.corpus_score(list(predictions), [list(references)])
    each = [metric.sentence_score(p, [r]).score for p, r in zip(predictions, references, strict=True)]
    return Score({"chrf": score.score, "signature": str(metric.get_signature())}, {"chrf": each})


class RougeTokenizer:
    """Tokens for ROUGE: words in lower case, and each Chinese or Japanese character by itself.

    On English it gives what rouge-score's own tokenizer gives; that one drops all but a-z and digits,
    so Chinese would score 0.
    """

    def tokenize(self, text: str) -> list[str]:
        """The tokens of `text`."""
        return _TOKEN.findall(text.lower())


def rouge(predictions: Sequence[str], references: Sequence[str], kinds: Sequence[str]) -> Score:
    """F-measures of ROUGE by rouge-score, from 0 to 1, averaged over the samples."""
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(list(kinds), use_stemmer=False, tokenizer=RougeTokenizer())
    each: dict[str, list[float]] = {kind: [] for kind in kinds}
    for prediction, reference in zip(predictions, references, strict=True):
        for kind, value in scorer.score(reference, prediction).items():
            each[kind].append(float(value.fmeasure))
    return Score({kind: sum(values) / len(values) for kind, values in each.items()}, each)
