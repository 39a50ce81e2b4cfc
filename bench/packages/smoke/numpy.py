"""Matrices are multiplied and decomposed, with BLAS and LAPACK."""

import numpy
from numpy import fft, linalg, random

matrix = numpy.array([[4.0, 1.0], [2.0, 3.0]])
assert sorted(linalg.eigvals(matrix).round(9)) == [2, 5]
big = random.default_rng(7).standard_normal((200, 200))
assert numpy.allclose(big @ linalg.inv(big), numpy.eye(200), atol=1e-6)
assert numpy.allclose(fft.ifft(fft.fft(big[0])).real, big[0])
assert numpy.einsum("ij,jk->ik", big, big).shape == (200, 200)
