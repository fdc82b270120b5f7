"""The names under which people keep the fields of a row, in English and Chinese."""

from __future__ import annotations

CONVERSATIONS = ("messages", "conversations", "conversation", "dialogue", "dialog", "chat", "turns", "对话")
CHOSEN = ("chosen", "chosen_response", "preferred", "better")
REJECTED = ("rejected", "rejected_response", "dispreferred", "worse")
TEXT = ("text", "content", "document", "article", "body", "passage", "sentence", "review",
        "文本", "内容", "正文", "文章", "句子", "评论")  # fmt: skip
# A question, what belongs to it, and the answer: each line is one habit.
PAIRS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("alpaca", ("instruction",), ("input", "context"), ("output", "response", "completion", "answer")),
    ("prompt-completion", ("prompt",), (), ("completion", "response", "output", "answer", "target")),
    ("question-answer", ("question", "problem"), ("context", "passage"),
     ("answer", "answers", "solution", "response", "output")),
    ("query-response", ("query",), (), ("response", "answer", "output", "completion")),
    ("prompt-completion", ("input", "source"), (), ("output", "target", "response", "completion", "answer")),
    ("prompt-completion", ("user", "human"), (), ("assistant", "bot", "gpt", "chosen")),
    ("alpaca", ("指令",), ("输入",), ("输出", "回答", "回复", "答案")),
    ("question-answer", ("问题", "提问", "问", "题目"), (), ("答案", "回答", "回复", "答", "解答")),
    ("prompt-completion", ("输入",), (), ("输出", "回答", "回复")),
)  # fmt: skip
SYSTEM = ("system", "system_prompt")
HISTORY = ("history",)
TOOLS = ("tools",)
FIELDS = (
    "text",
    "prompt",
    "input",
    "completion",
    "messages",
    "chosen",
    "rejected",
    "system",
    "history",
    "tools",
)
FIELD_SYNONYMS = {
    "instruction": "prompt", "question": "prompt", "query": "prompt", "output": "completion",
    "response": "completion", "answer": "completion", "conversations": "messages",
}  # fmt: skip

KNOWN_COLUMNS = frozenset(
    [*CONVERSATIONS, *CHOSEN, *REJECTED, *TEXT, *SYSTEM, *TOOLS, "label", "标签", "id"]
    + [name for _, first, second, third in PAIRS for name in (*first, *second, *third)]
)
