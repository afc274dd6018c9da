#include "container/engine_documents.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "container/describe.hpp"
#include "container/task_metadata.hpp"
#include "encoding/json.hpp"

using namespace container;

namespace {

void check_json(std::string_view text) {
    // Statistics and labels may nest, and repeat, as the engine did; what we write is JSON.
    if (!encoding::parse_json(text, {40, 64 << 20}).has_value()) std::abort();
}

}  // namespace

/// Whatever an engine says: what is told of it is JSON, and it is found again by its id.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (const auto read = engine::read_inspect(input)) {
        const std::string id = read->facts.docker_id;
        if (!is_container_id(id)) std::abort();
        for (const int version : {3, 4})
            check_json(container_document(read->facts, version));
        profile::role_profile profile;
        profile.name = "p";
        const description about = describe(profile, {*read}, id);
        if (about.task.containers.size() != 1) std::abort();
        check_json(task_document(about.task, 4, true));
    }
    if (const auto read = engine::read_list(input)) {
        for (const engine::listed& one : *read)
            if (!is_container_id(one.id)) std::abort();
    }
    if (const auto read = engine::read_statistics(input)) check_json(*read);
    const cgroup_container claimed = container_of_cgroup(input);
    if (!claimed.id.empty() &&
        (!is_container_id(claimed.id) || input.substr(0, claimed.path.size()) != claimed.path ||
         container_of_cgroup(claimed.path).id != claimed.id)) {
        std::abort();
    }
    return 0;
}
