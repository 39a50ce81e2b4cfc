"""A data script: makes measurements, fits a plane through them, and says how well it fits. Prints the same in any Python."""

from __future__ import annotations

import numpy as np


def main() -> None:
    """Fit, and print."""
    random = np.random.default_rng(2026)
    places = random.uniform(-5, 5, size=(10_000, 3))
    truth = np.array([2.0, -1.5, 0.25])
    heights = places @ truth + 3 + random.normal(scale=0.1, size=len(places))
    columns = np.column_stack([places, np.ones(len(places))])
    found, residuals, rank, singular = np.linalg.lstsq(columns, heights)
    print("coefficients", np.round(found, 6).tolist())
    print("residual", round(float(residuals[0] / len(places)), 8), "rank", int(rank))
    print("condition", round(float(singular[0] / singular[-1]), 6))
    spectrum = np.abs(np.fft.rfft(np.sin(np.linspace(0, 40 * np.pi, 4096, endpoint=False))))
    print("frequency", int(spectrum.argmax()))
    print(
        "sorted",
        bool(np.all(np.diff(np.sort(heights)) >= 0)),
        "eigen",
        np.round(np.linalg.eigvalsh(columns.T @ columns), 3).tolist(),
    )


if __name__ == "__main__":
    main()
