"""Pictures to measure on, drawn here, the same every time: a module for each kind."""

from . import chart, gradient, icon, illustration, map, pixel_art, text, ui  # noqa: A004 kinds, not functions
from .easel import PICTURES, kind

__all__ = ["PICTURES", "chart", "gradient", "icon", "illustration", "kind", "map", "pixel_art", "text", "ui"]
