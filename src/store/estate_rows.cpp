#include "store/estate_rows.hpp"

#include <boost/json/object.hpp>

#include "encoding/json.hpp"
#include "policy/unicode.hpp"
#include "store/last_uses.hpp"
#include "sts/session/stored_secret.hpp"
#include "sts/session/wrapped_ring.hpp"

namespace store {

namespace {

namespace json = boost::json;

base::error at(std::string_view kind, std::string_view id, const base::error& why) {
    return {why.kind,
            "the store's " + std::string(kind) + " '" + std::string(id) + "': " + why.message,
            {}};
}

base::result<std::string> text_of(const json::object& members, std::string_view name) {
    const json::value* found = members.if_contains(name);
    if (found == nullptr || !found->is_string())
        return base::invalid("'" + std::string(name) + "' is missing or no text");
    return std::string(std::string_view(found->get_string()));
}

base::result<json::object> object_of(std::string_view body) {
    auto parsed = encoding::parse_json(body);
    if (!parsed) return parsed.error();
    if (!parsed->is_object()) return base::invalid("it is no JSON object");
    return std::move(parsed->as_object());
}

base::result<issuer_facts> read_issuer(std::string_view body) {
    const auto members = object_of(body);
    if (!members) return members.error();
    auto account = text_of(*members, "account");
    if (!account) return account.error();
    auto administrator = text_of(*members, "administrator");
    if (!administrator) return administrator.error();
    return issuer_facts{std::move(*account), std::move(*administrator)};
}

base::result<kept_identity> read_identity(std::string_view body) {
    const auto members = object_of(body);
    if (!members) return members.error();
    kept_identity out;
    for (const auto& [name, into] : {std::pair("path", &out.path), std::pair("name", &out.name),
                                     std::pair("id", &out.identity.unique_id)}) {
        auto text = text_of(*members, name);
        if (!text) return text.error();
        *into = std::move(*text);
    }
    const json::value* created = members->if_contains("created");
    if (created == nullptr || !created->is_int64())
        return base::invalid("'created' is missing or no number");
    out.identity.created = base::wall_time(base::milliseconds(created->get_int64()));
    return out;
}

/// Takes rows one by one; the ring must be known before entities that have secrets.
class row_reader {
public:
    row_reader(const row_codec& codec, estate from, base::wall_time now)
        : codec_(codec), out_(std::move(from)), now_(now) {}

    base::result<void> take_ring(const row_change& row) {
        if (!row.body) return base::internal("the key ring was deleted");
        auto opened = sts::unwrap_ring(*row.body, codec_.wrapping_keys, now_);
        if (!opened) return opened.error();
        out_.keys = std::make_shared<const sts::key_ring>(std::move(opened->ring));
        out_.rewrap = opened->rewrap;
        return {};
    }

    base::result<void> take(const row_change& row) {
        if (row.kind == key_ring_kind) return {};
        if (row.kind == issuer_kind) {
            if (!row.body) return base::internal("it was deleted");
            auto facts = read_issuer(*row.body);
            if (!facts) return facts.error();
            out_.issuer = std::move(*facts);
            return {};
        }
        if (row.kind == file_identity_kind) {
            if (!row.body) {
                out_.identities.erase(row.id);
                return {};
            }
            auto one = read_identity(*row.body);
            if (!one) return one.error();
            out_.identities.set(row.id, std::make_shared<const kept_identity>(std::move(*one)));
            return {};
        }
        if (row.kind == last_use_kind) {
            if (!row.body) {
                out_.uses.erase(row.id);
                return {};
            }
            auto use = read_last_use(*row.body);
            if (!use) return use.error();
            out_.uses.set(row.id, std::make_shared<const iam::last_use>(std::move(*use)));
            return {};
        }
        return take_entity(row);
    }

    base::result<estate> finish(iam::changes& entities) {
        entities = std::move(changes_);
        out_.stored = out_.stored->with(entities);
        return std::move(out_);
    }

private:
    base::result<void> take_entity(const row_change& row) {
        iam::entity_kind kind{};
        if (!iam::parse_entity_kind(row.kind, kind))
            return base::internal("this version knows no such kind of thing");
        if (!row.body) {
            changes_.push_back(iam::removal(kind, row.id));
            return {};
        }
        if (out_.keys == nullptr) return base::internal("the store has no key ring");
        ring_box secrets(*out_.keys, codec_.random);
        auto value = iam::decode(kind, *row.body, secrets);
        if (!value) return value.error();
        if (iam::key_of(**value) != row.id) return base::internal("it has the name of another");
        changes_.push_back({kind, row.id, std::move(*value)});
        return {};
    }

    const row_codec& codec_;
    estate out_;
    const base::wall_time now_;
    iam::changes changes_;
};

base::result<estate> read_rows(const row_codec& codec, estate from,
                               const std::vector<row_change>& rows, iam::changes& entities,
                               base::wall_time now) {
    row_reader reader(codec, std::move(from), now);
    for (const row_change& row : rows) {
        if (row.kind != key_ring_kind) continue;
        if (auto taken = reader.take_ring(row); !taken) return at(row.kind, row.id, taken.error());
    }
    for (const row_change& row : rows) {
        if (auto taken = reader.take(row); !taken) return at(row.kind, row.id, taken.error());
    }
    return reader.finish(entities);
}

}  // namespace

std::string identity_key(iam::entity_kind kind, std::string_view account, std::string_view name) {
    return std::string(iam::to_string(kind)) + "/" + iam::key_of(account, name);
}

std::string ring_box::seal(std::string_view account, std::string_view access_key_id,
                           const base::secret& secret) {
    return sts::seal_stored_secret({account, access_key_id}, secret, ring_, random_);
}

base::result<base::secret> ring_box::open(std::string_view account, std::string_view access_key_id,
                                          std::string_view sealed) {
    return sts::open_stored_secret({account, access_key_id}, sealed, ring_);
}

base::result<estate> row_codec::read(loaded all, base::wall_time now) const {
    std::vector<row_change> rows;
    rows.reserve(all.rows.size());
    for (row& one : all.rows)
        rows.push_back({std::move(one.kind), std::move(one.id), std::move(one.body)});
    estate empty;
    empty.stored = iam::directory::empty(partition);
    iam::changes entities;
    auto out = read_rows(*this, std::move(empty), rows, entities, now);
    if (!out) return out.error();
    out->version = all.version;
    if (all.version != 0 && out->keys == nullptr)
        return base::internal("the store has no key ring: it is not an issuer's, or damaged");
    return out;
}

base::result<estate> row_codec::read(const estate& before, const delta& since,
                                     iam::changes& entities, base::wall_time now) const {
    auto out = read_rows(*this, before, since.changes, entities, now);
    if (out) out->version = since.version;
    return out;
}

row_change row_codec::entity_row(const iam::change& one, const sts::key_ring& ring) const {
    row_change out{std::string(iam::to_string(one.kind)), one.key, std::nullopt};
    if (one.value == nullptr) return out;
    ring_box secrets(ring, random);
    out.body = iam::encode(*one.value, secrets);
    return out;
}

row_change row_codec::ring_row(const sts::key_ring& ring) const {
    return {std::string(key_ring_kind), std::string(key_ring_kind),
            sts::wrap_ring(ring, wrapping_keys.front(), random)};
}

row_change row_codec::issuer_row(const issuer_facts& facts) const {
    const json::object body{{"account", facts.account}, {"administrator", facts.administrator}};
    return {std::string(issuer_kind), std::string(issuer_kind), encoding::json_text(body)};
}

row_change row_codec::identity_row(const std::string& key, const kept_identity& one) const {
    const json::object body{
        {"path", one.path},
        {"name", one.name},
        {"id", one.identity.unique_id},
        {"created", std::int64_t(one.identity.created.time_since_epoch().count())}};
    return {std::string(file_identity_kind), key, encoding::json_text(body)};
}

}  // namespace store
