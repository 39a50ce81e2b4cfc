"""A declaration in C is parsed."""

from pycparser import c_generator, c_parser

tree = c_parser.CParser().parse("int f(int a) { return a + 1; }")
assert tree.ext[0].decl.name == "f"
assert "return a + 1;" in c_generator.CGenerator().visit(tree)
