"""Help pages in Chinese: typer's own headings and the text of --help.

typer (and click below it) translate only through gettext catalogues that the system would have to carry.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

_HEADINGS = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "REQUIRED_LONG_STRING": "[必填]",
    "DEFAULT_STRING": "[默认: {}]",
}


class Command(TyperCommand):
    """A command whose help is in Chinese."""

    def get_help_option(self, ctx: Any) -> Any:
        """Give the help option with its text in Chinese."""
        return _translated(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help page."""
        _translate_headings()
        super().format_help(ctx, formatter)


class Group(TyperGroup):
    """A group of commands whose help is in Chinese."""

    def get_help_option(self, ctx: Any) -> Any:
        """Give the help option with its text in Chinese."""
        return _translated(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help page."""
        _translate_headings()
        super().format_help(ctx, formatter)


def _translated(option: Any) -> Any:
    if option is not None:
        option.help = "显示帮助"
    return option


def _translate_headings() -> None:
    from typer import rich_utils

    for name, title in _HEADINGS.items():
        if hasattr(rich_utils, name):
            setattr(rich_utils, name, title)
