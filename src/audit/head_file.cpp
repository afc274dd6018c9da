#include "audit/head_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <boost/json/object.hpp>

#include "encoding/json.hpp"

namespace audit {
namespace {

/// Of one sector and one page: a write replaces it whole.
constexpr std::size_t size = 128;

base::error failure(const std::string& path, int code) {
    return base::unavailable(path + ": " + std::generic_category().message(code));
}

std::optional<link> parse(std::string_view text) {
    const auto value = encoding::parse_json(text);
    if (!value || !value->is_object()) return std::nullopt;
    const boost::json::object& members = value->get_object();
    const boost::json::value* sequence = members.if_contains("sequence");
    const boost::json::value* hash = members.if_contains("hash");
    if (sequence == nullptr || hash == nullptr || !hash->is_string()) return std::nullopt;
    boost::system::error_code wrong;
    const auto number = sequence->to_number<std::uint64_t>(wrong);
    const auto digest = parse_hash(hash->get_string());
    if (wrong || number == 0 || !digest) return std::nullopt;
    return link{number, *digest};
}

base::result<std::optional<link>> read_from(int fd, const std::string& path) {
    std::array<char, size + 1> bytes{};
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
    if (got < 0) return failure(path, errno);
    if (got == 0) return std::optional<link>();
    const auto kept = parse(std::string_view(bytes.data(), std::size_t(got)));
    if (!kept) return base::invalid(path + ": not the head of an audit log");
    return std::optional<link>(*kept);
}

}  // namespace

base::result<head_file> head_file::open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
                          S_IRUSR | S_IWUSR);
    if (fd < 0) return failure(path, errno);
    return head_file(path, descriptor(fd, true));
}

base::result<std::optional<link>> head_file::read() const {
    return read_from(fd_.get(), path_);
}

base::result<std::optional<link>> head_file::look(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == ENOENT) return std::optional<link>();
    if (fd < 0) return failure(path, errno);
    const descriptor held(fd, true);
    return read_from(fd, path);
}

bool head_file::write(const link& last) {
    std::string text = "{\"sequence\":" + std::to_string(last.sequence) + ",\"hash\":\"" +
                       hash_text(last.hash) + "\"}";
    text.resize(size - 1, ' ');
    text += '\n';
    const ssize_t done = ::pwrite(fd_.get(), text.data(), text.size(), 0);
    return done == ssize_t(text.size());
}

}  // namespace audit
