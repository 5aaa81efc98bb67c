"""Colour models learned on the photo itself: mixtures of Gaussians in Lab."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.arrays import Field, Image, Mask, Points

MOST_SAMPLES = 3000
SPREAD = 6.0  # added to every variance: neighbouring tones belong to the same cloth
JITTER = 0.8  # keeps flat drawn colours from giving singular covariances


@dataclass(frozen=True)
class Mixture:
    """`weights` K, `means` K×3, `covariances` K×3×3 of 8-bit Lab."""

    weights: Points
    means: Points
    covariances: Points

    @classmethod
    def fitted(cls, samples: Points, clusters: int) -> Mixture:
        """Fit to N×3 Lab samples; deterministic."""
        if len(samples) > MOST_SAMPLES:
            chosen = np.random.RandomState(0).choice(len(samples), MOST_SAMPLES, replace=False)
            samples = samples[chosen]
        noise = np.random.RandomState(1).randn(*samples.shape) * JITTER
        cv2.setRNGSeed(1)
        em = cv2.ml.EM.create()
        em.setClustersNumber(min(clusters, len(samples)))
        em.setCovarianceMatrixType(cv2.ml.EM_COV_MAT_GENERIC)
        em.setTermCriteria((3, 20, 0.1))
        em.trainEM(samples.astype(np.float64) + noise)
        return cls(em.getWeights().ravel(), em.getMeans(), np.array(em.getCovs()))

    def log_likelihood(self, lab: Points) -> Field:
        """Of the likeliest cluster, for N×3 float32 Lab colours: N float32."""
        best: Field = np.full(len(lab), -np.inf, np.float32)
        parts = zip(self.weights, self.means, self.covariances, strict=True)
        for weight, mean, covariance in parts:
            wide = covariance + np.eye(3) * SPREAD
            # |root (x - mean)|² is the Mahalanobis distance; one product for all pixels.
            root = np.linalg.cholesky(np.linalg.inv(wide)).astype(np.float32)
            offset = lab @ root - (mean @ root).astype(np.float32)
            level = np.float32(np.log(weight + 1e-9) - 0.5 * np.log(np.linalg.det(wide)))
            value = level - np.float32(0.5) * np.einsum("ij,ij->i", offset, offset)
            np.maximum(best, value, out=best)
        return best

    def without(self, drop: Mask) -> Mixture:
        """Drop the clusters of `drop`, unless more than half of the mixture would go."""
        keep = ~drop
        if keep.all() or self.weights[keep].sum() < 0.5:
            return self
        total = self.weights[keep].sum()
        return Mixture(self.weights[keep] / total, self.means[keep], self.covariances[keep])


def to_lab(image: Image) -> Field:
    """H×W×3 float32 in OpenCV's 8-bit Lab scale."""
    return cv2.cvtColor(image, cv2.COLOR_BGR2LAB).astype(np.float32)


def lab_to_bgr(lab: Points) -> Points:
    """One Lab colour as a BGR float triple."""
    pixel = np.clip(np.round(lab), 0, 255).astype(np.uint8).reshape(1, 1, 3)
    return cv2.cvtColor(pixel, cv2.COLOR_LAB2BGR)[0, 0].astype(np.float32)


def could_be_skin(image: Image) -> Mask:
    """Return which pixels lie in the universal YCrCb skin box.

    It is wide on purpose: it only selects the pixels that skin colours are learned from.
    """
    ycc = cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)
    cr, cb = ycc[..., 1], ycc[..., 2]
    return (cr > 134) & (cr < 180) & (cb > 75) & (cb < 130)
