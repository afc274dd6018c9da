#include "jose/base64url.hpp"

#include "encoding/base64.hpp"

namespace jose {

base::result<std::string> decode_base64url(std::string_view text) {
    if (!text.empty() && text.back() == '=') return base::invalid("base64url: padding");
    return encoding::decode_base64url(text);
}

}  // namespace jose
