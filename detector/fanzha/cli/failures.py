"""Exit codes, and every failure as one line that says what, where and how to mend it; never a traceback.

    0 done   1 --fail-on was reached, or examples failed   2 usage, or rules that cannot be used
    3 input that cannot be read, of many files some   70 a fault of ours   130 interrupted

A traceback could hold the text of a conversation, so an unexpected error tells its type and place only;
FANZHA_DEBUG=1 lets it through.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Callable
from pathlib import Path

import typer

from fanzha.cli.terminal import tell
from fanzha.errors import InputError, PackError

FOUND, USAGE, BAD_INPUT, OUR_FAULT, INTERRUPTED = 1, 2, 3, 70, 130
_SHOWN_FAULTS = 30


class UsageError(Exception):
    """The command was called in a way that cannot work."""


def run(command: Callable[[], object]) -> int:
    """Run the command line and return its exit code; every failure is told on stderr."""
    try:
        code = command()
    except typer.Exit as done:
        return done.exit_code
    except (typer.Abort, KeyboardInterrupt):
        tell("fanzha: 已中断")
        return INTERRUPTED
    except BrokenPipeError:  # fanzha scan … | head
        _close_quietly()
        return 0
    except UsageError as error:
        tell(f"fanzha: {error}")
        return USAGE
    except PackError as error:
        tell(_faults(error))
        return USAGE
    except InputError as error:
        tell(f"fanzha: 输入读不了: {error}")
        return BAD_INPUT
    except Exception as error:
        if _is_usage(error):
            tell(f"fanzha: {_translated(error)}")
            return USAGE
        if os.environ.get("FANZHA_DEBUG"):
            raise
        tell(_our_fault(error))
        return OUR_FAULT
    return code if isinstance(code, int) else 0


def _faults(error: PackError) -> str:
    faults = error.diagnostics
    shown = "\n".join(str(fault) for fault in faults[:_SHOWN_FAULTS])
    more = f"\n… 另有 {len(faults) - _SHOWN_FAULTS} 处" if len(faults) > _SHOWN_FAULTS else ""
    advice = "不能用; 请照上面的位置改正, 用 fanzha rules lint 复查"
    return f"{shown}{more}\nfanzha: 规则有 {len(faults)} 处错误, {advice}"


def _our_fault(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return (
        f"fanzha: 程序内部出错 ({type(error).__name__}, {place}); "
        "这是我们的问题, 请报告给我们; 设 FANZHA_DEBUG=1 可看详情 (详情可能含对话原文)"
    )


def _close_quietly() -> None:
    """Give stdout a harmless end, so that the interpreter's last flush does not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


# ── typer's own messages, which are English ────────────────────────────────────────
# typer < 0.20 raises click's classes and later ones raise their own, so they are known by what they share.


def _is_usage(error: Exception) -> bool:
    return getattr(error, "exit_code", None) == USAGE and hasattr(error, "format_message")


def _translated(error: Exception) -> str:
    message = str(error.format_message())  # type: ignore[attr-defined]
    if not message:  # a group without a command has shown its help
        return "请选一个命令"
    for pattern, chinese in _MESSAGES:
        match = re.search(pattern, message, re.DOTALL)
        if match:
            return f"{chinese.format(*match.groups())}{_suggestion(error, message)}; 用 --help 看用法"
    return f"用法有误: {message}; 用 --help 看用法"


def _suggestion(error: Exception, message: str) -> str:
    near = getattr(error, "possibilities", None) or re.findall(r"'([^']+)'", message.partition("Did you mean")[2])
    return f", 是不是 {'、'.join(near)}" if near else ""


_MESSAGES = (
    (r"No such option:? '?([^\s']+?)'?(?:\.|\s|$)", "没有选项 {0}"),
    (r"No such command '(.+?)'", "没有命令 {0}"),
    (r"Missing argument '(.+?)'", "缺少参数 {0}"),
    (r"Missing option '(.+?)'", "缺少选项 {0}"),
    (r"Missing command", "缺少命令"),
    (r"Option '(.+?)' requires an argument", "选项 {0} 后面缺少值"),
    (r"[Gg]ot unexpected extra argument(?:s|\(s\))? \((.+)\)", "多了参数 {0}; 文中有空格时请加引号"),
    (r"Invalid value for '(.+?)': .*?'([^']*)' is not one of (.+?)\.?$", "{0} 不能是 {1}, 可取 {2}"),
    (r"Invalid value for '(.+?)': (.+)", "{0} 的值不对: {1}"),
)
