#include <algorithm>

#include "config/sections.hpp"

namespace config {

namespace {

constexpr std::size_t longest_name = 255;  ///< ECS: family, cluster, service, container
constexpr std::size_t longest_image = 1024;
constexpr pair_limits label_limits{50, 255, 1024};

void check_length(const mapping& fields, std::string_view key, const std::string& text,
                  std::size_t most, context with) {
    if (fields.find(key) && (text.empty() || text.size() > most))
        with.out.error(fields.at(key),
                       quoted(key) + " is 1 to " + std::to_string(most) + " characters");
}

}  // namespace

void read_container(const node& value, profile::role_profile& into, context with) {
    const mapping fields(value, sections::container, with.out);
    profile::container_options& one = into.container;
    const std::pair<std::string_view, std::string*> names[] = {
        {"name", &one.name},       {"family", &one.family},   {"revision", &one.revision},
        {"cluster", &one.cluster}, {"service", &one.service},
    };
    for (const auto& [key, text] : names) {
        fields.text(key, *text);
        check_length(fields, key, *text, longest_name, with);
    }
    fields.text("image", one.image);
    check_length(fields, "image", one.image, longest_image, with);
    fields.choice<std::string>(
        "launch_type",
        {{"EC2", "EC2"}, {"FARGATE", "FARGATE"}, {"MANAGED_INSTANCES", "MANAGED_INSTANCES"}},
        one.launch_type);
    if (const node* labels = fields.find("labels"))
        one.labels = read_pairs(*labels, "labels", label_limits, with.out);
}

}  // namespace config
