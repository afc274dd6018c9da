#include "store/replica.hpp"

#include <atomic>
#include <condition_variable>
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
        auto rows = std::make_unique<store::memory_database>(shared);
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
    all.clock.advance(base::seconds(37 * 3600));
    CHECK(a.seen.wait([](const auto& view) {
        return view.directory && view.directory->count(iam::entity_kind::revocation) == 0;
    }));
}
