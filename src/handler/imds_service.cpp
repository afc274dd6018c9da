#include "handler/imds_service.hpp"

#include "handler/imds_conversation.hpp"

namespace handler {

imds_service::imds_service(imds_dependencies needs) : self_(std::make_unique<imds_state>(needs)) {}
imds_service::~imds_service() = default;

void imds_service::install(std::shared_ptr<const serving> next, credential_states states) {
    self_->current = std::move(next);
    self_->credentials = std::move(states);
    self_->credentials.resize(self_->current->profiles.size());
    self_->wake_waiting();
}

void imds_service::publish(std::uint64_t generation, std::size_t profile,
                           std::shared_ptr<const imds::credential_state> state) {
    if (!self_->current || generation != self_->current->generation ||
        profile >= self_->credentials.size()) {
        return;
    }
    self_->credentials[profile] = std::move(state);
    self_->wake_waiting();
}

std::unique_ptr<net::conversation> imds_service::open(const net::connection_info& info) {
    if (!self_->current) return nullptr;
    return std::make_unique<imds_conversation>(*self_, info);
}

}  // namespace handler
