#include "host/secret_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <vector>

#include "host/file_descriptor.hpp"
#include "host/secret_text.hpp"
#include "host/system_error.hpp"

namespace host {

namespace {

constexpr mode_t private_file = 0600;

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

base::result<> check_privacy(const std::string& path, int fd, std::size_t most,
                             secret_readers others) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return system_failure(path, "examine");
    if (!S_ISREG(status.st_mode)) return base::invalid(path + ": not a regular file");
    if (status.st_uid != ::geteuid() && status.st_uid != 0)
        return base::denied(path + ": belongs to uid " + std::to_string(status.st_uid) +
                            ", who could change it");
    const mode_t allowed = others == secret_readers::group ? S_IRGRP : 0;
    if ((status.st_mode & (S_IRWXG | S_IRWXO) & ~allowed) != 0)
        return base::denied(path + ": group or others have access; make it mode 0600");
    if (status.st_size > off_t(most))
        return base::exhausted(path + ": larger than " + std::to_string(most) + " bytes");
    return {};
}

base::result<> write_all(const std::string& path, int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_failure(path, "write");
        bytes.remove_prefix(std::size_t(written));
    }
    if (::fsync(fd) != 0) return system_failure(path, "write to disk");
    return {};
}

// A new name is on disk only when its directory is.
base::result<> sync_directory(const std::string& path) {
    const std::string directory = directory_of(path);
    const file_descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open() || ::fsync(fd.get()) != 0)
        return system_failure(directory, "write the directory to disk");
    return {};
}

/// A file beside the final one, whole and on disk, removed again unless it took the final name.
class temporary_file {
public:
    static base::result<temporary_file> write(const std::string& path, std::string_view bytes) {
        // mkostemp makes the file with mode 0600 and refuses names that exist.
        temporary_file made(path + ".new-XXXXXX");
        const file_descriptor fd(::mkostemp(made.name_.data(), O_CLOEXEC));
        if (!fd.is_open()) {
            made.name_.clear();
            return system_failure(path, "make a temporary file for");
        }
        if (::fchmod(fd.get(), private_file) != 0) return system_failure(path, "set the mode of");
        if (const auto written = write_all(path, fd.get(), bytes); !written) return written.error();
        return made;
    }
    temporary_file(temporary_file&& other) noexcept : name_(std::move(other.name_)) {
        other.name_.clear();
    }
    ~temporary_file() {
        if (!name_.empty()) ::unlink(name_.c_str());
    }

    bool replace(const std::string& path) {
        if (::rename(name_.c_str(), path.c_str()) != 0) return false;
        name_.clear();
        return true;
    }
    /// Fails with EEXIST when the name is taken.
    bool take_free_name(const std::string& path) const {
        return ::link(name_.c_str(), path.c_str()) == 0;
    }

private:
    explicit temporary_file(std::string name) : name_(std::move(name)) {}

    std::string name_;
};

base::result<base::secret> read_kept(const std::string& path, std::size_t size) {
    const auto content = read_secret_file(path);
    if (!content) return content.error();
    auto kept = parse_secret_text(*content, size);
    if (!kept)
        return base::invalid(path + ": " + kept.error().message +
                             "; restore it, or remove it to have a new one made");
    return kept;
}

}  // namespace

base::result<base::secret> read_secret_file(const std::string& path, std::size_t most,
                                            secret_readers others) {
    // O_NONBLOCK: opening a pipe would wait for its writer.
    const file_descriptor fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd.is_open()) return system_failure(path, "open");
    if (const auto checked = check_privacy(path, fd.get(), most, others); !checked)
        return checked.error();

    std::vector<char> bytes(most + 1);
    std::size_t used = 0;
    base::result<base::secret> content = base::secret();
    for (;;) {
        const ssize_t got = ::read(fd.get(), bytes.data() + used, bytes.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) content = system_failure(path, "read");
        if (got <= 0) break;
        used += std::size_t(got);
        if (used == bytes.size()) {
            content = base::exhausted(path + ": grew beyond " + std::to_string(most) + " bytes");
            break;
        }
    }
    if (content) content = base::secret(std::string_view(bytes.data(), used));
    base::wipe(bytes.data(), used);
    return content;
}

base::result<> write_secret_file(const std::string& path, const base::secret& content) {
    auto file = temporary_file::write(path, content.reveal());
    if (!file) return file.error();
    if (!file->replace(path)) return system_failure(path, "replace");
    return sync_directory(path);
}

base::result<base::secret> create_secret_once(const std::string& path, std::size_t size,
                                              base::random& random) {
    auto kept = read_kept(path, size);
    if (kept || kept.error().kind != base::error_kind::not_found) return kept;

    const base::secret text = make_secret_text(size, random);
    auto file = temporary_file::write(path, text.reveal());
    if (!file) return file.error();
    if (!file->take_free_name(path) && errno != EEXIST) return system_failure(path, "make");
    if (const auto synced = sync_directory(path); !synced) return synced.error();
    // Read back also by the one who made it: what is returned is what the next start will find.
    return read_kept(path, size);
}

}  // namespace host
