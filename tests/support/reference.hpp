#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// The reference beside the profiles, read as people read it: headings and tables.
struct reference {
    using cells = std::vector<std::string>;
    std::string text;
    std::map<std::string, std::vector<cells>> tables;  ///< rows by "## " heading, headers left out

    reference() {
        std::ifstream file(IMDSD_SOURCE_DIR "/profiles/README.md");
        if (!file) throw std::runtime_error("cannot read profiles/README.md");
        std::ostringstream content;
        content << file.rdbuf();
        text = content.str();
        std::istringstream lines(text);
        std::string heading, line;
        std::vector<cells>* rows = nullptr;
        while (std::getline(lines, line)) {
            if (line.rfind("## ", 0) == 0) {
                heading = line.substr(3);
                rows = &tables[heading];
            }
            if (!rows || line.rfind("| ", 0) != 0) {
                // A line of dashes: the row above it was the header.
                if (rows && line.rfind("|-", 0) == 0 && !rows->empty()) rows->pop_back();
                continue;
            }
            rows->push_back(split(line));
        }
    }

    /// What stands `so` in a cell.
    static std::vector<std::string> code_in(const std::string& cell) {
        std::vector<std::string> found;
        for (std::size_t at = 0; (at = cell.find('`', at)) != std::string::npos;) {
            const auto end = cell.find('`', at + 1);
            if (end == std::string::npos) break;
            found.push_back(cell.substr(at + 1, end - at - 1));
            at = end + 1;
        }
        return found;
    }

private:
    static cells split(const std::string& line) {
        cells found;
        std::size_t at = 1;
        while (at < line.size()) {
            const auto end = line.find('|', at);
            if (end == std::string::npos) break;
            const auto cell = line.substr(at, end - at);
            const auto first = cell.find_first_not_of(' ');
            const auto last = cell.find_last_not_of(' ');
            found.push_back(first == std::string::npos ? std::string()
                                                       : cell.substr(first, last - first + 1));
            at = end + 1;
        }
        return found;
    }
};
