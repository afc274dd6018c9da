#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "iam/change_port.hpp"
#include "iam/file_entities.hpp"
#include "store/database.hpp"
#include "store/estate_rows.hpp"
#include "store/first_start.hpp"

namespace store {

/// What is in force on this node at one moment.
struct replica_view {
    std::uint64_t version = 0;
    std::shared_ptr<const iam::directory> directory;  ///< with the principals of the file
    std::shared_ptr<const sts::key_ring> keys;
};

struct replica_options {
    std::string partition = "aws";
    std::vector<sts::wrapping_key> wrapping_keys;
    /// Changes of others are looked for at least so often, hints or not.
    base::milliseconds poll{1'000};
    /// Without a look at the database for so long, what was revoked is not known any more.
    base::milliseconds max_age{30'000};
    /// A write is tried so often against faster replicas before it is given up.
    unsigned attempts = 64;
    /// A write that waits for its turn so long is refused; so is every other one, soon, while a
    /// call of the database has taken that long.
    base::milliseconds patience{5'000};
    /// The store is this node's own: identities of file principals that the file does not define
    /// any more are forgotten when it starts. Else only when it is seen to drop them.
    bool own_store = true;
    first_start_options first{};
    /// Told what is known of last uses, and asked for news; null: nobody cares.
    iam::key_usage* usage = nullptr;
    base::milliseconds save_uses_every{5 * 60 * 1'000};
};

/// What goes on with the database; for logs and for status.
struct replica_health {
    bool reachable = true;
    std::string failure{};  ///< the last one; empty: none since it was last reachable
};

/// One node's copy of an issuer's estate: complete, in memory, kept current by its own thread, on
/// which alone the database is used. Writes of all callers that wait at the same time are one
/// commit. Thread-safe.
class replica final : public iam::change_port {
public:
    /// Loads everything; the first of all replicas makes the issuer. Then begins to follow.
    /// `publish` and `report` are called on the replica's thread, `publish` with each new view
    /// before whoever brought it about is told; both must not call back.
    static base::result<std::unique_ptr<replica>> open(
        std::unique_ptr<database> rows, replica_options options, const base::clock& clock,
        base::random& random, std::function<void(const replica_view&)> publish,
        std::function<void(const replica_health&)> report = {});
    ~replica() override;  ///< writes under way are finished or fail

    replica_view view() const;
    const issuer_facts& issuer() const;
    /// The first start was ours.
    bool made_the_issuer() const;

    /// False when the database has not been asked for changes for longer than `max_age`.
    bool is_current() const;
    base::milliseconds age() const;
    replica_health health() const;
    std::string describe() const;

    // iam::change_port
    std::shared_ptr<const iam::directory> current() const override;
    base::result<void> change(const decision& decide) override;

    /// The same for the key ring. `what` may be applied several times, to other rings.
    using ring_change = std::function<base::result<void>(sts::key_ring&)>;
    base::result<std::shared_ptr<const sts::key_ring>> change_ring(const ring_change& what);
    /// Seals all long-term secrets anew that are not under the ring's active key. Returns how many
    /// rows were written.
    base::result<std::size_t> reseal();
    /// Whether no long-term secret is sealed under this key. Reads all rows.
    base::result<bool> seals_nothing(std::uint16_t stored_secret_key);

    /// A configuration file's principals, checked and with their ids kept in the store; nothing is
    /// in force yet.
    struct prepared_file {
        iam::file_layer layer;
        std::optional<sts::organization> organization;
        std::vector<std::string> principals;  ///< keys of their identities
    };
    base::result<prepared_file> prepare_file(std::vector<sts::account_definition> accounts,
                                             const std::string& file,
                                             std::optional<sts::organization> organization);
    /// Puts them in force in place of those before. What the file does not define any more is
    /// forgotten: under the same name it will be somebody else.
    base::result<void> use_file(prepared_file file);

    struct implementation;

private:
    explicit replica(std::unique_ptr<implementation> self);
    std::unique_ptr<implementation> self_;
};

}  // namespace store
