#include "handler/imds_service.hpp"

#include "handler/imds_conversation.hpp"

namespace handler {

std::unique_ptr<net::conversation> imds_service::open(const net::connection_info& info) {
    if (!worker_.current()) return nullptr;
    return std::make_unique<imds_conversation>(worker_, tokens_, info);
}

}  // namespace handler
