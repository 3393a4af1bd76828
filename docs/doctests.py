"""Examples in docstrings as blocks of code on the docs site: an extension of griffe, which reads them."""

import re
from typing import Any

import griffe

EXAMPLES = re.compile(r"^>>> .+(?:\n.+)*", re.MULTILINE)


class Doctests(griffe.Extension):
    """Fences what begins with `>>>`, up to the next empty line."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object before it is parsed."""
        if obj.docstring:
            obj.docstring.value = EXAMPLES.sub(r"```pycon\n\g<0>\n```", obj.docstring.value)
