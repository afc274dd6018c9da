#include "sts/query/answer.hpp"

#include <boost/json/serialize.hpp>

#include "support/catch.hpp"

using sts::result_node;

TEST_CASE("records tell of an answer without its secrets") {
    const std::vector<result_node> answer{
        result_node::group(
            "AccessKey",
            {result_node::text("UserName", "bob"), result_node::number("Count", 2),
             result_node::secret("SecretAccessKey", base::secret("hidden")),
             result_node::time("CreateDate", base::wall_time(base::seconds(1'729'890'431)))}),
        result_node::list("Names",
                          {result_node::text("member", "a"), result_node::text("member", "b"),
                           result_node::secret("member", base::secret("hidden"))}),
        result_node::list("Tags", {result_node::group("member", {result_node::text("Key", "k")})}),
        result_node::secret("SecretKey", base::secret("hidden"))};
    CHECK(boost::json::serialize(sts::shown_result_nodes(answer)) ==
          R"({"accessKey":{"userName":"bob","count":2,"createDate":"Oct 25, 2024, 9:07:11 PM"},)"
          R"("names":["a","b"],"tags":[{"key":"k"}]})");
    CHECK(sts::shown_result_nodes({}).empty());
}
