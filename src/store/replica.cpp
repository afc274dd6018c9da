#include "store/replica.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <future>
#include <map>
#include <mutex>
#include <pthread.h>
#include <set>
#include <thread>
#include <utility>

#include "aws/identifiers.hpp"
#include "encoding/json.hpp"
#include "store/file_principals.hpp"
#include "store/last_uses.hpp"
#include "store/sealed_secrets.hpp"

namespace store {

namespace {

/// What a write comes to.
struct outcome_of_decision {
    iam::changes entities{};
    std::shared_ptr<const sts::key_ring> keys{};  ///< null: the ring stays
    std::vector<std::pair<std::string, std::shared_ptr<const iam::last_use>>> uses{};
    std::vector<std::pair<std::string, std::shared_ptr<const kept_identity>>> identities{};

    bool empty() const { return entities.empty() && !keys && uses.empty() && identities.empty(); }
};
using estate_decision = std::function<base::result<outcome_of_decision>(
    const estate& now, const std::shared_ptr<const iam::directory>& combined)>;

struct request {
    estate_decision decide;
    std::promise<base::result<void>> done;
};

base::error closing() {
    return base::unavailable("the store is being closed");
}

/// The process's signals are for its control thread.
class signals_blocked {
public:
    signals_blocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

struct replica::implementation {
    implementation(std::unique_ptr<database> r, replica_options o, const base::clock& c,
                   base::random& rnd)
        : rows(std::move(r)),
          options(std::move(o)),
          clock(c),
          random(rnd),
          codec{options.partition, options.wrapping_keys, random} {}

    const std::unique_ptr<database> rows;
    const replica_options options;
    const base::clock& clock;
    base::random& random;
    const row_codec codec;
    std::function<void(const replica_view&)> publish;
    std::function<void(const replica_health&)> report;

    // Of the replica's thread alone, once it runs.
    estate now;
    std::shared_ptr<const iam::directory> combined;
    iam::file_layer file;
    std::set<std::string> file_principals;
    std::optional<sts::organization> organization;
    bool made_issuer = false;
    base::boot_time next_pruning{};
    base::boot_time next_saving{};
    replica_health health;

    std::atomic<base::milliseconds::rep> contact{0};  ///< boot time of the last look that worked

    mutable std::mutex mutex;  // guards what follows
    std::condition_variable waiting;
    replica_view shown;
    replica_health told;  ///< as `health`
    std::vector<request> requests;
    std::vector<std::packaged_task<void()>> tasks;
    bool stop = false;
    std::thread thread;

    base::result<void> first_load();
    void run();
    void note_contact(const base::result<void>& looked);
    base::result<void> catch_up();
    base::result<void> load_all();
    base::result<void> take_delta(const delta& since);
    void show();
    void serve(std::vector<request> batch);
    base::result<bool> try_batch(std::vector<request>& batch);
    void prune();
    void restore_uses(const estate& from);
    void save_uses();
    base::result<void> submit(estate_decision decide);
    /// Runs it on the replica's thread.
    template <class Result>
    Result on_thread(std::function<Result()> work, Result when_closing);
    base::result<prepared_file> prepare(std::vector<sts::account_definition>& accounts,
                                        const std::string& name,
                                        std::optional<sts::organization> chosen);
    base::result<void> use(prepared_file chosen);
    base::result<void> commit_alone(const estate_decision& decide);
};

base::result<void> replica::implementation::load_all() {
    auto all = rows->load();
    if (!all) return all.error();
    auto read = codec.read(std::move(*all), clock.now());
    if (!read) return read.error();
    auto over = file.over(*read->stored);
    if (!over) return over.error();
    now = std::move(*read);
    combined = (*over)->with_organization(organization);
    restore_uses(now);
    return {};
}

base::result<void> replica::implementation::first_load() {
    constexpr int attempts = 8;
    for (int i = 0; i < attempts; ++i) {
        if (auto loaded = load_all(); !loaded) return loaded;
        if (now.version != 0) return {};
        const auto first = first_rows(options.first, codec, clock.now());
        const auto made = rows->commit(0, first);
        if (!made) return made.error();
        // Another replica may have been faster: then its issuer is ours, too.
        made_issuer = made->state == commit_state::committed;
    }
    return base::unavailable("the store changes too fast to be read");
}

void replica::implementation::show() {
    const replica_view next{now.version, combined, now.keys};
    {
        const std::lock_guard lock(mutex);
        shown = next;
    }
    if (publish) publish(next);
}

base::result<void> replica::implementation::take_delta(const delta& since) {
    iam::changes entities;
    auto next = codec.read(now, since, entities, clock.now());
    if (!next) return next.error();
    iam::changes seen;
    for (const iam::change& one : entities) {
        if (auto merged = file.merged(one)) seen.push_back(std::move(*merged));
    }
    now = std::move(*next);
    combined = combined->with(seen);
    const bool of_uses =
        std::any_of(since.changes.begin(), since.changes.end(),
                    [](const row_change& one) { return one.kind == last_use_kind; });
    if (of_uses) restore_uses(now);
    return {};
}

base::result<void> replica::implementation::catch_up() {
    auto since = rows->changes_after(now.version);
    if (!since) return since.error();
    if (!since->reload && since->version == now.version) return {};
    if (since->reload) {
        if (auto loaded = load_all(); !loaded) return loaded;
    } else if (auto taken = take_delta(*since); !taken) {
        return taken;
    }
    show();
    return {};
}

void replica::implementation::note_contact(const base::result<void>& looked) {
    if (looked) contact = clock.boot_now().time_since_epoch().count();
    const bool changed = health.reachable != looked.has_value();
    health.reachable = looked.has_value();
    health.failure = looked ? std::string() : looked.error().message;
    {
        const std::lock_guard lock(mutex);
        told = health;
    }
    if (changed && report) report(health);
}

/// Decides all that wait on one estate, each on what those before it leave, and commits what comes
/// of it at once. True: every one of them has its answer.
base::result<bool> replica::implementation::try_batch(std::vector<request>& batch) {
    estate next = now;
    auto next_combined = combined;
    std::map<std::pair<std::string, std::string>, row_change> changed;
    const auto keep = [&](row_change row) {
        auto key = std::pair(row.kind, row.id);
        changed.insert_or_assign(std::move(key), std::move(row));
    };
    std::vector<request> agreed;
    for (request& one : batch) {
        auto decided = one.decide(next, next_combined);
        if (!decided || decided->empty()) {
            one.done.set_value(decided ? base::result<void>() : decided.error());
            continue;
        }
        if (decided->keys) {
            next.keys = decided->keys;
            keep(codec.ring_row(*next.keys));
        }
        iam::changes seen;
        for (const iam::change& entity : decided->entities) {
            keep(codec.entity_row(entity, *next.keys));
            if (auto merged = file.merged(entity)) seen.push_back(std::move(*merged));
        }
        next.stored = next.stored->with(decided->entities);
        next_combined = next_combined->with(seen);
        for (auto& [key, identity] : decided->identities) {
            if (identity == nullptr) {
                next.identities.erase(key);
                keep({std::string(file_identity_kind), key, std::nullopt});
            } else {
                keep(codec.identity_row(key, *identity));
                next.identities.set(key, std::move(identity));
            }
        }
        for (auto& [id, use] : decided->uses) {
            if (use == nullptr) {
                next.uses.erase(id);
                keep({std::string(last_use_kind), id, std::nullopt});
            } else {
                keep(last_use_row(id, *use));
                next.uses.set(id, std::move(use));
            }
        }
        agreed.push_back(std::move(one));
    }
    batch = std::move(agreed);
    if (batch.empty()) return true;
    std::vector<row_change> written;
    for (auto& [key, row] : changed)
        written.push_back(std::move(row));
    const auto committed = rows->commit(now.version, written);
    if (!committed) return committed.error();
    if (committed->state == commit_state::conflict) return false;
    next.version = committed->version;
    now = std::move(next);
    combined = std::move(next_combined);
    show();
    for (request& one : batch)
        one.done.set_value({});
    batch.clear();
    return true;
}

void replica::implementation::serve(std::vector<request> batch) {
    base::error failure = base::unavailable("other replicas were faster each time");
    for (unsigned i = 0; i < options.attempts; ++i) {
        // Decided on what is newest, or a caller would be told that something is missing that
        // another replica has just made.
        const auto looked = catch_up();
        note_contact(looked);
        if (!looked) {
            failure = looked.error();
            break;
        }
        const auto done = try_batch(batch);
        if (!done) {
            failure = done.error();
            break;
        }
        if (*done) return;
    }
    failure.kind = base::error_kind::unavailable;
    failure.code.clear();
    for (request& one : batch)
        one.done.set_value(failure);
}

void replica::implementation::prune() {
    constexpr base::milliseconds every{base::seconds(3600)};
    const base::boot_time boot = clock.boot_now();
    if (boot < next_pruning) return;
    next_pruning = boot + every;
    const base::wall_time wall = clock.now();
    bool any = false;
    now.stored->for_each(iam::entity_kind::revocation, [&](const iam::entity& one) {
        any = any || std::get<iam::revocation>(one).until < wall;
    });
    if (!any) return;
    std::vector<request> batch(1);
    batch[0].decide = [wall](const estate& in, const auto&) {
        outcome_of_decision out;
        in.stored->for_each(iam::entity_kind::revocation, [&](const iam::entity& one) {
            if (std::get<iam::revocation>(one).until < wall)
                out.entities.push_back(
                    iam::removal(iam::entity_kind::revocation, iam::key_of(one)));
        });
        return base::result<outcome_of_decision>(std::move(out));
    };
    serve(std::move(batch));
}

void replica::implementation::restore_uses(const estate& from) {
    if (options.usage == nullptr) return;
    iam::key_usage::uses known;
    from.uses.for_each(
        [&](const std::string& id, const auto& use) { known.emplace_back(id, *use); });
    options.usage->restore(known);
}

/// Uses that are lost with the process are no loss worth a write for each.
void replica::implementation::save_uses() {
    const base::boot_time boot = clock.boot_now();
    if (options.usage == nullptr || boot < next_saving) return;
    next_saving = boot + options.save_uses_every;
    const auto exists = [](const iam::directory& in, const std::string& id) {
        return in.owner_of_key(id) != nullptr || !in.arn_of_id(id).empty();
    };
    const iam::key_usage::uses fresh = options.usage->take();
    std::vector<request> batch(1);
    batch[0].decide = [&](const estate& in, const std::shared_ptr<const iam::directory>& all) {
        outcome_of_decision out;
        for (const auto& [id, use] : fresh) {
            const auto& known = in.uses.find(id);
            if (exists(*all, id) && (known == nullptr || known->at < use.at))
                out.uses.emplace_back(id, std::make_shared<const iam::last_use>(use));
        }
        in.uses.for_each([&](const std::string& id, const auto&) {
            if (!exists(*all, id)) out.uses.emplace_back(id, nullptr);
        });
        return base::result<outcome_of_decision>(std::move(out));
    };
    serve(std::move(batch));
    now.uses.for_each([&](const std::string& id, const auto&) {
        if (!exists(*combined, id)) options.usage->forget(id);
    });
}

void replica::implementation::run() {
    std::unique_lock lock(mutex);
    while (!stop) {
        lock.unlock();
        const auto waited = rows->wait_for_change(options.poll);
        const auto looked = catch_up();
        note_contact(looked);
        if (looked) {
            prune();
            save_uses();
        }
        lock.lock();
        if (!waited || !looked) {
            // Not to be asked again at once.
            waiting.wait_for(lock, options.poll,
                             [&] { return stop || !requests.empty() || !tasks.empty(); });
        }
        while (!requests.empty() || !tasks.empty()) {
            auto work = std::exchange(tasks, {});
            auto batch = std::exchange(requests, {});
            lock.unlock();
            for (auto& one : work)
                one();
            if (!batch.empty()) serve(std::move(batch));
            lock.lock();
        }
    }
    for (request& one : requests)
        one.done.set_value(closing());
    requests.clear();
    tasks.clear();
}

base::result<void> replica::implementation::submit(estate_decision decide) {
    request one;
    one.decide = std::move(decide);
    std::future<base::result<void>> done = one.done.get_future();
    {
        const std::lock_guard lock(mutex);
        if (stop) return closing();
        requests.push_back(std::move(one));
        waiting.notify_all();
    }
    rows->wake();
    return done.get();
}

template <class Result>
Result replica::implementation::on_thread(std::function<Result()> work, Result when_closing) {
    std::optional<Result> result;
    std::packaged_task<void()> task([&] { result.emplace(work()); });
    std::future<void> done = task.get_future();
    {
        const std::lock_guard lock(mutex);
        if (stop) return when_closing;
        tasks.push_back(std::move(task));
        waiting.notify_all();
    }
    rows->wake();
    try {
        done.get();
    } catch (const std::future_error&) {
        // The thread ended first.
        return when_closing;
    }
    return std::move(*result);
}

/// For work that is on the thread already.
base::result<void> replica::implementation::commit_alone(const estate_decision& decide) {
    std::vector<request> batch(1);
    batch[0].decide = decide;
    auto done = batch[0].done.get_future();
    serve(std::move(batch));
    return done.get();
}

base::result<replica::prepared_file> replica::implementation::prepare(
    std::vector<sts::account_definition>& accounts, const std::string& name,
    std::optional<sts::organization> chosen) {
    const std::vector<file_principal> principals = principals_of(accounts);
    prepared_file out;
    for (const file_principal& one : principals)
        out.principals.push_back(one.key());
    const auto kept = commit_alone([&](const estate& in, const auto&) {
        outcome_of_decision missing;
        for (const file_principal& one : principals) {
            const auto& known = in.identities.find(one.key());
            if (known != nullptr && known->path == one.path && known->name == one.name) continue;
            kept_identity made{
                one.path,
                one.name,
                {aws::make_unique_id(one.prefix(), one.account, random), clock.now()}};
            missing.identities.emplace_back(one.key(), std::make_shared<const kept_identity>(made));
        }
        return base::result<outcome_of_decision>(std::move(missing));
    });
    if (!kept) return kept.error();
    const auto identity = [&](iam::entity_kind kind, std::string_view, std::string_view account,
                              std::string_view, std::string_view principal) {
        const auto& known = now.identities.find(identity_key(kind, account, principal));
        return known == nullptr ? iam::file_identity() : known->identity;
    };
    auto layer = iam::file_layer::make(std::move(accounts), options.partition, name, identity);
    if (!layer) return layer.error();
    auto over = layer->over(*now.stored);
    if (!over) return over.error();
    if (auto good = iam::check_organization(chosen, **over); !good) return good.error();
    out.layer = std::move(*layer);
    out.organization = std::move(chosen);
    return out;
}

base::result<void> replica::implementation::use(prepared_file chosen) {
    auto over = chosen.layer.over(*now.stored);
    if (!over) return over.error();
    const std::set<std::string> defined(chosen.principals.begin(), chosen.principals.end());
    const bool first = file_principals.empty();
    const auto forgotten = commit_alone([&](const estate& in, const auto&) {
        outcome_of_decision out;
        in.identities.for_each([&](const std::string& key, const auto&) {
            const bool ours = file_principals.count(key) != 0 || (first && options.own_store);
            if (ours && defined.count(key) == 0) out.identities.emplace_back(key, nullptr);
        });
        return base::result<outcome_of_decision>(std::move(out));
    });
    if (!forgotten) return forgotten;
    // Committing may have brought news.
    over = chosen.layer.over(*now.stored);
    if (!over) return over.error();
    file = std::move(chosen.layer);
    file_principals = defined;
    organization = std::move(chosen.organization);
    combined = (*over)->with_organization(organization);
    show();
    return {};
}

replica::replica(std::unique_ptr<implementation> self) : self_(std::move(self)) {}

replica::~replica() {
    if (!self_->thread.joinable()) return;
    {
        const std::lock_guard lock(self_->mutex);
        self_->stop = true;
        self_->waiting.notify_all();
    }
    self_->rows->wake();
    self_->thread.join();
}

base::result<std::unique_ptr<replica>> replica::open(
    std::unique_ptr<database> rows, replica_options options, const base::clock& clock,
    base::random& random, std::function<void(const replica_view&)> publish,
    std::function<void(const replica_health&)> report) {
    auto self =
        std::make_unique<implementation>(std::move(rows), std::move(options), clock, random);
    self->publish = std::move(publish);
    self->report = std::move(report);
    if (auto loaded = self->first_load(); !loaded) return loaded.error();
    self->note_contact({});
    self->next_saving = clock.boot_now() + self->options.save_uses_every;
    if (self->now.rewrap) {
        const auto kept = self->commit_alone([](const estate& in, const auto&) {
            outcome_of_decision out;
            out.keys = in.keys;
            return base::result<outcome_of_decision>(std::move(out));
        });
        if (!kept) return kept.error();
    }
    self->show();
    auto out = std::unique_ptr<replica>(new replica(std::move(self)));
    const signals_blocked block;
    out->self_->thread = std::thread([self = out->self_.get()] { self->run(); });
    return out;
}

replica_view replica::view() const {
    const std::lock_guard lock(self_->mutex);
    return self_->shown;
}

const issuer_facts& replica::issuer() const {
    // Never changes after the first start.
    return self_->now.issuer;
}

bool replica::made_the_issuer() const {
    return self_->made_issuer;
}

base::milliseconds replica::age() const {
    const base::milliseconds now = self_->clock.boot_now().time_since_epoch();
    return now - base::milliseconds(self_->contact.load());
}

bool replica::is_current() const {
    return age() <= self_->options.max_age;
}

replica_health replica::health() const {
    const std::lock_guard lock(self_->mutex);
    return self_->told;
}

std::string replica::describe() const {
    return self_->rows->describe();
}

std::shared_ptr<const iam::directory> replica::current() const {
    return view().directory;
}

base::result<void> replica::change(const iam::change_port::decision& decide) {
    return self_->submit([&](const estate&, const std::shared_ptr<const iam::directory>& combined)
                             -> base::result<outcome_of_decision> {
        auto decided = decide(*combined);
        if (!decided) return decided.error();
        outcome_of_decision out;
        out.entities = std::move(*decided);
        return out;
    });
}

base::result<std::shared_ptr<const sts::key_ring>> replica::change_ring(const ring_change& what) {
    std::shared_ptr<const sts::key_ring> made;
    const auto done =
        self_->submit([&](const estate& in, const auto&) -> base::result<outcome_of_decision> {
            auto copy = std::make_shared<sts::key_ring>(*in.keys);
            if (auto changed = what(*copy); !changed) return changed.error();
            outcome_of_decision out;
            out.keys = made = std::move(copy);
            return out;
        });
    if (!done) return done.error();
    return made;
}

base::result<std::size_t> replica::reseal() {
    std::size_t written = 0;
    const auto work = [&]() -> base::result<std::size_t> {
        auto all = self_->rows->load();
        if (!all) return all.error();
        const auto done = self_->commit_alone([&](const estate& in, const auto&) {
            outcome_of_decision out;
            const auto active = in.keys->sealing_key(sts::key_ring::purpose::stored_secret).id;
            for (const sealed_row& row : sealed_rows(*all)) {
                if (row.only_under(active)) continue;
                auto value = in.stored->find(row.kind, row.key);
                if (value != nullptr) out.entities.push_back({row.kind, row.key, std::move(value)});
            }
            written = out.entities.size();
            return base::result<outcome_of_decision>(std::move(out));
        });
        if (!done) return done.error();
        return written;
    };
    return self_->on_thread<base::result<std::size_t>>(work, closing());
}

base::result<bool> replica::seals_nothing(std::uint16_t stored_secret_key) {
    const auto work = [&]() -> base::result<bool> {
        auto all = self_->rows->load();
        if (!all) return all.error();
        for (const sealed_row& row : sealed_rows(*all)) {
            if (row.keys.count(stored_secret_key) != 0) return false;
        }
        return true;
    };
    return self_->on_thread<base::result<bool>>(work, closing());
}

base::result<replica::prepared_file> replica::prepare_file(
    std::vector<sts::account_definition> accounts, const std::string& file,
    std::optional<sts::organization> organization) {
    const auto work = [&] { return self_->prepare(accounts, file, std::move(organization)); };
    return self_->on_thread<base::result<prepared_file>>(work, closing());
}

base::result<void> replica::use_file(prepared_file file) {
    const auto work = [&] { return self_->use(std::move(file)); };
    return self_->on_thread<base::result<void>>(work, closing());
}

}  // namespace store
