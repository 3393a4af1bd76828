"""The command line as people see it: colors, pictures, help, and how fast it starts."""

import io
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from command import call, photographs, pipe, start

import hueclid
from hueclid.cli import draw, terminal
from hueclid.palette import Palette

HELP = Path(__file__).parent.parent / "docs" / "cli_help.txt"
COMMANDS = [[], ["quantize"], ["palette"], ["compare"], ["measure"], ["curve"], ["plot"]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with three photographs."""
    monkeypatch.chdir(tmp_path)
    return photographs(tmp_path)


@pytest.mark.parametrize("viewer", [0, 1])
def test_show_opens_the_viewer_or_says_that_it_cannot(
    folder: Path, monkeypatch: pytest.MonkeyPatch, viewer: int
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("click.launch", lambda path: opened.append(path) or viewer)
    done = call("quantize", "a.png", "-k", 4, "--show")
    assert done.exit_code == 0
    assert opened == [str(folder / "a-k4.png")]
    assert ("not shown" in done.stderr) == bool(viewer)


def test_picture_in_half_blocks() -> None:
    from rich.console import Console

    pixels = np.zeros((3, 2, 4), np.uint8)
    pixels[0, 0], pixels[1, 0], pixels[1, 1], pixels[2, 1] = (
        (255, 0, 0, 255),
        (0, 255, 0, 255),
        (0, 0, 255, 255),
        (9, 9, 9, 255),
    )
    screen = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=9, height=9, _environ={})
    draw.picture(pixels, screen)
    first, second = screen.file.getvalue().splitlines()
    assert first == "\x1b[38;2;255;0;0;48;2;0;255;0m▀\x1b[0m\x1b[38;2;0;0;255m▄\x1b[0m"
    assert second == " \x1b[38;2;9;9;9m▀\x1b[0m"


def test_swatches_fill_the_width() -> None:
    from rich.console import Console

    colors = np.array([[10, 20, 30, 255], [200, 100, 50, 255], [0, 0, 0, 0]], np.uint8)
    palette = Palette(colors, np.array([5, 3, 2], np.uint64))
    screen = Console(file=io.StringIO(), width=80, color_system=None, _environ={})
    draw.swatches(palette, screen)
    bar, *rest = screen.file.getvalue().splitlines()
    assert bar == "█" * 64 + " " * 16
    words = " ".join(rest).split()
    assert words == ["██", "#0a141e", "50.00%", "██", "#c86432", "30.00%", "#00000000", "20.00%"]


@pytest.mark.parametrize("plain", [{}, {"NO_COLOR": "1"}])
def test_colors_are_for_terminals_that_want_them(folder: Path, plain: dict[str, str]) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    environ = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **plain}
    process = start("palette", "a.png", "-k", 2, stdout=theirs, stderr=subprocess.PIPE, env=environ)
    os.close(theirs)
    seen = b""
    with open(ours, "rb", buffering=0) as screen:
        try:
            while piece := screen.read(4096):
                seen += piece
        except OSError:  # Linux says so when the other end closes
            pass
    process.communicate()
    histogram = hueclid.Histogram.count(hueclid.read("a.png"))
    assert hueclid.Palette.solve(histogram, 2).hex()[0].encode() in seen
    assert (b"\x1b[38;2;" in seen) == (not plain)


def test_pipes_get_no_escapes(folder: Path) -> None:
    done = pipe("quantize", "a.png", "b.png", "gone.png", "--json")
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"\x1b" not in pipe("palette", "a.png").stdout


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import hueclid.cli", {"numpy", "PIL", "rich"}),
        (
            "from hueclid.__main__ import main; sys.argv[1:] = ['--version']; main()",
            {"numpy", "PIL", "click"},
        ),
    ],
)
def test_start_imports_nothing_heavy(code: str, heavy: set[str]) -> None:
    script = f"import sys\n{code}\nsys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not heavy & set(done.stderr.split())


def test_a_run_in_a_pipe_needs_no_rich_nor_threads_of_blas(folder: Path) -> None:
    script = (
        "import os, sys\nfrom hueclid.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    status = end.code\n"
        "names = {'rich.console', 'numpy.ma', 'PIL.ImageCms'} & {*sys.modules}\n"
        "print(status, names, os.environ['OPENBLAS_NUM_THREADS'])"
    )
    environ = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-c", script, "quantize", "a.png"]
    assert subprocess.run(command, capture_output=True, text=True, env=environ).stdout == "0 set() 1\n"
    environ["OPENBLAS_NUM_THREADS"] = "2"
    done = subprocess.run([*command, "--force"], capture_output=True, text=True, env=environ)
    assert done.stdout == "0 set() 2\n"


@pytest.mark.parametrize(
    ("entry", "words", "status"),
    [
        ("main", ["quantize", "a.png", "-k", "2"], 0),
        ("main", ["quantize", "gone.png"], 1),
        ("main", ["quantize", "a.png", "-k", "none"], 2),
        ("pngquant", ["2", "a.png"], 0),
        ("pngquant", ["2", "gone.png"], 2),
    ],
)
def test_a_run_ends_at_once_but_not_before_all_is_done(entry: str, words: list[str], status: int, folder: Path) -> None:
    """The process leaves without the interpreter's last steps: with its status, after what was put off to the end."""
    script = (
        "import atexit, sys, threading, time\nfrom hueclid import __main__\n"
        "threading.Thread(target=lambda: (time.sleep(0.3), sys.stdout.write('a thread\\n'))).start()\n"
        "class Last:\n    def __del__(self): print('the interpreter ended')\n"
        "last = Last()\n"
        f"run = __main__.{entry}\n"
        "try:\n    run()\nfinally:\n    atexit.register(print, 'later')"
    )
    command = [sys.executable, "-c", script, *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert (done.returncode, done.stdout) == (status, "a thread\nlater\n"), done.stderr


def test_version() -> None:
    done = pipe("--version")
    assert done.stdout.decode().split() == ["hueclid", hueclid.__version__]
    assert call("--version").stdout == done.stdout.decode()


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("qu", ["plain,quantize"]),
        ("quantize --dither-p", ["plain,--dither-path"]),
        ("quantize --dither bayer-1", ["plain,bayer-16"]),
        ("quantize -k a", ["plain,auto"]),
        ("quantize ph", ["file,ph"]),
        ("quantize photo.jpg -o sm", ["file,sm"]),
        ("measure photo.jpg ph", ["file,ph"]),
        ("pngquant ph", ["file,ph"]),
        ("none ph", []),
    ],
)
def test_shells_complete(words: str, completed: list[str]) -> None:
    code = "import sys; sys.argv = ['hueclid']; from hueclid.__main__ import main; main()"
    asked = {
        "_HUECLID_COMPLETE": "bash_complete",
        "COMP_WORDS": f"hueclid {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == completed
    assert not done.stderr


def test_help_is_the_reviewed_file() -> None:
    """HUECLID_REWRITE=1 writes the file anew. Click words some of it: with another one it proves nothing."""
    series = ".".join(version("click").split(".")[:2])
    pages = []
    for words in COMMANDS:
        done = pipe(*words, "--help", env=os.environ | {"COLUMNS": "100"})
        help_text = done.stdout.decode().replace("python -m hueclid", "hueclid")
        pages.append(f"$ hueclid {' '.join([*words, '--help'])}\n{help_text}")
    text = "\n".join([f"Written by tests/test_cli_terminal.py with click {series}.\n", *pages])
    if os.environ.get("HUECLID_REWRITE"):
        HELP.write_text(text, encoding="utf-8")
    reviewed = HELP.read_text(encoding="utf-8")
    if reviewed.splitlines()[0] != text.splitlines()[0]:
        pytest.skip(f"{HELP.name} was written with another click than {series}")
    assert text == reviewed


def test_lines_keep_brackets_and_length(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say("[bold]x[/bold].png", "word" * 60)
    assert capsys.readouterr().err == f"hueclid: [bold]x[/bold].png: {'word' * 60}\n"
