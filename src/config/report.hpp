#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"

namespace config {

/// A place in one of the files being read. `file` is an index into the report's files.
struct position {
    std::size_t file = 0;
    int line = 0;
    int column = 0;
};

/// Collects what is wrong, so that one run shows everything.
class report {
public:
    std::size_t add_file(std::string path);
    const std::string& file(const position& at) const { return files_[at.file]; }
    /// `path` as written at `at`: relative paths start at the directory of the file that names
    /// them.
    std::string path_from(const position& at, const std::string& path) const;

    void error(const position& at, std::string message);
    void warning(const position& at, std::string message);
    bool failed() const { return failed_; }

    /// In file order, and within a file by position.
    std::vector<diagnostic> take();

private:
    struct entry {
        position at;
        std::string message;
        bool warning;
    };
    void add(const position& at, std::string message, bool warning);

    std::vector<std::string> files_;
    std::vector<entry> entries_;
    bool failed_ = false;
};

/// `'text'`, shortened and with control characters escaped, for messages.
std::string quoted(std::string_view text);

/// "; did you mean 'x'?" when one of the known words is near, else empty.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& known);

/// "a, b or c"
std::string one_of(const std::vector<std::string_view>& words);

}  // namespace config
