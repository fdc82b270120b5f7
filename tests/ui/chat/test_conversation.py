"""Conversations: what is sent along with a question, and how much is kept."""

from __future__ import annotations

from ui.chat import conversation as kept
from ui.chat.conversation import Conversation, Conversations


def said(conversation: Conversation, question: str, answer: str, state: kept.State = "done") -> None:
    message = conversation.ask(question)
    message.text, message.state = answer, state


def test_finished_exchanges_go_along_with_the_question():
    conversation = Conversation("s")
    said(conversation, "one", "1")
    said(conversation, "two", "2", "stopped")
    said(conversation, "nothing came of it", "", "failed")
    conversation.ask("three")
    assert conversation.history() == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": "two"},
        {"role": "assistant", "content": "2"},
        {"role": "user", "content": "three"},
    ]


def test_a_question_can_be_taken_back():
    conversation = Conversation("s")
    said(conversation, "one", "1")
    said(conversation, "two", "", "failed")
    assert conversation.take_back() == "two"
    assert [message.text for message in conversation.messages] == ["one", "1"]


def test_conversations_are_kept_by_visitor_and_service():
    conversations = Conversations()
    first = conversations.of("anna", "support")
    first.ask("hello")
    assert conversations.of("anna", "support") is first
    assert not conversations.of("ben", "support").messages
    assert not conversations.of("anna", "other").messages


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(kept, "MOST_CONVERSATIONS", 3)
    monkeypatch.setattr(kept, "MOST_MESSAGES", 4)
    conversations = Conversations()
    first = conversations.of("0", "s")
    for number in range(1, 4):
        conversations.of(str(number), "s")
    assert conversations.of("0", "s") is not first
    for number in range(5):
        said(first, f"question {number}", "x" * 3)
    assert [m.text for m in first.messages] == ["question 3", "xxx", "question 4", "xxx"]
    monkeypatch.setattr(kept, "MOST_CHARACTERS", kept.LONGEST_QUESTION + 5)
    first.ask("y" * 100_000)
    assert len(first.messages) == 2
    assert len(first.messages[-2].text) == kept.LONGEST_QUESTION
