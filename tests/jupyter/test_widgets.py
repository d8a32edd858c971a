"""Widgets as a front end of ipywidgets sees them: models over comms, and functions of cells that they call."""
import pytest
from front import Front

PLOT = """k := display.IntSlider("n", 1, 9, 3)
var place display.Live
display.Redraw(func() { display.Line(nil, []float64{0, float64(k.Value())}, display.In(&place)) }, k)
k.OnChange(func(n int) {
	fmt.Println("moved to", n)
	for n == 8 {
	}
	if n == 9 {
		panic("too far")
	}
})"""


@pytest.fixture(scope="module", params=["vm", "yaegi"])
def front(request):
    with Front() as front:
        front.run(f"%executor {request.param}")
        yield front


def collect(front, until):
    """The messages on iopub up to the first for which until holds."""
    messages = []
    while not messages or not until(messages[-1]):
        messages.append(front.next("iopub"))
    return messages


def is_stream(text):
    return lambda m: m["msg_type"] == "stream" and text in m["content"]["text"]


def test_a_slider_redraws_a_plot(front):
    front.drain()
    cell = front.begin(PLOT)
    messages = collect(front, lambda m: m["msg_type"] == "status" and m["content"]["execution_state"] == "idle")
    assert front.reply(cell)["content"]["status"] == "ok"
    models = {m["content"]["comm_id"]: m for m in messages if m["msg_type"] == "comm_open"}
    shown = next(m["content"]["data"] for m in messages if m["msg_type"] == "execute_result")
    assert shown["text/plain"] == "n: 3 (slider from 1 to 9)"
    slider = shown["application/vnd.jupyter.widget-view+json"]["model_id"]
    state = models[slider]["content"]["data"]["state"]
    assert models[slider]["metadata"]["version"].startswith("2.")
    assert (state["_model_name"], state["value"]) == ("IntSliderModel", 3)
    for part in ("layout", "style"):
        assert state[part].removeprefix("IPY_MODEL_") in models

    def move(value):
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        return front.send("comm_msg", {"comm_id": slider, "data": data})

    move(5)
    messages = collect(front, is_stream("moved to 5"))
    ours = {m["msg_type"]: m for m in messages if m["parent_header"].get("msg_id") == cell}
    assert "image/svg+xml" in ours["update_display_data"]["content"]["data"]  # the figure of the cell
    assert ours["comm_msg"]["content"]["data"]["method"] == "echo_update"

    move(9)
    assert collect(front, is_stream("panic: too far"))[-1]["parent_header"]["msg_id"] == cell
    move(8)
    collect(front, is_stream("moved to 8"))
    front.interrupt()
    assert collect(front, is_stream("interrupted"))[-1]["parent_header"]["msg_id"] == cell
    front.drain()
    assert front.run("k.Value()").value == "8"
