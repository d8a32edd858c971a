"""A front end for tests: every message that it gets is checked against the schemas of the messaging specification."""
import queue
import socket
import struct
import time

from jupyter_client.manager import KernelManager
from jupyter_kernel_test import msgspec_v5

WAIT = 60  # seconds until a test gives up on what must come

# What jupyter_kernel_test's schemas lack, after "Messaging in Jupyter" 5.5. usage_reply is ipykernel's.
STRING, OBJECT, NUMBER = {"type": "string"}, {"type": "object"}, {"type": "number"}
OK = {"enum": ["ok"]}
for name, properties, optional in [
    ("comm_open", {"comm_id": STRING, "target_name": STRING, "data": OBJECT}, {"target_module": STRING}),
    ("comm_msg", {"comm_id": STRING, "data": OBJECT}, {}),
    ("comm_close", {"comm_id": STRING, "data": OBJECT}, {}),
    ("create_subshell_reply", {"status": OK, "subshell_id": STRING}, {}),
    ("delete_subshell_reply", {"status": OK}, {}),
    ("list_subshell_reply", {"status": OK, "subshell_id": {"type": "array", "items": STRING}}, {}),
    (
        "usage_reply",
        {"status": OK, "hostname": STRING, "pid": NUMBER, "kernel_cpu": NUMBER, "kernel_memory": NUMBER, "cpu_count": NUMBER},
        {"host_cpu_percent": NUMBER, "host_virtual_memory": OBJECT},
    ),
]:
    fragment = {"properties": {**properties, **optional}, "required": sorted(properties), "additionalProperties": False}
    msgspec_v5.schema_fragments.setdefault(name, fragment)


class Done:
    """What became of a cell."""

    def __init__(self):
        self.reply, self.idle = None, False
        self.pieces, self.results, self.displays, self.types = [], [], [], []

    @property
    def status(self):
        return self.reply["content"]["status"]

    @property
    def ename(self):
        return self.reply["content"].get("ename")

    @property
    def evalue(self):
        return self.reply["content"].get("evalue", "")

    @property
    def streams(self):
        return len(self.pieces)

    @property
    def text(self):
        """What came on each stream."""
        return {name: "".join(text for n, text in self.pieces if n == name) for name in ("stdout", "stderr")}

    @property
    def value(self):
        return self.results[0]["text/plain"] if self.results else None


class Front:
    """Starts a kernel, or with a manager is another client of one."""

    def __init__(self, manager=None, arguments=()):
        self.manager, self.owner = manager, manager is None
        if self.owner:
            self.manager = KernelManager(kernel_name="fluxion")
            self.manager.start_kernel(extra_arguments=list(arguments))
        self.client = self.manager.client()
        self.client.start_channels(hb=False)
        self.client.wait_for_ready(timeout=WAIT)

    def close(self):
        self.client.stop_channels()
        if self.owner:
            self.manager.shutdown_kernel(now=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, msg_type, content=None, channel="shell", subshell=None, buffers=None, metadata=None):
        m = self.client.session.msg(msg_type, content or {}, metadata=metadata)
        if subshell:
            m["header"]["subshell_id"] = subshell
        channel = getattr(self.client, channel + "_channel")
        self.client.session.send(channel.socket, m, buffers=buffers)
        return m["header"]["msg_id"]

    def next(self, channel, timeout=WAIT):
        m = getattr(self.client, f"get_{channel}_msg")(timeout=timeout)
        if m["msg_type"] != "iopub_welcome":  # of protocol 5.4; the schemas are of 5.1
            msgspec_v5.validate_message(m)
        return m

    def reply(self, msg_id, channel="shell", timeout=WAIT):
        end = time.monotonic() + timeout
        while True:
            m = self.next(channel, max(0.001, end - time.monotonic()))
            if m["parent_header"].get("msg_id") == msg_id:
                return m

    def ask(self, msg_type, content=None, channel="shell", **options):
        return self.reply(self.send(msg_type, content, channel, **options), channel)["content"]

    def begin(self, code, subshell=None, **options):
        content = {
            "code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
        }
        return self.send("execute_request", {**content, **options}, subshell=subshell)

    def until(self, msg_id, text):
        """Waits for text on a stream of a cell."""
        seen = ""
        while text not in seen:
            m = self.next("iopub")
            if m["parent_header"].get("msg_id") == msg_id and m["msg_type"] == "stream":
                seen += m["content"]["text"]
        return seen

    def finish(self, msg_id, timeout=WAIT):
        """Collects what a cell shows until it is idle and its reply is there."""
        done = Done()
        end = time.monotonic() + timeout
        while not done.idle:
            m = self.next("iopub", max(0.001, end - time.monotonic()))
            if m["parent_header"].get("msg_id") != msg_id:
                continue
            content = m["content"]
            done.types.append(m["msg_type"])
            match m["msg_type"]:
                case "stream":
                    done.pieces.append((content["name"], content["text"]))
                case "execute_result":
                    done.results.append(content["data"])
                case "display_data":
                    done.displays.append(content["data"])
                case "status":
                    done.idle = content["execution_state"] == "idle"
        done.reply = self.reply(msg_id)
        return done

    def run(self, code, timeout=WAIT, **options):
        return self.finish(self.begin(code, **options), timeout)

    def interrupt(self, subshell=None):
        return self.ask("interrupt_request", channel="control", subshell=subshell)

    def drain(self):
        for channel in ("iopub", "shell", "control"):
            try:
                while True:
                    self.next(channel, timeout=0.05)
            except queue.Empty:
                pass

    def ports(self):
        info = self.manager.get_connection_info()
        return {name: info[name + "_port"] for name in ("shell", "iopub", "stdin", "control", "hb")}


GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + bytes(32)


def ready(socket_type):
    """The greeting and the READY command of ZMTP 3.0, https://rfc.zeromq.org/spec/23/."""
    body = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", len(socket_type)) + socket_type.encode()
    return GREETING + b"\x04" + bytes([len(body)]) + body


def dial(port, *parts):
    """A TCP client that sends these bytes and leaves the rest to the test."""
    s = socket.create_connection(("127.0.0.1", port), timeout=WAIT)
    for part in parts:
        s.sendall(part)
    return s
