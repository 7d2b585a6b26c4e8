"""What an operator can set, by argument or by environment (FANZHA_API_KEY, FANZHA_RULES, …).

Host and port are arguments of `serve` only: in Kubernetes a service named fanzha puts FANZHA_PORT=tcp://…
into every container, and reading that as our port would stop the server from starting.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Limits in bytes and characters; `rules` are folders, separated as in PATH, added to those bundled."""

    model_config = SettingsConfigDict(env_prefix="FANZHA_", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr | None = None
    rules: str = ""
    max_body_bytes: Annotated[int, Field(ge=1)] = 2 * 1024 * 1024
    inline_chars: Annotated[int, Field(ge=0)] = 4_000

    @field_validator("api_key")
    @classmethod
    def _blank_is_none(cls, key: SecretStr | None) -> SecretStr | None:
        """`FANZHA_API_KEY=` in a compose file means no key; it must never become a key that everybody has."""
        return key if key is not None and key.get_secret_value().strip() else None

    @property
    def rule_folders(self) -> list[Path]:
        """The folders of `rules`."""
        return [Path(folder) for folder in self.rules.split(os.pathsep) if folder]
