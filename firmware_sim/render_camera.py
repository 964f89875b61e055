"""A pinhole camera on a pole behind the near fence, framed so that the whole pen is in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PenCamera:
    """Maps pen metres (x right, y away from the camera, z up) to picture pixels."""

    matrix: Array  # 3x4

    def project(self, points: Array) -> Array:
        """(N,3) metres to (N,2) pixels."""
        homogeneous = points @ self.matrix[:, :3].T + self.matrix[:, 3]
        return homogeneous[:, :2] / homogeneous[:, 2:3]

    def ground_homography(self) -> Array:
        """3x3 matrix from ground metres (x, y, 1) to pixels."""
        return self.matrix[:, [0, 1, 3]]


def frame_pen(width_m: float, depth_m: float, pitch_deg: float, size: tuple[int, int]) -> PenCamera:
    """Place the camera at `pitch_deg` below the horizon and zoom until the pen fills `size` = (width, height) px."""
    pitch = np.deg2rad(pitch_deg)
    distance = 2.2 * max(width_m, depth_m * 1.4)
    target = np.array([width_m / 2, depth_m / 2, 0.0])
    centre = target + distance * np.array([0.0, -np.cos(pitch), np.sin(pitch)])
    forward = (target - centre) / distance
    right = np.array([1.0, 0.0, 0.0])
    down = np.cross(forward, right)
    rotation = np.stack([right, down, forward])
    extrinsic = np.hstack([rotation, (-rotation @ centre)[:, None]])
    corners = np.array([[x, y, z] for x in (-0.4, width_m + 0.4) for y in (-0.4, depth_m + 0.4) for z in (0.0, 1.3)])
    flat = PenCamera(extrinsic).project(corners)
    low, high = flat.min(axis=0), flat.max(axis=0)
    scale = float((np.array(size) * (0.975, 0.95) / (high - low)).min())
    offset = np.array(size) / 2 - scale * (low + high) / 2
    intrinsic = np.array([[scale, 0.0, offset[0]], [0.0, scale, offset[1]], [0.0, 0.0, 1.0]])
    return PenCamera(intrinsic @ extrinsic)
