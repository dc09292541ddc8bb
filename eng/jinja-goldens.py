#!/usr/bin/env python3
"""Writes tests/ChatTemplates/goldens: templates of this project's own, and what Python's Jinja2 makes of them.

How to run (by hand, after a change here or in tests/ChatTemplates/goldens/templates):

    pip install jinja2==3.1.6
    python3 eng/jinja-goldens.py

The environment is set up as transformers does it for chat templates: ImmutableSandboxedEnvironment, trim_blocks, lstrip_blocks,
break and continue, a tojson without escapes for HTML, raise_exception, strftime_now, and a tag {% generation %}.

    chats.jsonl      conversations rendered with templates/*.jinja, with the places of their {% generation %} blocks
    cases.jsonl      small templates written by hand, one construct each
    generated.jsonl  random expressions and statements (fixed seed), every tenth of them one that Python refuses

Each line has "text", or "error" and "kind": Python's message and the type of its exception. Written with Jinja2 3.1.6 on Python 3.11.
"""
import copy
import datetime
import json
import random
from pathlib import Path

import jinja2
import jinja2.ext
import jinja2.sandbox

from jinja_cases import CASES, CONVERSATIONS, OPTIONS, TOOLS, VARIABLES
from jinja_random import Generator

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "ChatTemplates" / "goldens"
NOW = datetime.datetime(2024, 7, 6, 9, 5, 3)
SEED, GENERATED = 20260724, 3000


class GenerationTag(jinja2.ext.Extension):
    """Notes where the text of each {% generation %} block stands in the output so far."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_note"), [], [], body).set_lineno(line)

    def _note(self, caller):
        text = caller()
        start = len("".join(self.environment.written))
        self.environment.spans.append((start, len(text)))
        return text


def make_environment():
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[GenerationTag, jinja2.ext.loopcontrols])

    def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def refuse(message):
        raise jinja2.exceptions.TemplateError(message)

    environment.filters["tojson"] = to_json
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = lambda form: NOW.strftime(form)
    return environment


ENVIRONMENT = make_environment()


def utf16(text, places):
    return len(text[:places].encode("utf-16-le")) // 2


def render(source, variables):
    """The fields "text" and, where there are any, "spans" in UTF-16 units; or "error" and "kind"."""
    ENVIRONMENT.written, ENVIRONMENT.spans = [], []
    try:
        template = ENVIRONMENT.from_string(source)
        context = template.new_context(copy.deepcopy(variables))
        for piece in template.root_render_func(context):
            ENVIRONMENT.written.append(piece)
        text = "".join(ENVIRONMENT.written)
    except Exception as error:  # whatever a template can raise
        return {"error": str(error), "kind": type(error).__name__}
    result = {"text": text}
    if ENVIRONMENT.spans:
        result["spans"] = [[utf16(text, start), utf16(text, start + length) - utf16(text, start)] for start, length in ENVIRONMENT.spans]
    return result


def write(name, rows):
    with open(FOLDER / name, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{name}: {len(rows)} lines, {sum('error' in row for row in rows)} of them errors")


def chats():
    for path in sorted((FOLDER / "templates").glob("*.jinja")):
        for messages in CONVERSATIONS:
            for options in OPTIONS:
                tools = TOOLS if options.get("tools") else None
                given = {key: value for key, value in options.items() if key != "tools"}
                variables = {"bos_token": "<s>", "eos_token": "</s>", "documents": None, **given, "messages": messages, "tools": tools}
                yield {"template": path.name, "messages": messages, **options, **render(path.read_text(encoding="utf-8"), variables)}


def generated():
    generator = Generator(random.Random(SEED), list(VARIABLES))
    rows, refused = [], 0
    while len(rows) < GENERATED:
        source = generator.template()
        row = {"template": source, **render(source, VARIABLES)}
        if " at 0x" in row.get("text", ""):
            continue  # what Python prints of functions is an address
        if "error" in row:
            refused += 1
            if refused % 8:
                continue
        rows.append(row)
    return rows


if __name__ == "__main__":
    write("chats.jsonl", list(chats()))
    write("cases.jsonl", [{"template": source, **render(source, VARIABLES)} for source in CASES])
    write("generated.jsonl", generated())
    for name, value in (("variables.json", VARIABLES), ("tools.json", TOOLS)):
        (FOLDER / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
