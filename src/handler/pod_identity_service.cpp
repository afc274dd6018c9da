#include "handler/pod_identity_service.hpp"

#include "handler/pod_identity_conversation.hpp"

namespace handler {

std::unique_ptr<net::conversation> pod_identity_service::open(const net::connection_info& info) {
    if (!worker_.current()) return nullptr;
    return std::make_unique<pod_identity_conversation>(worker_, limiter_, verified_, info);
}

}  // namespace handler
