#include "handler/container_service.hpp"

#include "handler/container_conversation.hpp"

namespace handler {

std::unique_ptr<net::conversation> container_service::open(const net::connection_info& info) {
    if (!worker_.current()) return nullptr;
    return std::make_unique<container_conversation>(worker_, engine_, limiter_, info);
}

}  // namespace handler
