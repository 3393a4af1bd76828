"""`hueclid measure`."""

import json
from pathlib import Path

import pytest
from command import call, names, photographs, pipe

import hueclid


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with three photographs, and two results of the first."""
    monkeypatch.chdir(tmp_path)
    for colors in (4, 16):
        hueclid.quantize(photographs(tmp_path) / "a.png", colors).save(f"a-k{colors}.png")
    return tmp_path


def test_the_table_has_a_row_for_each_result(folder: Path) -> None:
    before = names(folder)
    done = call("measure", "a.png", "a-k4.png", "a-k16.png", "a.png")
    assert (done.exit_code, done.stderr) == (0, "")
    heads, *rows = [line.split() for line in done.stdout.splitlines()]
    assert heads == ["mse", "psnr", "delta_e", "p95", "ssimulacra2", "blurred_error", "result"]
    for row, name in zip(rows, ("a-k4.png", "a-k16.png"), strict=False):
        quality = hueclid.measure(hueclid.read("a.png"), hueclid.read(name))
        assert row[:2] + row[4:] == [
            f"{quality.mse:.2f}",
            f"{quality.psnr:.2f}",
            f"{quality.ssimulacra2:.2f}",
            f"{quality.blurred_error:.4f}",
            name,
        ]
    assert rows[2] == ["0.00", "equal", "0.000", "0.000", "100.00", "0.0000", "a.png"]
    assert len({line.index(line.split()[-1]) for line in done.stdout.splitlines()}) == 1
    assert names(folder) == before


def test_objects_tell_the_same(folder: Path) -> None:
    done = call("measure", "a.png", "a-k4.png", "a.png", "--json")
    first, second = map(json.loads, done.stdout.splitlines())
    quality = hueclid.measure(hueclid.read("a.png"), hueclid.read("a-k4.png"))
    assert first == {
        "original": "a.png",
        "result": "a-k4.png",
        "mse": round(quality.mse, 6),
        "psnr": round(quality.psnr, 6),
        "delta_e": round(quality.delta_e, 6),
        "delta_e_p95": round(quality.delta_e_p95, 6),
        "ssimulacra2": round(quality.ssimulacra2, 6),
        "blurred_error": round(quality.blurred_error, 6),
    }
    assert (second["psnr"], second["ssimulacra2"]) == (None, 100)


def test_what_fails_fails_alone(folder: Path) -> None:
    (folder / "broken.png").write_bytes(b"no image")
    hueclid.quantize(hueclid.read("a.png")[:, 1:], 4).save("narrow.png")
    results = ["gone.png", "broken.png", "narrow.png", "a-k4.png"]
    done = call("measure", "a.png", *results)
    assert done.exit_code == 1
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["result", "a-k4.png"]
    words = " ".join(done.stderr.split())
    assert "hueclid: gone.png: " in words
    assert "hueclid: broken.png: " in words
    assert "hueclid: narrow.png: result must be as large as original, 32 x 24 pixels, got 31 x 24" in words
    told = [json.loads(line) for line in call("measure", "a.png", *results, "--json").stdout.splitlines()]
    assert [("failure" in line, line["original"], line["result"]) for line in told] == [
        (name != "a-k4.png", "a.png", name) for name in results
    ]


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["gone.png", "a.png"], 1, "hueclid: gone.png: "),
        (["a.png"], 2, "Missing argument 'RESULT...'"),
        (["-", "-"], 2, "standard input is one image"),
        (["a.png", "a.png", "--threads", -1], 2, "--threads"),
        (["a.png", "a.png", "--max-pixels", 9], 1, "a.png"),
    ],
)
def test_wrong_usage_prints_no_table(folder: Path, args: list[object], status: int, words: str) -> None:
    done = call("measure", *args)
    assert (done.exit_code, done.stdout) == (status, "")
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_images_come_through_pipes(folder: Path) -> None:
    expected = call("measure", "a.png", "a-k4.png").stdout
    for args, piped in ((["-", "a-k4.png"], "a.png"), (["a.png", "-"], "a-k4.png")):
        done = pipe("measure", *args, stdin=Path(piped).read_bytes())
        assert done.stdout.decode().replace("  -\n", "  a-k4.png\n") == expected


def test_small_images_have_no_ssimulacra2(folder: Path) -> None:
    hueclid.quantize(hueclid.read("a.png")[:7], 4).save("small.png")
    assert call("measure", "small.png", "small.png").stdout.splitlines()[1].split()[4] == "small"
    assert json.loads(call("measure", "small.png", "small.png", "--json").stdout)["ssimulacra2"] is None
