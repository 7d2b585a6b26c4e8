"""Messages that programs keep in pieces (text, @, picture, card …) → one kind and one text.

In: Pieces in order. Out: the kind and the text: text with marks where other pieces stand between, or the kind of
the only thing there is. A quotation must not be among the pieces: it is not what the speaker said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fanzha.conversation import Kind


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a message: its kind, and its text or mark."""

    kind: Kind
    text: str


def join_pieces(pieces: Iterable[Piece]) -> tuple[Kind, str]:
    """Return the kind and the text of all pieces; (TEXT, "") where there is none."""
    kept = [piece for piece in pieces if piece.text]
    text = "".join(piece.text for piece in kept).strip()
    others = {piece.kind for piece in kept if piece.kind is not Kind.TEXT}
    spoken = any(piece.kind is Kind.TEXT and piece.text.strip() for piece in kept)
    return (next(iter(others)) if len(others) == 1 and not spoken else Kind.TEXT), text
