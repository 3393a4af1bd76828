"""How the reference reads the sources: an extension of griffe, which reads them for the docs site."""

import re
from typing import Any

import griffe

from hueclid import options

DEFAULT = re.compile(r"([A-Z0-9_]+)\.default")
EXAMPLES = re.compile(r"^>>> .+(?:\n.+)*", re.MULTILINE)


class Reference(griffe.Extension):
    """Shows examples as code, and the values of defaults instead of the names of their options."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Fence what begins with `>>>`, up to the next empty line, before the docstring is parsed."""
        if obj.docstring:
            obj.docstring.value = EXAMPLES.sub(r"```pycon\n\g<0>\n```", obj.docstring.value)

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Look up defaults that are those of an option."""
        for parameter in func.parameters:
            if option := DEFAULT.fullmatch(str(parameter.default)):
                parameter.default = repr(getattr(options, option[1]).default)
