#include "host/secret_text.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.hpp"
#include "host/hex.hpp"

namespace host {

namespace {

constexpr std::string_view heading = "imdsd-secret-1 ";
constexpr std::size_t check_digits = 8;

/// A buffer that is wiped on every way out.
struct wiped_bytes {
    std::vector<char> bytes;

    explicit wiped_bytes(std::size_t size) : bytes(size) {}
    ~wiped_bytes() { base::wipe(bytes.data(), bytes.size()); }
    wiped_bytes(const wiped_bytes&) = delete;
    wiped_bytes& operator=(const wiped_bytes&) = delete;

    std::string_view view() const { return {bytes.data(), bytes.size()}; }
};

std::string check_of(std::string_view bytes) {
    return hex_text(crypto::as_text(crypto::sha256(bytes)).substr(0, check_digits / 2));
}

}  // namespace

base::secret make_secret_text(std::size_t size, base::random& random) {
    wiped_bytes key(size);
    random.fill(std::as_writable_bytes(std::span(key.bytes)));
    const std::string check = check_of(key.view());

    wiped_bytes text(heading.size() + 2 * size + 1 + check_digits + 1);
    char* at = std::copy(heading.begin(), heading.end(), text.bytes.data());
    at = put_hex(key.view(), at);
    *at++ = ' ';
    at = std::copy(check.begin(), check.end(), at);
    *at = '\n';
    return base::secret(text.view());
}

base::result<base::secret> parse_secret_text(const base::secret& text, std::size_t size) {
    const std::string_view all = text.reveal();
    if (all.substr(0, heading.size()) != heading) return base::invalid("not a key file of imdsd");
    if (all.size() != heading.size() + 2 * size + 1 + check_digits + 1)
        return base::invalid("cut off, or a key of another size than " + std::to_string(size) +
                             " bytes");
    wiped_bytes key(size);
    const std::string_view digits = all.substr(heading.size(), 2 * size);
    const std::string_view tail = all.substr(heading.size() + 2 * size);
    if (!get_hex(digits, key.bytes.data()) || tail.front() != ' ' || tail.back() != '\n' ||
        tail.substr(1, check_digits) != check_of(key.view()))
        return base::invalid("damaged (its checksum does not fit)");
    return base::secret(key.view());
}

}  // namespace host
