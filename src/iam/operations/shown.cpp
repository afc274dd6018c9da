#include "iam/operations/shown.hpp"

namespace iam {

using sts::result_node;

result_node shown_boundary(const std::string& arn) {
    return result_node::group("PermissionsBoundary",
                              {result_node::text("PermissionsBoundaryType", "Policy"),
                               result_node::text("PermissionsBoundaryArn", arn)});
}

std::vector<result_node> shown(const user& one, const directory& among) {
    return {result_node::text("Path", one.path), result_node::text("UserName", one.name),
            result_node::text("UserId", one.unique_id), result_node::text("Arn", among.arn_of(one)),
            result_node::time("CreateDate", one.created)};
}

std::vector<result_node> shown_with_tags(const user& one, const directory& among) {
    std::vector<result_node> out = shown(one, among);
    if (!one.boundary.empty()) out.push_back(shown_boundary(one.boundary));
    if (!one.tags.empty()) out.push_back(shown_tags(one.tags));
    return out;
}

std::vector<result_node> shown(const group& one, const directory& among) {
    return {result_node::text("Path", one.path), result_node::text("GroupName", one.name),
            result_node::text("GroupId", one.unique_id),
            result_node::text("Arn", among.arn_of(one)),
            result_node::time("CreateDate", one.created)};
}

result_node shown_tags(const sts::tag_list& tags) {
    std::vector<result_node> out;
    for (const auto& [key, value] : tags)
        out.push_back(result_node::group(
            "member", {result_node::text("Key", key), result_node::text("Value", value)}));
    return result_node::list("Tags", std::move(out));
}

}  // namespace iam
