#pragma once

#include <string>

#include "container/facts.hpp"

namespace container {

/// Documents of the ECS task metadata endpoint: compact JSON, members in the agent's order, empty
/// ones left out. `version`: 3 or 4.
std::string container_document(const container_facts& facts, int version);
/// `with_tags`: the tags of task and container instance, too.
std::string task_document(const task_facts& facts, int version, bool with_tags);

}  // namespace container
