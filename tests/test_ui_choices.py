"""What the page offers is what the API and the command line take, and the lines to copy give the very bytes."""

import inspect
import io
import shlex
import zipfile
from pathlib import Path

import numpy as np
import pytest
from command import call, names
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import hueclid
from hueclid.cli.quantize import quantize
from hueclid.codec import encode
from hueclid.options import (
    ACCENTS,
    ALPHA,
    ALPHA_DITHER,
    COLORS_OR_AUTO,
    DIRECT_SEARCH,
    DITHER,
    DITHER_FORM,
    DITHER_PATH,
    DITHER_STRENGTH,
    EFFORT,
    FIT,
    FLAT,
    FORMAT,
    IMPORTANCE,
    LOSSY,
    MATTE,
    MAX_BYTES,
    METHOD,
    MIN_PSNR,
    MIN_SSIMULACRA2,
    OBJECTIVE,
    OPTIMIZE,
    PINNED,
    QUALITY,
    SEED,
    SPACE,
)
from hueclid.ui.choices import NAMES, SHOWN, Choices
from hueclid.ui.jobs import Stopped
from hueclid.ui.presets import PRESETS
from hueclid.ui.session import Sessions
from hueclid.ui.work import archive, ladder, open_picture, outcomes, preview

DRAWN = {
    COLORS_OR_AUTO: st.integers(2, 12) | st.just("auto"),
    SPACE: st.sampled_from(SPACE.choices),
    DITHER: st.sampled_from([name for name in DITHER.choices if name != "ostromoukhov"]),
    DITHER_STRENGTH: st.sampled_from([0.0, 0.35, 1.0]),
    DITHER_PATH: st.sampled_from(DITHER_PATH.choices),
    DITHER_FORM: st.sampled_from(DITHER_FORM.choices),
    METHOD: st.sampled_from(METHOD.choices),
    EFFORT: st.sampled_from(EFFORT.choices),
    OBJECTIVE: st.sampled_from(OBJECTIVE.choices),
    SEED: st.integers(0, 5),
    FIT: st.integers(0, 2),
    DIRECT_SEARCH: st.integers(0, 1),
    FLAT: st.sampled_from(FLAT.choices),
    IMPORTANCE: st.sampled_from(IMPORTANCE.choices),
    ACCENTS: st.sampled_from([0.0, 0.5]),
    ALPHA: st.sampled_from(["full", "binary", 4]),
    ALPHA_DITHER: st.sampled_from(ALPHA_DITHER.choices),
    MATTE: st.just("#12aB34"),
    MIN_PSNR: st.just(12.5),
    MIN_SSIMULACRA2: st.just(20.0),
    MAX_BYTES: st.sampled_from([900, 1200]),
    QUALITY: st.sampled_from([10, 30]),
    LOSSY: st.sampled_from([0.0, 55.0]),
    OPTIMIZE: st.sampled_from(OPTIMIZE.choices),
    FORMAT: st.sampled_from(NAMES),
    PINNED: st.just([(1, 2, 3, 255), (250, 251, 252, 128)]) | st.just(["#ff0000"]),
}


def go(note=""):
    """The checkpoint of work that nobody stops."""


@st.composite
def choices(draw):
    made = Choices({COLORS_OR_AUTO.name: 8})
    for option in draw(st.lists(st.sampled_from(list(DRAWN)), max_size=5, unique=True)):
        made.choose(option, draw(DRAWN[option]))
    return made


def picture_of(image, name="photo.png", **settings):
    path = Path(name)
    image.save(path, **settings)
    return Sessions(1 << 24).picture(path.read_bytes(), name)


def result(picture, made):
    (subject,) = open_picture(picture, 1 << 24)
    return list(outcomes(subject, made, go))[-1]


def test_a_newer_choice_ends_a_mapping_at_a_loss(coffee, tmp_path, monkeypatch):
    """It hears of rows on the way, and nothing comes of it."""
    monkeypatch.chdir(tmp_path)
    picture = picture_of(Image.fromarray(np.tile(coffee, (4, 4, 1))))
    (subject,) = open_picture(picture, 1 << 24)

    def stop(note=""):
        if note.startswith("row"):
            raise Stopped

    with pytest.raises(Stopped):
        next(outcomes(subject, Choices({EFFORT.name: "fast"}), stop))


@given(made=choices(), clear=st.booleans(), dpi=st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_command_and_python_give_the_bytes_of_the_download(made, clear, dpi, photo, icon, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    part = Image.fromarray((icon if clear else photo)[80:140, 60:130])
    picture = picture_of(part, "my photo's.png", **({"dpi": (300, 300)} if dpi else {}))
    try:
        expected = result(picture, made)
    except (ValueError, hueclid.HueclidError):
        assert call(*shlex.split(made.command(picture))[1:]).exit_code in (1, 2)
        return
    larger = expected.file is not None and len(expected.file) >= len(picture.data)
    done = call(*shlex.split(made.command(picture, larger=larger))[1:])
    if expected.file is None:
        assert done.exit_code == 1
        return
    assert done.exit_code == 0, done.stderr
    written = tmp_path / made.file_name(picture.name)
    assert names(tmp_path) == {picture.name, written.name}
    assert written.read_bytes() == expected.file
    written.unlink()
    exec(made.python(picture), {})
    assert written.read_bytes() == expected.file


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("dpi", [{}, {"dpi": (300, 300)}])
def test_unasked_the_page_does_what_the_command_line_does(kind, dpi, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture = picture_of(Image.fromarray(photo), "photo.jpg", **dpi)
    made = Choices({FORMAT.name: kind})
    assert call("quantize", "photo.jpg", "-o", f"plain.{kind}").exit_code == 0
    assert Path(f"plain.{kind}").read_bytes() == result(picture, made).file
    assert made.command(picture) == f"hueclid quantize photo.jpg -k 256 -o photo-k256.{kind}"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
@pytest.mark.parametrize("kind", NAMES)
def test_presets(preset, kind, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo = photo[:90, :120]
    made = Choices({**preset.values, "format": kind})
    picture = picture_of(Image.fromarray(photo))
    done = result(picture, made)
    alpha = {"alpha": "binary"} if kind == "gif" else {}
    expected = hueclid.quantize(photo, **preset.values, **alpha, lossy="auto", lossy_for=kind)
    assert done.indexed == expected
    assert done.file == encode(expected, kind)
    assert done.psnr == pytest.approx(hueclid.measure(photo, expected).psnr)
    assert done.ssimulacra2 == pytest.approx(hueclid.measure(photo, expected).ssimulacra2)


def test_the_page_offers_what_api_and_command_line_take():
    api = inspect.signature(hueclid.quantize).parameters
    flags = {parameter.name for parameter in quantize.params}
    for option in SHOWN:
        assert option.name in api
        assert option.name in flags
    assert {FORMAT.name, OPTIMIZE.name} <= flags


def test_what_is_of_no_use_is_left_out():
    made = Choices()
    made.choose(DITHER_PATH, "raster")
    made.choose(DITHER_STRENGTH, 0.5)
    made.choose(DITHER, "none")
    made.choose(SEED, 3)
    made.choose(METHOD, "wu")
    assert made.keywords() == {"colors": 256, "lossy": "auto", "dither": "none", "method": "wu"}
    made.choose(METHOD, "kmeans")
    made.choose(DITHER, "burkes")
    assert made.keywords() == {
        "colors": 256,
        "lossy": "auto",
        "dither": "burkes",
        "seed": 3,
        "dither_strength": 0.5,
        "dither_path": "raster",
    }
    made.choose(LOSSY, 40.0)
    assert "lossy" not in made.keywords() or made.keywords()["lossy"] == "auto"
    assert made.way == "auto"


@pytest.mark.parametrize(
    ("values", "way", "lossy"),
    [
        ({}, "auto", "auto"),
        ({LOSSY: 40.0}, "loss", 40.0),
        ({LOSSY: 0.0}, "loss", None),
        ({QUALITY: 60, LOSSY: 40.0}, "quality", None),
        ({MAX_BYTES: 9000}, "size", None),
        ({MAX_BYTES: 9000, COLORS_OR_AUTO: "auto"}, "auto", "auto"),
        ({MIN_SSIMULACRA2: 60}, "auto", "auto"),
        ({MIN_PSNR: 30.0}, "auto", None),
    ],
)
def test_ways_to_say_how_small(values, way, lossy):
    made = Choices()
    for option, value in values.items():
        made.choose(option, value)
    assert made.way == way
    assert made.keywords().get("lossy") == lossy


def test_names_of_files_are_no_flags(photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture = picture_of(Image.fromarray(photo), "-a b.png")
    assert Choices().command(picture) == "hueclid quantize './-a b.png' -k 256 -o './-a b-k256.png'"


def test_an_animation_gives_its_first_frame(photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frames = [Image.fromarray(photo[:60, :60]), Image.fromarray(photo[60:120, :60])]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:])
    picture, made = Sessions(1 << 24).picture(Path("a.gif").read_bytes(), "a.gif"), Choices()
    assert (picture.format, picture.frames) == ("gif", 2)
    expected = result(picture, made).file
    assert call(*shlex.split(made.command(picture))[1:]).exit_code == 0
    assert Path("a-k256.png").read_bytes() == expected
    Path("a-k256.png").unlink()
    exec(made.python(picture), {})
    assert Path("a-k256.png").read_bytes() == expected


def test_thumbnails_and_previews_are_results_of_copies(photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (subject,) = open_picture(picture_of(Image.fromarray(photo)), 1 << 24)
    made = Choices()
    assert preview(subject.small, made) == hueclid.quantize(photo, effort="fast")
    steps = dict(ladder(subject, made, go))
    assert list(steps) == [2, 3, 4, 8, 16, 32, 64, 128, 256]
    assert hueclid.read(steps[3]).shape[:2] == subject.tiny.shape[:2]
    made.choose(PINNED, ["#ff0000", "#00ff00", "#0000ff"])
    assert list(dict(ladder(subject, made, go))) == [3, 4, 8, 16, 32, 64, 128, 256]


def test_an_archive_holds_what_could_be_done(photo, icon, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures = [picture_of(Image.fromarray(part), "a.png") for part in (photo, photo[:50], icon)]
    made = Choices({"colors": 2, "pinned": PINNED.check(["#102030", "#ffffff"])})
    ((data, failures),) = archive(pictures, made, 1 << 24, go)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.namelist() == ["a-k2.png", "a-k2-2.png"]
        assert packed.read("a-k2.png") == encode(
            hueclid.quantize(photo, 2, lossy="auto", pinned=["#102030", "#ffffff"]), "png"
        )
    assert len(failures) == 1
    assert failures[0].startswith("a.png: pinned must leave room")
    assert [data for data, _ in archive(pictures, made, 1 << 24, go)] == [data]
