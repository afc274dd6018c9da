#include "audit/chain.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>

#include "encoding/base64.hpp"
#include "encoding/json.hpp"

namespace audit {
namespace {

constexpr encoding::json_limits line_limits{64, longest_line};

chained_line unreadable(std::string why) {
    chained_line out;
    out.flaw = std::move(why);
    return out;
}

std::optional<std::uint64_t> sequence_of(const boost::json::object& place) {
    const boost::json::value* number = place.if_contains("sequence");
    if (number == nullptr) return std::nullopt;
    if (number->is_uint64()) return number->get_uint64();
    if (number->is_int64() && number->get_int64() > 0) return std::uint64_t(number->get_int64());
    return std::nullopt;
}

}  // namespace

std::string hash_text(const crypto::digest256& hash) {
    return encoding::hex(crypto::as_text(hash));
}

std::optional<crypto::digest256> parse_hash(std::string_view text) {
    crypto::digest256 out{};
    if (text.size() != 2 * out.size()) return std::nullopt;
    const auto bytes = encoding::decode_hex(text);
    if (!bytes || encoding::hex(*bytes) != text) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

chain::chain(link last, std::string begins) : last_(last), begins_(std::move(begins)) {}

std::string chain::extend(std::string_view lines) {
    std::string out;
    out.reserve(lines.size() + lines.size() / 4);
    while (!lines.empty()) {
        const std::size_t size = std::min(lines.find('\n'), lines.size());
        const std::size_t start = out.size();
        // Without the closing brace; no record is an empty object.
        out += lines.substr(0, size - 1);
        out += ",\"";
        out += chain_member;
        out += "\":{\"sequence\":" + std::to_string(last_.sequence + 1) + ",\"previous\":";
        if (last_.sequence == 0) {
            out += "null,\"begins\":" + encoding::json_quoted(begins_);
        } else {
            out += '"' + hash_text(last_.hash) + '"';
        }
        out += "}}";
        last_ = {last_.sequence + 1, crypto::sha256(std::string_view(out).substr(start))};
        out += '\n';
        lines.remove_prefix(std::min(size + 1, lines.size()));
    }
    return out;
}

chained_line read_chained_line(std::string_view line) {
    const auto value = encoding::parse_json(line, line_limits);
    if (!value) return unreadable(value.error().message);
    if (!value->is_object()) return unreadable("it is no JSON object");
    const boost::json::value* place = value->get_object().if_contains(chain_member);
    chained_line out;
    out.what = chained_line::kind::unchained;
    if (place == nullptr) return out;
    const boost::json::object* members = place->if_object();
    const auto sequence = members ? sequence_of(*members) : std::nullopt;
    const boost::json::value* previous = members ? members->if_contains("previous") : nullptr;
    if (!sequence || previous == nullptr)
        return unreadable("its \"auditChain\" lacks a sequence or the hash before it");
    if (previous->is_string()) {
        out.previous = parse_hash(previous->get_string());
        if (!out.previous) return unreadable("the hash in its \"auditChain\" is none");
    } else if (!previous->is_null()) {
        return unreadable("the hash in its \"auditChain\" is none");
    }
    out.what = chained_line::kind::linked;
    out.own = {*sequence, crypto::sha256(line)};
    return out;
}

}  // namespace audit
