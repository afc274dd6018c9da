#include <fstream>
#include <iterator>
#include <vector>

#include "workload/directory.hpp"

namespace workload {

namespace {

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const auto end = line.find(' ');
        if (end != 0) words.push_back(line.substr(0, end));
        if (end == std::string_view::npos) break;
        line.remove_prefix(end + 1);
    }
    return words;
}

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

// Space, tab, newline and backslash are written as \ and three octal digits (proc(5)).
std::string unescape(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) &&
            is_octal(text[i + 2]) && is_octal(text[i + 3])) {
            plain += char((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

}  // namespace

std::string cgroup2_mount(std::string_view mountinfo) {
    // 41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw
    // id parent device root mount-point options optional... - type source options
    constexpr std::size_t root = 3;
    constexpr std::size_t mount_point = 4;
    constexpr std::size_t first_optional = 6;
    while (!mountinfo.empty()) {
        const auto end = mountinfo.find('\n');
        const auto words = words_of(mountinfo.substr(0, end));
        mountinfo.remove_prefix(end == std::string_view::npos ? mountinfo.size() : end + 1);
        std::size_t dash = first_optional;
        while (dash < words.size() && words[dash] != "-")
            ++dash;
        if (dash + 1 >= words.size() || words[dash + 1] != "cgroup2") continue;
        if (words[root] == "/") return unescape(words[mount_point]);
    }
    return {};
}

std::string cgroup2_mount_of_this_process() {
    std::ifstream file("/proc/self/mountinfo", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return cgroup2_mount(text);
}

bool is_namespace_of_manager(std::string_view cgroup_of_init) {
    // One line for each hierarchy: "0::/init.scope" is cgroup2's. Paths outside of the reader's
    // namespace start with "/..".
    constexpr std::string_view at_the_root = "0::/init.scope";
    while (!cgroup_of_init.empty()) {
        const auto end = cgroup_of_init.find('\n');
        if (cgroup_of_init.substr(0, end) == at_the_root) return true;
        cgroup_of_init.remove_prefix(end == std::string_view::npos ? cgroup_of_init.size()
                                                                   : end + 1);
    }
    return false;
}

bool in_cgroup_namespace_of_manager() {
    std::ifstream file("/proc/1/cgroup", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return is_namespace_of_manager(text);
}

}  // namespace workload
