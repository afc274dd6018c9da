#include "daemon/log.hpp"

#include <unistd.h>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "base/time_text.hpp"
#include "encoding/json.hpp"

namespace daemon_::log {

namespace {

bool as_json = false;

spdlog::level::level_enum to_spdlog(level at) {
    switch (at) {
        case level::debug:
            return spdlog::level::debug;
        case level::info:
            return spdlog::level::info;
        case level::warning:
            return spdlog::level::warn;
        case level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

const char* name(level at) {
    switch (at) {
        case level::debug:
            return "debug";
        case level::info:
            return "info";
        case level::warning:
            return "warning";
        case level::error:
            return "error";
    }
    return "error";
}

std::string json_line(level at, std::string_view message, std::initializer_list<field> fields) {
    const auto now = std::chrono::floor<base::milliseconds>(std::chrono::system_clock::now());
    std::string line = "{\"time\":" + encoding::json_quoted(base::iso8601(now)) + ",\"level\":\"" +
                       name(at) + "\",\"message\":" + encoding::json_quoted(message);
    for (const auto& [key, value] : fields) {
        line += ',' + encoding::json_quoted(key) + ':' + encoding::json_quoted(value);
    }
    return line + '}';
}

std::string text_line(std::string_view message, std::initializer_list<field> fields) {
    std::string line(message);
    for (const auto& [key, value] : fields) {
        line += ' ';
        line += key;
        line += '=';
        line += value.find(' ') == std::string::npos ? value : encoding::json_quoted(value);
    }
    return line;
}

}  // namespace

void start(level least) {
    auto logger = spdlog::get("imdsd");
    if (!logger) logger = spdlog::stderr_color_mt("imdsd");
    as_json = ::isatty(STDERR_FILENO) == 0;
    logger->set_pattern(as_json ? "%v" : "%H:%M:%S %^%l%$ %v");
    logger->set_level(to_spdlog(least));
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(logger);
}

void write(level at, std::string_view message, std::initializer_list<field> fields) {
    const auto logger = spdlog::default_logger_raw();
    if (!logger->should_log(to_spdlog(at))) return;
    const std::string line = as_json ? json_line(at, message, fields) : text_line(message, fields);
    logger->log(to_spdlog(at), spdlog::string_view_t(line));
}

}  // namespace daemon_::log
