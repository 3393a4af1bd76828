"""The pictures and the numbers of the docs site: `python docs/pictures.py` makes them anew.

Pictures go into docs/pictures; tables and figures into the pages, between their marks. Captions of results are of the
very files that are shown. The photographs are those of scikit-image that its documentation calls CC0 or public domain.
"""

from pictured.beginnings import gallery, index, tutorial
from pictured.dithered import dithering
from pictured.kept import graphics, transparency
from pictured.seen import for_the_eye
from pictured.smaller import fewest_bytes
from pictured.tools import PICTURES
from pictured.workings import how_it_works, parameters


def main() -> None:
    """Make all pictures anew, and no other."""
    PICTURES.mkdir(exist_ok=True)
    for path in PICTURES.iterdir():
        path.unlink()
    first = (index, tutorial, parameters, how_it_works, gallery)
    for make in (*first, for_the_eye, dithering, graphics, transparency, fewest_bytes):
        make()
    sizes = [path.stat().st_size for path in PICTURES.iterdir()]
    print(f"\n{len(sizes)} pictures, {sum(sizes):,} bytes")


if __name__ == "__main__":
    main()
