"""Go parameters for papermill, which knows Python, R and a few others.

Put this file where Python finds it. Then

    python -m fluxion_papermill in.ipynb out.ipynb -p epochs 3 -p rate 0.1

does what the papermill command does, for notebooks in Go; in a program, import it before papermill.execute_notebook. The
cell of the notebook that is tagged "parameters" declares the defaults:

    epochs := 1     // passes over the data
    rate := 0.01

papermill puts a cell behind it that declares those given anew. A number without a point is an int: give a parameter that is
a float64 with one.
"""
import json
import math
import re

from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators


class GoTranslator(Translator):
    """Writes values of YAML as Go expressions."""

    @classmethod
    def translate_str(cls, val):
        return json.dumps(val, ensure_ascii=False)

    translate_escaped_str = translate_str

    @classmethod
    def translate_none(cls, val):
        return "any(nil)"

    @classmethod
    def translate_int(cls, val):
        if not -(1 << 63) <= val < 1 << 63:
            raise ValueError(f"{val} does not fit into Go's int: give it as a string or with a point")
        return str(val)

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "math.NaN()"
        if math.isinf(val):
            return f"math.Inf({'+1' if val > 0 else '-1'})"
        return repr(val)

    @classmethod
    def translate_list(cls, val):
        elements = ", ".join(cls.translate(e) for e in val)
        return f"[]{cls.type_of(val)}{{{elements}}}"

    @classmethod
    def translate_dict(cls, val):
        pairs = ", ".join(f"{cls.translate_str(str(k))}: {cls.translate(v)}" for k, v in val.items())
        return f"map[string]{cls.type_of(val.values())}{{{pairs}}}"

    @classmethod
    def type_of(cls, values):
        """The Go type that all values have, any where they differ."""
        types = {cls.go_type(v) for v in values}
        if types == {"int", "float64"}:
            return "float64"
        return types.pop() if len(types) == 1 else "any"

    @classmethod
    def go_type(cls, val):
        if isinstance(val, list):
            return "[]" + cls.type_of(val)
        if isinstance(val, dict):
            return "map[string]" + cls.type_of(val.values())
        return {bool: "bool", int: "int", float: "float64", type(None): "any"}.get(type(val), "string")

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        return f"{name} := {str_val}"

    DECLARED = re.compile(r"^(?:var\s+)?(?P<name>\w+)(?:\s+(?P<type>[^=:\s]+))?\s*:?=\s*(?P<value>.*?)\s*(?://\s*(?P<help>.*))?$")

    @classmethod
    def inspect(cls, parameters_cell):
        """Lists the parameters of a notebook for papermill --help-notebook."""
        found = (cls.DECLARED.match(line.strip()) for line in parameters_cell["source"].splitlines())
        return [Parameter(m["name"], m["type"] or "None", m["value"], m["help"] or "") for m in found if m]


papermill_translators.register("go", GoTranslator)

if __name__ == "__main__":
    from papermill.cli import papermill

    papermill()
