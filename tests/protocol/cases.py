"""Conformance tables: cases that the program is held to, each with its id, how strict it is, and what it
is about. Suites carry the ids in the names of their cases ("T12a" is a run of T12) or name them with
`proves`; unit tests carry them as tags ("[A2]"); report.py counts.
"""

import re


class Table:
    """Lines of "id mark title". `pattern` is what an id looks like; `awaited` is {from where: ids} of
    cases that are covered elsewhere later, or not at all, for the reason that stands there."""

    def __init__(self, pattern, lines, awaited):
        self.pattern = re.compile(pattern)
        self.strictness, self.title = {}, {}
        for line in lines.strip().splitlines():
            one, mark, title = line.split(" ", 2)
            assert one not in self.title, f"{one} stands twice in the table"
            self.strictness[one], self.title[one] = mark, title
        self.awaited = {one: where for where, ids in awaited.items() for one in ids.split()}
        assert self.awaited.keys() <= self.title.keys(), self.awaited.keys() - self.title.keys()

    def ids_of(self, name, proves=""):
        """The ids that a case stands for: what its name starts with, and what it says it proves."""
        start = self.pattern.match(name)
        return sorted({*proves.split(), *([start[0]] if start else [])})
