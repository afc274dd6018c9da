#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/identifiers.hpp"
#include "base/time_text.hpp"
#include "iam/api.hpp"
#include "iam/change_port.hpp"
#include "iam/directory.hpp"
#include "iam/key_usage.hpp"
#include "sts/actions/action_table.hpp"
#include "unit/sts/fixture.hpp"

namespace iam_fixture {

using fixture::account_a;
using fixture::account_b;
using fixture::answer;
using fixture::by_arn;
using fixture::document;
using fixture::key_pair;
using fixture::pairs;
using fixture::trust;

/// An estate that is kept in memory, and told to the issuer when it changes.
class memory_port final : public iam::change_port {
public:
    std::function<void(std::shared_ptr<const iam::directory>)> changed;
    /// How often decisions are asked for once more, as when another replica was faster.
    int conflicts = 0;
    /// What another replica does between the next decision and its storing; once.
    std::function<void()> between;
    /// What the store answers instead of storing.
    std::optional<base::error> failure;

    std::shared_ptr<const iam::directory> current() const override {
        const std::lock_guard lock(mutex_);
        return now_;
    }
    base::result<void> change(const decision& decide) override {
        for (; conflicts > 0; --conflicts) {
            if (auto made = decide(*current()); !made) return made.error();
        }
        if (between) {
            if (auto made = decide(*current()); !made) return made.error();
            std::exchange(between, nullptr)();
        }
        auto made = decide(*current());
        if (!made) return made.error();
        if (failure) return *failure;
        apply(*made);
        return {};
    }
    void apply(const iam::changes& made) {
        {
            const std::lock_guard lock(mutex_);
            now_ = now_->with(made);
        }
        if (changed) changed(current());
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const iam::directory> now_ = iam::directory::empty("aws");
};

/// Two accounts with an issuer that offers STS and IAM, and a client for it.
class estate {
public:
    support::manual_clock clock;
    support::counting_random random;
    std::shared_ptr<sts::key_ring> ring =
        std::make_shared<sts::key_ring>(sts::key_ring::generate(random, clock.now()));
    memory_port port;
    iam::key_usage uses;
    std::vector<audit_record::record> records;
    bool log_is_full = false;
    std::unique_ptr<sts::api> api = iam::make_api(port, &uses);
    std::optional<sts::issuer> issuer;
    sts::request_origin origin{base::ip_address::v4(0x0a000009), true};
    key_pair root;  ///< of account A

    estate() {
        sts::issuer_options options;
        options.limits = {{1'000'000, 1'000'000}, {1'000'000, 1'000'000}};
        sts::issuer_surroundings surroundings;
        surroundings.apis = {api.get()};
        surroundings.used = [this](const sts::credential_use& use) { uses.note(use); };
        issuer.emplace(options, port.current(), ring, clock, random,
                       sts::audit_port{[this](audit_record::record r) -> sts::audit_ticket {
                                           if (log_is_full) return 0;
                                           records.push_back(std::move(r));
                                           return 1;
                                       },
                                       {},
                                       [this] { return !log_is_full; }},
                       std::move(surroundings));
        port.changed = [this](std::shared_ptr<const iam::directory> now) {
            issuer->replace_principals(std::move(now));
        };
        root = add_account(account_a);
        add_account(account_b);
    }

    /// Returns the keys of its root.
    key_pair add_account(std::string_view id) {
        iam::account made;
        made.id = id;
        made.root_access_keys.push_back(new_key(made.id));
        key_pair out = shown(made.root_access_keys.back());
        port.apply({iam::put(std::move(made))});
        return out;
    }

    /// A user with inline policies "p1", "p2", …, and a key.
    key_pair add_user(std::string_view account, const std::string& name,
                      const std::vector<std::string>& policies = {}, sts::tag_list tags = {}) {
        iam::user made;
        made.account = account;
        made.name = name;
        made.unique_id = aws::make_unique_id("AIDA", account, random);
        made.created = clock.now();
        made.tags = std::move(tags);
        for (const std::string& text : policies)
            made.policies.emplace_back("p" + std::to_string(made.policies.size() + 1), text);
        made.access_keys.push_back(new_key(made.account));
        key_pair out = shown(made.access_keys.back());
        port.apply({iam::put(std::move(made))});
        return out;
    }

    /// One call of the IAM API.
    answer call(const key_pair& by, const std::string& action, const pairs& more = {}) {
        return send(by, "iam", "2010-05-08", action, more);
    }
    /// The same by account A's root.
    answer call(const std::string& action, const pairs& more = {}) {
        return call(root, action, more);
    }
    answer sts(const key_pair& by, const std::string& action, const pairs& more = {}) {
        return send(by, "sts", "2011-06-15", action, more);
    }

    const audit_record::record& last_record() const { return records.back(); }

private:
    iam::access_key new_key(const std::string& account) {
        iam::access_key out;
        out.id = aws::make_access_key_id("AKIA", account, random);
        out.secret = std::make_shared<const base::secret>(aws::make_secret_access_key(random));
        out.created = clock.now();
        return out;
    }
    static key_pair shown(const iam::access_key& key) {
        return {key.id, std::string(key.secret->reveal()), {}};
    }

    answer send(const key_pair& by, const std::string& service, const std::string& version,
                const std::string& action, const pairs& more) {
        pairs fields{{"Action", action}, {"Version", version}};
        fields.insert(fields.end(), more.begin(), more.end());
        const std::string text = fixture::form(fields);
        const std::string timestamp = base::iso8601_basic(clock.now());
        std::vector<http::field> headers{
            {"Host", "issuer.example.test"},
            {"X-Amz-Date", timestamp},
            {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
        std::vector<std::string> signed_names{"content-type", "host", "x-amz-date"};
        if (!by.token.empty()) {
            headers.push_back({"X-Amz-Security-Token", by.token});
            signed_names.push_back("x-amz-security-token");
        }
        http::request request;
        request.method = "POST";
        request.target = "/";
        request.fields = headers;
        request.body = text;
        const auto signature =
            sigv4::authorization(request, {timestamp.substr(0, 8), "us-east-1", service}, timestamp,
                                 by.id, by.secret, signed_names);
        REQUIRE(signature.has_value());
        headers.push_back({"Authorization", *signature});
        request.fields = headers;
        http::response response;
        issuer->respond(request, origin, response);
        return {response.status, std::string(response.headers) + response.more_headers,
                compact(response.body), response.close};
    }

    /// Without the white space between elements.
    static std::string compact(std::string_view xml) {
        std::string out;
        for (std::size_t i = 0; i < xml.size(); ++i) {
            if (xml[i] == '<') {
                const auto text = out.find_last_not_of(" \n");
                if (text != std::string::npos && out[text] == '>') out.resize(text + 1);
            }
            out += xml[i];
        }
        return out;
    }
};

inline std::string arn_in_a(const std::string& rest) {
    return "arn:aws:iam::" + std::string(account_a) + ":" + rest;
}

}  // namespace iam_fixture
