"""`hueclid ui` begins and ends as it should, and says why when it can't."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from browser import served
from command import call, photographs

pytest.importorskip("nicegui", reason="needs the extra ui")


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "hueclid.ui.server", None)
    monkeypatch.delitem(sys.modules, "hueclid.ui.server")
    monkeypatch.setitem(sys.modules, "nicegui", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = call("ui", "--no-browser")
    assert done.exit_code == 1
    assert done.stderr == "hueclid: the page needs uvicorn; install it with: pip install 'hueclid[ui]'\n"


def test_a_file_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call("ui", "--no-browser", "gone.png")
    assert (done.exit_code, done.stderr) == (1, "hueclid: gone.png: No such file or directory\n")


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_is_a_number(port):
    done = call("ui", "--no-browser", "--port", port)
    assert done.exit_code == 2
    assert "must be an integer from 0 to 65535" in done.stderr


def test_a_taken_port_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = call("ui", "--no-browser", "--port", port)
    assert done.exit_code == 2
    assert f"can't listen on 127.0.0.1, port {port}" in done.stderr


def test_an_image_that_is_none_is_named_and_the_page_opens(tmp_path: Path):
    photographs(tmp_path)
    (tmp_path / "b.png").write_bytes(b"no image")
    with served("a.png", "b.png", cwd=tmp_path) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
        assert process.returncode == 0
        assert stderr == "hueclid: b.png: not an image, or of a format that can't be read\n"


def test_nothing_of_the_page_is_imported_by_other_commands():
    code = "import sys, hueclid.cli; sys.exit('nicegui' in sys.modules or 'hueclid.ui' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
