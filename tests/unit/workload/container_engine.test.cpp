#include "workload/container_engine.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "support/catch.hpp"
#include "support/manual_clock.hpp"

using namespace workload;
using outcome = found_containers::outcome;

namespace {

std::string id(char digit) {
    return std::string(64, digit);
}

/// An engine that answers from a table and counts what it is asked.
class scripted_engine {
public:
    void answer(const std::string& target, std::string body, unsigned status = 200) {
        const std::lock_guard lock(mutex_);
        answers_[target] = {status, std::move(body)};
    }
    void fail() { failing_ = true; }
    int asked(const std::string& target) {
        const std::lock_guard lock(mutex_);
        return asked_[target];
    }
    engine_call call() {
        return [this](const std::string& target) -> base::result<engine_answer> {
            const std::lock_guard lock(mutex_);
            ++asked_[target];
            if (failing_) return base::unavailable("no engine");
            const auto found = answers_.find(target);
            if (found == answers_.end()) return engine_answer{404, "{\"message\":\"no such\"}"};
            return found->second;
        };
    }

    void add(char digit, const std::string& more) {
        answer("/containers/" + id(digit) + "/json",
               "{\"Id\":\"" + id(digit) + "\",\"State\":{\"Pid\":" + std::to_string(digit) + "}" +
                   more + "}");
    }
    /// Containers' first processes are in /docker/ID, but that of 'e'.
    static std::optional<std::string> cgroup_of(std::int64_t pid) {
        if (pid == 'e') return "/system.slice/other.service";
        return "/docker/" + id(char(pid)) + "/init.scope";
    }
    void list(const std::string& filter, const std::vector<std::string>& entries) {
        std::string body = "[";
        for (const std::string& entry : entries)
            body += (body.size() > 1 ? "," : "") + entry;
        answer("/containers/json" + filter, body + "]");
    }

private:
    std::mutex mutex_;
    std::map<std::string, engine_answer> answers_;
    std::map<std::string, int> asked_;
    std::atomic<bool> failing_{false};
};

std::string entry(char digit, const std::string& address = {}) {
    return "{\"Id\":\"" + id(digit) +
           "\",\"NetworkSettings\":{\"Networks\":{\"n\":{\"IPAddress\":\"" + address + "\"}}}}";
}

std::shared_ptr<const found_containers> find(container_engine& engine, container_query who) {
    std::promise<std::shared_ptr<const found_containers>> promise;
    auto future = promise.get_future();
    engine.find(std::move(who), [&](auto found) { promise.set_value(std::move(found)); });
    return future.get();
}

std::shared_ptr<const container::statistics> measure(container_engine& engine,
                                                     std::vector<std::string> ids) {
    std::promise<std::shared_ptr<const container::statistics>> promise;
    auto future = promise.get_future();
    engine.measure("u", std::move(ids), [&](auto found) { promise.set_value(std::move(found)); });
    return future.get();
}

container_query in_cgroup(const std::string& path) {
    container_query who;
    who.cgroup = path;
    return who;
}

container_query at_address(const std::string& text) {
    container_query who;
    who.address = base::ip_address::parse(text).value();
    return who;
}

constexpr std::string_view shop =
    "?filters=%7B%22label%22%3A%5B%22com.docker.compose.project%3D"
    "shop%22%5D%7D";
const std::string in_shop = R"(,"Config":{"Labels":{"com.docker.compose.project":"shop"}})";

struct rig {
    scripted_engine script;
    support::manual_clock clock;
    std::unique_ptr<container_engine> engine = make_container_engine(
        script.call(), scripted_engine::cgroup_of, container_engine_options{}, clock);
};

}  // namespace

TEST_CASE("a container is found by its cgroup, with those of its compose project") {
    rig r;
    r.script.add('a', in_shop);
    r.script.add('b', in_shop);
    r.script.list(std::string(shop), {entry('a'), entry('b'), entry('c')});  // c is gone by now
    const auto found = find(*r.engine, in_cgroup("/docker/" + id('a') + "/system.slice/x.service"));
    REQUIRE(found->what == outcome::found);
    CHECK(found->own == id('a'));
    REQUIRE(found->containers.size() == 2);
    CHECK(found->containers[1].facts.docker_id == id('b'));
}

TEST_CASE("containers that share a network are one task") {
    rig r;
    const std::string joined = R"(,"HostConfig":{"NetworkMode":"container:)" + id('a') + "\"}";
    r.script.add('a', "");
    r.script.add('b', joined);
    r.script.add('c', joined);
    r.script.add('d', R"(,"HostConfig":{"NetworkMode":"host"})");
    r.script.list("", {entry('a'), entry('b'), entry('c'), entry('d')});
    CHECK(find(*r.engine, in_cgroup("/docker/" + id('a')))->containers.size() == 3);
    CHECK(find(*r.engine, in_cgroup("/docker/" + id('c')))->containers.size() == 3);
    // Those of the host's network share no container's.
    CHECK(find(*r.engine, in_cgroup("/docker/" + id('d')))->containers.size() == 1);
}

TEST_CASE("a caller elsewhere is found by its address") {
    rig r;
    r.script.add('a', "");
    r.script.list("", {entry('a', "10.0.0.2"), entry('b', "10.0.0.3"), entry('c', "10.0.0.3")});
    CHECK(find(*r.engine, at_address("10.0.0.2"))->own == id('a'));
    CHECK(find(*r.engine, at_address("10.0.0.9"))->what == outcome::none);
    // An address that two claim names neither,
    r.script.add('b', "");
    r.script.add('c', "");
    CHECK(find(*r.engine, at_address("10.0.0.3"))->what == outcome::none);
    // unless one of them lends the other its network.
    r.clock.advance(base::seconds(10));
    r.script.add('c', R"(,"HostConfig":{"NetworkMode":"container:)" + id('b') + "\"}");
    const auto shared = find(*r.engine, at_address("10.0.0.3"));
    CHECK(shared->own == id('b'));
    CHECK(shared->containers.size() == 2);
}

TEST_CASE("who is in no container of this engine") {
    rig r;
    CHECK(find(*r.engine, in_cgroup("/system.slice/backup.service"))->what == outcome::none);
    CHECK(find(*r.engine, container_query{})->what == outcome::none);
    // Of another engine on the same host.
    CHECK(find(*r.engine, in_cgroup("/docker/" + id('f')))->what == outcome::none);
}

TEST_CASE("a cgroup that is only named like a container's is nobody's") {
    rig r;
    r.script.add('a', "");
    r.script.add('e', "");
    r.script.answer("/containers/" + id('b') + "/json", "{\"Id\":\"" + id('b') + "\"}");  // no pid
    r.script.list("", {entry('a')});
    CHECK(find(*r.engine, in_cgroup("/docker/" + id('a')))->what == outcome::found);
    for (const std::string& path : {"/user.slice/user@1000.service/docker-" + id('a') + ".scope",
                                    "/user.slice/user@1000.service/docker/" + id('a'),
                                    "/docker/" + id('e'), "/docker/" + id('b')}) {
        CAPTURE(path);
        CHECK(find(*r.engine, in_cgroup(path))->what == outcome::none);
    }
}

TEST_CASE("an engine that fails is not an engine without containers") {
    rig r;
    r.script.answer("/containers/" + id('a') + "/json", "nonsense");
    CHECK(find(*r.engine, in_cgroup("/docker/" + id('a')))->what == outcome::failed);
    r.script.answer("/containers/" + id('b') + "/json", "{}", 500);
    CHECK(find(*r.engine, in_cgroup("/docker/" + id('b')))->what == outcome::failed);
    r.script.fail();
    CHECK(find(*r.engine, in_cgroup("/docker/" + id('c')))->what == outcome::failed);
    CHECK(find(*r.engine, at_address("10.0.0.2"))->what == outcome::failed);
    CHECK(measure(*r.engine, {id('a')}) == nullptr);
}

TEST_CASE("answers are believed for a short time") {
    rig r;
    r.script.add('a', "");
    r.script.list("", {entry('a', "10.0.0.2")});
    const std::string target = "/containers/" + id('a') + "/json";
    for (int i = 0; i < 3; ++i)
        find(*r.engine, at_address("10.0.0.2"));
    CHECK(r.script.asked(target) == 1);
    CHECK(r.script.asked("/containers/json") == 1);
    r.clock.advance(base::milliseconds(1500));
    find(*r.engine, at_address("10.0.0.2"));
    CHECK(r.script.asked(target) == 1);
    CHECK(r.script.asked("/containers/json") == 2);
    r.clock.advance(base::milliseconds(1500));
    find(*r.engine, at_address("10.0.0.2"));
    CHECK(r.script.asked(target) == 2);
}

TEST_CASE("statistics of several containers, without those that cannot be had") {
    rig r;
    const auto stats = [](char digit) {
        return "/containers/" + id(digit) + "/stats?stream=false";
    };
    r.script.answer(stats('b'), "{\"b\":1}\n");
    r.script.answer(stats('a'), "{\"a\":1}");
    r.script.answer(stats('c'), "broken");
    const auto found = measure(*r.engine, {id('b'), id('c'), id('a'), id('d')});
    REQUIRE(found);
    CHECK(*found == container::statistics{{id('a'), "{\"a\":1}"}, {id('b'), "{\"b\":1}"}});
    CHECK(measure(*r.engine, {id('c')}) == nullptr);
    CHECK(measure(*r.engine, {}) == nullptr);
}

TEST_CASE("tasks are bounded") {
    support::manual_clock clock;
    scripted_engine script;
    container_engine_options options;
    options.containers_of_task = 2;
    const auto engine =
        make_container_engine(script.call(), scripted_engine::cgroup_of, options, clock);
    std::vector<std::string> entries;
    for (const char digit : {'a', 'b', 'c', 'd'}) {
        script.add(digit, in_shop);
        entries.push_back(entry(digit));
    }
    script.list(std::string(shop), entries);
    CHECK(find(*engine, in_cgroup("/docker/" + id('d')))->containers.size() == 2);
}

TEST_CASE("beyond what may wait, questions fail at once; what waits at the end is answered") {
    support::manual_clock clock;
    container_engine_options options;
    options.threads = 1;
    options.waiting = 1;
    std::promise<void> entered;
    std::promise<void> go_on;
    auto released = go_on.get_future().share();
    std::atomic<bool> first{true};
    std::atomic<int> failed{0};
    const auto count = [&](std::shared_ptr<const found_containers> found) {
        failed += found->what == outcome::failed;
    };
    {
        const auto engine = make_container_engine(
            [&](const std::string&) -> base::result<engine_answer> {
                if (first.exchange(false)) entered.set_value();
                released.wait();
                return base::unavailable("late");
            },
            scripted_engine::cgroup_of, options, clock);
        engine->find(in_cgroup("/docker/" + id('a')), count);
        entered.get_future().wait();
        engine->find(in_cgroup("/docker/" + id('b')), count);  // waits
        engine->find(in_cgroup("/docker/" + id('c')), count);  // too many
        CHECK(failed == 1);
        go_on.set_value();
    }
    CHECK(failed == 3);
}

TEST_CASE("one asker has only its share of what may wait, and others come in turn with it") {
    support::manual_clock clock;
    container_engine_options options;
    options.threads = 1;
    options.waiting_of_one = 3;
    std::promise<void> entered;
    std::promise<void> go_on;
    auto released = go_on.get_future().share();
    std::atomic<bool> first{true};
    std::mutex mutex;
    std::string answered;
    std::promise<void> all;
    const auto ask = [&](container_engine& engine, const std::string& asker, char digit) {
        auto who = in_cgroup("/docker/" + id(digit));
        who.asker = asker;
        engine.find(std::move(who), [&, digit](auto) {
            const std::lock_guard lock(mutex);
            answered += digit;
            if (answered.size() == 7) all.set_value();
        });
    };
    {
        const auto engine = make_container_engine(
            [&](const std::string&) -> base::result<engine_answer> {
                if (first.exchange(false)) entered.set_value();
                released.wait();
                return engine_answer{404, ""};
            },
            scripted_engine::cgroup_of, options, clock);
        ask(*engine, "greedy", '0');
        entered.get_future().wait();
        for (const char digit : {'1', '2', '3', '4'})
            ask(*engine, "greedy", digit);
        CHECK(answered == "4");  // failed at once
        ask(*engine, "modest", 'a');
        ask(*engine, "other", 'b');
        go_on.set_value();
        all.get_future().wait();
    }
    CHECK(answered == "401ab23");
}

TEST_CASE("a socket that nobody serves") {
    support::manual_clock clock;
    container_engine_options options;
    options.socket = "/nonexistent/engine.sock";
    const auto engine = make_container_engine(options, clock);
    CHECK(find(*engine, in_cgroup("/docker/" + id('a')))->what == outcome::failed);
}

TEST_CASE("what a call throws leaves one question without an answer") {
    support::manual_clock clock;
    std::atomic<bool> first{true};
    scripted_engine script;
    script.add('a', in_shop);
    script.list(std::string(shop), {entry('a')});
    const auto engine = make_container_engine(
        [&, call = script.call()](const std::string& target) -> base::result<engine_answer> {
            if (first.exchange(false)) throw std::bad_alloc();
            return call(target);
        },
        scripted_engine::cgroup_of, container_engine_options{}, clock);
    CHECK(find(*engine, in_cgroup("/docker/" + id('a')))->what == outcome::failed);
    CHECK(find(*engine, in_cgroup("/docker/" + id('a')))->what == outcome::found);
}

TEST_CASE("who asks what is on its way gets the same answer, and takes no place in the queue") {
    support::manual_clock clock;
    container_engine_options options;
    options.threads = 1;
    options.waiting = 1;
    std::promise<void> entered;
    std::promise<void> go_on;
    auto released = go_on.get_future().share();
    std::atomic<int> calls{0};
    std::atomic<int> failed{0}, measured{0}, missing{0};
    {
        const auto engine = make_container_engine(
            [&](const std::string&) -> base::result<engine_answer> {
                if (calls++ == 0) entered.set_value();
                released.wait();
                return engine_answer{200, "{}"};
            },
            scripted_engine::cgroup_of, options, clock);
        const auto count = [&](std::shared_ptr<const container::statistics> figures) {
            ++(figures ? measured : missing);
        };
        engine->measure("u", {id('a')}, count);
        entered.get_future().wait();
        for (int i = 0; i < 20; ++i)
            engine->measure("u", {id('a')}, count);
        CHECK(missing == 0);
        // There is room for another caller still.
        engine->find(in_cgroup("/docker/" + id('b')),
                     [&](auto found) { failed += found->what == outcome::failed; });
        CHECK(failed == 0);
        go_on.set_value();
    }
    CHECK(measured == 21);
    CHECK(missing == 0);
    CHECK(failed == 1);
}

TEST_CASE("the end waits for the call under way, not for those that would follow") {
    support::manual_clock clock;
    scripted_engine script;
    for (const char digit : {'a', 'b', 'c'})
        script.add(digit, in_shop);
    script.list(std::string(shop), {entry('a'), entry('b'), entry('c')});
    container_engine_options options;
    options.threads = 1;
    options.waiting = options.waiting_of_one = std::size_t(-1);
    std::promise<void> entered;
    std::promise<void> go_on;
    auto released = go_on.get_future().share();
    std::atomic<int> calls{0};
    std::atomic<bool> refused{false};
    container_engine* engine = nullptr;
    std::promise<outcome> answer;
    std::unique_ptr<container_engine> owner = make_container_engine(
        [&, call = script.call()](const std::string& target) -> base::result<engine_answer> {
            if (calls++ == 0) {
                entered.set_value();
                released.wait();
                // Questions are refused from the moment on when the end has begun.
                for (int i = 0; !refused; ++i) {
                    engine->find(in_cgroup("/docker/" + std::to_string(i)), [&](auto found) {
                        refused = refused || found->what == outcome::failed;
                    });
                    std::this_thread::yield();
                }
            }
            return call(target);
        },
        scripted_engine::cgroup_of, options, clock);
    engine = owner.get();
    engine->find(in_cgroup("/docker/" + id('a')),
                 [&](auto found) { answer.set_value(found->what); });
    entered.get_future().wait();
    std::thread end([&] { owner.reset(); });
    go_on.set_value();
    end.join();
    CHECK(calls == 1);
    CHECK(answer.get_future().get() == outcome::failed);
}
