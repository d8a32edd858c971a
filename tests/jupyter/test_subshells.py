"""While a cell runs, the kernel answers: on subshells everything, on the main shell what only looks at the session."""
import pytest
from front import Front


@pytest.fixture(scope="module")
def front():
    with Front() as front:
        yield front


@pytest.fixture
def busy(front):
    """A kernel with a cell that counts until it is interrupted."""
    front.drain()
    front.run('import "sync/atomic"\nvar n atomic.Int64\nfunc next() int64 { return n.Add(1) }')
    cell = front.begin('fmt.Println("on")\nfor { next() }')
    front.until(cell, "on")
    yield front
    front.interrupt()
    done = front.finish(cell)
    assert done.ename == "interrupted"
    assert int(front.run("n.Load()").value) > 0


def test_the_main_shell_still_looks(busy):
    assert "Println" in busy.ask("complete_request", {"code": "fmt.Printl", "cursor_pos": 10})["matches"]
    assert busy.ask("inspect_request", {"code": "next", "cursor_pos": 4, "detail_level": 0})["found"]
    assert busy.ask("is_complete_request", {"code": "func f() {"})["status"] == "incomplete"
    assert busy.ask("kernel_info_request")["supported_features"] == ["kernel subshells"]


def test_a_cell_on_a_subshell(busy):
    sub = busy.ask("create_subshell_request", channel="control")["subshell_id"]
    assert busy.ask("list_subshell_request", channel="control")["subshell_id"] == [sub]
    values = [int(busy.run("n.Load()", subshell=sub).value) for _ in range(3)]
    assert values == sorted(values) and values[0] > 0
    done = busy.run('m := map[string]int{"a": 1}\nfmt.Println(m)\nm["a"]', subshell=sub)
    assert (done.text["stdout"], done.value) == ("map[a:1]\n", "1")
    assert "Println" in busy.ask("complete_request", {"code": "fmt.Printl", "cursor_pos": 10}, subshell=sub)["matches"]
    cell = busy.begin('fmt.Println("beside")\nfor { }', subshell=sub)
    busy.until(cell, "beside")
    busy.interrupt(sub)  # of this one; the other runs on
    assert busy.finish(cell).ename == "interrupted"
    before = int(busy.run("n.Load()", subshell=sub).value)
    assert int(busy.run("n.Load()", subshell=sub).value) >= before
    assert busy.ask("delete_subshell_request", {"subshell_id": sub}, channel="control")["status"] == "ok"


def test_usage(busy):
    usage = busy.ask("usage_request", channel="control")
    assert usage["kernel_memory"] > 10 << 20 and usage["pid"] > 0


def test_input(front):
    front.drain()
    cell = front.begin('var name string\nfmt.Scanln(&name)\nfmt.Println("hello", name)', allow_stdin=True)
    front.client.get_stdin_msg(timeout=60)
    front.client.input("Ada")
    assert "hello Ada" in front.finish(cell).text["stdout"]


def test_output_of_goroutines_that_outlive_their_cell(front):
    front.drain()
    cell = front.begin('go func() { time.Sleep(200*time.Millisecond); fmt.Println("late") }()')
    front.finish(cell)
    assert front.run("1 + 1").value == "2"
    assert front.until(cell, "late") == "late\n"


def test_unknown_comm(front):
    """A comm for a target that no cell knows is closed at once."""
    msg_id = front.send("comm_open", {"comm_id": "1", "target_name": "none", "data": {}}, buffers=[b"\x00\xff"])
    while True:
        m = front.next("iopub")
        if m["parent_header"].get("msg_id") == msg_id and m["msg_type"] != "status":
            break
    assert (m["msg_type"], m["content"]["comm_id"]) == ("comm_close", "1")
