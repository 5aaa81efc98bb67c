"""The catalogue: every garment's cut and colours."""

from collections.abc import Callable
from dataclasses import dataclass

from demo.render.bottoms import Denim, jeans, shorts, skirt
from demo.render.dresses import Flowers, dress
from demo.render.flatlay import Sheet
from demo.render.studio import Photo, Rgb
from demo.render.tops import DunesPrint, longsleeve, polo, tee

DETAIL = 2.0


@dataclass(frozen=True)
class Garment:
    """One photo of the catalogue; `seed` places its folds, so that no two lie alike.

    down: how far below its usual place it lies on the table, in pixels.
    shadow: of its drop shadow; a full one is as dark as a light cloth, and gets cut out with it.
    """

    shown: str
    slot: str
    sku: str
    seed: int
    lay: Callable[[Sheet], None]
    down: float = 0
    shadow: float = 1

    def render(self, detail: float = DETAIL) -> Photo:
        """900 x 1200 BGR uint8; detail: pixels computed per pixel and axis."""
        sheet = Sheet(self.seed, detail, self.down, self.shadow)
        self.lay(sheet)
        return sheet.finish()


def tee_in(colour: Rgb, print_: DunesPrint) -> Callable[[Sheet], None]:
    return lambda sheet: tee(sheet, colour, print_)


def polo_in(colour: Rgb, button: Rgb) -> Callable[[Sheet], None]:
    return lambda sheet: polo(sheet, colour, button)


def stripes_in(ground: Rgb, ink: Rgb) -> Callable[[Sheet], None]:
    return lambda sheet: longsleeve(sheet, ground, ink)


def jeans_in(denim: Denim) -> Callable[[Sheet], None]:
    return lambda sheet: jeans(sheet, denim)


def shorts_in(colour: Rgb) -> Callable[[Sheet], None]:
    return lambda sheet: shorts(sheet, colour)


def skirt_in(colour: Rgb) -> Callable[[Sheet], None]:
    return lambda sheet: skirt(sheet, colour)


def dress_in(flowers: Flowers) -> Callable[[Sheet], None]:
    return lambda sheet: dress(sheet, flowers)


SUNSET = DunesPrint(
    sun=(240, 178, 92),
    dunes=((226, 112, 78), (178, 72, 70), (58, 52, 74)),
    ring=(240, 226, 200),
)
DAWN = DunesPrint(
    sun=(250, 226, 178),
    dunes=((242, 184, 128), (92, 116, 128), (48, 62, 84)),
    ring=(250, 236, 214),
)
BLUE = Denim(new=(46, 66, 108), worn=(150, 176, 208), thread=(206, 148, 84))
INK = Denim(
    new=(30, 33, 46),
    worn=(86, 94, 116),
    thread=(112, 98, 88),
    rivet=(120, 112, 104),
    wear=0.8,
)
ECRU = Denim(
    new=(196, 178, 142),
    worn=(230, 218, 190),
    thread=(168, 138, 94),
    rivet=(150, 126, 92),
    wear=0.7,
)
NAVY_FLORAL = Flowers(
    ground=(36, 62, 92),
    petals=((244, 222, 190), (226, 120, 92), (238, 176, 88)),
    leaf=(94, 138, 112),
    heart=(120, 70, 44),
)
PLUM_FLORAL = Flowers(
    ground=(84, 42, 68),
    petals=((246, 226, 214), (228, 150, 160), (236, 190, 120)),
    leaf=(128, 140, 104),
    heart=(110, 58, 50),
)

GREEN_TEE = tee_in((92, 124, 108), SUNSET)
CLAY_TEE = tee_in((176, 106, 82), DAWN)
BURGUNDY_POLO = polo_in((122, 42, 54), button=(226, 214, 200))
NAVY_POLO = polo_in((44, 58, 92), button=(232, 228, 220))
NAVY_STRIPES = stripes_in((38, 52, 84), (222, 202, 164))
RUST_STRIPES = stripes_in((134, 62, 44), (236, 222, 198))

CHINO_SHORTS = shorts_in((186, 158, 116))
NAVY_SHORTS = shorts_in((52, 62, 84))
RUST_SKIRT = skirt_in((176, 92, 58))

GARMENTS = {
    "tee-dunes": Garment("Dunes tee, green", "top", "TEE-DUN-GRN", 11, GREEN_TEE),
    "tee-clay": Garment("Dunes tee, clay", "top", "TEE-DUN-CLY", 21, CLAY_TEE),
    "polo-burgundy": Garment("Piqué polo, burgundy", "top", "POL-PIQ-BUR", 13, BURGUNDY_POLO),
    "polo-navy": Garment("Piqué polo, navy", "top", "POL-PIQ-NVY", 23, NAVY_POLO),
    "longsleeve-stripes": Garment(
        "Breton long-sleeve, navy", "top", "LSL-STR-NVY", 12, NAVY_STRIPES
    ),
    "longsleeve-rust": Garment("Breton long-sleeve, rust", "top", "LSL-STR-RST", 22, RUST_STRIPES),
    "jeans-blue": Garment("Slim jeans, blue", "bottom", "JNS-SLM-BLU", 14, jeans_in(BLUE)),
    "jeans-ink": Garment("Slim jeans, ink", "bottom", "JNS-SLM-INK", 24, jeans_in(INK)),
    "jeans-ecru": Garment(
        "Slim jeans, ecru", "bottom", "JNS-SLM-ECR", 34, jeans_in(ECRU), shadow=0.3
    ),
    "shorts-chino": Garment("Chino shorts, sand", "bottom", "SHO-CHI-SND", 15, CHINO_SHORTS, 110),
    "shorts-navy": Garment("Chino shorts, navy", "bottom", "SHO-CHI-NVY", 25, NAVY_SHORTS, 110),
    "skirt-rust": Garment("Button skirt, rust", "bottom", "SKI-BUT-RST", 17, RUST_SKIRT, 90),
    "dress-floral": Garment(
        "Floral dress, navy", "dress", "DRS-FLO-NVY", 16, dress_in(NAVY_FLORAL)
    ),
    "dress-plum": Garment("Floral dress, plum", "dress", "DRS-FLO-PLM", 26, dress_in(PLUM_FLORAL)),
}
