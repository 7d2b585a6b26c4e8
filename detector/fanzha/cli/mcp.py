"""fanzha mcp: the MCP server over standard input and output, if its extra is installed."""

from __future__ import annotations

from fanzha.cli.failures import UsageError
from fanzha.cli.options import Rules, load_detector


def mcp(rules: Rules = None) -> None:
    """Serve MCP clients until they close the connection."""
    try:
        from fanzha.adapters.mcp import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise UsageError("没有安装 mcp; 请先 pip install 'fanzha[mcp]'") from None
    run(load_detector(rules))
