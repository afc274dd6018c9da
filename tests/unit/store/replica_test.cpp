#include "store/replica.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "iam/provider_policies.hpp"
#include "store/memory_database.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

namespace {

using namespace std::chrono_literals;

constexpr const char* trust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
constexpr const char* account = "123456789012";

/// The views that a replica publishes, for a test to wait for.
class views {
public:
    void take(const store::replica_view& view) {
        const std::lock_guard lock(mutex_);
        last_ = view;
        changed_.notify_all();
    }
    template <class Condition>
    bool wait(Condition&& condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, [&] { return condition(last_); });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    store::replica_view last_;
};

/// One that does not answer a commit until it is told to.
class hanging_database final : public store::memory_database {
public:
    hanging_database(std::shared_ptr<store::memory_rows> rows, std::shared_future<void> answered)
        : store::memory_database(std::move(rows)), answered_(std::move(answered)) {}

    base::result<store::commit_outcome> commit(
        std::uint64_t expected, std::span<const store::row_change> changes) override {
        if (commits_hang.exchange(false)) {
            hangs.set_value();
            answered_.wait();
        }
        return memory_database::commit(expected, changes);
    }

    std::atomic<bool> commits_hang{false};
    std::promise<void> hangs;

private:
    const std::shared_future<void> answered_;
};

struct node {
    views seen;
    std::atomic<bool> reachable{true};
    store::memory_database* rows = nullptr;
    std::unique_ptr<store::replica> replica;
};

class fleet {
public:
    support::manual_clock clock;
    support::counting_random random;
    std::shared_ptr<store::memory_rows> shared = std::make_shared<store::memory_rows>(clock);

    base::result<void> start(node& one, store::replica_options options = {}) {
        return start_on(std::make_unique<store::memory_database>(shared), one, std::move(options));
    }

    base::result<void> start_on(std::unique_ptr<store::memory_database> rows, node& one,
                                store::replica_options options) {
        one.rows = rows.get();
        options.wrapping_keys.emplace_back(base::secret(std::string(32, 'k')));
        options.poll = 20ms;
        if (options.first.account.empty()) options.first.account = account;
        auto opened = store::replica::open(
            std::move(rows), std::move(options), clock, random,
            [&one](const store::replica_view& view) { one.seen.take(view); },
            [&one](const store::replica_health& health) { one.reachable = health.reachable; });
        if (!opened) return opened.error();
        one.replica = std::move(*opened);
        return {};
    }
};

iam::role role(const std::string& name) {
    iam::role out;
    out.account = account;
    out.name = name;
    out.unique_id = "AROA" + name;
    out.trust_policy = trust;
    return out;
}

base::result<void> add_role(store::replica& to, const std::string& name) {
    return to.change([&](const iam::directory& now) -> base::result<iam::changes> {
        if (now.role_of(account, name) != nullptr) return base::invalid("there already");
        return iam::changes{iam::put(role(name))};
    });
}

std::vector<sts::account_definition> file_with(const std::vector<std::string>& roles) {
    sts::account_definition one;
    one.id = account;
    for (const std::string& name : roles) {
        sts::role_definition made;
        made.name = name;
        made.trust_policy = trust;
        one.roles.push_back(std::move(made));
    }
    std::vector<sts::account_definition> out;
    out.push_back(std::move(one));
    return out;
}

base::result<void> use(store::replica& on, const std::vector<std::string>& roles) {
    auto prepared = on.prepare_file(file_with(roles), "imdsd.yaml", {});
    if (!prepared) return prepared.error();
    return on.use_file(std::move(*prepared));
}

std::string role_id(const store::replica& on, const std::string& name) {
    const auto directory = on.current();
    const iam::role* found = directory->role_of(account, name);
    return found == nullptr ? "" : found->unique_id;
}

}  // namespace

TEST_CASE("The first replica makes account, administrator and keys; the second joins") {
    fleet all;
    node a, b;
    REQUIRE(all.start(a).has_value());
    REQUIRE(all.start(b).has_value());
    CHECK(a.replica->made_the_issuer());
    CHECK_FALSE(b.replica->made_the_issuer());
    CHECK(a.replica->issuer().account == account);
    CHECK(a.replica->view().keys->issuer_id() == b.replica->view().keys->issuer_id());
    const auto user = a.replica->current()->find_user(account, store::administrator_name);
    REQUIRE(user != nullptr);
    CHECK(user->managed_policies ==
          std::vector<std::string>{"arn:aws:iam::aws:policy/AdministratorAccess"});

    store::memory_database rows(all.shared);
    const std::vector<sts::wrapping_key> keys = [] {
        std::vector<sts::wrapping_key> out;
        out.emplace_back(base::secret(std::string(32, 'k')));
        return out;
    }();
    const store::row_codec codec{"aws", keys, all.random};
    const auto key = store::read_administrator(rows, codec, all.clock.now());
    REQUIRE(key.has_value());
    const auto record = b.replica->current()->find_access_key(key->access_key_id);
    REQUIRE(record != nullptr);
    CHECK(record->secret.reveal() == key->secret_access_key.reveal());

    // Nothing that is stored shows it.
    const auto stored = rows.load();
    REQUIRE(stored.has_value());
    for (const store::row& row : stored->rows)
        CHECK(row.body.find(key->secret_access_key.reveal()) == std::string::npos);
}

TEST_CASE("Without the wrapping key the store does not open, and says so") {
    fleet all;
    node a;
    REQUIRE(all.start(a).has_value());
    auto rows = std::make_unique<store::memory_database>(all.shared);
    store::replica_options options;
    options.wrapping_keys.emplace_back(base::secret(std::string(32, 'x')));
    const auto opened =
        store::replica::open(std::move(rows), std::move(options), all.clock, all.random, {}, {});
    REQUIRE(opened.has_error());
    CHECK(opened.error().message.find("key-ring") != std::string::npos);
}

TEST_CASE("What one replica changes is in force there at once and at the other soon") {
    fleet all;
    node a, b;
    REQUIRE(all.start(a).has_value());
    REQUIRE(all.start(b).has_value());
    REQUIRE(add_role(*a.replica, "reader").has_value());
    CHECK(role_id(*a.replica, "reader") == "AROAreader");
    CHECK(b.seen.wait([](const auto& view) {
        return view.directory && view.directory->role_of(account, "reader") != nullptr;
    }));
    // Decided on the newest estate, whoever made it.
    CHECK(add_role(*b.replica, "READER").error().message == "there already");
    const auto gone = b.replica->change([](const iam::directory&) {
        return base::result<iam::changes>(
            iam::changes{iam::removal(iam::entity_kind::role, iam::key_of(account, "reader"))});
    });
    CHECK(gone.has_value());
    CHECK(a.seen.wait([](const auto& view) {
        return view.directory && view.directory->role_of(account, "reader") == nullptr;
    }));
}

TEST_CASE("Writers of two replicas lose nothing") {
    fleet all;
    node a, b;
    REQUIRE(all.start(a).has_value());
    REQUIRE(all.start(b).has_value());
    constexpr int each = 60;
    std::atomic<int> failed{0};
    const auto write = [&](store::replica& to, const std::string& prefix) {
        for (int i = 0; i < each; ++i) {
            if (!add_role(to, prefix + std::to_string(i))) ++failed;
        }
    };
    std::vector<std::thread> writers;
    for (const char* prefix : {"p", "q"}) {
        writers.emplace_back([&, prefix] { write(*a.replica, std::string("a") + prefix); });
        writers.emplace_back([&, prefix] { write(*b.replica, std::string("b") + prefix); });
    }
    for (std::thread& one : writers)
        one.join();
    CHECK(failed == 0);
    const auto complete = [](const auto& view) {
        return view.directory && view.directory->count(iam::entity_kind::role) == 4 * each;
    };
    CHECK(a.seen.wait(complete));
    CHECK(b.seen.wait(complete));
}

TEST_CASE("A principal of the file keeps its id until the file drops it") {
    fleet all;
    std::string first;
    {
        node a;
        REQUIRE(all.start(a).has_value());
        REQUIRE(use(*a.replica, {"app", "other"}).has_value());
        first = role_id(*a.replica, "app");
        CHECK(first.starts_with("AROA"));
        REQUIRE(use(*a.replica, {"app"}).has_value());
        CHECK(role_id(*a.replica, "app") == first);
        CHECK(role_id(*a.replica, "other").empty());
    }
    node again;
    REQUIRE(all.start(again).has_value());
    REQUIRE(use(*again.replica, {"app"}).has_value());
    CHECK(role_id(*again.replica, "app") == first);
    REQUIRE(use(*again.replica, {}).has_value());
    REQUIRE(use(*again.replica, {"app"}).has_value());
    CHECK(role_id(*again.replica, "app").starts_with("AROA"));
    CHECK(role_id(*again.replica, "app") != first);
}

TEST_CASE("File and API do not define the same thing") {
    fleet all;
    node a;
    REQUIRE(all.start(a).has_value());
    REQUIRE(add_role(*a.replica, "app").has_value());
    const auto refused = a.replica->prepare_file(file_with({"app"}), "imdsd.yaml", {});
    REQUIRE(refused.has_error());
    CHECK(refused.error().message ==
          "account 123456789012, role 'app': the store has one of this name, made by the IAM API; "
          "delete it there, or give the file's another name");
    CHECK(role_id(*a.replica, "app") == "AROAapp");
}

TEST_CASE("A file that does not come into force takes no id away") {
    fleet all;
    std::string kept;
    {
        node a, b;
        REQUIRE(all.start(a).has_value());
        REQUIRE(use(*a.replica, {"old"}).has_value());
        kept = role_id(*a.replica, "old");
        auto prepared = a.replica->prepare_file(file_with({"new"}), "imdsd.yaml", {});
        REQUIRE(prepared.has_value());
        REQUIRE(all.start(b).has_value());
        REQUIRE(add_role(*b.replica, "new").has_value());
        CHECK(a.replica->use_file(std::move(*prepared)).has_error());
        CHECK(role_id(*a.replica, "old") == kept);
    }
    node again;
    REQUIRE(all.start(again).has_value());
    const auto gone = again.replica->change([](const iam::directory&) {
        return base::result<iam::changes>(
            iam::changes{iam::removal(iam::entity_kind::role, iam::key_of(account, "new"))});
    });
    REQUIRE(gone.has_value());
    REQUIRE(use(*again.replica, {"old"}).has_value());
    CHECK(role_id(*again.replica, "old") == kept);
}

TEST_CASE("A replica whose database is away says how old its knowledge is, and recovers") {
    fleet all;
    node a;
    REQUIRE(all.start(a).has_value());
    CHECK(a.replica->is_current());
    std::atomic<bool> away{true};
    a.rows->set_faults({[&](auto) -> std::optional<base::error> {
                            if (away) return base::unavailable("away");
                            return std::nullopt;
                        },
                        {}});
    const auto lost = add_role(*a.replica, "late");
    REQUIRE(lost.has_error());
    CHECK(lost.error().kind == base::error_kind::unavailable);
    CHECK_FALSE(a.reachable.load());
    CHECK(a.replica->is_current());
    all.clock.advance(31s);
    CHECK_FALSE(a.replica->is_current());
    away = false;
    CHECK(add_role(*a.replica, "late").has_value());
    CHECK(a.replica->is_current());
    CHECK(a.reachable.load());
}

TEST_CASE("While a database does not answer, writes behind the one that waits for it are refused") {
    fleet all;
    node a;
    store::replica_options options;
    options.patience = 50ms;
    std::promise<void> answers;
    const std::shared_future<void> answered = answers.get_future().share();
    auto hanging = std::make_unique<hanging_database>(all.shared, answered);
    auto hangs = hanging->hangs.get_future();
    auto* const rows = hanging.get();
    REQUIRE(all.start_on(std::move(hanging), a, std::move(options)).has_value());
    rows->commits_hang = true;
    auto taken = std::async(std::launch::async, [&] { return add_role(*a.replica, "taken"); });
    hangs.wait();
    for (int i = 0; i < 2; ++i) {
        const auto refused = add_role(*a.replica, "refused");
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == base::error_kind::unavailable);
        all.clock.advance(1s);  // the second one is refused at once
    }
    CHECK(a.replica->current()->role_of(account, "taken") == nullptr);  // reads go on
    answers.set_value();
    CHECK(taken.get().has_value());
    CHECK(add_role(*a.replica, "later").has_value());
    CHECK(a.replica->current()->role_of(account, "refused") == nullptr);
}

TEST_CASE("The key ring changes on all replicas, and secrets are sealed anew") {
    fleet all;
    node a, b;
    REQUIRE(all.start(a).has_value());
    REQUIRE(all.start(b).has_value());
    const auto before =
        a.replica->view().keys->sealing_key(sts::key_ring::purpose::stored_secret).id;
    CHECK_FALSE(a.replica->seals_nothing(before).value());
    const auto kept = a.replica->change_ring([&](sts::key_ring& ring) -> base::result<void> {
        auto done = ring.rotate(sts::key_ring::purpose::stored_secret, all.random,
                                {all.clock.now(), {}, true, false});
        if (!done) return done.error();
        return {};
    });
    REQUIRE(kept.has_value());
    CHECK(b.seen.wait([&](const auto& view) {
        return view.keys->sealing_key(sts::key_ring::purpose::stored_secret).id != before;
    }));
    CHECK(a.replica->reseal().value() == 1);
    CHECK(a.replica->reseal().value() == 0);
    CHECK(a.replica->seals_nothing(before).value());
}

TEST_CASE("When a key was used last outlives the process and is known to the other replica") {
    fleet all;
    iam::key_usage of_a, of_b;
    node a, b;
    store::replica_options with_a, with_b;
    with_a.usage = &of_a;
    with_b.usage = &of_b;
    REQUIRE(all.start(a, std::move(with_a)).has_value());
    REQUIRE(all.start(b, std::move(with_b)).has_value());
    const auto user = a.replica->current()->user_of(account, store::administrator_name);
    const std::string key = user->access_keys.at(0).id;
    const base::wall_time at = all.clock.now();
    of_a.note({key, {}, "iam", "us-east-1", at});
    of_a.note({"AKIAGONEGONEGONEGONE", {}, "iam", "us-east-1", at});
    all.clock.advance(base::seconds(301));
    const auto version = a.replica->view().version;
    CHECK(b.seen.wait([&](const auto& view) { return view.version > version; }));
    REQUIRE(of_b.of(key).has_value());
    CHECK(of_b.of(key)->at == at);
    CHECK(of_b.of(key)->service == "iam");
    CHECK_FALSE(of_b.of("AKIAGONEGONEGONEGONE").has_value());

    // What is not due yet is stored at the end.
    of_a.note({key, {}, "sts", "us-east-1", at + base::seconds(1)});
    const auto before = b.replica->view().version;
    a.replica.reset();
    CHECK(b.seen.wait([&](const auto& view) { return view.version > before; }));
    CHECK(of_b.of(key)->service == "sts");
}

TEST_CASE("Revocations are forgotten when no session can be left") {
    fleet all;
    node a;
    REQUIRE(all.start(a).has_value());
    const auto revoked = a.replica->change([&](const iam::directory&) {
        iam::revocation one;
        one.kind = iam::revocation::type::session;
        one.subject = std::string(32, 'a');
        one.account = account;
        one.until = all.clock.now() + base::seconds(36 * 3600);
        return base::result<iam::changes>(iam::changes{iam::put(std::move(one))});
    });
    REQUIRE(revoked.has_value());
    CHECK(a.replica->current()->is_revoked(
        {account, "AROAx", std::string(16, '\xaa'), "ASIAX", all.clock.now()}));
    // Long after its end: the clock of one replica may be ahead.
    all.clock.advance(base::seconds(9 * 24 * 3600));
    CHECK(a.seen.wait([](const auto& view) {
        return view.directory && view.directory->count(iam::entity_kind::revocation) == 0;
    }));
}

TEST_CASE("A decision that throws fails its own call, and nothing else") {
    fleet all;
    node a;
    REQUIRE(all.start(a).has_value());
    const auto thrown = a.replica->change([](const iam::directory&) -> base::result<iam::changes> {
        throw std::runtime_error("at fault");
    });
    REQUIRE(thrown.has_error());
    CHECK(add_role(*a.replica, "next").has_value());
    CHECK(a.replica->is_current());
}

TEST_CASE("What rests on a change that was not stored is not told to be done") {
    fleet all;
    node a;
    REQUIRE(all.start(a).has_value());
    a.rows->set_faults({[](auto what) -> std::optional<base::error> {
                            if (what == store::memory_faults::operation::commit)
                                return base::unavailable("full");
                            return std::nullopt;
                        },
                        {}});
    for (int round = 0; round < 20; ++round) {
        std::atomic<int> calling{0};
        std::thread blocker([&] {
            static_cast<void>(
                a.replica->change([&](const iam::directory&) -> base::result<iam::changes> {
                    // So that the others most likely come together.
                    while (calling < 4)
                        std::this_thread::yield();
                    for (int i = 0; i < 1000; ++i)
                        std::this_thread::yield();
                    return iam::changes{};
                }));
        });
        std::atomic<int> done{0}, exist{0};
        std::vector<std::thread> callers;
        for (int i = 0; i < 4; ++i) {
            callers.emplace_back([&, i] {
                ++calling;
                const auto made =
                    a.replica->change([&](const iam::directory& now) -> base::result<iam::changes> {
                        const bool there = now.role_of(account, "one") != nullptr;
                        if (there && i % 2 == 0) return base::not_found("there already");
                        if (there) return iam::changes{};
                        return iam::changes{iam::put(role("one"))};
                    });
                if (made) ++done;
                if (!made && made.error().kind == base::error_kind::not_found) ++exist;
            });
        }
        for (auto& one : callers)
            one.join();
        blocker.join();
        CHECK(done == 0);
        CHECK(exist == 0);
    }
}

TEST_CASE("What was looked at is as old as the question, not as the answer") {
    fleet all;
    node a;
    REQUIRE(all.start(a).has_value());
    std::atomic<int> looks{0};
    a.rows->set_faults({[&](auto what) -> std::optional<base::error> {
                            if (what == store::memory_faults::operation::changes) {
                                all.clock.advance(31s);
                                ++looks;
                            }
                            return std::nullopt;
                        },
                        {}});
    CHECK(add_role(*a.replica, "slow").has_value());
    CHECK(looks > 0);
    CHECK_FALSE(a.replica->is_current());
    a.rows->set_faults({});
}

TEST_CASE("A renamed user keeps its key on every replica, whatever the new name") {
    fleet all;
    node a, b;
    REQUIRE(all.start(a).has_value());
    REQUIRE(all.start(b).has_value());
    const auto give = [&](iam::changes made) {
        return a.replica->change(
            [&](const iam::directory&) { return base::result<iam::changes>(made); });
    };
    iam::user one;
    one.account = account;
    one.name = "mm";
    one.unique_id = "AIDAMM";
    iam::access_key key;
    key.id = "AKIAMMMMMMMMMMMMMMMM";
    key.secret = std::make_shared<const base::secret>(std::string(40, 's'));
    one.access_keys.push_back(key);
    REQUIRE(give({iam::put(one)}).has_value());
    for (const char* name : {"aa", "zz", "mm"}) {
        const std::string before = iam::key_of(account, one.name);
        one.name = name;
        REQUIRE(give({iam::removal(iam::entity_kind::user, before), iam::put(one)}).has_value());
        CHECK(b.seen.wait(
            [&](const auto& view) { return view.directory->user_of(account, name) != nullptr; }));
        for (const node* each : {&a, &b}) {
            const auto known = each->replica->current();
            const auto found = known->find_access_key(key.id);
            REQUIRE(found != nullptr);
            REQUIRE(found->user != nullptr);
            CHECK(found->user->name == name);
            CHECK(known->arn_of_id("AIDAMM") ==
                  "arn:aws:iam::123456789012:user/" + std::string(name));
        }
    }
}

TEST_CASE("A root's key that the file drops is gone, whatever the API did with the account") {
    fleet all;
    node a;
    REQUIRE(all.start(a).has_value());
    const std::string id = "AKIAROOTROOTROOTROOT";
    const auto use_key = [&](bool with_key) {
        auto file = file_with({});
        if (with_key) {
            sts::access_key_definition key;
            key.id = id;
            key.secret = base::secret(std::string(40, 's'));
            file.front().root_access_keys.push_back(std::move(key));
        }
        auto prepared = a.replica->prepare_file(std::move(file), "imdsd.yaml", {});
        REQUIRE(prepared.has_value());
        REQUIRE(a.replica->use_file(std::move(*prepared)).has_value());
    };
    use_key(true);
    REQUIRE(a.replica->current()->find_access_key(id) != nullptr);
    const auto named = a.replica->change([&](const iam::directory& now) {
        iam::account made = *now.account_of(account);
        made.alias = "name";
        return base::result<iam::changes>(iam::changes{iam::put(std::move(made))});
    });
    REQUIRE(named.has_value());
    CHECK(a.replica->current()->find_access_key(id) != nullptr);
    CHECK(a.replica->current()->account_of(account)->alias == "name");
    use_key(false);
    CHECK(a.replica->current()->find_access_key(id) == nullptr);
    CHECK(a.replica->current()->account_of(account)->alias == "name");
}

TEST_CASE("A decision that asks its own store is refused, and holds nobody up") {
    fleet all;
    node a;
    REQUIRE(all.start(a).has_value());
    bool refused = false;
    CHECK(a.replica
              ->change([&](const iam::directory&) -> base::result<iam::changes> {
                  refused = a.replica->seals_nothing(1).has_error() &&
                            add_role(*a.replica, "inner").has_error();
                  return iam::changes{iam::put(role("outer"))};
              })
              .has_value());
    CHECK(refused);
    CHECK(role_id(*a.replica, "outer") == "AROAouter");
    CHECK(role_id(*a.replica, "inner").empty());
}
