"""Pictures and pages that show colors: clouds, strips, passes, comparisons.

Each function returns the bytes of a file. Pages are one HTML file each, which loads nothing from anywhere.
"""

from .clouds import cloud
from .comparisons import Result, comparison
from .movies import steps
from .strips import strip

__all__ = ["Result", "cloud", "comparison", "steps", "strip"]
