"""Where rules stand: the bundled folder, and the rule files of a folder. Imports nothing: a quick start."""

from __future__ import annotations

from pathlib import Path


def bundled_rules() -> Path:
    """The rules shipped with the package: inside it when installed, beside it in a checkout."""
    inside = Path(__file__).parents[1] / "rules"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "rules"


LOCAL = "local"  # the part of a rule folder that belongs to the site


def rule_files(folder: Path) -> list[Path]:
    """The YAML files of a folder and of the folders in it, in order; those of local/ last, so that they may extend and
    replace the others.
    """
    files = [path for pattern in ("*.yaml", "*.yml") for path in folder.rglob(pattern)]
    return sorted(files, key=lambda path: (is_local(path, folder), path))


def is_local(path: Path, folder: Path) -> bool:
    """Whether a rule file stands in the local/ of its folder."""
    return path.relative_to(folder).parts[0] == LOCAL
