"""The HTTP service of fanzha: POST a conversation to /score, get its verdict.

from fanzha_api import create_app
app = create_app()  # any ASGI server; `fanzha_api.serve.run()` is the one that guards what it binds to
"""

from fanzha_api.app import create_app
from fanzha_api.settings import Settings

__all__ = ["Settings", "create_app"]
