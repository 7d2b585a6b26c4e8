"""What a bot writes into a chat when a conversation has become dangerous, or when somebody asks it about a text.

In: a Verdict. Out: a few lines of plain text. They repeat nothing that anybody said: a bot that quotes the swindler
hands his links on.
"""

from __future__ import annotations

from fanzha.render.text import LEVEL_NAMES, sentence
from fanzha.verdict import ALERT_LEVELS, Verdict

_STEPS = 3  # pieces of advice in one message


def warning(verdict: Verdict) -> str:
    """The warning for a chat: what it looks like, the fact that breaks it, what to do now."""
    lines = [f"⚠️ {sentence(verdict)}"]
    if verdict.fact:
        lines.append(verdict.fact)
    lines += [f"· {step}" for step in verdict.advice[:_STEPS]]
    if verdict.track != "gray":
        lines.append("拿不准打 96110 反诈专线; 钱已转出马上打 110。")
    return "\n".join(lines)


def answer(verdict: Verdict) -> str:
    """The answer to who asks about a text; a harmless one gets a sentence."""
    if verdict.level in ALERT_LEVELS:
        return warning(verdict)
    lines = [f"{sentence(verdict)} (危险程度: {LEVEL_NAMES[verdict.level]}, {verdict.score} 分)"]
    lines += [f"· {step}" for step in verdict.advice[:_STEPS]]
    return "\n".join(lines)
