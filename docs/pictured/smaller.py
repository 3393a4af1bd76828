"""What files lose for fewer bytes."""

import hueclid

from .tools import PICTURES, figure, fill, photograph, side_by_side, table


def fewest_bytes() -> None:
    """Make `fewest_bytes.md`'s pictures: the dial, on a part of a photograph at twice the size, and in numbers."""
    coffee = photograph("coffee")
    shown, rows = [], []
    for lossy in (0, 20, 30, 50, 70):
        indexed = hueclid.quantize(coffee, lossy=lossy)
        path = PICTURES / f"bytes-{lossy}.png"
        size, score = indexed.save(path), hueclid.measure(coffee, indexed).ssimulacra2
        rows.append((lossy, f"{size:,}", f"{score:.1f}"))
        crop = indexed.to_pixels()[60:240, 300:510, :3].repeat(2, axis=0).repeat(2, axis=1)
        hueclid.quantize(crop, 256, dither="none").save(path, optimize="max")
        if lossy in (0, 30, 70):
            shown.append(figure(path.name, f"lossy {lossy}", f"{size:,} bytes, SSIMULACRA2 {score:.1f}"))
        else:
            path.unlink()
    note = "*256 colors, a part, each pixel shown as 2 x 2. Photograph: Rachel Michetti, CC0, from scikit-image.*"
    numbers = table(("`lossy`", "bytes", "SSIMULACRA2"), rows)
    fill("fewest_bytes.md", dial="\n\n".join([side_by_side(shown), note, numbers]))
