"""What the docs site does beyond Markdown, as hooks of mkdocs: `make docs`.

The pages for those who come from somewhere list themselves; the command line's page is made of `cli_help.txt`; and a
page that would load anything from outside fails the build.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

DOCS = Path(__file__).parent
LOADS = re.compile(r"""<(?:img|script|iframe|source|video|link)\b[^>]*?\b(?:src|href)=["']?(?:https?:)?//[^"'\s>]+""")
STYLES = re.compile(r"""(?:@import|url\()\s*["']?(?:https?:)?//[^"'\s)]+""")
SOURCES = "default-src 'self' file: data: blob: 'unsafe-inline'"
POLICY = f'<meta http-equiv="Content-Security-Policy" content="{SOURCES}">'


def on_config(config: Any) -> Any:
    """List the pages `coming-from-*.md`, in the order of their names."""
    for section in config.nav:
        if "Coming from" in section:
            paths = sorted(DOCS.glob("coming[-_]from[-_]*.md"))
            section["Coming from"] = [{_title(path).removeprefix("Coming from "): path.name} for path in paths]
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put the help of each command under a heading of its own."""
    if page.file.src_uri != "command_line.md":
        return markdown
    _, *commands = re.split(r"^\$ (hueclid.*) --help\n", (DOCS / "cli_help.txt").read_text("utf-8"), flags=re.MULTILINE)
    parts = zip(commands[::2], commands[1::2], strict=True)
    return markdown + "".join(f"\n## `{name}`\n\n```text\n{text.strip()}\n```\n" for name, text in parts)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Refuse a page that would ask another machine for anything."""
    if found := LOADS.search(output) or STYLES.search(output):
        raise PluginError(f"{page.file.src_uri} would load {found[0]!r}; keep such a file in docs/ instead")
    return _closed(output)


def on_post_template(output_content: str, template_name: str, **_: Any) -> str:
    """Close pages that are no documents, such as 404.html."""
    return _closed(output_content) if template_name.endswith(".html") else output_content


def _closed(output: str) -> str:
    """Let browsers refuse what scripts of the theme may ask for: there is no other place than this one."""
    return output.replace("<head>", f"<head>{POLICY}", 1)


def _title(path: Path) -> str:
    """Return the first heading of a page."""
    return path.read_text("utf-8").partition("\n")[0].removeprefix("# ")
