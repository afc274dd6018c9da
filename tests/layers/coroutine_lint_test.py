#!/usr/bin/env python3
"""The lint against shapes that are known to be miscompiled, and shapes that are known to be fine."""

import unittest

import coroutine_lint

BAD = {
    "aggregate temporary": "co_await send({.text = name});",
    "named aggregate temporary": "auto r = co_await send(request{.text = name});",
    "array temporary": "co_await send(std::array<std::string, 2>{a, b});",
    "aggregate initialised from an await": "reply a{.text = co_await receive()};",
    "initialiser list of awaits": "std::vector<std::string> v{co_await a(), co_await b()};",
    "vector temporary of awaits": "use(std::vector<std::string>{co_await a()});",
    "lambda with an init capture": "co_await co_spawn(ex, [s = text] { return work(s); }, token);",
    "lambda with a copy capture": "co_await co_spawn(ex, [s]() { return work(s); }, token);",
    "lambda with a default copy": "co_await co_spawn(ex, [=] { return work(s); }, token);",
    "mixed captures": "co_await co_spawn(ex, [&a, b] { return work(b); }, token);",
    "only the executor is awaited":
        "co_spawn(co_await this_coro::executor, [s]() -> awaitable<void> { co_return; }, detached);",
    "awaited lambda coroutine": "co_await [s = text]() -> awaitable<int> { co_return 1; }();",
    "conditional with an await": "auto x = ready ? co_await f(a) : b;",
    "awaited conditional": "co_await (ready ? f(a) : f(b));",
    "condition with a temporary": "if ((co_await f()).size() > 1 && item{.a = text}.ok()) { g(); }",
    "switch": "switch ((co_await f()).size()) { case 1: break; }",
    "over several lines": "auto reply =\n    co_await send(\n        request{\n            .text = name,\n"
                          "        });",
    "after a comment": "co_await send(  // as asked\n    {.text = name});",
    "inside a lambda body": "auto g = [&]() -> awaitable<void> { co_await send({.a = b}); };",
    "second argument": "co_await send(socket, {.text = name});",
    "while condition": "while (co_await next(range{1, 2})) { step(); }",
    "nested in a block": "if (a) { for (;;) { co_await send(request{name}); } }",
    "after a case label": "switch (kind) { case 1: co_await send({name}); break; }",
    "return": "co_return co_await send(request{.text = name});",
    "unbraced if": "if (a) co_await send({.text = name});",
}

GOOD = {
    "plain": "co_await send(name);",
    "named first": "const request r{.text = name}; auto x = co_await send(r);",
    "built by a function": "auto x = co_await send(make_request(name));",
    "temporary with a constructor": "co_await send(std::string(name));",
    "structured binding": "auto [error, size] = co_await read(socket, no_throw);",
    "structured binding by reference": "auto&& [error, size] = co_await read(socket, no_throw);",
    "const structured binding": "const auto [error] = co_await wait(no_throw);",
    "if with initialiser": "if (auto x = co_await f(); x.ok()) { g(request{.a = b}); }",
    "while": "while (co_await next()) { last = item{.a = 1}; }",
    "range for": "for (auto& x : co_await all()) { use(x); }",
    "subscript": "co_await send(table[index]);",
    "reference captures": "co_await co_spawn(ex, [&] { return work(); }, token);",
    "named reference captures": "co_await co_spawn(ex, [&a, &b] { return work(a, b); }, token);",
    "this": "co_await co_spawn(ex, [this] { return work(); }, token);",
    "no captures": "co_await co_spawn(ex, [] { return work(); }, token);",
    "capturing lambda without an await": "co_spawn(ex, [s]() -> awaitable<void> { co_await f(s); },"
                                         " detached);",
    "conditional elsewhere": "auto n = a ? b : c; co_await send(n);",
    "conditional in the body of an if": "if (co_await f()) { n = a ? b : c; }",
    "returned aggregate": "co_return reply{.a = b};",
    "switch over a value": "switch (kind) { case 1: co_await f(); break; default: break; }",
    "function body": "awaitable<void> session::run() { co_await f(); }",
    "const function body": "awaitable<void> session::run() const { co_await f(); }",
    "trailing return": "auto run() -> asio::awaitable<result<int>> { co_await f(); }",
    "namespace": "namespace net { awaitable<void> f() { co_await g(); } }",
    "class": "class a final : public b { awaitable<void> f() override { co_await g(); } };",
    "constructor with initialisers": "a::a(int x) : x_{x}, y_(1) { g(); }\nvoid f() { co_await h(); }",
    "try": "try { co_await f(); } catch (const std::exception& e) { log(e.what()); }",
    "do": "do { co_await f(); } while (again);",
    "else": "if (a) { b(); } else { co_await f(); }",
    "braces in text": 'co_await send("{?}"); co_await send(R"x({"a" ? [b]})x");',
    "braces in a comment": "co_await send(a /* {.b = c} ? */);  // switch (x) {",
    "character literals": "co_await send('{'); co_await send('?'); co_await send('\\'');",
    "digit separators": "co_await wait(1'000'000); auto x = y{'?'};",
    "directive": "#define X(a) (a ? b{} : c)\nco_await f();",
    "attribute": "[[maybe_unused]] auto x = co_await f();",
    "template": "template <class T> struct a { awaitable<void> f() { co_await g<T>(); } };",
    "enumeration": "enum class k : int { a, b };\nawaitable<void> f() { co_await g(); }",
    "aggregate in the next statement": "co_await f();\nrequest r{.a = 1};",
    "lambda named first": "auto work = [s = text] { return f(s); }; co_await run(work);",
}


class Lint(unittest.TestCase):
    def test_bad_shapes_are_found(self):
        for name, source in BAD.items():
            with self.subTest(name):
                self.assertTrue(coroutine_lint.check("void coroutine() { " + source + " }"))

    def test_good_shapes_pass(self):
        for name, source in GOOD.items():
            with self.subTest(name):
                self.assertEqual(coroutine_lint.check(source), [])

    def test_the_line_is_told(self):
        source = "void f() {\n    int a;\n    co_await g(\n        {a});\n}\n"
        self.assertEqual([line for line, _ in coroutine_lint.check(source)], [4])


if __name__ == "__main__":
    unittest.main()
