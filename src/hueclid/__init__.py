"""hueclid reduces an image to a few colors by k-means: nearer to the picture, faster, in fewer bytes.

Pixels are counted into a `Histogram`, a histogram is solved into a `Palette`, pixels are mapped onto the palette into
an `Indexed`, and that is saved. `quantize` does all three. Names load when they are first used.
"""

import os
from typing import TYPE_CHECKING

# The core's allocator, mimalloc, reads this when the core loads: freed memory is kept for a second instead of ten
# milliseconds, so that a call after a pause need not touch new pages, a fifth of its time.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "1000")

if TYPE_CHECKING:
    from . import compat as compat
    from . import errors as errors
    from . import palettes as palettes
    from . import plot as plot
    from . import quality_scale as quality_scale
    from ._core import __version__ as __version__
    from .alpha import reduce_alpha as reduce_alpha
    from .api import quantize as quantize
    from .choose import knee as knee
    from .curves import Curve as Curve
    from .curves import curve as curve
    from .dithering import Kernel as Kernel
    from .dithering import Thresholds as Thresholds
    from .errors import HueclidError as HueclidError
    from .errors import ReadError as ReadError
    from .errors import TargetError as TargetError
    from .errors import WriteError as WriteError
    from .flat import flat_colors as flat_colors
    from .histogram import Histogram as Histogram
    from .indexed import Indexed as Indexed
    from .metadata import Metadata as Metadata
    from .palette import Palette as Palette
    from .quality import Quality as Quality
    from .quality import measure as measure
    from .reader import Source as Source
    from .reader import load as load
    from .reader import read as read

_HOMES = {
    "Curve": "curves",
    "Histogram": "histogram",
    "HueclidError": "errors",
    "Indexed": "indexed",
    "Kernel": "dithering",
    "Metadata": "metadata",
    "Palette": "palette",
    "Quality": "quality",
    "ReadError": "errors",
    "Source": "reader",
    "TargetError": "errors",
    "Thresholds": "dithering",
    "WriteError": "errors",
    "__version__": "_core",
    "curve": "curves",
    "flat_colors": "flat",
    "knee": "choose",
    "load": "reader",
    "measure": "quality",
    "quantize": "api",
    "read": "reader",
    "reduce_alpha": "alpha",
}

_PARTS = ("compat", "errors", "palettes", "plot", "quality_scale")
"""Modules with names of their own."""

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    """Import a name of the API from its module, or a module, once."""
    if name not in _HOMES and name not in _PARTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if name in _PARTS:
        return import_module(f".{name}", __name__)
    value: object = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted((*__all__, *_PARTS))
