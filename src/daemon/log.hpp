#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace daemon_::log {

enum class level { debug, info, warning, error };

/// Text on a terminal, one JSON object a line otherwise. To stderr.
void start(level least);

using field = std::pair<std::string_view, std::string>;
/// No secret is ever passed here: credentials are named by the last four characters of their id.
void write(level at, std::string_view message, std::initializer_list<field> fields = {});

inline void debug(std::string_view m, std::initializer_list<field> f = {}) {
    write(level::debug, m, f);
}
inline void info(std::string_view m, std::initializer_list<field> f = {}) {
    write(level::info, m, f);
}
inline void warning(std::string_view m, std::initializer_list<field> f = {}) {
    write(level::warning, m, f);
}
inline void error(std::string_view m, std::initializer_list<field> f = {}) {
    write(level::error, m, f);
}

}  // namespace daemon_::log
