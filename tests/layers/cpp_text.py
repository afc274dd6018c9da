"""C++ source as tokens, as far as the checks in this folder need it: no preprocessor, no types."""

import re
from typing import NamedTuple


class Token(NamedTuple):
    text: str
    line: int


_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//[^\n]*|/\*.*?\*/)
    | (?P<raw>(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
    | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
    | (?P<number>\.?\d(?:[eEpP][+-]|'?[\w.])*)
    | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
    | (?P<word>[A-Za-z_]\w*)
    | (?P<operator>->\*?|::|&&|\|\||<<=?|<=>|[-+*/%&|^!=<>]=|\+\+|--|\.\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def _blank(match):
    return "\n" * match.group(0).count("\n")


def tokens(source):
    """Tokens without comments and directives. String and character literals are emptied."""
    without_directives = _DIRECTIVE.sub(_blank, source)
    found = []
    line = 1
    for match in _TOKEN.finditer(without_directives):
        kind, text = match.lastgroup, match.group(0)
        if kind == "delimiter" or match.group("raw"):
            kind = "raw"
        if kind in ("raw", "string"):
            found.append(Token('""', line))
        elif kind == "char":
            found.append(Token("''", line))
        elif kind not in ("space", "comment"):
            found.append(Token(text, line))
        line += text.count("\n")
    return found


def includes(source):
    """(line, '<' or '"', path) of each include directive. Comments are blanked first."""
    without_comments = re.sub(r"/\*.*?\*/", _blank, source, flags=re.DOTALL)
    return [
        (without_comments.count("\n", 0, match.start()) + 1, match.group(1), match.group(2))
        for match in _INCLUDE.finditer(without_comments)
    ]
