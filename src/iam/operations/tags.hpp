#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "iam/operation.hpp"
#include "sts/actions/session_request.hpp"

namespace iam {

/// Adds to what is there: a key that differs in case only is the same key, and takes the new form.
/// InvalidInput for keys that are reserved or repeated, LimitExceeded for too many.
base::result<void> add_tags(sts::tag_list& to, const sts::tag_list& added);
/// Keys that are not there are nothing to remove.
void remove_tags(sts::tag_list& from, const std::vector<std::string>& keys);
/// The answer of the operations that list tags.
void add_tag_page(std::vector<sts::result_node>& answer, const sts::tag_list& tags,
                  const page& wanted);
/// requestParameters.tagKeys.
void put_tag_keys(boost::json::object& out, const sts::passed_texts& keys);

}  // namespace iam
