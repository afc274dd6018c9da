#include "handler/verified_tokens.hpp"

#include "crypto/hash.hpp"

namespace handler {

namespace {

std::string digest(std::string_view token) {
    return std::string(crypto::as_text(crypto::sha256(token)));
}

}  // namespace

void verified_tokens::put(std::string_view token, entry verified) {
    cache_.put(digest(token), std::move(verified));
}

const verified_tokens::entry* verified_tokens::find(std::string_view token, base::wall_time now) {
    const entry* found = cache_.find(digest(token));
    return found && now < found->expires ? found : nullptr;
}

}  // namespace handler
