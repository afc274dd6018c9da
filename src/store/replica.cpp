#include "store/replica.hpp"

#include <csignal>
#include <pthread.h>

#include "aws/identifiers.hpp"
#include "store/file_principals.hpp"
#include "store/replica_implementation.hpp"
#include "store/sealed_secrets.hpp"

namespace store {

namespace {

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
    std::size_t made_now = 0;
    const auto make_missing = [&](const estate& in, const auto&) {
        outcome_of_decision missing;
        for (const file_principal& one : principals) {
            if (missing.identities.size() == most_per_commit) break;
            const auto& known = in.identities.find(one.key());
            if (known != nullptr && known->path == one.path && known->name == one.name) continue;
            kept_identity made{
                one.path,
                one.name,
                {aws::make_unique_id(one.prefix(), one.account, random), clock.now()}};
            missing.identities.emplace_back(one.key(), std::make_shared<const kept_identity>(made));
        }
        made_now = missing.identities.size();
        return base::result<outcome_of_decision>(std::move(missing));
    };
    do {
        if (const auto kept = commit_alone(make_missing); !kept) return kept.error();
    } while (made_now == most_per_commit);
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
    const std::set<std::string> defined(chosen.principals.begin(), chosen.principals.end());
    const bool first = file_principals.empty();
    // Checked on what the identities are taken from, or they could be forgotten for a file that
    // then does not come into force.
    const auto forgotten =
        commit_alone([&](const estate& in, const auto&) -> base::result<outcome_of_decision> {
            if (auto fits = chosen.layer.over(*in.stored); !fits) return fits.error();
            outcome_of_decision out;
            in.identities.for_each([&](const std::string& key, const auto&) {
                const bool ours = file_principals.count(key) != 0 || (first && options.own_store);
                if (ours && defined.count(key) == 0) out.identities.emplace_back(key, nullptr);
            });
            return out;
        });
    if (!forgotten) return forgotten;
    auto over = chosen.layer.over(*now.stored);
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
    const base::boot_time began = clock.boot_now();
    if (auto loaded = self->first_load(); !loaded) return loaded.error();
    self->facts = self->now.issuer;
    self->note_contact({}, began);
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
    return self_->facts;
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
    std::size_t written = 0, last_count = 0, last_place = 0;
    const auto work = [&]() -> base::result<std::size_t> {
        auto all = self_->rows->load();
        if (!all) return all.error();
        const auto sealed = sealed_rows(*all);
        std::size_t next = 0;
        const auto seal_some = [&](const estate& in, const auto&) {
            outcome_of_decision out;
            const auto active = in.keys->sealing_key(sts::key_ring::purpose::stored_secret).id;
            std::size_t at = next;
            for (; at < sealed.size() && out.entities.size() < most_per_commit; ++at) {
                const sealed_row& row = sealed[at];
                if (row.only_under(active)) continue;
                auto value = in.stored->find(row.kind, row.key);
                if (value != nullptr) out.entities.push_back({row.kind, row.key, std::move(value)});
            }
            last_count = out.entities.size();
            last_place = at;
            return base::result<outcome_of_decision>(std::move(out));
        };
        while (next < sealed.size()) {
            if (const auto done = self_->commit_alone(seal_some); !done) return done.error();
            next = last_place;
            written += last_count;
        }
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
