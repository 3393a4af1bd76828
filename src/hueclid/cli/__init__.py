"""The command line: flags, files and words around the nouns; no arithmetic on pixels."""

from .app import app

__all__ = ["app"]
