"""Files that people give by mistake: recordings, pictures, archives, databases.

In: the first bytes of a file that is no text. Out: what it is and what to do with it, in Chinese, or None.
"""

from __future__ import annotations

_AUDIO = "是录音, 不是文字; 请先用语音识别转写成文字, 再读转写的结果"
_PICTURE = "是图片; 请先识别成文字"
_PACKED = "是压缩包; 请先解开"
_MARKS = {
    b"RIFF": _AUDIO,
    b"ID3": _AUDIO,
    b"\xff\xfb": _AUDIO,
    b"OggS": _AUDIO,
    b"fLaC": _AUDIO,
    b"#!AMR": _AUDIO,
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"PK\x03\x04": "是压缩包或 Word 文档; 请先解开, 或另存为 .txt",
    b"\x1f\x8b": _PACKED,
    b"Rar!": _PACKED,
    b"7z\xbc\xaf": _PACKED,
    b"%PDF": "是 PDF; 请另存为文本",
    b"SQLite format 3": "是数据库; 只读聊天软件导出的文件, 不读它的数据库",
}


def mistaken(start: bytes) -> str | None:
    """Return what a file is that begins so, and how to get a text of it."""
    return next((told for mark, told in _MARKS.items() if start.startswith(mark)), None)
