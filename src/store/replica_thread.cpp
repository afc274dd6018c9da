// What the replica's own thread does: follows the database, and commits what others ask for.
#include <algorithm>
#include <map>

#include "store/last_uses.hpp"
#include "store/replica_implementation.hpp"

namespace store {

base::result<void> replica::implementation::load_all() {
    auto all = rows->load();
    if (!all) return all.error();
    auto read = codec.read(std::move(*all), clock.now());
    if (!read) return read.error();
    auto over = file.over(*read->stored);
    if (!over) return over.error();
    auto next = (*over)->with_organization(organization);
    now = std::move(*read);
    combined = std::move(next);
    published = false;
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
    published = false;
    {
        const std::lock_guard lock(mutex);
        shown = next;
    }
    if (publish) publish(next);
    published = true;
}

base::result<void> replica::implementation::take_delta(const delta& since) {
    iam::changes entities;
    auto next = codec.read(now, since, entities, clock.now());
    if (!next) return next.error();
    iam::changes seen;
    for (const iam::change& one : entities) {
        if (auto merged = file.merged(one)) seen.push_back(std::move(*merged));
    }
    auto next_combined = combined->with(seen);
    now = std::move(*next);
    combined = std::move(next_combined);
    published = false;
    const bool of_uses =
        std::any_of(since.changes.begin(), since.changes.end(),
                    [](const row_change& one) { return one.kind == last_use_kind; });
    if (of_uses) restore_uses(now);
    return {};
}

base::result<void> replica::implementation::catch_up() {
    auto since = rows->changes_after(now.version);
    if (!since) return since.error();
    if (since->reload) {
        if (auto loaded = load_all(); !loaded) return loaded;
    } else if (since->version != now.version) {
        if (auto taken = take_delta(*since); !taken) return taken;
    }
    if (!published) show();
    return {};
}

base::result<void> replica::implementation::look() {
    const base::boot_time began = clock.boot_now();
    auto looked = guarded([&] { return catch_up(); });
    note_contact(looked, began);
    return looked;
}

/// The database may take its time to answer, and the machine may sleep meanwhile: what was looked
/// at is as old as the question.
void replica::implementation::note_contact(const base::result<void>& looked,
                                           base::boot_time began) {
    if (looked) contact = began.time_since_epoch().count();
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
    for (request& one : batch) {
        auto decided = guarded([&] { return one.decide(next, next_combined); });
        if (!decided || decided->empty()) {
            one.outcome = decided ? base::result<void>() : decided.error();
            // What others of the batch have changed may be the reason, and is not stored yet.
            if (changed.empty()) one.tell(one.outcome);
            continue;
        }
        one.outcome = {};
        if (decided->keys) {
            next.keys = decided->keys;
            keep(codec.ring_row(*next.keys));
        }
        iam::changes stored, seen;
        for (const iam::change& entity : decided->entities) {
            stored.push_back(iam::without_file_parts(entity));
            keep(codec.entity_row(stored.back(), *next.keys));
            if (auto merged = file.merged(stored.back())) seen.push_back(std::move(*merged));
        }
        next.stored = next.stored->with(stored);
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
    }
    std::erase_if(batch, [](const request& one) { return one.told; });
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
    // What is stored is stored, even when those who follow could not be told yet.
    static_cast<void>(guarded([&]() -> base::result<void> {
        show();
        return {};
    }));
    for (request& one : batch)
        one.tell(one.outcome);
    batch.clear();
    return true;
}

void replica::implementation::serve(std::vector<request> batch) {
    base::error failure = base::unavailable("other replicas were faster each time");
    for (unsigned i = 0; i < options.attempts; ++i) {
        // Decided on what is newest, or a caller would be told that something is missing that
        // another replica has just made.
        const auto looked = look();
        if (!looked) {
            failure = looked.error();
            break;
        }
        const auto done = guarded([&] { return try_batch(batch); });
        if (!done) {
            failure = done.error();
            break;
        }
        if (*done) return;
    }
    failure.kind = base::error_kind::unavailable;
    failure.code.clear();
    for (request& one : batch) {
        if (!one.told) one.tell(failure);
    }
}

void replica::implementation::prune() {
    constexpr base::milliseconds every{base::seconds(3600)};
    const base::boot_time boot = clock.boot_now();
    if (boot < next_pruning) return;
    next_pruning = boot + every;
    // A clock that is ahead must not end revocations for all replicas.
    constexpr base::seconds margin{7 * 24 * 3600};
    const base::wall_time wall = clock.now() - margin;
    bool any = false;
    now.stored->for_each(iam::entity_kind::revocation, [&](const iam::entity& one) {
        any = any || std::get<iam::revocation>(one).until < wall;
    });
    if (!any) return;
    std::vector<request> batch(1);
    batch[0].decide = [wall](const estate& in, const auto&) {
        outcome_of_decision out;
        in.stored->for_each(iam::entity_kind::revocation, [&](const iam::entity& one) {
            if (std::get<iam::revocation>(one).until < wall &&
                out.entities.size() < most_per_commit)
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

/// Uses that are lost with a crash are no loss worth a write for each.
void replica::implementation::save_uses() {
    if (options.usage == nullptr) return;
    next_saving = clock.boot_now() + options.save_uses_every;
    const auto exists = [](const iam::directory& in, const std::string& id) {
        return in.owner_of_key(id) != nullptr || !in.arn_of_id(id).empty();
    };
    const iam::key_usage::uses fresh = options.usage->take();
    std::vector<request> batch(1);
    batch[0].decide = [&](const estate& in, const std::shared_ptr<const iam::directory>& all) {
        outcome_of_decision out;
        for (const auto& [id, use] : fresh) {
            const auto& known = in.uses.find(id);
            if (out.uses.size() == most_per_commit) break;
            if (exists(*all, id) && (known == nullptr || known->at < use.at))
                out.uses.emplace_back(id, std::make_shared<const iam::last_use>(use));
        }
        in.uses.for_each([&](const std::string& id, const auto&) {
            if (out.uses.size() < 2 * most_per_commit && !exists(*all, id))
                out.uses.emplace_back(id, nullptr);
        });
        return base::result<outcome_of_decision>(std::move(out));
    };
    serve(std::move(batch));
    now.uses.for_each([&](const std::string& id, const auto&) {
        if (!exists(*combined, id)) options.usage->forget(id);
    });
}

void replica::implementation::go_to_work() {
    const std::lock_guard lock(mutex);
    busy_since = clock.boot_now();
}

void replica::implementation::run() {
    own = std::this_thread::get_id();
    // However seldom a database is asked that answers, one that is back is found soon.
    const auto retry = std::min<base::milliseconds>(options.poll, base::seconds(1));
    std::unique_lock lock(mutex);
    while (!stop) {
        busy_since.reset();
        lock.unlock();
        const auto waited =
            guarded([&] { return rows->wait_for_change(health.reachable ? options.poll : retry); });
        go_to_work();
        const auto looked = look();
        if (looked) {
            static_cast<void>(guarded([&]() -> base::result<void> {
                prune();
                if (clock.boot_now() >= next_saving) save_uses();
                return {};
            }));
        }
        lock.lock();
        if (!waited || !looked) {
            // Not to be asked again at once.
            busy_since.reset();
            waiting.wait_for(lock, retry,
                             [&] { return stop || !requests.empty() || !tasks.empty(); });
        }
        while (!requests.empty() || !tasks.empty()) {
            auto work = std::exchange(tasks, {});
            auto batch = std::exchange(requests, {});
            busy_since = clock.boot_now();
            lock.unlock();
            for (auto& one : work)
                one();
            if (!batch.empty()) serve(std::move(batch));
            lock.lock();
        }
    }
    for (request& one : requests)
        one.tell(closing());
    requests.clear();
    tasks.clear();
    lock.unlock();
    // One that is away would hold up the end of the process.
    if (!health.reachable) return;
    static_cast<void>(guarded([&]() -> base::result<void> {
        save_uses();
        return {};
    }));
}

base::result<void> replica::implementation::submit(estate_decision decide) {
    if (own.load() == std::this_thread::get_id()) return from_within();
    request one;
    one.decide = std::move(decide);
    std::future<base::result<void>> done = one.done.get_future();
    std::uint64_t ticket = 0;
    base::milliseconds patience = options.patience;
    {
        const std::lock_guard lock(mutex);
        if (stop) return closing();
        // Not at once: a machine that has slept finds its clock far ahead, and all in order.
        if (busy_since && clock.boot_now() - *busy_since > options.patience)
            patience = std::min<base::milliseconds>(patience, base::milliseconds(100));
        ticket = one.ticket = ++tickets;
        requests.push_back(std::move(one));
        waiting.notify_all();
    }
    rows->wake();
    if (done.wait_for(patience) == std::future_status::timeout) {
        const std::lock_guard lock(mutex);
        // Once it is taken only the database knows what comes of it, and that is waited for.
        if (std::erase_if(requests, [&](const request& r) { return r.ticket == ticket; }) != 0)
            return no_answer();
    }
    return done.get();
}

}  // namespace store
