#!/usr/bin/env python3
"""Refuses the coroutine shapes that GCC 12 miscompiles without a word (GCC bug 107288 and kin).

A statement that contains co_await may hold none of: a braced temporary, `?:`, a lambda that
captures by value; and it may not be a switch condition. Each of these was seen to free twice or to
crash at run time. The cure is always the same: give the thing a name in a statement of its own.

usage: coroutine_lint.py FILE-OR-DIRECTORY...
"""

import pathlib
import sys

import cpp_text

# A brace after one of these opens a block, never an initialiser.
_BLOCK_BEFORE = {
    "", ";", "{", "}", "else", "do", "try", "const", "noexcept", "override", "final", "mutable",
    '""', "constexpr",
}
_TYPE_KEYWORDS = {"namespace", "class", "struct", "union", "enum"}
_LEADING = {"static", "constexpr", "inline", "const", "typedef", "extern", "friend", "export"}
_OPENERS = {"(": ")", "[": "]"}


class _Frame:
    """One block (or the file) while it is read: the statement under way and its open brackets."""

    def __init__(self, is_lambda):
        self.is_lambda = is_lambda
        self.restart()

    def restart(self):
        self.statement = []
        self.brackets = []  # of "(", "[", "{" (initialiser)
        self.braces = 0


def _matching_open(statement, close_index):
    """Index of the bracket that the one at close_index closes."""
    depth = 0
    for index in range(close_index, -1, -1):
        text = statement[index].text
        if text in (")", "]"):
            depth += 1
        elif text in ("(", "["):
            depth -= 1
            if depth == 0:
                return index
    return 0


def _trailing_return_start(statement):
    """Index of the `)` or `]` before `-> type`, when the statement ends in one; else None."""
    index = len(statement) - 1
    angle = 0
    while index > 0:
        text = statement[index].text
        if text == "->":
            before = index - 1
            while before > 0 and statement[before].text in ("mutable", "noexcept", "const"):
                before -= 1
            return before if statement[before].text in (")", "]") else None
        if text == ">":
            angle += 1
        elif text == "<":
            angle -= 1
        elif text in ("(", ")", "=", "{", "}", "?", ";") and angle == 0:
            return None
        elif text == "," and angle == 0:
            return None
        index -= 1
    return None


def _is_lambda_introducer(statement, index):
    """True when the `[` at index opens a capture list, not a subscript, attribute or binding."""
    if index > 0 and statement[index - 1].text == "[":
        return False
    if index + 1 < len(statement) and statement[index + 1].text == "[":
        return False
    if index == 0:
        return True
    before = statement[index - 1].text
    if before in ("return", "co_return", "co_await", "co_yield"):
        return True
    if before in (")", "]", "auto", "delete", '""') or before[0].isalnum() or before[0] == "_":
        return False
    if before in ("&", "&&") and index > 1 and statement[index - 2].text == "auto":
        return False
    return True


def _opens_block(frame):
    """What the `{` after frame.statement opens: "block", "lambda" or "initialiser"."""
    statement = frame.statement
    before = statement[-1].text if statement else ""
    nested = bool(frame.brackets)
    closing = None
    if before in (")", "]"):
        closing = len(statement) - 1
    elif before in ("mutable", "noexcept", "constexpr"):
        closing = len(statement) - 1
        while closing > 0 and statement[closing].text in ("mutable", "noexcept", "constexpr"):
            closing -= 1
    else:
        closing = _trailing_return_start(statement)
    if closing is not None and statement[closing].text in (")", "]"):
        opening = _matching_open(statement, closing)
        if statement[closing].text == "]" and _is_lambda_introducer(statement, opening):
            return "lambda"
        if statement[closing].text == ")" and opening > 0:
            if statement[opening - 1].text == "]":
                introducer = _matching_open(statement, opening - 1)
                if _is_lambda_introducer(statement, introducer):
                    return "lambda"
        return "initialiser" if nested else "block"
    if nested:
        return "initialiser"
    if before in _BLOCK_BEFORE or before == ":":
        return "block"
    for token in _without_template(statement):
        if token.text in _LEADING:
            continue
        if token.text in _TYPE_KEYWORDS and "=" not in [t.text for t in statement]:
            return "block"
        break
    return "initialiser"


def _without_template(statement):
    if not statement or statement[0].text != "template":
        return statement
    depth = 0
    for index, token in enumerate(statement):
        depth += {"<": 1, ">": -1, ">>": -2}.get(token.text, 0)
        if index > 0 and depth <= 0:
            return statement[index + 1:]
    return statement


def _judge(statement):
    """(line, why) of each bad shape in one statement."""
    texts = [token.text for token in statement]
    if "co_await" not in texts:
        return []
    found = []
    for index, token in enumerate(statement):
        if token.text == "?":
            found.append((token.line, "a conditional operator"))
        elif token.text == "switch":
            found.append((token.line, "a switch condition"))
        elif token.text == "{":
            found.append((token.line, "a braced temporary"))
        elif token.text == "[" and _is_lambda_introducer(statement, index):
            if not _captures_nothing_by_value(texts, index):
                found.append((token.line, "a lambda that captures by value"))
    return found


def _captures_nothing_by_value(texts, index):
    depth = 0
    entry_begins = True
    for text in texts[index:]:
        if text in ("[", "(", "{"):
            depth += 1
            if text == "[" and depth == 1:
                continue
        elif text in ("]", ")", "}"):
            depth -= 1
            if depth == 0:
                return True
        if depth == 1 and text == ",":
            entry_begins = True
            continue
        if entry_begins and text not in ("&", "this"):
            return False
        entry_begins = False
    return True


def check(source):
    """(line, why) of each bad shape in a source text."""
    frames = [_Frame(False)]
    found = []

    def finish(frame):
        found.extend(_judge(frame.statement))
        frame.restart()

    for token in cpp_text.tokens(source):
        frame = frames[-1]
        text = token.text
        if text == "{":
            opens = _opens_block(frame)
            if opens == "initialiser":
                frame.statement.append(token)
                frame.brackets.append("{")
            elif opens == "lambda":
                frames.append(_Frame(True))
            else:
                finish(frame)
                frames.append(_Frame(False))
        elif text == "}":
            if frame.brackets and frame.brackets[-1] == "{":
                frame.statement.append(token)
                frame.brackets.pop()
                continue
            finish(frame)
            if len(frames) > 1:
                frames.pop()
        elif text == ";" and not frame.brackets:
            finish(frame)
        else:
            frame.statement.append(token)
            if text in _OPENERS:
                frame.brackets.append(text)
            elif text in (")", "]") and frame.brackets:
                frame.brackets.pop()
    for frame in reversed(frames):
        finish(frame)
    return sorted(set(found))


def main(arguments):
    failed = False
    for argument in arguments:
        path = pathlib.Path(argument)
        files = sorted(path.rglob("*.[ch]pp")) if path.is_dir() else [path]
        for file in files:
            for line, why in check(file.read_text(encoding="utf-8")):
                print(f"{file}:{line}: {why} in a statement with co_await; name it first")
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
