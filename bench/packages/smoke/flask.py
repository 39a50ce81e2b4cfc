"""A page is rendered for a request."""

from flask import Flask, jsonify, render_template_string, request

application = Flask("demo")


@application.route("/hello/<name>")
def hello(name: str) -> str:
    return render_template_string("<b>{{ name }}</b>", name=name)


@application.post("/sum")
def total() -> object:
    return jsonify(sum(request.json))


client = application.test_client()
assert client.get("/hello/<x>").data == b"<b>&lt;x&gt;</b>"
assert client.post("/sum", json=[1, 2, 3]).json == 6
