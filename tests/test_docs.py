"""What the documents show, runs."""

import doctest
import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = sorted(path.stem for path in (ROOT / "src" / "hueclid").glob("*.py") if not path.stem.startswith("__"))


def blocks(language):
    """Fenced blocks of a language, with the place where they stand."""
    found = []
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        for match in re.finditer(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            line = text[: match.start()].count("\n") + 1
            found.append(pytest.param(match[1], id=f"{document.name}:{line}"))
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch, coffee, icon):
    """A folder with the pictures that the examples name."""
    monkeypatch.chdir(tmp_path)
    for name in ("photo", "cat", "dog"):
        Image.fromarray(coffee).save(f"{name}.jpg")
    Image.fromarray(icon).save("icon.png")
    (tmp_path / "small").mkdir()
    return tmp_path


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_docstrings(module):
    assert doctest.testmod(importlib.import_module(f"hueclid.{module}")).failed == 0


@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples(code, folder):
    exec(compile(code, "example", "exec"), {"__name__": "example"})


@pytest.mark.parametrize("code", blocks("console"))
def test_console_examples(code, folder):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    commands = [line[2:] for line in code.splitlines() if line.startswith("$ hueclid")]
    for command in commands:
        done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{shlex.quote(command)}: {done.stderr}"


def test_every_picture_is_shown_and_every_picture_shown_is_there():
    shown = set()
    for document in DOCUMENTS:
        for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", document.read_text("utf-8")):
            assert (document.parent / link).is_file(), f"{document.name}: {link}"
            shown.add((document.parent / link).resolve())
    assert set((ROOT / "docs" / "pictures").iterdir()) <= shown


def test_the_documents_have_examples():
    assert len(list(blocks("python"))) >= 2
    assert len(list(blocks("console"))) >= 1
