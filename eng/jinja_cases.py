"""What eng/jinja-goldens.py renders: variables, conversations, and small templates with one construct each."""

VARIABLES = {
    "i": 7, "j": -3, "z": 0, "big": 12345678901234567890, "f": 2.5, "tiny": 1e-7, "e": 1e20, "s": "Hello World", "t": "  a,b,,c \n", "u": "é😀ß Ǆx", "w": "",
    "l": [3, 1, 2], "m": [1, [2, "x"], None], "ss": ["b", "A", "c", "a"], "d": {"a": 1, "b": "two", "items": [1]}, "n": None, "b": True, "c": False,
    "ds": [{"k": "x", "v": 1}, {"k": "Y", "v": 2.5}, {"k": "x", "v": None}, {"k": "z"}], "dd": {"Z": 1, "a": 2, "B": 0},
    "deep": [{"n": "a", "c": [{"n": "b", "c": []}, {"n": "c", "c": [{"n": "d", "c": []}]}]}],
    "j1": {"text": "a<b>&'\"\\\n\u2028é\x7f\x01", "num": [1, 1.0, -0.0, 1e16, 1e-5, 12345678901234567890], "none": None, "yes": True, "empty": [{}, []]},
}


def user(content):
    return {"role": "user", "content": content}


def assistant(content, **fields):
    return {"role": "assistant", "content": content, **fields}


CALL = {"id": "abc123XYZ", "type": "function", "function": {"name": "weather", "arguments": {"city": "北京", "days": 2, "exact": True, "unit": None, "at": 1.5}}}
TOOLS = [
    {"type": "function", "function": {"name": "weather", "description": "Weather of a <city> & \"day\"", "parameters": {
        "type": "object", "required": ["city"], "properties": {
            "city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"], "default": "c"}, "days": {"type": ["integer", "null"]},
            "where": {"type": "object", "properties": {"at": {"type": "array", "items": {"type": "number"}}, "or": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}}}}},
    {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}},
]
CONVERSATIONS = [
    [],
    [user("Hello")],
    [{"role": "system", "content": " Be brief. "}, user("Hi 😀"), assistant("  Hello!\n")],
    [user("a"), assistant("b"), user("c"), assistant("d"), user("e")],
    [user("a"), user("b")],
    [user("q"), assistant("<think>\nhm\n</think>\n\nr"), user("q2"), assistant("<think>x</think>y")],
    [user("q"), assistant("r", reasoning_content="\nbecause\n")],
    [user("w?"), assistant("", tool_calls=[CALL]), {"role": "tool", "content": "{\"t\": 1}", "tool_call_id": "abc123XYZ"}, assistant("One degree.")],
    [user("w?"), assistant("see", tool_calls=[CALL, CALL]), {"role": "tool", "content": "1"}, {"role": "tool", "content": "2"}],
    [user([{"type": "text", "text": "look "}, {"type": "image"}, {"type": "text", "text": "here"}]), assistant([{"type": "text", "text": "a cat"}]), user("sure?")],
    [user("<result>x</result>"), assistant(None)],
    [{"role": "wizard", "content": "abracadabra"}, user(3)],
    [{"role": "user"}],
]
OPTIONS = [{"add_generation_prompt": False}, {"add_generation_prompt": True, "tools": True, "enable_thinking": False, "date_string": "1 May 2025"}]

CASES = [
    # text, prints, comments, white space
    "", "plain", "a\n", "a\n\n", "\r\na\rb\r\n", "{{ 1 }}{{ 'x' }}", "{{ 1, 2 }}", "{{ () }}", "{# c #}x", "a{# {{ x }} #}b", "  {# c #}\nx", "x {#- c -#} y", "x {#+ c +#}\n y",
    "  {% if b %}\n  x\n  {% endif %}\ny", "  {%+ if b %}\n  x\n  {%+ endif +%}\ny", "a\n  {%- if b -%}  \n x \n {%- endif -%} \n b", "a {{- ' b ' -}} c", "a\n\n{{- 1 }}\n",
    "\t{% if b %}\t{% endif %}\t", "a {% if b %} x {% endif %} b", "{% if b %}\n\n{% endif %}", "\n{{ 1 }}\n", "{{ 1 -}}\n\n x", "{%- set x = 1 -%}  y", "x\u00a0\x1f{%- set x = 1 %}",
    "{% raw %}{{ x }}{% if %}{% endraw %}", "  {%- raw -%}  {{ x }}  {%- endraw -%}  y", "{% raw %}\n a {% endraw %}\nb", "{% raw +%}x{% endraw %}", "{{ '}}' }}{{ \"%}\" }}{{ '{{' }}",
    "{{ {'a': {'b': 1}}}}", "{{ [1,2,][1] }}", "{ { } } {%}", "#}", "a}b{c", "{{ -1 }}{{ - 1 }}{{ +1 }}{{ -i }}", "{{- 1 -}}", "{{ '\\x41\\u00e9\\U0001F600\\n\\t\\'\\\"\\\\\\q\\101' }}",
    "{{ 'a' 'b' \"c\" }}", "{{ 'x\\\ny' }}", "{{ '\\é\\😀' }}", "{{ 1_000 + 0x1F + 0b101 + 0o17 + 1e3 + 1.5e-2 }}", "{{ 00 }}", "{{ 1.0 }} {{ 1e16 }} {{ 1e15 }} {{ 1e-4 }} {{ 1e-5 }} {{ 0.1 + 0.2 }} {{ 1e400 }} {{ -1e400 }}",
    # values printed
    "{{ b }} {{ c }} {{ n }} {{ missing }}|", "{{ l }} {{ m }} {{ d }} {{ (1,) }} {{ (1, 'a') }} {{ {} }} {{ [] }} {{ () }}", "{{ [u, s, w, \"it's\", 'say \"x\"', 'both \\' \"', '\\\\ \\x00 \\u200b'] }}",
    "{{ big }} {{ tiny }} {{ e }} {{ f }} {{ -0.0 }}", "{{ [true, none, 1.0, missing] }}", "{{ d.items() }} {{ d.keys() }} {{ d.values() }}", "{{ range(3) }} {{ range(1, 5, 2) }}", "{{ namespace(a=1, b='x') }}",
    "{% macro m() %}{% endmacro %}{{ m }}", "{% for x in [1] %}{{ loop }}{% endfor %}",
    # arithmetic
    "{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 // -2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }}", "{{ 7 / 2 }} {{ 4 / 2 }} {{ 1 / 3 }}", "{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }} {{ 2 ** 3 ** 2 }}",
    "{{ 9223372036854775807 + 1 }} {{ -9223372036854775808 - 1 }} {{ 9223372036854775807 * 3 }} {{ big * big }} {{ big // 7 }} {{ big % 1000 }} {{ 2 ** 100 }}", "{{ big / 7 }} {{ 7 / big }} {{ big * 1.0 }}",
    "{{ true + true }} {{ true * 3 }} {{ -true }}", "{{ 'ab' * 3 }} {{ 2 * 'x' }} {{ [1] * 2 }} {{ (1, 2) + (3,) }} {{ [1] + [2] }}", "{{ 1 + 2 * 3 - 4 / 2 }} {{ (1 + 2) * 3 }} {{ 10 - 2 - 3 }}", "{{ 1 ~ 2 + '3' }}", "{{ 1 ~ 2 + 3 }}", "{{ 'a' + 'b' ~ 3 }}",
    "{{ 1 / 0 }}", "{{ 1 // 0 }}", "{{ 1 % 0 }}", "{{ 1.0 / 0 }}", "{{ 1 + 'a' }}", "{{ 'a' + 1 }}", "{{ 'a' + none }}", "{{ [1] + (2,) }}", "{{ none + 1 }}", "{{ 'a' - 'b' }}", "{{ {} + {} }}", "{{ -'a' }}", "{{ 'a' * 'b' }}", "{{ 1 + missing }}", "{{ missing ~ 1 }}",
    # comparing, logic
    "{{ 1 == 1.0 }} {{ 1 == true }} {{ '1' == 1 }} {{ [1] == [1.0] }} {{ (1,) == [1] }} {{ {'a': 1, 'b': 2} == {'b': 2, 'a': 1} }} {{ none == false }} {{ missing == other }}", "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 < 2 > 1 == 1 }}",
    "{{ 'a' < 'b' }} {{ 'B' < 'a' }} {{ '￿' < '😀' }} {{ [1, 2] < [1, 3] }} {{ (1,) < (1, 0) }} {{ 9007199254740993 > 9007199254740992.0 }}", "{{ 1 < 'a' }}", "{{ none < 1 }}", "{{ missing < 1 }}", "{{ {} < {} }}",
    "{{ 'l' in s }} {{ 1 in l }} {{ 9 not in l }} {{ 'a' in d }} {{ 'x' in missing }} {{ '' in '' }} {{ 2 in range(5) }} {{ 1.0 in l }}", "{{ 1 in 'a' }}", "{{ 1 in none }}", "{{ [] in d }}",
    "{{ 0 or '' or 'x' }} {{ 1 and 2 }} {{ not 0 }} {{ not not 'a' }} {{ not l == [] }} {{ none or missing }}", "{{ 'a' if b }}|{{ 'a' if c }}|{{ 'a' if c else 'b' if n else 'd' }}", "{{ ('a' if c).x }}", "{{ 1 if b and not c or missing.x else 2 }}",
    # attributes, items, slices
    "{{ d.a }} {{ d['b'] }} {{ d.zzz }}|{{ d['zzz'] }}|{{ d['items'] }}", "{{ l[0] }} {{ l[-1] }} {{ l[9] }}|{{ l.0 }} {{ m.1.1 }} {{ l[true] }} {{ l['x'] }}|", "{{ s[0] }}{{ s[-1] }}{{ u[1] }}{{ u[1:3] }}{{ u[::-1] }} {{ u|length }}",
    "{{ s[1:4] }} {{ s[:-3] }} {{ s[::2] }} {{ s[::-1] }} {{ s[9:1:-3] }} {{ l[1:] }} {{ l[:-1] }} {{ l[::-1] }} {{ (1,2,3)[1:] }} {{ range(10)[2:8:2] }} {{ s[-100:100] }}", "{{ l[::0] }}", "{{ l['a':] }}", "{{ n[1:] }}", "{{ missing[1:] }}",
    "{{ missing.x }}", "{{ d.zzz.x }}", "{{ d['zzz']['y'] }}", "{{ l[9].x }}", "{{ n.x }}|{{ n.x.y }}", "{{ missing[0] }}", "{{ missing() }}", "{{ d.zzz() }}", "{{ s() }}", "{{ 1.5.x }}", "{{ ds[0].k ~ ds[-1]['k'] }}",
    "{{ d|attr('items') is callable }} {{ d|attr('a') is defined }} {{ d|attr('get') is defined }}", "{{ namespace(x=1)|attr('x') }}", "{{ d.append is defined }} {{ l.append is defined }} {{ d.update is defined }} {{ s.upper is defined }}",
    # strings
    "{{ s.upper() }} {{ s.lower() }} {{ s.title() }} {{ 'hello wORLD'.capitalize() }} {{ s.swapcase() }} {{ u.upper() }} {{ u.title() }} {{ 'ΑΣ Σ'.lower() }} {{ 'ŉa ﬁx'.title() }} {{ 'İ'.lower()|length }}",
    "[{{ t.strip() }}][{{ t.lstrip() }}][{{ t.rstrip() }}][{{ s.strip('Hd') }}][{{ '\u3000x\x1c'.strip() }}][{{ 'xyx'.strip('') }}]", "{{ t.split(',') }} {{ t.split() }} {{ ' a  b c '.split(none, 1) }} {{ ' a  b c '.rsplit(none, 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ''.split() }} {{ ''.split(',') }} {{ 'a,b'.split(sep=',', maxsplit=0) }}",
    "{{ s.replace('l', 'L') }} {{ s.replace('l', 'L', 1) }} {{ 'aa'.replace('', '-') }} {{ 'aaa'.replace('aa', 'b') }}", "{{ s.startswith('He') }} {{ s.startswith(('x', 'H')) }} {{ s.endswith('ld') }} {{ s.startswith('World', 6) }} {{ s.endswith('o', 0, 5) }}",
    "{{ s.find('o') }} {{ s.find('o', 5) }} {{ s.rfind('o') }} {{ s.find('zz') }} {{ s.index('W') }} {{ s.count('l') }} {{ s.count('') }} {{ u.find('ß') }} {{ 'abc'.find('', 3) }} {{ 'abc'.find('', 4) }}", "{{ s.index('zz') }}", "{{ ', '.join(ss) }} {{ ''.join('abc') }}", "{{ ','.join(l) }}", "{{ s.split('') }}", "{{ s.split(1) }}",
    "{{ s.partition(' ') }} {{ s.rpartition('o') }} {{ s.partition('zz') }} {{ s.removeprefix('Hello ') }} {{ s.removesuffix('zz') }}", "[{{ 'x'.center(5) }}][{{ 'x'.center(4, '*') }}][{{ 'xy'.center(5) }}][{{ 'x'.ljust(3) }}][{{ 'x'.rjust(3, '-') }}][{{ '-7'.zfill(5) }}][{{ 'a\tb'.expandtabs(4) }}]",
    "{{ 'a\\nb\\r\\nc\\x0bd'.splitlines() }} {{ 'a\\n'.splitlines(true) }}", "{{ '12'.isdigit() }} {{ '1.2'.isdigit() }} {{ '²'.isdigit() }} {{ '½'.isnumeric() }} {{ 'aé'.isalpha() }} {{ 'a1'.isalnum() }} {{ ' \\n'.isspace() }} {{ ''.isalpha() }} {{ 'Ab'.isupper() }} {{ 'AB1'.isupper() }} {{ 'Ab Cd'.istitle() }} {{ 'é'.isascii() }}",
    "{{ '{} {}'.format(1, 'a') }} {{ '{1}{0}{1}'.format('a', 'b') }} {{ '{x}-{y!r}'.format(x=1, y='z') }} {{ '{{}}'.format() }} {{ '{:>5}|{:<5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd') }} {{ '{:05d} {:+} {:,} {:x} {:#x} {:.3f} {:8.2f} {:%} {:b}'.format(42, 3, 1234567, 255, 255, 3.14159, 2.5, 0.25, 5) }} {{ '{0[a]} {0.b}'.format(d) }}", "{{ '{}'.format() }}", "{{ '{'.format() }}",
    "{{ '%s %d %5.1f %-4s| %05d %x %r %%' % ('a', 3, 2.25, 'b', 42, 255, 'q') }} {{ '%s' % 1 }} {{ '%(a)s' % d }} {{ '%.0f %.0f %.2f' % (0.5, 2.5, 2.675) }} {{ '%+d % d' % (1, 2) }} {{ '%.2s' % 'abc' }}", "{{ '%d' % 'a' }}", "{{ '%s %s' % ('a',) }}", "{{ '%s' % ('a', 'b') }}",
    # dicts and lists
    "{{ d.get('a') }} {{ d.get('zz') }} {{ d.get('zz', 5) }} {{ d.keys()|list }} {{ d.values()|list }} {{ d.items()|list }} {{ d.copy() == d }} {{ l.count(1) }} {{ l.index(2) }}", "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{{ {1: 'a', 1.0: 'b', true: 'c', 'x': 2, none: 3, (1, 2): 4} }}", "{{ {[]: 1} }}", "{{ dict(a=1, b=2) }} {{ dict([('a', 1)], b=2) }} {{ dict(d, a=9) }}", "{{ l.index(99) }}",
    "{{ {'a': 1, 'a': 2} }}", "{{ l.append(1) }}", "{{ d.update({}) }}", "{{ d.pop('a') }}",
    # filters
    "{{ -3|abs }} {{ -3.5|abs }}", "{{ missing|default('x') }} {{ w|default('x') }} {{ w|default('x', true) }} {{ n|d('x', boolean=true) }} {{ d.zz|default(1) }}", "{{ s|length }} {{ l|count }} {{ d|length }} {{ missing|length }}", "{{ 5|length }}", "{{ (l|map('string'))|length }}", "{{ n|length }}",
    "{{ l|first }} {{ l|last }} {{ s|first }} {{ []|first }}| {{ d|first }}", "{{ l|map('string')|last }}", "{{ l|join }} {{ l|join(', ') }} {{ ds|join('-', attribute='k') }} {{ s|join('.') }} {{ m|join('|') }}", "{{ 5|join }}",
    "{{ l|sort }} {{ ss|sort }} {{ ss|sort(case_sensitive=true) }} {{ l|sort(reverse=true) }} {{ ds[:2]|sort(attribute='k')|map(attribute='k')|list }} {{ dd|sort }}", "{{ m|sort }}", "{{ dd|dictsort }} {{ dd|dictsort(true) }} {{ dd|dictsort(by='value', reverse=true) }}", "{{ l|min }} {{ l|max }} {{ ss|min }} {{ ss|max(case_sensitive=true) }} {{ []|max }}|", "{{ l|sum }} {{ [0.1, 0.2]|sum }} {{ ds[:2]|sum(attribute='v') }} {{ [[1], [2]]|sum(start=[]) }}", "{{ ss|sum }}",
    "{{ ['a', 'A', 'b', 'a']|unique|list }} {{ ['a', 'A']|unique(true)|list }} {{ [1, 1.0, true, 2]|unique|list }} {{ ds|unique(attribute='k')|map(attribute='k')|list }}", "{{ l|reverse|list }} {{ s|reverse }} {{ u|reverse }}", "{{ l|list }} {{ s|list }} {{ d|list }} {{ range(3)|list }}", "{{ [1,2,3,4,5]|batch(2)|list }} {{ [1,2,3]|batch(2, 'x')|list }} {{ [1,2,3,4,5]|slice(3)|list }} {{ [1,2,3,4]|slice(3, 'x')|list }}",
    "{{ ds|map(attribute='k')|list }} {{ ds|map(attribute='v', default=0)|list }} {{ ss|map('upper')|join }} {{ [' a ']|map('trim')|list }} {{ [1.26]|map('round', 1)|list }} {{ [[1, 2]]|map(attribute=0)|list }} {{ [{'a': {'b': [5]}}]|map(attribute='a.b.0')|list }}", "{{ [1, 0, '', 'x', none]|select|list }} {{ [1, 2, 3]|select('odd')|list }} {{ [1, 2, 3]|reject('odd')|list }} {{ l|select('gt', 1)|list }} {{ m|select('string')|list }} {{ [1, 'a']|reject('in', ['a'])|list }}",
    "{{ ds|selectattr('v')|map(attribute='k')|list }} {{ ds|selectattr('k', 'equalto', 'x')|list|length }} {{ ds|rejectattr('v', 'none')|map(attribute='k')|list }} {{ ds|selectattr('v', 'defined')|list|length }} {{ ds|rejectattr('k', 'in', ['x', 'Y'])|first }}", "{% set g = l|map('string') %}{{ g|list }}{{ g|list }}{{ g is iterable }}{{ true if g }}", "{% for k, g in ds|groupby('k') %}{{ k }}:{{ g|length }};{% endfor %}{{ (ds|groupby('k'))[0].grouper }}{{ (ds|groupby('k')|first).list|length }}{{ [{}, {'k': 2}]|groupby('k', default=1)|map('first')|list }}",
    "{{ s|upper }} {{ s|lower }} {{ 'hello big-world (yes)'|title }} {{ 'hELLO'|capitalize }} {{ 5|upper }} {{ n|upper }}", "[{{ t|trim }}] [{{ 'xxaxx'|trim('x') }}] [{{ 5|trim }}]", "{{ s|replace('l', 'L') }} {{ s|replace('l', 'L', 2) }} {{ 121|replace(1, 'x') }}", "{{ 'a\\nb\\n\\nc'|indent }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'a\\n\\nb'|indent(2, blank=true) }}|{{ 'a\\nb'|indent('> ', first=true) }}|{{ ''|indent }}|{{ 'a\\n'|indent }}", "{{ 'foo bar baz qux'|truncate(9) }} {{ 'foo bar baz qux'|truncate(9, true) }} {{ 'foo bar baz qux'|truncate(11) }} {{ 'foo bar baz qux'|truncate(11, false, '...', 0) }} {{ 'foo bar'|truncate(3, end='', leeway=0) }}",
    "{{ 'a b_c d-e 1 é'|wordcount }} [{{ 'x'|center(5) }}] {{ '%s-%s'|format(1, 'a') }} {{ '%(x)s'|format(x=2) }}", "{{ 42.55|round }} {{ 42.55|round(1) }} {{ 42.55|round(1, 'floor') }} {{ 42.55|round(0, 'ceil') }} {{ 2.5|round }} {{ 2.675|round(2) }} {{ 1234|round(-2) }} {{ 42|round }} {{ 1e300|round(2) }}", "{{ 42.55|round(1, 'up') }}",
    "{{ '42'|int }} {{ '4.7'|int }} {{ 'x'|int }} {{ 'x'|int(9) }} {{ ' -7 '|int }} {{ '0x1f'|int(0, 16) }} {{ '101'|int(base=2) }} {{ 3.9|int }} {{ -3.9|int }} {{ n|int }} {{ true|int }} {{ '1_0'|int }} {{ '1e3'|int }} {{ [] |int(5) }}", "{{ '4.5'|float }} {{ 'x'|float }} {{ 'x'|float(1.5) }} {{ 3|float }} {{ 'inf'|float }} {{ '-nan'|float }} {{ '1e5'|float }} {{ n|float }}", "{{ missing|int }}", "{{ 5|string ~ 'x' }} {{ 1.0|string }} {{ l|string|length }} {{ n|string }}",
    "{{ j1|tojson }}", "{{ j1|tojson(indent=2) }}", "{{ j1|tojson(ensure_ascii=true) }}", "{{ {'b': 1, 'a': [1, 2]}|tojson(sort_keys=true, separators=(',', ':')) }} {{ {1: 2, 1.5: 3, none: 4, true: 5}|tojson }} {{ [[], {}]|tojson(indent=4) }} {{ [1, [2]]|tojson(indent='--') }} {{ (1, 2)|tojson }} {{ 'é'|tojson }} {{ 1e400|tojson }}", "{{ missing|tojson }}", "{{ {(1, 2): 3}|tojson }}", "{{ range(3)|tojson }}",
    "{{ '<a href=\"x\">' | e }} {{ '<'|escape ~ '<' }} {{ ('<'|e) + '<' }} {{ '<'|safe }} {{ ('<'|safe) + '&' }} {{ ('a'|safe).upper() + '<' }} {{ '<'|e|e }} {{ '<'|e|forceescape }} {{ ('<'|safe) is string }} {{ ['<'|safe] }} {{ ('a,b'|safe).split(',') }} {{ 5|e }}",
    "{{ d|items|list }} {{ missing|items|list }}", "{{ 5|items|list }}", "{{ l|map('nothing')|list }}", "{{ s|nothing }}",
    # tests
    "{{ missing is defined }} {{ n is defined }} {{ d.zz is undefined }} {{ n is none }} {{ missing is none }}", "{{ 1 is number }} {{ true is number }} {{ 1 is integer }} {{ true is integer }} {{ 1.0 is float }} {{ 1 is float }} {{ true is boolean }} {{ 1 is boolean }} {{ true is true }} {{ 1 is true }} {{ c is false }} {{ 0 is false }} {{ big is integer }}",
    "{{ s is string }} {{ l is string }} {{ d is mapping }} {{ l is mapping }} {{ l is iterable }} {{ s is iterable }} {{ 5 is iterable }} {{ n is iterable }} {{ missing is iterable }} {{ l is sequence }} {{ s is sequence }} {{ d is sequence }} {{ d.items() is sequence }} {{ (l|select) is sequence }} {{ missing is sequence }}", "{{ 3 is odd }} {{ 4 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }} {{ 1 is eq 1 }} {{ 1 is ne(2) }} {{ 2 is gt 1 }} {{ 2 is ge 2 }} {{ 1 is lt 2 }} {{ 1 is le 0 }} {{ 1 is in [1] }} {{ 'a' is in 'abc' }} {{ n is sameas none }} {{ true is sameas true }} {{ 1 is sameas true }} {{ l is sameas l }}",
    "{{ 'a' is lower }} {{ 'A' is upper }} {{ 'tojson' is filter }} {{ 'x' is filter }} {{ 'odd' is test }} {{ range is callable }} {{ s is callable }} {{ s.upper is callable }} {{ ('x'|e) is escaped }}", "{{ 1 is not odd }} {{ not 1 is odd }} {{ missing is not defined and 1 is defined }}", "{{ 1 is odd is true }}", "{{ 'a' is odd }}", "{{ 1 is nothing }}", "{{ s is defined or missing.x }} {{ 'x' if d.a is eq 1 else 'y' }} {{ [1 is odd, 2] }}",
    # set, if, for
    "{% set x = 1 %}{{ x }}{% set x = x + 1 %}{{ x }}", "{% set x, y = 1, 2 %}{{ x }}{{ y }}{% set (p, q) = l[:2] %}{{ p }}{{ q }}", "{% set x, y = 1 %}", "{% set x, y = [1] %}", "{% set x, y = [1, 2, 3] %}", "{% set x %}a{{ 1 }}{% endset %}{{ x }}{{ x|length }}", "{% set x | upper | trim %} a {% endset %}[{{ x }}]", "{% set ns = namespace(a=1) %}{% set ns.a = 2 %}{% set ns.b = 3 %}{{ ns.a }}{{ ns.b }}{{ ns.zz }}|", "{% set d.x = 1 %}", "{% set missing.x = 1 %}",
    "{% if n %}a{% elif l %}b{% elif s %}c{% else %}d{% endif %}", "{% if w %}a{% endif %}|{% if 0.0 %}a{% else %}b{% endif %}", "{% if b %}{% set x = 1 %}{% endif %}{{ x }}", "{% if c %}{% set x = 1 %}{% endif %}{{ x is defined }}", "{% set x = 0 %}{% for i in l %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}", "{% for x in l %}{{ x }}{% endfor %}{{ x is defined }}{{ loop is defined }}",
    "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }} {% endfor %}", "{% for x in l %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}", "{% for x in [1, 1, 2, 2, 1] %}{{ loop.changed(x) }}{{ loop.cycle('a', 'b', 'c') }} {% endfor %}", "{% for x in [] %}x{% else %}none{% endfor %}", "{% for x in missing %}x{% else %}none{% endfor %}", "{% for x in 5 %}x{% endfor %}", "{% for x in none %}x{% endfor %}",
    "{% for x in range(10) if x is odd %}{{ loop.index }}:{{ x }}/{{ loop.length }}{{ loop.last }} {% endfor %}", "{% for x in l|map('string') %}{{ loop.length }}{{ loop.last }}{{ x }} {% endfor %}", "{% for a, b in [(1, 2), [3, 4], 'xy'] %}{{ a }}-{{ b }} {% endfor %}", "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}{% for c in u %}[{{ c }}]{% endfor %}", "{% for x in l %}{% for y in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% for x in range(9) %}{% if x == 2 %}{% continue %}{% endif %}{% if x > 4 %}{% break %}{% endif %}{{ x }}{% endfor %}", "{% for x in l %}{% continue %}{% else %}E{% endfor %}", "{% for x in l %}{{ x }}{% break %}{% else %}E{% endfor %}", "{% for t in deep recursive %}{{ loop.depth }}{{ t.n }}({{ loop(t.c) }}){% endfor %}", "{% for t in deep %}{{ loop(t.c) }}{% endfor %}", "{% set ns = namespace(n=0) %}{% for x in l if x > ns.n %}{% set ns.n = 1 %}{{ x }}{% endfor %}", "{% for x in l %}{{ loop.cycle() }}{% endfor %}",
    # macros, call, filter, with
    "{% macro m(a, b=2, c=a) %}[{{ a }},{{ b }},{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(b=5, a=4) }}{{ m() }}{{ m(1)|length }}{{ m(1) ~ 'x' }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}", "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}", "{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}", "{% macro m(n) %}{{ n }}{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}", "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% for x in [2] %}{{ m() }}{% endfor %}",
    "{% macro m(t) %}<{{ t }}>{{ caller() }}</{{ t }}>{% endmacro %}{% call m('b') %}in{{ s }}{% endcall %}", "{% macro m() %}{% for x in l %}{{ caller(x, y=1) }}{% endfor %}{% endmacro %}{% call(a, y=0) m() %}{{ a }}{{ y }};{% endcall %}", "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}", "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}", "{{ m.name }}{% macro m(a, b) %}{% endmacro %}{{ m.name }}{{ m.arguments }}", "{% macro m() %}{% set y = 1 %}{% endmacro %}{{ m() }}{{ y is defined }}", "{% macro m(a, *b) %}{% endmacro %}", "{{ m(1) }}{% macro m(a) %}{{ a }}{% endmacro %}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(*[1]) }}{{ m(**{'a': 2}) }}",
    "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter replace('a', 'b')|title %}a a{% endfilter %}", "{% filter length %}abc{% endfilter %}", "{% with x = 1, y = 2 %}{{ x }}{{ y }}{% endwith %}{{ x is defined }}", "{% set x = 5 %}{% with x = x + 1, y = x %}{{ x }}{{ y }}{% set z = 1 %}{% endwith %}{{ x }}{{ z is number }}", "{% generation %}a{% set x = 1 %}{{ x }}{% endgeneration %}{{ x is defined }}", "{% print 1, 'a' %}",
    # functions
    "{{ range(5)|list }} {{ range(2, 5)|list }} {{ range(5, 0, -2)|list }} {{ range(0)|list }} {{ range(3)[1] }} {{ range(10)|length }} {{ 3 in range(5) }}", "{{ range() }}", "{{ range(1, 2, 0) }}", "{{ range('a') }}", "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}{% set x = c.reset() %}{{ c.current }}", "{% set j = joiner('; ') %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}", "{{ raise_exception('stop here: ' ~ 1) }}", "{% if c %}{{ raise_exception('never') }}{% endif %}ok", "{{ strftime_now('%d %b %Y') }} {{ strftime_now('%Y-%m-%d %H:%M:%S %A %B %j %y %p %I %e %-d %-m %% %U %W %w %u %V %G %F %T %D %R') }}", "{{ namespace({'a': 1}, b=2).a }}", "{{ nothing() }}", "{{ (1).nothing }}|",
    # malformed
    "{{ }}", "{{ 1 + }}", "{{ (1 }}", "{{ 1) }}", "{{ [1}}", "{{ 'a }}", "{% %}", "{% nothing %}", "{% if b %}", "{% endif %}", "{% for x in l %}{% endif %}", "{% if b %}{% endfor %}", "{% for x l %}{% endfor %}", "{% for 1 in l %}{% endfor %}", "{% set 1 = 2 %}", "{% set x %}", "{% set true = 1 %}", "{{ a b }}", "{{ 1 2 }}", "{{ x. }}", "{{ x|1 }}", "{{ f(a=1, 2) }}", "{{ f(**a, b=1) }}", "{# never ends", "{% raw %}never ends", "{{ a ! b }}", "{{ a.b.c(] }}", "{% macro m(a=1, b) %}{% endmacro %}", "{% call 1 %}{% endcall %}", "{% else %}", "{% for x in l if %}{% endfor %}", "{{ 'a' is string is string }}", "{% break %}", "{{ l|list[0] }}", "{% for loop in l %}{% for loop in l %}{% endfor %}{% endfor %}", "{% block x %}",
]
