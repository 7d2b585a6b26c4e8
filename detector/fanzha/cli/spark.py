"""fanzha spark IN OUT: a table of texts, messages or conversations scored by Spark, on this machine or a cluster."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fanzha.cli.failures import UsageError
from fanzha.cli.options import Rules, SelfName

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Table(StrEnum):
    """Tables that Spark reads and writes."""

    PARQUET = "parquet"
    JSON = "json"
    CSV = "csv"


_SUFFIXES = {
    ".parquet": Table.PARQUET,
    ".json": Table.JSON,
    ".jsonl": Table.JSON,
    ".ndjson": Table.JSON,
    ".csv": Table.CSV,
}
_Column = str | None


def spark(
    source: Annotated[str, typer.Argument(metavar="来源", help="Parquet、JSON (一行一条) 或 CSV 的文件或目录")],
    target: Annotated[str, typer.Argument(metavar="去处", help="写到这个目录; 以 .json 结尾的写 JSON, 其余写 Parquet")],
    text: Annotated[str, typer.Option("--text", metavar="列", help="话")] = "text",
    id: Annotated[  # noqa: A002 - the name of the option
        _Column, typer.Option("--id", metavar="列", help="对话编号: 同号的消息合成一段对话", show_default=False)
    ] = None,
    speaker: Annotated[_Column, typer.Option("--speaker", metavar="列", help="说话人", show_default=False)] = None,
    party: Annotated[
        _Column, typer.Option("--party", metavar="列", help="谁是谁: self | other | unknown", show_default=False)
    ] = None,
    time: Annotated[_Column, typer.Option("--time", metavar="列", help="消息的先后", show_default=False)] = None,
    turns: Annotated[
        _Column, typer.Option("--turns", metavar="列", help="一行一段对话, 轮次在这个数组列里", show_default=False)
    ] = None,
    form: Annotated[Table | None, typer.Option("--from", help="来源是什么表; 默认看后缀", show_default=False)] = None,
    master: Annotated[
        str, typer.Option("--master", metavar="地址", help="集群, 如 yarn 或 spark://主机:7077")
    ] = "local[*]",
    conf: Annotated[
        list[str] | None, typer.Option("--conf", metavar="名=值", help="Spark 的设置, 可重复", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="去处已有时覆盖")] = False,
    self_name: SelfName = None,
    rules: Rules = None,
) -> None:
    """Read a table, score it, write the verdicts, and say how many there are of each level."""
    form = form or _form_of(source)
    if turns and (id or speaker or party or time):
        raise UsageError("--turns 的一行就是一段对话, 不能与 --id --speaker --party --time 同用")
    if (speaker or party or time) and not id:
        raise UsageError("--speaker --party --time 要与 --id 同用: 没有编号就不知道哪些消息是一段对话")
    session, is_ours = _session(master, conf or [])
    try:
        from fanzha.adapters import spark as adapter

        frame = _read(session, source, form)
        said: dict[str, Any] = {"rules": rules or [], "self_name": self_name}
        if turns:
            scored = adapter.score_turns(frame, turns, **said)
        elif id:
            scored = adapter.score_messages(
                frame, conversation=id, text=text, speaker=speaker, party=party, time=time, **said
            )
        else:
            scored = adapter.score_texts(frame, text, **said)
        _write(session, scored, target, overwrite=overwrite)
    finally:
        if is_ours:
            session.stop()


def _form_of(source: str) -> Table:
    names = [source.rstrip("/"), *(os.listdir(source) if os.path.isdir(source) else ())]
    for name in names:
        form = _SUFFIXES.get(os.path.splitext(name)[1].lower())
        if form is not None:
            return form
    raise UsageError(f"{source}: 从后缀看不出是什么表; 用 --from parquet|json|csv 指明")


def _session(master: str, conf: list[str]) -> tuple[SparkSession, bool]:
    """A session, and whether it was made here. Raises UsageError where Spark or Java is missing."""
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise UsageError("要用 PySpark; 请先 pip install 'fanzha[spark]'") from None
    there = SparkSession.getActiveSession()
    if there is not None:
        return there, False
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise UsageError("Spark 要用 Java 17 或更新; 如 apt-get install openjdk-17-jre-headless, 或设 JAVA_HOME")
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # its workers are to find what this process finds
    # It asks for pandas, of which mapInArrow uses nothing.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    builder = SparkSession.builder.appName("fanzha").master(master)
    builder = builder.config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "ERROR")
    for setting in conf:
        name, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--conf 写成 名=值, 如 --conf spark.driver.memory=4g; 不能是 {setting}")
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session, True


def _read(session: SparkSession, source: str, form: Table) -> DataFrame:
    from pyspark.errors import AnalysisException

    from fanzha.errors import InputError

    try:
        if form is Table.CSV:
            return session.read.csv(source, header=True, multiLine=True, escape='"')
        return session.read.json(source) if form is Table.JSON else session.read.parquet(source)
    except AnalysisException as error:
        raise InputError(f"读不了 ({error.getCondition() or type(error).__name__})", where=source) from None


def _write(session: SparkSession, scored: DataFrame, target: str, *, overwrite: bool) -> None:
    from pyspark.errors import AnalysisException
    from rich.text import Text

    from fanzha.cli.terminal import console
    from fanzha.render.text import LEVEL_NAMES
    from fanzha.verdict import LEVELS

    form = "json" if _SUFFIXES.get(os.path.splitext(target.rstrip("/"))[1].lower()) is Table.JSON else "parquet"
    try:
        scored.write.mode("overwrite" if overwrite else "error").format(form).save(target)
    except AnalysisException as error:
        if error.getCondition() == "PATH_ALREADY_EXISTS":
            raise UsageError(f"{target}: 已经有了; 换一个去处, 或加 --overwrite") from None
        raise
    counts = {
        row["level"]: row["count"] for row in session.read.format(form).load(target).groupBy("level").count().collect()
    }
    levels = " · ".join(f"{LEVEL_NAMES[level]} {counts.get(level, 0)}" for level in reversed(LEVELS))
    unread = f" · 读不了 {counts[None]}" if counts.get(None) else ""
    console().print(Text(f"共 {sum(counts.values())} 行: {levels}{unread}; 已写 {target}"), soft_wrap=True)
