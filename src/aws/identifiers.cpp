#include "aws/identifiers.hpp"

#include <array>
#include <cstdint>
#include <stdexcept>

#include "aws/arn.hpp"
#include "encoding/base64.hpp"

namespace aws {
namespace {

constexpr std::size_t prefix_size = 4;
constexpr std::size_t access_key_id_size = 20;
constexpr std::size_t access_key_characters = 16;  // 80 bits, 10 bytes
constexpr std::size_t unique_id_characters = 17;   // 85 bits, the first of 11 bytes
constexpr std::size_t unique_id_bytes = 11;
constexpr std::size_t account_bytes = 6;
constexpr std::uint64_t account_limit = 1'000'000'000'000;
constexpr std::uint64_t marker = std::uint64_t{1} << 47;
constexpr unsigned account_shift = 7;

std::uint64_t account_number(std::string_view account) {
    if (!is_account_id(account)) throw std::invalid_argument("account ids have 12 digits");
    std::uint64_t number = 0;
    for (const char c : account) {
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

// The first six bytes: marker (1 bit), account (40 bits), and 7 bits of what `bytes` holds there.
template <std::size_t N>
void stamp_account(std::array<char, N>& bytes, std::string_view account) {
    const auto last = static_cast<unsigned char>(bytes[account_bytes - 1]);
    const std::uint64_t head =
        marker | (account_number(account) << account_shift) | (last & ((1u << account_shift) - 1));
    for (std::size_t i = 0; i < account_bytes; ++i) {
        bytes[i] = static_cast<char>((head >> (8 * (account_bytes - 1 - i))) & 0xFF);
    }
}

template <std::size_t N>
std::array<char, N> random_bytes(base::random& random) {
    std::array<char, N> bytes;
    random.fill(std::as_writable_bytes(std::span(bytes)));
    return bytes;
}

}  // namespace

std::string make_access_key_id(std::string_view prefix, std::string_view account,
                               base::random& random) {
    auto bytes = random_bytes<access_key_characters * 5 / 8>(random);
    stamp_account(bytes, account);
    return std::string(prefix) + encoding::base32({bytes.data(), bytes.size()});
}

std::string make_unique_id(std::string_view prefix, std::string_view account,
                           base::random& random) {
    const auto bytes = random_bytes<16>(random);
    return unique_id_from(prefix, account, {bytes.data(), bytes.size()});
}

std::string unique_id_from(std::string_view prefix, std::string_view account,
                           std::string_view bytes) {
    if (bytes.size() < 16) throw std::invalid_argument("a unique id needs 16 bytes");
    std::array<char, unique_id_bytes> head;
    bytes.copy(head.data(), head.size());
    stamp_account(head, account);
    return std::string(prefix) +
           encoding::base32({head.data(), head.size()}).substr(0, unique_id_characters);
}

std::optional<std::string> account_of_access_key(std::string_view access_key_id) {
    if (access_key_id.size() != access_key_id_size) return std::nullopt;
    const auto bytes = encoding::decode_base32(access_key_id.substr(prefix_size));
    if (!bytes) return std::nullopt;
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < account_bytes; ++i) {
        head = (head << 8) | static_cast<unsigned char>((*bytes)[i]);
    }
    if ((head & marker) == 0) return std::nullopt;
    const std::uint64_t number = (head & (marker - 1)) >> account_shift;
    if (number >= account_limit) return std::nullopt;
    std::string digits = std::to_string(number);
    return digits.insert(0, 12 - digits.size(), '0');
}

base::secret make_secret_access_key(base::random& random) {
    auto bytes = random_bytes<30>(random);
    std::string text = encoding::base64({bytes.data(), bytes.size()});
    base::secret key(text);
    base::wipe(bytes.data(), bytes.size());
    base::wipe(text.data(), text.size());
    return key;
}

std::string make_uuid(base::random& random) {
    auto bytes = random_bytes<16>(random);
    // RFC 9562, 5.4: version 4, variant 10.
    bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
    std::string text = encoding::hex({bytes.data(), bytes.size()});
    for (const std::size_t at : {8u, 13u, 18u, 23u}) {
        text.insert(at, 1, '-');
    }
    return text;
}

}  // namespace aws
