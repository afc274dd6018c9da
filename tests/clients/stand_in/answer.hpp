#pragma once

#include <string>
#include <utility>
#include <vector>

namespace stand_in {

struct answer {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::string body = {};
    /// Of a HEAD: the length of the body that a GET would have.
    std::size_t head_length = 0;
};

}  // namespace stand_in
