"""Which actions run, and when none does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from staticbuild.errors import ActionError, ConfigError, ToolchainError
from staticbuild.graph.action import Action, Content, Member, Output
from tests.executor.workbench import Workbench, fails


def upper(folder: Path) -> None:
    (folder / "out").write_text((folder / "in.txt").read_text().upper())


def first_word(folder: Path) -> None:
    (folder / "out").write_text((folder / "in.txt").read_text().split()[0])


def chain(bench: Workbench) -> tuple[Output, Output]:
    """Two actions: `first` takes the first word of `a.txt`, `second` makes it loud."""
    first = bench.action("first", first_word, in_txt=bench.write("a.txt", "one two"))
    second = bench.action("second", upper, in_txt=first.output("out"))
    return first.output("out"), second.output("out")


def test_nothing_runs_twice(bench: Workbench) -> None:
    _, loud = chain(bench)
    outcome = bench.build(loud)
    assert (outcome.ran, bench.text(outcome, loud)) == (["first", "second"], "ONE")
    again = bench.build(loud)
    assert (again.ran, again.cached) == ([], ["first", "second"])


def test_a_changed_source_runs_what_uses_it(bench: Workbench) -> None:
    _, loud = chain(bench)
    bench.build(loud)
    bench.write("a.txt", "three")
    assert bench.build(loud).ran == ["first", "second"]


def test_early_cutoff(bench: Workbench) -> None:
    """The input changed, but what the producer makes of it did not."""
    _, loud = chain(bench)
    bench.build(loud)
    bench.write("a.txt", "one more")
    assert bench.build(loud).ran == ["first"]


def test_going_back_finds_the_old_results(bench: Workbench) -> None:
    _, loud = chain(bench)
    bench.build(loud)
    bench.write("a.txt", "three")
    bench.build(loud)
    bench.write("a.txt", "one two")
    assert bench.build(loud).ran == []


def test_the_executable_bit_counts(bench: Workbench) -> None:
    source = bench.write("a.txt", "one")
    action = bench.action("first", first_word, in_txt=source)
    bench.build(action.output("out"))
    (bench.folder / "a.txt").chmod(0o755)
    assert bench.build(action.output("out")).ran == ["first"]


def test_a_failure_blocks_only_what_needs_it(bench: Workbench) -> None:
    bench.keep_going = True
    source = bench.write("a.txt", "one")
    bad = bench.action("bad", fails(3), in_txt=source)
    user = bench.action("user", upper, in_txt=bad.output("out"))
    good = bench.action("good", upper, in_txt=source)
    with pytest.raises(ActionError, match="//:bad: bad ended with exit code 3") as raised:
        bench.build(user.output("out"), good.output("out"))
    assert len(raised.value.problems) == 1
    assert bench.build(good.output("out")).ran == []


def test_several_failures_are_one_error(bench: Workbench) -> None:
    bench.keep_going = True
    outputs = [bench.action(name, fails(1)).output("out") for name in ("one", "two")]
    with pytest.raises(ActionError) as raised:
        bench.build(*outputs)
    assert sorted(problem.message.split()[1] for problem in raised.value.problems) == ["one", "two"]


def test_a_missing_source(bench: Workbench) -> None:
    action = bench.action("first", first_word, in_txt=bench.write("a.txt", "one"))
    (bench.folder / "a.txt").unlink()
    with pytest.raises(ConfigError, match="is not there"):
        bench.build(action.output("out"))


def test_a_missing_tool(bench: Workbench) -> None:
    action = Action(action_label(bench), "Run", ("nonesuch",), (), (("out", "file"),))
    with pytest.raises(ToolchainError, match="this host has no `nonesuch`"):
        bench.build(action.output("out"))


def test_a_command_that_cannot_be_started(bench: Workbench) -> None:
    action = Action(action_label(bench), "Run", ("bin/nonesuch",), (), (("out", "file"),))
    with pytest.raises(ActionError, match="could not be started: `bin/nonesuch`: No such file"):
        bench.build(action.output("out"))


def action_label(bench: Workbench) -> Any:
    return bench.action("any", upper).label


def test_a_time_limit(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.host.commands["slow"] = upper
    action = bench.action("slow", upper, in_txt=Content(b"x"))
    monkeypatch.setattr(bench.host, "spawn", lambda *_, log, **__: never(log))
    with pytest.raises(ActionError, match="took longer than 3600 s") as raised:
        bench.build(action.output("out"))
    assert "half done" in raised.value.problems[0].notes


def never(log: Any) -> Any:
    from tests.executor.workbench import FakeProcess

    with open(log, "w") as file:
        file.write("half done\n")
    return FakeProcess(None)


def test_members_of_trees(bench: Workbench) -> None:
    def fill(folder: Path) -> None:
        (folder / "t/inner").mkdir()
        (folder / "t/inner/x").write_text("deep")
        (folder / "t/link").symlink_to("inner/x")

    tree = bench.action("fill", fill, {"t": "tree"}).output("t")
    loud = [bench.action(f"loud{n}", upper, in_txt=Member(tree, path)) for n, path in enumerate(("inner/x", "link"))]
    outputs = [action.output("out") for action in loud]
    outcome = bench.build(*outputs)
    assert [bench.text(outcome, output) for output in outputs] == ["DEEP", "DEEP"]


# --- what an action may not do --------------------------------------------------------------------------------------


def check_refused(bench: Workbench, command: Any, message: Any, outputs: Any = None, **inputs: Any) -> None:
    action = bench.action("bad", command, outputs, **inputs)
    with pytest.raises(ActionError, match=message):
        bench.build(*(action.output(path) for path, _ in action.outputs))
    assert not list((bench.cache / "actions").glob("*/*")), "a failure was cached"


def test_an_output_that_was_not_made(bench: Workbench) -> None:
    check_refused(bench, lambda _: None, "did not make the file `out`")


def test_a_folder_where_a_file_belongs(bench: Workbench) -> None:
    check_refused(bench, lambda folder: (folder / "out").mkdir(), "did not make the file `out`")


def test_a_file_where_a_folder_belongs(bench: Workbench) -> None:
    def command(folder: Path) -> None:
        (folder / "t").rmdir()
        (folder / "t").write_text("")

    check_refused(bench, command, "did not make the folder `t`", {"t": "tree"})


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../outside"])
def test_an_output_that_is_a_link_to_elsewhere(bench: Workbench, target: Any) -> None:
    (bench.folder / "outside").write_text("secret")
    check_refused(bench, lambda folder: (folder / "out").symlink_to(target), "leads out of the private folder")
    assert (bench.folder / "outside").read_text() == "secret"


def test_an_output_that_is_a_link_within(bench: Workbench) -> None:
    def command(folder: Path) -> None:
        (folder / "real").write_text("x")
        (folder / "out").symlink_to("real")

    output = bench.action("link", command).output("out")
    outcome = bench.build(output)
    assert bench.text(outcome, output) == "x"
    assert not bench.blob(outcome, output).is_symlink()


@pytest.mark.parametrize("target", ["/etc", "../x", "a/../../x"])
def test_a_tree_with_a_link_to_elsewhere(bench: Workbench, target: Any) -> None:
    check_refused(bench, lambda folder: (folder / "t/l").symlink_to(target), "leads out of its output tree", {"t": "tree"})


def test_a_tree_that_is_a_link(bench: Workbench) -> None:
    def command(folder: Path) -> None:
        (folder / "t").rmdir()
        (folder / "t").symlink_to("/etc")

    check_refused(bench, command, "leads out of the private folder", {"t": "tree"})


def test_a_pipe(bench: Workbench) -> None:
    import os

    check_refused(bench, lambda folder: os.mkfifo(folder / "out"), "did not make the file")
    check_refused(bench, lambda folder: os.mkfifo(folder / "t/p"), "neither a file", {"t": "tree"})


def test_a_file_input_is_a_copy(bench: Workbench) -> None:
    source = bench.write("a.txt", "one")

    def command(folder: Path) -> None:
        (folder / "in.txt").write_text("changed")
        (folder / "out").write_text("x")

    bench.build(bench.action("bad", command, in_txt=source).output("out"))
    assert (bench.folder / "a.txt").read_text() == "one"
    user = bench.action("user", upper, in_txt=source).output("out")
    assert bench.text(bench.build(user), user) == "ONE"


def test_writing_into_an_input_tree_is_seen_and_undone(bench: Workbench) -> None:
    tree = bench.action("fill", lambda folder: (folder / "t/x").write_text("good"), {"t": "tree"}).output("t")

    def command(folder: Path) -> None:
        (folder / "tree").chmod(0o755)
        (folder / "tree/x").chmod(0o644)
        (folder / "tree/x").write_text("evil")
        (folder / "out").write_text("x")

    with pytest.raises(ActionError, match="its input `tree` was changed"):
        bench.build(bench.action("bad", command, tree=tree).output("out"))
    user = bench.action("user", lambda f: (f / "out").write_text((f / "tree/x").read_text()), tree=tree).output("out")
    outcome = bench.build(user)
    assert (bench.text(outcome, user), outcome.ran) == ("good", ["fill", "user"])


def test_the_private_folder_in_an_output(bench: Workbench) -> None:
    output = bench.action("leak", lambda folder: (folder / "out").write_text(f"made in {folder}")).output("out")
    assert bench.build(output).warnings == ["//:leak: the output `out` holds a path of the cache folder"]


def test_a_kept_folder_can_be_run_again(bench: Workbench) -> None:
    bench.keep_failed = True
    output = bench.action("bad", fails(1), in_txt=Content(b"x")).output("out")
    with pytest.raises(ActionError):
        bench.build(output)
    (script,) = bench.cache.glob("run-1/*/again")
    assert "exec env -i HOME=" in script.read_text()
    assert (script.parent / "w/in.txt").read_text() == "x"


def test_a_full_disk(bench: Workbench) -> None:
    output = bench.action("first", first_word, in_txt=Content(b"one")).output("out")
    bench.host.full = True
    with pytest.raises(ToolchainError, match="the disk is full"):
        bench.build(output)
    bench.host.full = False
    assert bench.build(output).ran == ["first"]


# --- explain --------------------------------------------------------------------------------------------------------


def test_why(bench: Workbench) -> None:
    _, loud = chain(bench)
    assert bench.reasons(loud) == ["first: never built here", "second: may change with first first"]
    bench.build(loud)
    assert bench.reasons(loud) == []
    bench.write("a.txt", "other")
    assert bench.reasons(loud) == ["first: changed: `in.txt`", "second: may change with first first"]


def test_two_actions_that_differ_only_in_their_description_are_told_apart(bench: Workbench) -> None:
    from dataclasses import replace

    action = bench.action("cc", upper, in_txt=bench.write("a.c", "a"))
    one = replace(action, description="a.c")
    two = replace(action, description="b.c", inputs=(("in.txt", bench.write("b.c", "b")),))
    bench.build(one.output("out"), two.output("out"))
    bench.write("b.c", "new")
    assert bench.reasons(one.output("out"), two.output("out")) == ["cc: changed: `in.txt`"]
