// Puts principals into the store of an issuer that is not running, as its API would write them:
//   fill_estate sqlite FILE WRAPPING_KEY_FILE COUNT
//   fill_estate postgresql CONNECTION WRAPPING_KEY_FILE COUNT   (password: IMDSD_TEST_PASSWORD)
// Half of them are users with an access key and a policy, half are roles that such a user may
// assume.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "aws/identifiers.hpp"
#include "host/system_clock.hpp"
#include "host/system_random.hpp"
#include "store/estate_rows.hpp"
#include "store/postgresql_database.hpp"
#include "store/sqlite_database.hpp"
#include "sts/session/wrapping_key.hpp"

namespace {

constexpr const char* reading =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],)"
    R"("Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}]})";

template <class Result>
auto must(Result result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
}

std::unique_ptr<store::database> open(const std::string& kind, const std::string& where,
                                      const base::clock& clock, base::random& random) {
    if (kind == "sqlite") {
        store::sqlite_options options;
        options.path = where;
        return must(store::open_sqlite(std::move(options), clock, random));
    }
    if (kind != "postgresql") throw std::runtime_error("no such kind of store: " + kind);
    store::postgresql_options options;
    options.connection = where;
    if (const char* password = std::getenv("IMDSD_TEST_PASSWORD"))
        options.password = base::secret(password);
    return must(store::open_postgresql(std::move(options), clock, random));
}

iam::user user(const std::string& account, int number, base::wall_time now, base::random& random) {
    iam::user out;
    out.account = account;
    out.name = "user-" + std::to_string(number);
    out.unique_id = aws::make_unique_id("AIDA", account, random);
    out.created = now;
    out.policies.emplace_back("read", reading);
    iam::access_key key;
    key.id = aws::make_access_key_id("AKIA", account, random);
    key.secret = std::make_shared<const base::secret>(aws::make_secret_access_key(random));
    key.created = now;
    out.access_keys.push_back(std::move(key));
    return out;
}

iam::role role(const iam::user& trusted, int number, base::random& random) {
    iam::role out;
    out.account = trusted.account;
    out.name = "role-" + std::to_string(number);
    out.unique_id = aws::make_unique_id("AROA", trusted.account, random);
    out.created = trusted.created;
    const std::string arn = "arn:aws:iam::" + trusted.account + ":user/" + trusted.name;
    out.trust_policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")" + arn +
        R"("},"Action":"sts:AssumeRole"}]})";
    out.trusted_ids.emplace_back(arn, trusted.unique_id);
    out.policies.emplace_back("read", reading);
    return out;
}

void fill(const std::string& kind, const std::string& where, const std::string& key_file,
          int count) {
    constexpr int of_a_commit = 20'000;
    host::system_clock clock;
    host::system_random random;
    std::ifstream file(key_file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<sts::wrapping_key> keys;
    keys.push_back(must(sts::wrapping_key::parse(base::secret(text))));
    const store::row_codec codec{"aws", keys, random};
    const auto rows = open(kind, where, clock, random);
    const store::estate now = must(codec.read(must(rows->load()), clock.now()));
    if (now.keys == nullptr) throw std::runtime_error("the store holds no issuer yet");
    std::uint64_t version = now.version;
    for (int made = 0; made < count;) {
        std::vector<store::row_change> changes;
        for (; made < count && changes.size() < of_a_commit; made += 2) {
            iam::user one = user(now.issuer.account, made / 2, clock.now(), random);
            changes.push_back(codec.entity_row(iam::put(role(one, made / 2, random)), *now.keys));
            changes.push_back(codec.entity_row(iam::put(std::move(one)), *now.keys));
        }
        const auto done = must(rows->commit(version, changes));
        if (done.state != store::commit_state::committed)
            throw std::runtime_error("somebody else writes to the store");
        version = done.version;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: fill_estate sqlite|postgresql PLACE WRAPPING_KEY COUNT\n");
        return 2;
    }
    try {
        fill(argv[1], argv[2], argv[3], std::atoi(argv[4]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fill_estate: %s\n", error.what());
        return 1;
    }
    return 0;
}
