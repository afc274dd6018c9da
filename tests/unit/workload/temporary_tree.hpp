#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <sys/stat.h>

/// A directory of its own for one test, removed afterwards.
class temporary_tree {
public:
    temporary_tree() {
        std::string name = (std::filesystem::temp_directory_path() / "imdsd-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        root_ = name;
    }
    ~temporary_tree() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    temporary_tree(const temporary_tree&) = delete;
    temporary_tree& operator=(const temporary_tree&) = delete;

    const std::string& root() const { return root_; }

    /// Makes the directory and tells its inode number.
    ino_t add(const std::string& path) const {
        std::filesystem::create_directories(root_ + path);
        return inode(path);
    }
    ino_t inode(const std::string& path) const {
        struct stat status {};
        if (::stat((root_ + path).c_str(), &status) != 0) throw std::runtime_error("no " + path);
        return status.st_ino;
    }

private:
    std::string root_;
};
