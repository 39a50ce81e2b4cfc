"""A system of constraints is solved."""

from kiwisolver import Solver, Variable

x, y = Variable("x"), Variable("y")
solver = Solver()
for constraint in (x + y == 10, x - y == 4):
    solver.addConstraint(constraint)
solver.updateVariables()
assert (round(x.value(), 6), round(y.value(), 6)) == (7, 3)
