"""What tells one mannequin from another."""

from dataclasses import dataclass

from demo.render.studio import Rgb


@dataclass(frozen=True)
class Look:
    """Colours are 8-bit sRGB, lengths body heights, `arms` degrees from the vertical."""

    male: bool
    skin: Rgb
    lips: Rgb
    iris: Rgb
    hair: str
    hair_colour: Rgb
    top: Rgb
    shorts: Rgb
    shoes: Rgb
    backdrop: Rgb
    wide: float = 1.0
    arms: tuple[float, float] = (18, 12)
    sway: float = 0.012
    tilt: float = 0.03
    blush: float = 0.45
    nose: float = 1.0
    top_hem: float = 0.532
    shorts_hem: float = 0.385
