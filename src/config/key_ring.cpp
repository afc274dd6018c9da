#include <algorithm>

#include "config/sections.hpp"
#include "sts/session/key_schedule.hpp"

namespace config {

namespace {

using kind = sts::wrapping_key_source::kind;

constexpr base::seconds longest_rotation{3650 * 24 * 3600L};
constexpr std::size_t longest_name = 255;  // of a file: systemd keeps credentials as such

constexpr const char* forms =
    "a wrapping key is auto, {file: PATH}, {env: VARIABLE} or {credential: NAME}";

std::optional<sts::wrapping_key_source> read_source(const node& value, context with) {
    if (value.is_scalar() && value.text == "auto") return sts::wrapping_key_source{};
    if (!value.is_mapping()) {
        with.out.error(value.at, forms);
        return std::nullopt;
    }
    const mapping fields(value, sections::wrapping_key, with.out);
    std::vector<sts::wrapping_key_source> found;
    if (fields.find("file")) {
        if (auto path = read_path(fields, "file", "a path with a '/'", with))
            found.push_back({kind::file, std::move(*path)});
        else
            return std::nullopt;
    }
    std::string name;
    fields.text("env", name);
    if (name.find('=') != std::string::npos)
        with.out.error(fields.at("env"), quoted(name) + " is no name of a variable");
    if (!name.empty()) found.push_back({kind::environment, name});
    name.clear();
    fields.text("credential", name);
    if (name.find('/') != std::string::npos || name.size() > longest_name || name.starts_with('.'))
        with.out.error(fields.at("credential"),
                       quoted(name) + " is no name of a credential (systemd's LoadCredential=)");
    if (!name.empty()) found.push_back({kind::credential, name});
    if (found.size() == 1) return found.front();
    with.out.error(value.at, forms);
    return std::nullopt;
}

void read_wrapping_keys(const node& value, key_ring_options& into, context with) {
    into.wrapping_keys.clear();
    std::vector<const node*> all;
    if (value.is_sequence()) {
        for (const node& one : value.items)
            all.push_back(&one);
        if (all.empty()) with.out.error(value.at, "'wrapped_by' must not be an empty list");
    } else {
        all.push_back(&value);
    }
    for (const node* one : all) {
        auto source = read_source(*one, with);
        if (!source) continue;
        const auto& before = into.wrapping_keys;
        if (std::find(before.begin(), before.end(), *source) != before.end())
            with.out.error(one->at, source->text() + " is named twice");
        into.wrapping_keys.push_back(std::move(*source));
    }
}

/// Replicas open what the others have wrapped.
void check_shared(const position& at, const key_ring_options& ring, context with) {
    const auto& all = ring.wrapping_keys;
    if (std::none_of(all.begin(), all.end(),
                     [](const auto& one) { return one.from == kind::automatic; }))
        return;
    with.out.error(at,
                   "replicas on one PostgreSQL need one wrapping key, and 'auto' makes one for "
                   "each: write 'keys: {wrapped_by: {file: PATH}}', with the same content for "
                   "all of them");
}

}  // namespace

void read_key_ring(const mapping& issuer, configuration& into, context with) {
    position written = issuer.at("store");
    if (const node* value = issuer.find("keys")) {
        const mapping fields(*value, sections::keys, with.out);
        if (const node* wrapped_by = fields.find("wrapped_by")) {
            read_wrapping_keys(*wrapped_by, into.key_ring, with);
            written = fields.at("wrapped_by");
        }
        const node* every = fields.find("rotate_every");
        if (every && every->is_scalar() && every->text == "never")
            into.key_ring.rotate_every = base::seconds(0);
        else
            fields.duration("rotate_every", sts::shortest_rotation, longest_rotation,
                            into.key_ring.rotate_every);
    }
    if (into.store.where == store_options::kind::postgresql)
        check_shared(written, into.key_ring, with);
}

}  // namespace config
