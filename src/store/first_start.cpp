#include "store/first_start.hpp"

#include <algorithm>

#include "aws/arn.hpp"
#include "aws/identifiers.hpp"
#include "iam/provider_policies.hpp"

namespace store {

namespace {

std::string random_account(base::random& random) {
    constexpr std::size_t digits = 12;
    std::string out;
    while (out.size() < digits) {
        std::byte one{};
        random.fill({&one, 1});
        const auto value = std::to_integer<unsigned>(one);
        // 250 and more would make some digits likelier than others.
        if (value < 250) out += char('0' + value % 10);
    }
    return out;
}

iam::user administrator(const std::string& account, const std::string& partition,
                        base::random& random, base::wall_time now) {
    iam::user out;
    out.account = account;
    out.name = administrator_name;
    out.unique_id = aws::make_unique_id("AIDA", account, random);
    out.created = now;
    out.attached.push_back(
        aws::policy_arn(partition, sts::managed_by_provider, "/", iam::administrator_access));
    iam::access_key key;
    key.id = aws::make_access_key_id("AKIA", account, random);
    key.secret = std::make_shared<const base::secret>(aws::make_secret_access_key(random));
    key.created = now;
    out.access_keys.push_back(std::move(key));
    return out;
}

}  // namespace

std::vector<row_change> first_rows(const first_start_options& chosen, const row_codec& codec,
                                   base::wall_time now) {
    std::optional<sts::key_ring> made;
    if (chosen.ring == nullptr) made.emplace(sts::key_ring::generate(codec.random, now));
    const sts::key_ring& ring = chosen.ring == nullptr ? *made : *chosen.ring;
    issuer_facts facts;
    facts.account = chosen.account.empty() ? random_account(codec.random) : chosen.account;
    std::vector<row_change> out;
    out.push_back(codec.ring_row(ring));
    iam::account account;
    account.id = facts.account;
    account.created = now;
    out.push_back(codec.entity_row(iam::put(std::move(account)), ring));
    if (chosen.with_administrator) {
        facts.administrator = administrator_name;
        out.push_back(codec.entity_row(
            iam::put(administrator(facts.account, codec.partition, codec.random, now)), ring));
    }
    out.push_back(codec.issuer_row(facts));
    return out;
}

base::result<administrator_key> read_administrator(database& rows, const row_codec& codec,
                                                   base::wall_time now) {
    auto all = rows.load();
    if (!all) return all.error();
    if (all->version == 0) return base::not_found("the store holds no issuer yet: start one first");
    const auto known = codec.read(std::move(*all), now);
    if (!known) return known.error();
    if (known->issuer.administrator.empty())
        return base::not_found("this issuer was made without an administrator");
    const iam::user* user =
        known->stored->user_of(known->issuer.account, known->issuer.administrator);
    if (user != nullptr) {
        const auto key = std::find_if(user->access_keys.begin(), user->access_keys.end(),
                                      [](const iam::access_key& one) { return one.active; });
        if (key != user->access_keys.end())
            return administrator_key{known->issuer.account, key->id, key->secret->clone()};
    }
    return base::not_found("the administrator, user '" + known->issuer.administrator +
                           "' of account " + known->issuer.account +
                           ", has no active access key any more");
}

}  // namespace store
