// The text form of a key ring.
#include <algorithm>
#include <cstddef>

#include <boost/json/value.hpp>

#include "encoding/base64.hpp"
#include "encoding/json.hpp"
#include "sts/session/key_ring.hpp"

namespace sts {

namespace {

namespace json = boost::json;

/// Every purpose must have its active key, so a new purpose comes with a new version, which is made
/// from the one before as this one is from the first.
constexpr int format_version = 2;
constexpr std::int64_t largest_id = 0xffff;
constexpr std::int64_t latest_time = 253'402'300'799'999;  // the end of the year 9999
constexpr std::size_t most_keys_of_version_1 = 64;

base::error bad_ring(const char* what) {
    return base::invalid(std::string("the key ring is not valid: ") + what);
}

/// Nothing unless it is base64 of exactly `size` bytes.
base::secret decoded_secret(const json::value* value, std::size_t size) {
    if (value == nullptr || !value->is_string()) return {};
    const json::string& text = value->get_string();
    auto bytes = encoding::decode_base64({text.data(), text.size()});
    if (!bytes) return {};
    base::secret out;
    if (bytes->size() == size) out = base::secret(*bytes);
    base::wipe(bytes->data(), bytes->size());
    return out;
}

/// Members of an object by name; what was never asked for is not known.
class member_reader {
public:
    explicit member_reader(const json::object& all) : all_(all) {}

    const json::value* value(std::string_view name) {
        const json::value* found = all_.if_contains(name);
        taken_ += found != nullptr;
        return found;
    }
    std::string_view text(std::string_view name) {
        const json::value* found = value(name);
        if (found == nullptr || !found->is_string()) return {};
        return {found->get_string().data(), found->get_string().size()};
    }
    /// 0 unless it is a whole number from 1 to `most`.
    std::int64_t number(std::string_view name, std::int64_t most) {
        const json::value* found = value(name);
        if (found == nullptr || !found->is_int64()) return 0;
        const std::int64_t number = found->get_int64();
        return number < 1 || number > most ? 0 : number;
    }
    /// A time that is there but is none spoils the object.
    std::optional<base::wall_time> time(std::string_view name) {
        const json::value* found = value(name);
        if (found == nullptr) return std::nullopt;
        if (!found->is_int64() || found->get_int64() < 0 || found->get_int64() > latest_time) {
            times_are_good_ = false;
            return std::nullopt;
        }
        return base::wall_time(base::milliseconds(found->get_int64()));
    }
    bool has(std::string_view name) const { return all_.contains(name); }
    bool complete() const { return taken_ == all_.size(); }
    bool times_are_good() const { return times_are_good_; }

private:
    const json::object& all_;
    std::size_t taken_ = 0;
    bool times_are_good_ = true;
};

bool names_an_issuer(std::string_view text) {
    constexpr std::size_t most = 64;
    return !text.empty() && text.size() <= most;
}

bool has_ended(key_phase phase) {
    return phase == key_phase::retired || phase == key_phase::revoked;
}

/// The times that a key of this phase has, and those that it cannot have yet.
bool times_fit(const key_ring::key_status& key) {
    if (key.left_active && !key.activated) return false;
    switch (key.phase) {
        case key_phase::published:
            return !key.activated && !key.ended;
        case key_phase::active:
            return key.activated && !key.left_active && !key.ended;
        case key_phase::verify_only:
            return key.left_active && !key.ended;
        case key_phase::retired:
        case key_phase::revoked:
            return key.ended && (key.left_active || !key.activated);
    }
    return false;
}

/// Text with secrets that is wiped, and long enough never to move.
class wiped_text {
public:
    explicit wiped_text(std::size_t most) { text_.reserve(most); }
    ~wiped_text() { base::wipe(text_.data(), text_.size()); }
    wiped_text(const wiped_text&) = delete;
    wiped_text& operator=(const wiped_text&) = delete;

    void add(std::string_view text) { text_ += text; }
    void add_secret(const base::secret& bytes) {
        std::string encoded = encoding::base64(bytes.reveal());
        text_ += encoded;
        base::wipe(encoded.data(), encoded.size());
    }
    void add_time(std::string_view name, std::optional<base::wall_time> time) {
        if (!time) return;
        add(",\"");
        add(name);
        add("\":" + std::to_string(time->time_since_epoch().count()));
    }
    base::secret take() const { return base::secret(text_); }

private:
    std::string text_;
};

}  // namespace

base::result<key_ring> key_ring::parse(std::string_view text, base::wall_time now) {
    auto parsed = encoding::parse_json(text);
    if (!parsed || !parsed->is_object()) return bad_ring("it is not a JSON object");
    const encoding::wiped_texts guard(*parsed);
    const json::object& members = parsed->get_object();
    const json::value* version = members.if_contains("version");
    if (version == nullptr) return bad_ring("'version' is missing");
    if (*version == json::value(1)) return parse_version_1(members, now);
    if (*version == json::value(format_version)) return parse_version_2(members);
    return bad_ring("unknown version");
}

base::result<key_ring> key_ring::parse_version_1(const json::object& members, base::wall_time now) {
    member_reader all(members);
    all.value("version");
    key_ring ring;
    ring.issuer_id_ = all.text("issuer");
    if (!names_an_issuer(ring.issuer_id_)) return bad_ring("'issuer' is missing or too long");
    ring.identity_secret_ = decoded_secret(all.value("identity"), secret_size);
    if (ring.identity_secret_.empty()) return bad_ring("'identity' must be 32 bytes of base64");
    const json::value* keys = all.value("keys");
    if (keys == nullptr || !keys->is_array() || keys->get_array().size() > most_keys_of_version_1)
        return bad_ring("'keys' must be a list");
    if (!all.complete()) return bad_ring("an unknown member");

    const auto add = [&](std::uint16_t id, purpose what, key_phase phase,
                         const base::secret& secret) {
        key_status state{id, what, phase, now, {}, {}, {}};
        if (phase == key_phase::active || phase == key_phase::verify_only) state.activated = now;
        if (phase == key_phase::verify_only) state.left_active = now;
        key made = make_key(state, secret.clone());
        if (has_ended(phase)) made.end(phase, now);
        ring.next_id_ = std::max(ring.next_id_, std::uint32_t(id) + 1);
        ring.keys_.push_back(std::move(made));
    };
    std::size_t active = 0;
    for (const json::value& item : keys->get_array()) {
        if (!item.is_object()) return bad_ring("a key is not an object");
        member_reader k(item.get_object());
        const auto id = std::uint16_t(k.number("id", largest_id));
        if (id == 0) return bad_ring("a key's id must be 1 to 65535");
        if (ring.find(id) != nullptr) return bad_ring("a key id occurs twice");
        const auto phase = parse_key_phase(k.text("phase"));
        if (!phase) return bad_ring("a key has an unknown phase");
        active += *phase == key_phase::active;
        const base::secret secret = decoded_secret(k.value("secret"), secret_size);
        if (secret.empty()) return bad_ring("a key's secret must be 32 bytes of base64");
        if (!k.complete()) return bad_ring("a key has an unknown member");
        add(id, purpose::session_token, *phase, secret);
    }
    if (active != 1) return bad_ring("exactly one key must be active");

    // What was one key becomes one for each purpose. Session tokens are many and long-lived, so
    // their keys keep the ids; the others get new ones.
    const std::size_t old_keys = ring.keys_.size();
    for (std::size_t i = 0; i < old_keys; ++i) {
        const key_status old = ring.keys_[i].state;
        if (has_ended(old.phase)) continue;
        const base::secret secret = ring.keys_[i].secret.clone();
        const bool sealed = old.phase == key_phase::active;
        if (ring.next_id_ + sealed > largest_id) return bad_ring("the key ids are used up");
        add(std::uint16_t(ring.next_id_), purpose::authorization_message, old.phase, secret);
        ring.keys_.back().formerly = old.id;
        if (sealed)
            add(std::uint16_t(ring.next_id_), purpose::stored_secret, key_phase::active, secret);
    }
    return ring;
}

base::result<key_ring> key_ring::parse_version_2(const json::object& members) {
    member_reader all(members);
    all.value("version");
    key_ring ring;
    ring.issuer_id_ = all.text("issuer");
    if (!names_an_issuer(ring.issuer_id_)) return bad_ring("'issuer' is missing or too long");
    ring.identity_secret_ = decoded_secret(all.value("identity"), secret_size);
    if (ring.identity_secret_.empty()) return bad_ring("'identity' must be 32 bytes of base64");
    ring.next_id_ = std::uint32_t(all.number("next_id", largest_id + 1));
    const json::value* keys = all.value("keys");
    if (keys == nullptr || !keys->is_array() || keys->get_array().size() > max_keys)
        return bad_ring("'keys' must be a list");
    if (!all.complete()) return bad_ring("an unknown member");

    for (const json::value& item : keys->get_array()) {
        if (!item.is_object()) return bad_ring("a key is not an object");
        member_reader k(item.get_object());
        key_status state;
        state.id = std::uint16_t(k.number("id", largest_id));
        if (state.id == 0) return bad_ring("a key's id must be 1 to 65535");
        if (state.id >= ring.next_id_) return bad_ring("'next_id' must be above every key's id");
        if (ring.find(state.id) != nullptr) return bad_ring("a key id occurs twice");
        const auto what = parse_key_purpose(k.text("purpose"));
        if (!what) return bad_ring("a key has an unknown purpose");
        state.what = *what;
        const auto phase = parse_key_phase(k.text("phase"));
        if (!phase) return bad_ring("a key has an unknown phase");
        state.phase = *phase;
        const auto created = k.time("created");
        state.created = created.value_or(base::wall_time{});
        state.activated = k.time("activated");
        state.left_active = k.time("left_active");
        state.ended = k.time("ended");
        if (!created || !k.times_are_good() || !times_fit(state))
            return bad_ring("a key's times do not fit its phase");
        std::uint16_t formerly = 0;
        if (k.has("formerly")) {
            formerly = std::uint16_t(k.number("formerly", largest_id));
            if (formerly == 0 || state.what != purpose::authorization_message)
                return bad_ring("a key cannot have had another id");
        }
        if (has_ended(state.phase)) {
            if (k.has("secret")) return bad_ring("a key that has ended cannot have a secret");
            ring.keys_.push_back({state, formerly, {}, {}});
        } else {
            base::secret secret = decoded_secret(k.value("secret"), secret_size);
            if (secret.empty()) return bad_ring("a key's secret must be 32 bytes of base64");
            ring.keys_.push_back(make_key(state, std::move(secret)));
            ring.keys_.back().formerly = formerly;
        }
        if (!k.complete()) return bad_ring("a key has an unknown member");
    }
    for (const purpose what : purposes) {
        const auto active = std::count_if(ring.keys_.begin(), ring.keys_.end(), [&](const key& k) {
            return k.state.what == what && k.state.phase == key_phase::active;
        });
        if (active != 1) return bad_ring("exactly one key of each purpose must be active");
    }
    return ring;
}

base::secret key_ring::serialise() const {
    constexpr std::size_t of_each = 320;  // names, times, and a secret in base64
    wiped_text out((2 + keys_.size()) * of_each + 2 * issuer_id_.size());
    out.add("{\"version\":" + std::to_string(format_version) +
            ",\"issuer\":" + encoding::json_quoted(issuer_id_) + ",\"identity\":\"");
    out.add_secret(identity_secret_);
    out.add("\",\"next_id\":" + std::to_string(next_id_) + ",\"keys\":[");
    for (const key& k : keys_) {
        if (&k != keys_.data()) out.add(",");
        out.add("{\"id\":" + std::to_string(k.state.id) + ",\"purpose\":\"");
        out.add(to_string(k.state.what));
        out.add("\",\"phase\":\"");
        out.add(to_string(k.state.phase));
        out.add("\"");
        out.add_time("created", k.state.created);
        out.add_time("activated", k.state.activated);
        out.add_time("left_active", k.state.left_active);
        out.add_time("ended", k.state.ended);
        if (k.formerly != 0) out.add(",\"formerly\":" + std::to_string(k.formerly));
        if (k.opens()) {
            out.add(",\"secret\":\"");
            out.add_secret(k.secret);
            out.add("\"");
        }
        out.add("}");
    }
    out.add("]}\n");
    return out.take();
}

}  // namespace sts
