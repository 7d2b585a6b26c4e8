"""fanzha (反诈): recognises scams in Chinese calls and chats by rules, with evidence for every point.

from fanzha import Detector
verdict = Detector().score("您的快递丢了, 加一下理赔专员的微信 …")
"""

__version__ = "0.1.0"

from fanzha.conversation import Conversation, Kind, Party, Turn
from fanzha.detector import Detector
from fanzha.errors import Diagnostic, FanzhaError, InputError, LimitError, PackError
from fanzha.session import Change, Session
from fanzha.verdict import Evidence, Line, Verdict
from fanzha.watcher import Notice, Watcher

__all__ = [
    "Change",
    "Conversation",
    "Detector",
    "Diagnostic",
    "Evidence",
    "FanzhaError",
    "InputError",
    "Kind",
    "LimitError",
    "Line",
    "Notice",
    "PackError",
    "Party",
    "Session",
    "Turn",
    "Verdict",
    "Watcher",
]
