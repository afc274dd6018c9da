#include "sts/session/wrapping_key.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

#include "crypto/hash.hpp"
#include "encoding/base64.hpp"

namespace sts {

namespace {

constexpr std::size_t hex_size = 2 * wrapping_key::size;
constexpr std::size_t base64_size = 44;
constexpr std::size_t check_size = 8;

base::error not_a_key(const std::string& why) {
    return base::invalid(
        "a wrapping key is 32 random bytes, as they are, as 64 hexadecimal digits "
        "or as 44 characters of base64; " +
        why);
}

bool printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

wrapping_key::wrapping_key(base::secret bytes) : bytes_(std::move(bytes)) {
    if (bytes_.size() != size) throw std::logic_error("a wrapping key of another size");
    std::array<std::uint8_t, check_size> check{};
    crypto::hkdf_sha256(bytes_.reveal(), {}, "imdsd/1 wrapping key check", check.data(),
                        check.size());
    check_id_ = encoding::hex({reinterpret_cast<const char*>(check.data()), check.size()});
}

base::result<wrapping_key> wrapping_key::parse(const base::secret& text) {
    const std::string_view all = text.reveal();
    if (all.size() == size) {
        if (printable(all))
            return not_a_key("these are 32 printable characters, so no random bytes");
        return wrapping_key(text.clone());
    }
    const std::string_view line = all.ends_with('\n') ? all.substr(0, all.size() - 1) : all;
    if (line.size() != hex_size && line.size() != base64_size)
        return not_a_key("this is none of them (" + std::to_string(all.size()) + " bytes)");
    const bool hex = line.size() == hex_size;
    auto bytes = hex ? encoding::decode_hex(line) : encoding::decode_base64(line);
    if (!bytes)
        return not_a_key(hex ? "this has the length of hexadecimal, but another character"
                             : "this has the length of base64, but is none");
    const bool fits = bytes->size() == size;
    base::secret key(*bytes);
    base::wipe(bytes->data(), bytes->size());
    if (!fits) return not_a_key("this is base64 of fewer or more");
    return wrapping_key(std::move(key));
}

std::string wrapping_key_source::text() const {
    switch (from) {
        case kind::automatic:
            return "the wrapping key of the state directory";
        case kind::file:
            return "wrapping key file " + name;
        case kind::environment:
            return "wrapping key in environment variable " + name;
        case kind::credential:
            return "wrapping key in systemd credential " + name;
    }
    return {};
}

}  // namespace sts
