#include "store/sqlite_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "encoding/base64.hpp"
#include "store/sqlite_connection.hpp"
#include "store/sqlite_migration.hpp"

namespace store {
namespace {

base::error failure(const std::string& path, const char* what, int code) {
    return base::unavailable(path + ": " + what + ": " + std::generic_category().message(code));
}

/// Removes what was not finished.
class unfinished_file {
public:
    explicit unfinished_file(std::string path) : path_(std::move(path)) {}
    ~unfinished_file() {
        ::unlink(path_.c_str());
        ::unlink((path_ + "-journal").c_str());
    }
    unfinished_file(const unfinished_file&) = delete;
    unfinished_file& operator=(const unfinished_file&) = delete;

private:
    std::string path_;
};

base::result<> fill(const std::string& path, const schema& steps) {
    auto connection = sqlite_connection::open(path, sqlite_connection::access::read_write);
    if (connection.has_error()) return connection.error();
    return migrate_sqlite(*connection, path, steps);
}

base::result<> sync_directory(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return failure(directory, "cannot open", errno);
    const int synced = ::fsync(fd);
    const int code = errno;
    ::close(fd);
    if (synced != 0) return failure(directory, "cannot sync", code);
    return {};
}

}  // namespace

base::result<file_identity> check_sqlite_file(const std::string& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) {
        if (errno == ENOENT) return base::not_found(path + ": no such database");
        return failure(path, "cannot look at it", errno);
    }
    if (!S_ISREG(facts.st_mode)) return base::invalid(path + ": is no regular file");
    if ((facts.st_mode & 077) != 0) {
        return base::denied(path + ": others than its owner have access; chmod 600 it");
    }
    if (facts.st_size == 0) {
        return base::internal(path +
                              ": is empty, so no database; it is left as it is: restore it "
                              "from a backup, or remove it to begin with nothing");
    }
    return file_identity{facts.st_dev, facts.st_ino};
}

base::result<> create_sqlite_file(const std::string& path, const schema& steps,
                                  base::random& random) {
    struct stat facts {};
    const bool has_log = ::stat((path + "-wal").c_str(), &facts) == 0 && facts.st_size > 0;
    // Looked at in this order: another one may have made both by now.
    if (has_log && ::stat(path.c_str(), &facts) != 0 && errno == ENOENT) {
        // SQLite would play the old log into the new file.
        return base::internal(path + ": is missing, but its write-ahead log " + path +
                              "-wal is there: restore both, or move the log away to begin with "
                              "nothing");
    }
    std::array<std::byte, 8> bytes{};
    random.fill(bytes);
    const std::string fresh =
        path + ".new-" + encoding::hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const int fd = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return failure(fresh, "cannot create", errno);
    const unfinished_file removed_at_end(fresh);
    ::close(fd);
    if (const auto filled = fill(fresh, steps); filled.has_error()) return filled.error();
    // link(2) replaces nothing: who comes second uses the file of the first.
    if (::link(fresh.c_str(), path.c_str()) != 0 && errno != EEXIST) {
        return failure(path, "cannot create", errno);
    }
    return sync_directory(path);
}

}  // namespace store
