#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "iam/change_port.hpp"
#include "iam/file_entities.hpp"

namespace daemon_test {

/// An estate that nobody keeps.
class memory_estate final : public iam::change_port {
public:
    explicit memory_estate(std::shared_ptr<const iam::directory> first) : now_(std::move(first)) {}

    std::shared_ptr<const iam::directory> current() const override { return now_; }
    base::result<void> change(const decision& decide) override {
        if (broken) return *broken;
        const auto made = decide(*now_);
        if (!made) return made.error();
        now_ = now_->with(*made);
        ++changes;
        return {};
    }
    void put(iam::entity one) { now_ = now_->with({iam::put(std::move(one))}); }
    void remove(iam::entity_kind kind, std::string key) {
        now_ = now_->with({iam::removal(kind, std::move(key))});
    }

    std::optional<base::error> broken;
    int changes = 0;

private:
    std::shared_ptr<const iam::directory> now_;
};

inline constexpr const char* account_id = "123456789012";

/// Of the API, not of a file.
template <class Entity>
Entity named(const char* name, const char* unique_id, const char* path = "/") {
    Entity one;
    one.account = account_id;
    one.name = name;
    one.path = path;
    one.unique_id = unique_id;
    return one;
}

inline iam::role role(const char* name, const char* unique_id, const char* path = "/") {
    auto one = named<iam::role>(name, unique_id, path);
    one.trust_policy =
        R"({"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}})";
    return one;
}

/// An account with the role web (AROAWEB, /team/), the user alice (AIDAALICE; a key of her own,
/// AKIAALICEALICEALICE1) and root keys, one of the API's and one of a file's.
inline memory_estate small_estate() {
    memory_estate made(iam::directory::empty("aws"));
    const auto key = [](const char* id, const char* owned_by) {
        iam::access_key one;
        one.id = id;
        one.secret = std::make_shared<const base::secret>("secret");
        one.owned_by = owned_by;
        return one;
    };
    iam::account account;
    account.id = account_id;
    account.root_access_keys = {key("AKIAROOTROOTROOTROO1", ""),
                                key("AKIAROOTROOTROOTROO2", "/etc/imdsd.yaml")};
    made.put(account);
    auto alice = named<iam::user>("alice", "AIDAALICE");
    alice.access_keys = {key("AKIAALICEALICEALICE1", "")};
    made.put(alice);
    auto bob = named<iam::user>("bob", "AIDABOB");
    bob.owned_by = "/etc/imdsd.yaml";
    bob.access_keys = {key("AKIABOBBOBBOBBOBBOB1", "/etc/imdsd.yaml")};
    made.put(bob);
    made.put(role("web", "AROAWEB", "/team/"));
    return made;
}

}  // namespace daemon_test
