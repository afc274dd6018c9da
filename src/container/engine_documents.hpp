#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "container/facts.hpp"

namespace container {

/// Documents of the Docker Engine API, which Podman speaks too. What is missing or of another type
/// than documented is left out: engines differ, and a fact less is no failure. What is no JSON, or
/// has no container id, is an error.
namespace engine {

inline constexpr std::size_t largest_document = 4 << 20;

/// GET /containers/{id}/json
struct inspected {
    container_facts facts;
    std::string compose_project;  ///< com.docker.compose.project; empty: none
    std::string network_owner;    ///< id of the container whose network it uses; empty: its own
    std::int64_t pid = 0;         ///< of its first process, as the engine sees it; 0: not running
};
base::result<inspected> read_inspect(std::string_view json);

/// An entry of GET /containers/json
struct listed {
    std::string id;
    std::vector<base::ip_address> addresses;
};
base::result<std::vector<listed>> read_list(std::string_view json);

/// GET /containers/{id}/stats: checked, and returned without the white space around it.
base::result<std::string> read_statistics(std::string_view json);

}  // namespace engine

bool is_container_id(std::string_view text);  ///< 64 lower-case hexadecimal digits

/// The innermost container that a cgroup path names, by a part "docker-ID.scope", "libpod-ID.scope"
/// (but not conmon's), "cri-containerd-ID.scope", "libpod-ID" or "ID".
struct cgroup_container {
    std::string id;    ///< empty: none
    std::string path;  ///< from the root up to that part
};
/// Who may make cgroups may give them any name: what the path says is no more than a claim.
cgroup_container container_of_cgroup(std::string_view path);

}  // namespace container
