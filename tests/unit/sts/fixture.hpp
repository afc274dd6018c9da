#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time_text.hpp"
#include "encoding/percent.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "sigv4/sigv4.hpp"
#include "sts/issuer.hpp"
#include "sts/task_policies.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

namespace fixture {

inline constexpr std::string_view account_a = "123456789012";
inline constexpr std::string_view account_b = "210987654321";
inline constexpr std::string_view long_term_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Principals by hand: the tests of the issuer do not depend on a store.
inline std::vector<sts::managed_policy> task_policies() {
    std::vector<sts::managed_policy> out;
    for (const sts::task_policy& one : sts::task_policies())
        out.push_back(std::make_shared<const sts::managed_policy_record>(sts::managed_policy_record{
            std::string(sts::managed_by_provider), sts::task_policy_arn("aws", one),
            policy::document::parse(one.document, policy::document_kind::identity).value()}));
    return out;
}

class principals final : public sts::principal_store {
public:
    std::vector<std::shared_ptr<const sts::access_key_record>> keys;
    std::vector<std::shared_ptr<const sts::role_record>> roles;
    std::vector<std::shared_ptr<const sts::user_record>> users;
    std::vector<sts::managed_policy> policies = task_policies();
    std::optional<sts::organization> organization;
    std::map<std::string, policy::document, std::less<>> verification;  // by account

    const policy::document* find_verification_policy(std::string_view account) const override {
        const auto found = verification.find(account);
        return found == verification.end() ? nullptr : &found->second;
    }
    sts::managed_policy find_managed_policy(std::string_view arn) const override {
        for (const auto& one : policies) {
            if (one->arn == arn) return one;
        }
        return nullptr;
    }
    bool is_revoked(const sts::session_claim&) const override { return false; }
    bool has_account(std::string_view account) const override {
        return account == account_a || account == account_b;
    }
    const sts::organization* find_organization() const override {
        return organization ? &*organization : nullptr;
    }
    std::shared_ptr<const sts::access_key_record> find_access_key(
        std::string_view id) const override {
        for (const auto& key : keys) {
            if (key->id == id) return key;
        }
        return nullptr;
    }
    std::shared_ptr<const sts::role_record> find_role(std::string_view account,
                                                      std::string_view path,
                                                      std::string_view name) const override {
        for (const auto& role : roles) {
            if (role->account == account && role->path == path && role->name == name) return role;
        }
        return nullptr;
    }
    std::shared_ptr<const sts::user_record> find_user(std::string_view account,
                                                      std::string_view name) const override {
        for (const auto& user : users) {
            if (user->account == account && user->name == name) return user;
        }
        return nullptr;
    }
};

using pairs = std::vector<std::pair<std::string, std::string>>;

struct key_pair {
    std::string id;
    std::string secret;
    std::string token;
};

/// An answer, taken apart as far as the tests need it.
struct answer {
    unsigned status = 0;
    std::string headers;
    std::string body;
    bool close = false;

    bool has(std::string_view text) const { return body.find(text) != std::string::npos; }
    /// The text of the first element of that name.
    std::string element(const std::string& name) const {
        const std::string open = "<" + name + ">";
        const auto start = body.find(open);
        if (start == std::string::npos) return {};
        const auto end = body.find("</" + name + ">", start);
        return body.substr(start + open.size(), end - start - open.size());
    }
    std::string code() const { return element("Code"); }
    /// With the entities that appear in messages undone.
    std::string message() const {
        std::string text = element("Message");
        for (const auto& [entity, plain] : pairs{{"&apos;", "'"},
                                                 {"&#39;", "'"},
                                                 {"&quot;", "\""},
                                                 {"&lt;", "<"},
                                                 {"&gt;", ">"},
                                                 {"&amp;", "&"}}) {
            for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at))
                text.replace(at++, entity.size(), plain);
        }
        return text;
    }
    key_pair credentials() const {
        return {element("AccessKeyId"), element("SecretAccessKey"), element("SessionToken")};
    }
};

/// How a request is put on the wire.
struct wire {
    std::string method = "POST";
    std::string target = "/";
    std::string accept{};
    std::string content_type = "application/x-www-form-urlencoded; charset=utf-8";
    std::string region = "us-east-1";
    bool sign = true;
    bool sign_token = true;
    std::string user_agent{};
};

inline std::string form(const pairs& fields) {
    std::string out;
    for (const auto& [name, value] : fields) {
        if (!out.empty()) out += '&';
        out += encoding::percent_encode(name) + "=" + encoding::percent_encode(value);
    }
    return out;
}

/// An issuer with two accounts, and a client for it.
class bench {
public:
    support::manual_clock clock;
    support::counting_random random;
    std::shared_ptr<principals> store = std::make_shared<principals>();
    std::shared_ptr<sts::key_ring> ring =
        std::make_shared<sts::key_ring>(sts::key_ring::generate(random, clock.now()));
    std::vector<audit_record::record> records;
    bool audit_accepts = true;
    sts::issuer_options options;
    std::optional<sts::issuer> issuer;
    sts::request_origin origin{base::ip_address::v4(0x0a000009), true};

    sts::issuer& start() {
        issuer.emplace(options, store, ring, clock, random, [this](audit_record::record r) {
            if (audit_accepts) records.push_back(std::move(r));
            return audit_accepts;
        });
        return *issuer;
    }

    static policy::document parse(const std::string& text, policy::document_kind kind) {
        auto parsed = policy::document::parse(text, kind);
        INFO(text);
        if (!parsed) FAIL(parsed.error().message);
        return std::move(*parsed);
    }

    static std::vector<sts::named_policy> named(const std::vector<std::string>& texts) {
        std::vector<sts::named_policy> out;
        for (const std::string& text : texts)
            out.push_back({"p" + std::to_string(out.size() + 1),
                           parse(text, policy::document_kind::identity)});
        return out;
    }

    /// Replaces one of the same name. Returns its ARN.
    std::string add_policy(std::string_view account, const std::string& name,
                           const std::string& text) {
        const std::string arn = "arn:aws:iam::" + std::string(account) + ":policy/" + name;
        std::erase_if(store->policies, [&](const auto& one) { return one->arn == arn; });
        store->policies.push_back(
            std::make_shared<const sts::managed_policy_record>(sts::managed_policy_record{
                std::string(account), arn, parse(text, policy::document_kind::identity)}));
        return arn;
    }

    key_pair add_user(std::string_view account, const std::string& name,
                      const std::vector<std::string>& policies = {}, sts::tag_list tags = {},
                      const std::string& boundary = {}) {
        const std::string prefix = "arn:aws:iam::" + std::string(account);
        auto user =
            std::make_shared<const sts::user_record>(sts::user_record{std::string(account),
                                                                      "/",
                                                                      name,
                                                                      prefix + ":user/" + name,
                                                                      "AIDA" + name,
                                                                      named(policies),
                                                                      std::move(tags),
                                                                      {},
                                                                      boundary});
        store->users.push_back(user);
        auto key = std::make_shared<sts::access_key_record>();
        key->id = "AKIA" + std::string(account).substr(0, 4) + name;
        key->secret = base::secret(long_term_secret);
        key->account = account;
        key->user = user;
        store->keys.push_back(key);
        return {key->id, std::string(long_term_secret), {}};
    }

    key_pair add_root(std::string_view account) {
        auto key = std::make_shared<sts::access_key_record>();
        key->id = "AKIAROOT" + std::string(account);
        key->secret = base::secret(long_term_secret);
        key->account = account;
        store->keys.push_back(key);
        return {key->id, std::string(long_term_secret), {}};
    }

    struct role_options {
        std::string path = "/";
        base::seconds most{3600};
        std::vector<std::string> policies{};
        sts::tag_list tags{};
        std::string boundary{};
    };
    /// Returns the role's ARN.
    std::string add_role(std::string_view account, const std::string& name,
                         const std::string& trust) {
        return add_role(account, name, trust, role_options());
    }
    std::string add_role(std::string_view account, const std::string& name,
                         const std::string& trust, role_options more) {
        const std::string arn = "arn:aws:iam::" + std::string(account) + ":role" + more.path + name;
        store->roles.push_back(std::make_shared<const sts::role_record>(
            sts::role_record{std::string(account),
                             more.path,
                             name,
                             arn,
                             "AROA" + name,
                             parse(trust, policy::document_kind::trust),
                             named(more.policies),
                             more.most,
                             std::move(more.tags),
                             {},
                             more.boundary}));
        return arn;
    }

    answer send(const std::optional<key_pair>& by, const pairs& fields, wire how = {}) {
        if (!issuer) start();
        const std::string text = form(fields);
        const bool post = how.method == "POST";
        const std::string target = post || text.empty() ? how.target : how.target + "?" + text;
        const std::string timestamp = base::iso8601_basic(clock.now());
        std::vector<http::field> headers{{"Host", "sts.example.test"}, {"X-Amz-Date", timestamp}};
        std::vector<std::string> signed_names{"host", "x-amz-date"};
        if (post && !how.content_type.empty()) {
            headers.push_back({"Content-Type", how.content_type});
            signed_names.insert(signed_names.begin(), "content-type");
        }
        if (!how.user_agent.empty()) headers.push_back({"User-Agent", how.user_agent});
        if (!how.accept.empty()) headers.push_back({"Accept", how.accept});
        if (by && !by->token.empty()) {
            headers.push_back({"X-Amz-Security-Token", by->token});
            if (how.sign_token) signed_names.push_back("x-amz-security-token");
        }
        http::request request;
        request.method = how.method;
        request.target = target;
        request.fields = headers;
        if (post) request.body = text;
        std::string authorization;
        if (by && how.sign) {
            auto made = sigv4::authorization(request, {timestamp.substr(0, 8), how.region, "sts"},
                                             timestamp, by->id, by->secret, signed_names);
            REQUIRE(made.has_value());
            authorization = *made;
            headers.push_back({"Authorization", authorization});
            request.fields = headers;
        }
        return raw(request);
    }

    answer raw(const http::request& request) {
        if (!issuer) start();
        http::response response;
        issuer->respond(request, origin, response);
        return {response.status, std::string(response.headers) + response.more_headers,
                std::string(response.body), response.close};
    }

    static pairs assume(const std::string& role, pairs more = {}) {
        pairs out{{"Action", "AssumeRole"}, {"Version", "2011-06-15"}, {"RoleArn", role}};
        bool named = false;
        for (auto& field : more) {
            named = named || field.first == "RoleSessionName";
            out.push_back(std::move(field));
        }
        if (!named) out.push_back({"RoleSessionName", "s1"});
        return out;
    }
    static pairs identity() { return {{"Action", "GetCallerIdentity"}, {"Version", "2011-06-15"}}; }
};

/// One statement, as the tests write them most of the time.
inline std::string document(const std::string& statements) {
    return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}";
}
inline std::string trust(const std::string& principal, const std::string& actions = "\"sts:*\"",
                         const std::string& condition = {}) {
    return document(R"({"Effect":"Allow","Principal":)" + principal + R"(,"Action":)" + actions +
                    (condition.empty() ? "" : ",\"Condition\":" + condition) + "}");
}
inline std::string by_arn(const std::string& arn) {
    return "{\"AWS\":\"" + arn + "\"}";
}
inline const std::string root_of_a = by_arn("arn:aws:iam::123456789012:root");
inline const std::string alice_arn = "arn:aws:iam::123456789012:user/alice";
inline const std::string allow_all =
    document(R"({"Effect":"Allow","Action":"sts:*","Resource":"*"})");
inline const std::string deny_all =
    document(R"({"Effect":"Deny","Action":"sts:*","Resource":"*"})");

}  // namespace fixture
