"""Integrals, roots and sparse systems."""

import numpy
from scipy import integrate, optimize, sparse, special, stats
from scipy.sparse.linalg import spsolve

assert abs(integrate.quad(lambda x: x * x, 0, 3)[0] - 9) < 1e-9
assert abs(optimize.brentq(lambda x: x**3 - 8, 0, 5) - 2) < 1e-9
assert numpy.allclose(spsolve(sparse.csc_matrix([[2.0, 0], [0, 4]]), [2, 4]), [1, 1])
assert round(special.gamma(5)) == 24
assert round(stats.norm.cdf(0), 6) == 0.5
