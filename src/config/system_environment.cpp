#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "base/secret.hpp"
#include "config/configuration.hpp"
#include "config/tree.hpp"

namespace config {

namespace {

constexpr std::size_t first_buffer = 1024;
constexpr std::size_t biggest_buffer = 1 << 20;

/// getpwnam_r and getgrnam_r want a buffer of a size that nobody knows.
template <class Record, class Lookup>
std::optional<Record> find_record(const std::string& name, Lookup lookup) {
    for (std::size_t size = first_buffer; size <= biggest_buffer; size *= 2) {
        std::vector<char> buffer(size);
        Record record{};
        Record* found = nullptr;
        const int failed = lookup(name.c_str(), &record, buffer.data(), buffer.size(), &found);
        if (failed == ERANGE) continue;
        if (failed != 0 || !found) return std::nullopt;
        return record;
    }
    return std::nullopt;
}

class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

base::error failure(const std::string& path, int code) {
    const std::string message =
        "cannot read " + path + ": " + std::generic_category().message(code);
    return code == ENOENT ? base::not_found(message) : base::invalid(message);
}

class process_environment final : public environment {
public:
    std::optional<std::string> variable(std::string_view name) const override {
        const char* value = std::getenv(std::string(name).c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    }

    std::optional<std::uint32_t> uid_of_user(const std::string& name) const override {
        const auto record = find_record<passwd>(name, ::getpwnam_r);
        return record ? std::optional<std::uint32_t>(record->pw_uid) : std::nullopt;
    }

    std::optional<std::uint32_t> gid_of_group(const std::string& name) const override {
        const auto record = find_record<group>(name, ::getgrnam_r);
        return record ? std::optional<std::uint32_t>(record->gr_gid) : std::nullopt;
    }

    std::uint32_t own_uid() const override { return ::geteuid(); }

    base::result<std::string> read_file(const std::string& path) const override {
        // Not to hang on a FIFO.
        const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        if (file.get() < 0) return failure(path, errno);
        struct stat status {};
        if (::fstat(file.get(), &status) != 0) return failure(path, errno);
        if (S_ISDIR(status.st_mode)) return failure(path, EISDIR);
        std::string content;
        char block[16 * 1024];
        // One byte more than allowed shows that there is more.
        while (content.size() <= limits::file_bytes) {
            const auto got = ::read(file.get(), block, sizeof block);
            if (got == 0) break;
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return failure(path, errno);
            content.append(block, std::size_t(got));
        }
        base::wipe(block, sizeof block);
        return content;
    }
};

}  // namespace

const environment& system_environment() {
    static const process_environment here;
    return here;
}

}  // namespace config
