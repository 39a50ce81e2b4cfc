"""A template with a loop and a macro is rendered."""

from jinja2 import DictLoader, Environment

templates = {
    "base": "<{% block body %}{% endblock %}>",
    "page": "{% extends 'base' %}{% block body %}{% for x in xs %}{{ x|e }}{% endfor %}{% endblock %}",
}
assert Environment(loader=DictLoader(templates)).get_template("page").render(xs=["a", "&"]) == "<a&amp;>"
