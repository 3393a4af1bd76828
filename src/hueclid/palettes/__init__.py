"""Palettes as files of other programs, by name, and in other orders."""

from .files import decode, encode, read, write
from .names import names
from .order import in_order
from .text import entries

__all__ = ["decode", "encode", "entries", "in_order", "names", "read", "write"]
