"""Label hair, skin, top, bottom and shoes by colours learned on this photo, without a network.

Every label has a cost per pixel: how unlikely its colour is, plus a prior of where it can be. The
costs are smoothed along the photo's edges before the cheapest label wins (cost-volume filtering,
Hosni et al. 2013), which is why label borders follow the cloth.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.arrays import Field, Image, Mask, Points
from engine.imaging.colour import Mixture, could_be_skin, to_lab
from engine.imaging.filters import Guide, square
from engine.imaging.outlines import ellipse, tube
from engine.person.anatomy import Anatomy
from engine.person.pose import ANKLE

HAIR, SKIN, TOP, BOTTOM, SHOE = range(5)
NOTHING = -1

COST_LEAST, COST_MOST = -5.0, 30.0
GUIDE_COST_MOST = 20.0
GUIDE_RADIUS_PX, GUIDE_EPS = 7, 2e-3
SKIN_CLUSTERS, CLOTH_CLUSTERS, HAIR_CLUSTERS = 3, 4, 3
# A cluster of the garment's colours that looks like skin is dropped up to this weight.
SKIN_SHARE_OF_TOP, SKIN_SHARE_OF_BOTTOM = 0.4, 0.25
DEFAULT_SKIN_LAB = (170.0, 145.0, 148.0)
LEAST_ISLAND = 0.0006  # of the picture


@dataclass(frozen=True)
class Parsed:
    """`labels` H×W int8 (-1 is background), `skin` the median Lab colour of the skin."""

    labels: Mask
    skin: Points


@dataclass
class _Photo:
    """What every step of the parser reads."""

    lab: Field
    inside: Mask
    anatomy: Anatomy
    u: Field
    v: Field
    skin_like: Mask


def parse_person(image: Image, alpha: Field, anatomy: Anatomy, picture_area: int) -> Parsed:
    """Label an H×W×3 uint8 BGR image; `picture_area` in pixels scales what is an island."""
    u, v = anatomy.frame.fields(anatomy.shape)
    photo = _Photo(to_lab(image), alpha > 0.5, anatomy, u, v, could_be_skin(image))
    skin_colours, skin_median = _skin_colours(photo)
    skin = Mixture.fitted(skin_colours, SKIN_CLUSTERS)
    seeds = _cloth_seeds(photo)
    cloth = {k: _cloth(seeds[k], skin, skin_colours, k) for k in (TOP, BOTTOM)}
    counted = photo.inside | (alpha > 0.05)
    colour = _colour_costs(photo, counted, skin, cloth, _hair(photo, skin))
    prior = _prior(photo)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    guide = Guide(grey, GUIDE_RADIUS_PX, GUIDE_EPS)
    smooth = np.stack([_smooth(guide, colour[k] + prior[k]) for k in range(5)])
    labels = _cheapest(smooth, photo.inside)
    again = _second_seeds(photo, labels)
    if again is not None:
        for k, seed in again.items():
            model = _cloth(seed, skin, skin_colours, k)
            cost = _cost_map(photo.lab, counted, model)
            smooth[k] = _smooth(guide, cost + prior[k])
        labels = _cheapest(smooth, photo.inside)
    for _ in range(2):
        _absorb_islands(labels, picture_area)
    return Parsed(labels, skin_median)


def _cheapest(costs: Field, inside: Mask) -> Mask:
    labels = np.argmin(costs, 0).astype(np.int8)
    labels[~inside] = NOTHING
    return labels


def _smooth(guide: Guide, cost: Field) -> Field:
    return guide.smooth(np.clip(cost, COST_LEAST, GUIDE_COST_MOST))


# -------------------------------------------------------------------- colours
def _skin_colours(photo: _Photo) -> tuple[Points, Points]:
    """Lab samples of this person's skin, and their median."""
    gate = photo.inside & photo.skin_like
    face = photo.lab[(photo.anatomy.cheeks > 0) & gate]
    hands = photo.lab[(photo.anatomy.hands > 0) & gate][::2]
    found = np.concatenate([face, hands])
    if len(found) < 150:
        found = photo.lab[gate][::7]
    if len(found) < 50:
        spread = np.random.RandomState(0).randn(200, 3).astype(np.float32) * 8
        found = np.array([DEFAULT_SKIN_LAB], np.float32) + spread
    middle = np.median(found, 0)
    near = (np.abs(found - middle) < np.array([70, 18, 22])).all(1)
    median = np.median(found[near], 0) if near.sum() > 30 else middle
    return (found[near] if near.sum() > 60 else found), median


def _cloth_seeds(photo: _Photo) -> dict[int, Points]:
    """Lab samples where top and bottom are sure to be: chest, and pelvis with upper thighs."""
    anatomy, bare = photo.anatomy, photo.anatomy.forearms == 0
    chest = (anatomy.chest > 0) & photo.inside
    top = photo.lab[chest & bare]
    if len(top) < 200:
        top = photo.lab[chest]
    bottom = photo.lab[(anatomy.thighs > 0) & photo.inside & bare]
    if len(top) < 50:
        top = photo.lab[photo.inside]
    return {TOP: top, BOTTOM: bottom if len(bottom) >= 100 else top}


def _cloth(seed: Points, skin: Mixture, skin_colours: Points, label: int) -> Mixture:
    """A garment's colours without small clusters that are skin."""
    share = SKIN_SHARE_OF_TOP if label == TOP else SKIN_SHARE_OF_BOTTOM
    model = Mixture.fitted(seed, CLOTH_CLUSTERS)
    usual = np.percentile(skin.log_likelihood(skin_colours.astype(np.float32)), 12)
    like_skin = skin.log_likelihood(model.means.astype(np.float32)) > usual
    return model.without(like_skin & (model.weights < share))


def _hair(photo: _Photo, skin: Mixture) -> Mixture | None:
    """Hair's colours, from an ellipse above the eyes without what looks like skin."""
    anatomy = photo.anatomy
    if anatomy.mouth[1] < 0:
        return None
    gap = anatomy.ear_gap
    centre = anatomy.head - np.array([0, 0.35 * gap])
    zone = ellipse(anatomy.shape, centre, gap * 1.9, gap * 2.3)
    zone[int(anatomy.mouth[1]) :] = 0
    found = photo.lab[(zone > 0) & photo.inside & (anatomy.face == 0)]
    if len(found) > 80:
        likeness = skin.log_likelihood(found)
        if (likeness > -14).mean() < 0.8:
            found = found[likeness < np.percentile(likeness, 60)]
    return Mixture.fitted(found, HAIR_CLUSTERS) if len(found) > 120 else None


def _cost_map(lab: Field, counted: Mask, model: Mixture, bias: float = 0.0) -> Field:
    cost = np.full(counted.shape, COST_MOST, np.float32)
    value = bias - model.log_likelihood(lab[counted])
    cost[counted] = np.clip(value, COST_LEAST, COST_MOST)
    return cost


def _colour_costs(
    photo: _Photo, counted: Mask, skin: Mixture, cloth: dict[int, Mixture], hair: Mixture | None
) -> Field:
    costs = np.full((5, *counted.shape), COST_MOST, np.float32)
    costs[SKIN] = _cost_map(photo.lab, counted, skin, 0.5)
    for k, model in cloth.items():
        costs[k] = _cost_map(photo.lab, counted, model)
    if hair is not None:
        costs[HAIR] = _cost_map(photo.lab, counted, hair, 1.0)
    _add_shoes(photo, costs)
    return costs


def _add_shoes(photo: _Photo, costs: Field) -> None:
    """Shoes have any colour: a constant cost below the ankles."""
    anatomy, sw = photo.anatomy, photo.anatomy.frame.sw
    height, width = anatomy.shape
    rows = np.arange(height)[:, None]
    columns = np.arange(width)[None]
    for side in "AB":
        ankle, toe = anatomy.legs[side][2:]
        if anatomy.seen[ANKLE[side]] <= 0.3 or ankle[1] >= height + 10:
            continue
        ends = [ankle + np.array([0, 0.05 * sw]), toe + (toe - ankle) * 0.25]
        foot = tube(anatomy.shape, ends, (0.16 * sw, 0.2 * sw)) > 0
        foot &= rows > ankle[1] - 0.02 * sw
        costs[SHOE][foot] = 4.0
        low = (np.abs(columns - ankle[0]) < 0.5 * sw) & (rows > ankle[1] + 0.08 * sw)
        costs[SHOE][low] = np.minimum(costs[SHOE][low], 4.5)
        costs[TOP][foot] = COST_MOST


# --------------------------------------------------------------------- places
def _rise(x: Field) -> Field:
    """A logistic step from 0 to 1."""
    return 1 / (1 + np.exp(-np.clip(x, -40, 40)))


def _prior(photo: _Photo) -> Field:
    """Costs of being in an unlikely place, 5×H×W."""
    anatomy, u, v = photo.anatomy, photo.u, photo.v
    prior = np.zeros((5, *anatomy.shape), np.float32)
    face, neck, hands = anatomy.face > 0, anatomy.neck > 0, anatomy.hands > 0
    bare = anatomy.forearms == 0
    rows = np.arange(anatomy.shape[0], dtype=np.float32)[:, None] - np.float32(anatomy.head[1])
    columns = np.arange(anatomy.shape[1], dtype=np.float32)[None] - np.float32(anatomy.head[0])
    from_head = np.hypot(rows, columns) / np.float32(anatomy.ear_gap)
    prior[HAIR] = 10 * _rise((from_head - 2.4) * 4) + 14 * _rise((v - 0.45) * 12)
    prior[HAIR] += 6 * ((u * u > 0.36) & (v > -0.1)) + 1.5 * neck
    prior[HAIR] += 6 * (face & (anatomy.cheeks > 0))
    prior[TOP] = 12 * _rise((-0.20 - v) * 25) + 10 * _rise((v - 1.12) * 14) + 8 * face
    prior[BOTTOM] = 10 * _rise((0.66 - v) * 16) + 8 * face
    at_hips = anatomy.hip_band(0.3, 0.5) > 0
    prior[BOTTOM] += 8 * ((anatomy.arms_to_wrist > 0) & ~at_hips & (v < 1.25))
    prior[SKIN] = 7 * ((anatomy.chest > 0) & (v > 0.24) & bare)
    prior[SKIN] += 7 * ((anatomy.pelvis > 0) & ~hands & bare)
    prior[SKIN] -= 2 * hands + 1.5 * face + 1.5 * neck
    return prior


def _second_seeds(photo: _Photo, labels: Mask) -> dict[int, Points] | None:
    """Samples from the first pass's confident zones; they set right high waists."""
    v = photo.v
    top = photo.lab[(labels == TOP) & (v > 0.1) & (v < 0.62) & (photo.anatomy.wide_arms == 0)]
    bottom = photo.lab[(labels == BOTTOM) & (v > 0.98) & (v < 1.6)]
    if len(top) < 400 or len(bottom) < 400:
        return None
    return {TOP: top, BOTTOM: bottom}


# -------------------------------------------------------------------- islands
def _absorb_islands(labels: Mask, picture_area: int) -> None:
    """Give small islands to the label around them, in place."""
    for k in range(5):
        least = LEAST_ISLAND * picture_area * (3 if k == HAIR else 1)
        mask = (labels == k).astype(np.uint8)
        count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
        for i in range(1, count):
            if stats[i, 4] < least:
                _absorb(labels, pieces, i, stats[i])


def _absorb(labels: Mask, pieces: Mask, number: int, stat: Points) -> None:
    x, y, width, height = (int(s) for s in stat[:4])
    box = np.s_[max(0, y - 3) : y + height + 3, max(0, x - 3) : x + width + 3]
    island = pieces[box] == number
    ring = (cv2.dilate(island.astype(np.uint8), square(5)) > 0) & ~island
    around = labels[box][ring]
    around = around[around >= 0]
    if len(around):
        labels[box][island] = np.bincount(around, minlength=5).argmax()
