"""Who may import whom: the table is the architecture, this test keeps it true."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "hueclid"

MAY_IMPORT = {
    "errors": "",
    "options": "",
    "pixels": "numpy",
    "alpha": "_core options pixels numpy",
    "histogram": "_core notebook pixels options numpy",
    "flat": "_core options pixels numpy",
    "methods": "_core histogram options numpy",
    "pins": "histogram options numpy",
    "palette": "_core histogram methods notebook options palettes pins pixels numpy",
    "clusters": "_core options numpy",
    "dithering": "codec options numpy",
    "indexed": "_core dithering lossy palette pixels options codec metadata notebook numpy PIL",
    "atomic": "errors",
    "icc": "numpy PIL",
    "chunks": "",
    "metadata": "chunks options PIL",
    "deep": "numpy PIL",
    "chromaticity": "deep numpy",
    "shaper": "chromaticity numpy",
    "srgb": "chromaticity deep icc options pixels shaper numpy PIL",
    "reader": "chunks deep errors metadata options pixels srgb numpy PIL",
    "codec": "_core atomic errors indexed metadata options pixels reader numpy PIL",
    "quality": "_core indexed pixels options numpy",
    "lossy": "dithering options",
    "look": "_core codec dithering flat histogram indexed lossy methods options palette pixels numpy",
    "choose": "_core errors histogram indexed options pixels quality numpy",
    "false_position": "",
    "suited": "",
    "smallest": "choose errors false_position indexed look lossy numpy options pixels quality suited tries",
    "tries": "alpha indexed look options pixels quality",
    "goal": "choose errors histogram indexed look lossy options palette pixels quality quality_scale smallest tries",
    "quality_scale": "choose errors histogram indexed options pixels quality",
    "curves": "atomic chart choose codec goal histogram indexed look lossy options palette quality numpy",
    "chart": "curves PIL",
    "api": "alpha choose codec dithering goal histogram indexed lossy quality_scale look methods options palette pins "
    "numpy",
    "sheet": "pixels numpy PIL",
    "notebook": "codec histogram indexed palette sheet numpy",
    "lloyd": "_core histogram options palette numpy",
    "plot": "_core codec histogram indexed lloyd options palette pixels quality sheet numpy PIL",
    "palettes": "_core atomic codec errors options palette plot numpy PIL",
    "compat": "api atomic chunks clusters codec errors flat goal histogram indexed look options palette pixels "
    "quality_scale numpy PIL sklearn",
    "cli": "alpha api atomic choose codec compat curves dithering errors flat goal histogram indexed look lossy "
    "options palette palettes pixels plot quality quality_scale reader sheet ui click rich numpy",
    "ui": "api codec curves errors histogram indexed lossy metadata options palette palettes pixels plot quality "
    "reader sheet numpy nicegui fastapi uvicorn",
    "__main__": "_core cli compat",
}
GUARDED = {*MAY_IMPORT, "_core", "hueclid", "numpy", "PIL", "click", "rich", "sklearn", "nicegui", "fastapi", "uvicorn"}
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def imported(path):
    """The guarded names that a module imports, itself and its folder's siblings left out."""
    names = set()
    inside = path.parent != PACKAGE
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if inside and node.level == 1:
                continue
            names |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
    return names & GUARDED


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_table(path):
    module = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert module in MAY_IMPORT, f"add {module} to the table"
    extra = imported(path) - set(MAY_IMPORT[module].split()) - {module}
    assert not extra, f"{module} must not import {sorted(extra)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_only_one_rust_folder_knows_python():
    sources = (PACKAGE.parents[1] / "rust" / "src").rglob("*.rs")
    assert {path.parent.name for path in sources if "pyo3" in path.read_text("utf-8")} == {"py"}
