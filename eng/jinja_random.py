"""Random Jinja templates that mostly make sense: expressions over values of every type, and statements around them."""

STRINGS = ["'a'", "'Hello'", "','", "' '", "''", "'x\\n'", "'é'", "'o W'", "'%s-%s'", "'%d'", "' 42 '", "'3.7'", "'😀'", "'k'", "'{} {}'"]
NUMBERS = ["0", "1", "2", "3", "-1", "10", "2.5", "0.1", "1e3", "7", "-2", "1.0"]
FILTERS = ["abs", "capitalize", "count", "default", "dictsort", "first", "float", "int", "join", "last", "length", "list", "lower", "max", "min",
           "round", "string", "sort", "sum", "title", "tojson", "trim", "upper", "wordcount", "default(0, true)", "join('-')", "replace('l', 'L')",
           "round(1)", "int(5)", "indent(2, true)", "truncate(5, true)", "tojson(indent=2)", "batch(2)|list", "slice(2)|list", "unique|list",
           "sort(reverse=true)", "map('string')|list", "select('string')|list", "reject('none')|list", "map('length')|join(',')", "reverse|list",
           "map(attribute='k')|list", "selectattr('v')|list", "groupby('k')", "sort(attribute='k,v')", "sum(attribute='v')", "items|list"]
TESTS = ["boolean", "callable", "defined", "even", "false", "float", "integer", "iterable", "lower", "mapping", "none", "number", "odd",
         "sequence", "string", "true", "undefined", "upper"]
METHODS = ["strip()", "lstrip()", "rstrip('d')", "split()", "split('l')", "split(',', 1)", "rsplit(none, 1)", "splitlines()", "upper()", "lower()",
           "title()", "capitalize()", "swapcase()", "isdigit()", "isalpha()", "isspace()", "replace('l', '')", "startswith('H')",
           "endswith(('d', 'b'))", "find('o')", "rfind('o')", "count('l')", "index('W')", "join(['x', 'y'])", "partition(' ')", "rpartition('o')",
           "removeprefix('He')", "removesuffix('ld')", "center(15)", "ljust(12, '.')", "zfill(14)", "format(1, 'b')"]
SLICES = [":", "1:", ":-1", "::-1", "::2", "-2:", "1:3", "5:1:-2", "100:", ":-100", "i:"]


class Generator:
    def __init__(self, chance, names):
        self._chance = chance
        self._names = names + ["missing"]

    def template(self):
        pick = self._chance.random()
        if pick < 0.6:
            return "{{ " + self._expression(self._chance.randint(1, 3)) + " }}"
        return "{% set ns = namespace(a=1) %}{% macro m(p='d', q=2) %}<{{ p }},{{ q }}>{% endmacro %}" + self._body(self._chance.randint(1, 3), False)

    def _one(self, choices):
        return self._chance.choice(choices)

    def _leaf(self):
        return self._one([self._one(self._names), self._one(self._names), self._one(STRINGS), self._one(NUMBERS)])

    def _expression(self, depth):
        if depth <= 0:
            return self._leaf()
        inner = lambda: self._expression(depth - 1)
        number = lambda: self._one(NUMBERS + ["i", "j", "f"]) if self._chance.random() < 0.7 else inner()
        text = lambda: self._one(["s", "t", "u", "w"] + STRINGS) if self._chance.random() < 0.7 else inner()
        items = lambda: self._one(["l", "m", "ss", "ds", "d", "dd", "s", "d.items()", "range(5)", f"[{inner()}, {inner()}]", f"({inner()}, 1)"])
        return self._one([
            lambda: f"({number()} {self._one(['+', '-', '*', '/', '//', '%'])} {number()})",
            lambda: f"({text()} + {text()})",
            lambda: f"({inner()} ~ {inner()})",
            lambda: f"({number()} {self._one(['==', '!=', '<', '<=', '>', '>='])} {number()})",
            lambda: f"({inner()} {self._one(['and', 'or'])} {inner()})",
            lambda: f"(not {inner()})",
            lambda: f"({inner()} {self._one(['in', 'not in'])} {items()})",
            lambda: f"({inner()} if {inner()} else {inner()})",
            lambda: f"{items()}[{self._one(['0', '-1', '5', 'i', text()])}]",
            lambda: f"({items()})[{self._one(SLICES)}]",
            lambda: f"({self._one(['s', 't', 'u', 'w'])} ~ {inner()})[{self._one(SLICES)}]",
            lambda: f"d.{self._one(['a', 'b', 'zzz'])}",
            lambda: f"({inner()}|{self._one(FILTERS)})",
            lambda: f"({items()}|{self._one(FILTERS)})",
            lambda: f"({inner()} is {self._one(['', 'not '])}{self._one(TESTS)})",
            lambda: f"({inner()} is eq({inner()}))",
            lambda: f"({text()}).{self._one(METHODS)}",
            lambda: f"('%s|%r' % ({inner()}, {inner()}))",
            lambda: f"'{{:>6}}|{{!r}}'.format({text()}, {inner()})",
            lambda: f"{{'q': {inner()}, {self._leaf()}: {inner()}}}",
            lambda: f"d.get({text()}, {inner()})",
        ])()

    def _tag(self, inside):
        return "{%" + self._one(["", "", "-", "+"]) + " " + inside + " " + self._one(["", "", "-", "+"]) + "%}"

    def _data(self):
        return self._one(["", " ", "\n", "  \n", "\n  ", "\n\n", "t", "a b ", "\n  x\n", "\t", "end\n"])

    def _body(self, depth, in_loop):
        return "".join(self._data() + self._statement(depth - 1, in_loop) for _ in range(self._chance.randint(1, 3))) + self._data()

    def _print(self):
        inside = self._one(["x", "v", "loop.index", "loop.last", "loop.length", "loop.previtem", "loop.changed(v)", "loop.cycle('p', 'q')", "ns.a", "ns.b",
                            "m()", "m(1)", "m(q=v)", "x ~ v", self._expression(1)])
        return "{{" + self._one(["", "", "-"]) + " " + inside + " " + self._one(["", "", "-"]) + "}}"

    def _statement(self, depth, in_loop):
        body = lambda loop=in_loop: self._body(depth, loop)
        choices = [self._print, self._print, lambda: "{#" + self._one(["", "-"]) + " note " + self._one(["", "-"]) + "#}",
                   lambda: self._tag("set x = " + self._expression(1)),
                   lambda: self._tag("set ns." + self._one(["a", "b"]) + " = " + self._one(["v", "x", "(ns.b|default(0)) + 1"]))]
        if in_loop:
            choices.append(lambda: self._tag("if v " + self._one(["is odd", "== 'a'", "is string"])) + self._tag(self._one(["break", "continue"])) + self._tag("endif"))
        if depth > 0:
            choices += [
                lambda: self._tag("if " + self._expression(1)) + body() + self._tag("elif x") + body() + self._tag("else") + body() + self._tag("endif"),
                lambda: self._tag("for v in " + self._one(["l", "ss", "range(3)", "[]", "s", "ds", "missing", "l|reverse"]) + self._one(["", "", " if v != 2"]))
                + body(True) + self._tag("endfor"),
                lambda: self._tag("for x, v in " + self._one(["d.items()", "dd|dictsort", "[[1, 2], [3, 4]]"])) + body(True) + self._tag("else") + body() + self._tag("endfor"),
                lambda: self._tag("set x" + self._one(["", " | upper", " | trim | length"])) + body(False) + self._tag("endset"),
                lambda: self._tag("filter " + self._one(["upper", "trim", "replace('a', 'Z')"])) + body(False) + self._tag("endfilter"),
                lambda: self._tag("with x = " + self._expression(1)) + body(False) + self._tag("endwith"),
                lambda: self._tag("generation") + body(False) + self._tag("endgeneration"),
            ]
        return self._one(choices)()
