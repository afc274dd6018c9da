#include "iam/codec.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "encoding/json.hpp"

namespace iam {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, entity_kinds> kind_names{
    "account", "user", "group", "role", "policy", "instance-profile", "revocation"};
constexpr std::size_t largest_body = 4u << 20;

class writer;
class reader;

// One description of the members of each entity, for both directions. `io` is a writer or a reader.

template <class Io>
void members(Io& io, access_key& one, const std::string& account) {
    io("id", one.id);
    io.secret("secret", one.secret, account, one.id);
    io("active", one.active);
    io("created", one.created);
}

template <class Io>
void members(Io& io, policy_version& one, const std::string&) {
    io("number", one.number);
    io("document", one.document);
    io("created", one.created);
}

template <class Io>
void named_members(Io& io, named& one) {
    io("account", one.account);
    io("path", one.path);
    io("name", one.name);
    io("id", one.unique_id);
    io("created", one.created);
    io("tags", one.tags);
}

template <class Io>
void members(Io& io, account& one) {
    io("id", one.id);
    io("alias", one.alias);
    io("created", one.created);
    io.list("rootAccessKeys", one.root_access_keys, one.id);
}

template <class Io>
void members(Io& io, user& one) {
    named_members(io, one);
    io("policies", one.policies);
    io("attached", one.attached);
    io("boundary", one.boundary);
    io("groups", one.groups);
    io.list("accessKeys", one.access_keys, one.account);
}

template <class Io>
void members(Io& io, group& one) {
    named_members(io, one);
    io("policies", one.policies);
    io("attached", one.attached);
}

template <class Io>
void members(Io& io, role& one) {
    named_members(io, one);
    io("description", one.description);
    io("trustPolicy", one.trust_policy);
    io("trustedIds", one.trusted_ids);
    io("policies", one.policies);
    io("attached", one.attached);
    io("boundary", one.boundary);
    io("maxSessionDuration", one.max_session_duration);
}

template <class Io>
void members(Io& io, managed_policy& one) {
    named_members(io, one);
    io("description", one.description);
    io("defaultVersion", one.default_version);
    io("lastVersion", one.last_version);
    io("updated", one.updated);
    io.list("versions", one.versions, one.account);
}

template <class Io>
void members(Io& io, instance_profile& one) {
    named_members(io, one);
    io("role", one.role);
}

template <class Io>
void members(Io& io, revocation& one) {
    io("kind", one.kind);
    io("subject", one.subject);
    io("account", one.account);
    io("before", one.before);
    io("created", one.created);
    io("until", one.until);
    io("reason", one.reason);
}

class writer {
public:
    explicit writer(secret_box& secrets) : secrets_(secrets) {}

    json::object out;

    void operator()(std::string_view name, const std::string& value) { out[name] = value; }
    void operator()(std::string_view name, const bool& value) { out[name] = value; }
    void operator()(std::string_view name, const std::uint32_t& value) { out[name] = value; }
    void operator()(std::string_view name, const revocation::type& value) {
        out[name] = std::uint32_t(value);
    }
    void operator()(std::string_view name, const base::wall_time& value) {
        out[name] = std::int64_t(value.time_since_epoch().count());
    }
    void operator()(std::string_view name, const base::seconds& value) {
        out[name] = std::int64_t(value.count());
    }
    void operator()(std::string_view name, const std::vector<std::string>& value) {
        json::array texts;
        for (const std::string& one : value)
            texts.emplace_back(one);
        out[name] = std::move(texts);
    }
    void operator()(std::string_view name,
                    const std::vector<std::pair<std::string, std::string>>& value) {
        json::array pairs;
        for (const auto& [first, second] : value)
            pairs.push_back(json::array{first, second});
        out[name] = std::move(pairs);
    }
    void secret(std::string_view name, const std::shared_ptr<const base::secret>& value,
                const std::string& account, const std::string& id) {
        out[name] = secrets_.seal(account, id, *value);
    }
    template <class Part>
    void list(std::string_view name, std::vector<Part>& value, const std::string& account) {
        json::array parts;
        for (Part& one : value) {
            writer inner(secrets_);
            members(inner, one, account);
            parts.push_back(std::move(inner.out));
        }
        out[name] = std::move(parts);
    }

private:
    secret_box& secrets_;
};

/// Keeps the first failure; what comes after it is of no interest.
class reader {
public:
    reader(const json::object& from, secret_box& secrets) : from_(from), secrets_(secrets) {}

    base::result<void> finish() const {
        if (!failure_.empty()) return base::invalid(failure_);
        if (read_ != from_.size()) return base::invalid("it has members that are not known");
        return {};
    }

    void operator()(std::string_view name, std::string& value) {
        if (const json::value* found = take(name, &json::value::is_string))
            value = std::string_view(found->get_string());
    }
    void operator()(std::string_view name, bool& value) {
        if (const json::value* found = take(name, &json::value::is_bool)) value = found->get_bool();
    }
    void operator()(std::string_view name, std::uint32_t& value) {
        const std::int64_t number = integer(name);
        if (number < 0 || number > std::numeric_limits<std::uint32_t>::max()) {
            fail(name, "is out of range");
        } else {
            value = std::uint32_t(number);
        }
    }
    void operator()(std::string_view name, revocation::type& value) {
        const std::int64_t number = integer(name);
        if (number < 0 || number > std::int64_t(revocation::type::temporary_key))
            fail(name, "is out of range");
        value = revocation::type(number);
    }
    void operator()(std::string_view name, base::wall_time& value) {
        value = base::wall_time(base::milliseconds(integer(name)));
    }
    void operator()(std::string_view name, base::seconds& value) {
        value = base::seconds(integer(name));
    }
    void operator()(std::string_view name, std::vector<std::string>& value) {
        const json::value* found = take(name, &json::value::is_array);
        if (found == nullptr) return;
        for (const json::value& one : found->get_array()) {
            if (!one.is_string()) return fail(name, "holds something that is no text");
            value.emplace_back(std::string_view(one.get_string()));
        }
    }
    void operator()(std::string_view name,
                    std::vector<std::pair<std::string, std::string>>& value) {
        const json::value* found = take(name, &json::value::is_array);
        if (found == nullptr) return;
        for (const json::value& one : found->get_array()) {
            const json::array* pair = one.if_array();
            if (pair == nullptr || pair->size() != 2 || !pair->at(0).is_string() ||
                !pair->at(1).is_string())
                return fail(name, "holds something that is no pair of texts");
            value.emplace_back(std::string_view(pair->at(0).get_string()),
                               std::string_view(pair->at(1).get_string()));
        }
    }
    void secret(std::string_view name, std::shared_ptr<const base::secret>& value,
                const std::string& account, const std::string& id) {
        const json::value* found = take(name, &json::value::is_string);
        if (found == nullptr) return;
        auto opened = secrets_.open(account, id, std::string_view(found->get_string()));
        if (!opened) return fail(name, "of access key " + id + ": " + opened.error().message);
        value = std::make_shared<const base::secret>(std::move(*opened));
    }
    template <class Part>
    void list(std::string_view name, std::vector<Part>& value, const std::string& account) {
        const json::value* found = take(name, &json::value::is_array);
        if (found == nullptr) return;
        for (const json::value& one : found->get_array()) {
            const json::object* object = one.if_object();
            if (object == nullptr) return fail(name, "holds something that is no object");
            reader inner(*object, secrets_);
            members(inner, value.emplace_back(), account);
            if (const auto done = inner.finish(); !done) return fail(name, done.error().message);
        }
    }

private:
    const json::value* take(std::string_view name, bool (json::value::*is)() const noexcept) {
        const json::value* found = from_.if_contains(name);
        if (found == nullptr) {
            fail(name, "is missing");
            return nullptr;
        }
        ++read_;
        if (!(found->*is)()) {
            fail(name, "is of another type");
            return nullptr;
        }
        return found;
    }

    std::int64_t integer(std::string_view name) {
        const json::value* found = from_.if_contains(name);
        if (found == nullptr) {
            fail(name, "is missing");
            return 0;
        }
        ++read_;
        if (const std::int64_t* number = found->if_int64()) return *number;
        fail(name, "is of another type");
        return 0;
    }

    void fail(std::string_view name, const std::string& why) {
        if (failure_.empty()) failure_ = "'" + std::string(name) + "' " + why;
    }

    const json::object& from_;
    secret_box& secrets_;
    std::size_t read_ = 0;
    std::string failure_;
};

entity blank(entity_kind kind) {
    switch (kind) {
        case entity_kind::account:
            return account();
        case entity_kind::user:
            return user();
        case entity_kind::group:
            return group();
        case entity_kind::role:
            return role();
        case entity_kind::managed_policy:
            return managed_policy();
        case entity_kind::instance_profile:
            return instance_profile();
        case entity_kind::revocation:
            return revocation();
    }
    return account();
}

/// What look-ups and renderings rely on.
base::result<void> check(const entity& value) {
    if (const auto* one = std::get_if<managed_policy>(&value); one && one->versions.empty())
        return base::invalid("'versions' is empty");
    return {};
}

}  // namespace

std::string_view to_string(entity_kind kind) {
    return kind_names[std::size_t(kind)];
}

bool parse_entity_kind(std::string_view text, entity_kind& out) {
    for (std::size_t i = 0; i < kind_names.size(); ++i) {
        if (kind_names[i] != text) continue;
        out = entity_kind(i);
        return true;
    }
    return false;
}

std::string encode(const entity& value, secret_box& secrets) {
    writer to(secrets);
    entity copy = value;
    if (auto* root = std::get_if<account>(&copy))
        std::erase_if(root->root_access_keys,
                      [](const access_key& key) { return !key.owned_by.empty(); });
    std::visit([&](auto& one) { members(to, one); }, copy);
    return encoding::json_text(to.out);
}

base::result<std::shared_ptr<const entity>> decode(entity_kind kind, std::string_view text,
                                                   secret_box& secrets) {
    const auto parsed = encoding::parse_json(text, {8, largest_body});
    if (!parsed) return parsed.error();
    const json::object* object = parsed->if_object();
    if (object == nullptr) return base::invalid("it is no JSON object");
    auto out = std::make_shared<entity>(blank(kind));
    reader from(*object, secrets);
    std::visit([&](auto& one) { members(from, one); }, *out);
    if (const auto done = from.finish(); !done) return done.error();
    if (const auto done = check(*out); !done) return done.error();
    return std::shared_ptr<const entity>(std::move(out));
}

}  // namespace iam
