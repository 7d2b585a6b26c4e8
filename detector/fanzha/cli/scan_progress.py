"""How far a scan is, on stderr if that is a terminal: files done, rate, time left, alerts so far."""

from __future__ import annotations

from typing import Any

from fanzha.cli.terminal import error_console
from fanzha.render.overview import Overview

_REFRESHES = 4  # a second


class Progress:
    """A bar that goes away in the end; a context manager. Elsewhere than on a terminal it shows nothing."""

    def __init__(self, files: int) -> None:
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = error_console()
        self._bar: Any = None
        if console.is_terminal:
            self._bar = Bar(
                TextColumn("已判断 {task.completed:,.0f}/{task.total:,.0f} 个文件"),
                BarColumn(),
                TextColumn("{task.fields[rate]}"),
                TextColumn("剩"),
                TimeRemainingColumn(),
                TextColumn("报警 {task.fields[alerts]}"),
                console=console,
                transient=True,
                refresh_per_second=_REFRESHES,
            )
            self._task = self._bar.add_task("", total=files, rate="", alerts=0)

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, overview: Overview) -> None:
        """Show where the run is; the file that is being read counts as done once the next one begins."""
        if self._bar is None:
            return
        task = self._bar.tasks[0]
        done = overview.files - 1
        if done != task.completed or overview.alerts != task.fields["alerts"]:
            rate = f"{task.speed:,.0f} 个/秒" if task.speed else ""
            self._bar.update(self._task, completed=done, alerts=overview.alerts, rate=rate)
