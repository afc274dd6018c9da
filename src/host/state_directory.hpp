#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "host/file_descriptor.hpp"

namespace host {

/// The daemon's own directory, locked for as long as the object lives: one daemon for each.
class state_directory {
public:
    /// Makes the directory and missing parents with mode 0700. One that is there must belong to
    /// this user and not be writable for anybody else; that others
    /// can list it (systemd's default for StateDirectory=) is accepted, since each secret file is
    /// 0600.
    static base::result<state_directory> open(const std::string& path);

    const std::string& path() const { return path_; }
    std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
    state_directory(std::string path, file_descriptor lock);

    std::string path_;
    file_descriptor lock_;
};

}  // namespace host
