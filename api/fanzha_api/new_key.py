"""Make an API key: `python -m fanzha_api.new_key NAME >> keys.txt`.

In: a name. Out: what is kept of the key on stdout, a line for FANZHA_API_KEYS_FILE; the key itself once, on stderr.
"""

from __future__ import annotations

import secrets
import sys

from fanzha_api.keys import NAME, hash_of


def main(arguments: list[str]) -> None:
    """Make one."""
    name = arguments[0] if arguments else "default"
    if NAME.fullmatch(name) is None:
        raise SystemExit("名字只用字母、数字、_ . -, 最多 40 个")
    key = secrets.token_urlsafe(32)
    print(f"{name}:{hash_of(key)}")  # noqa: T201 - a command speaks to its user
    print(f"密钥 (只显示这一次): {key}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
