#include "aws/arn.hpp"

#include "support/catch.hpp"

TEST_CASE("An ARN has six fields and colons may only follow in the resource") {
    const auto parsed = aws::arn::parse("arn:aws:iam::123456789012:role/a:b:c").value();
    CHECK(parsed.partition == "aws");
    CHECK(parsed.service == "iam");
    CHECK(parsed.region.empty());
    CHECK(parsed.account == "123456789012");
    CHECK(parsed.resource == "role/a:b:c");
    CHECK(parsed.text() == "arn:aws:iam::123456789012:role/a:b:c");
    for (const char* text :
         {"", "arn", "arn:aws:iam::123456789012", "arn:aws:iam::123456789012:", "arn::iam::1:x",
          "arn:aws:::1:x", "ARN:aws:iam::1:x", "x:aws:iam::1:y"}) {
        CAPTURE(text);
        CHECK_FALSE(aws::arn::parse(text).has_value());
    }
}

TEST_CASE("A role ARN splits into account path and name and is put together again") {
    const auto plain = aws::parse_role_arn("arn:aws:iam::123456789012:role/backup").value();
    CHECK(plain.path == "/");
    CHECK(plain.name == "backup");
    const auto nested =
        aws::parse_role_arn("arn:aws-cn:iam::000000000001:role/a/b/x+=,.@-_").value();
    CHECK(nested.partition == "aws-cn");
    CHECK(nested.account == "000000000001");
    CHECK(nested.path == "/a/b/");
    CHECK(nested.name == "x+=,.@-_");
    CHECK(aws::role_arn(nested.partition, nested.account, nested.path, nested.name) ==
          "arn:aws-cn:iam::000000000001:role/a/b/x+=,.@-_");
    CHECK(aws::role_arn("aws", "123456789012", "", "r") == "arn:aws:iam::123456789012:role/r");
}

TEST_CASE("Anything else than the ARN of a role is refused") {
    for (const char* text :
         {"arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:role",
          "arn:aws:iam::123456789012:user/x", "arn:aws:sts::123456789012:role/x",
          "arn:aws:iam:us-east-1:123456789012:role/x", "arn:aws:iam::12345678901:role/x",
          "arn:aws:iam::12345678901a:role/x", "arn:aws:iam::123456789012:role//x",
          "arn:aws:iam::123456789012:role/a//x", "arn:aws:iam::123456789012:role/x y",
          "arn:aws:iam::123456789012:role/a b/x", "arn:aws:iam::123456789012:role/a/",
          "arn:aws:iam::123456789012:role/*", "arn:AWS:iam::123456789012:role/x",
          "arn:aws:iam::123456789012:role/x\n", "arn:aws:iam::123456789012:Role/x", "x"}) {
        CAPTURE(text);
        CHECK_FALSE(aws::parse_role_arn(text).has_value());
    }
    CHECK_FALSE(
        aws::parse_role_arn("arn:aws:iam::123456789012:role/" + std::string(65, 'x')).has_value());
    CHECK(
        aws::parse_role_arn("arn:aws:iam::123456789012:role/" + std::string(64, 'x')).has_value());
}

TEST_CASE("The ARN of a session drops the path of its role") {
    CHECK(aws::assumed_role_arn("aws", "123456789012", "backup", "i-1") ==
          "arn:aws:sts::123456789012:assumed-role/backup/i-1");
}

TEST_CASE("Names obey the limits of IAM") {
    CHECK(aws::is_account_id("000000000000"));
    CHECK_FALSE(aws::is_account_id("12345678901"));
    CHECK_FALSE(aws::is_account_id("1234567890123"));
    CHECK_FALSE(aws::is_account_id("12345678901\xB2"));
    CHECK(aws::is_role_name("A"));
    CHECK_FALSE(aws::is_role_name(""));
    CHECK_FALSE(aws::is_role_name("a/b"));
    CHECK_FALSE(aws::is_role_name("\xC3\xA9"));
    CHECK(aws::is_role_session_name("ab"));
    CHECK_FALSE(aws::is_role_session_name("a"));
    CHECK(aws::is_role_session_name(std::string(64, 'a')));
    CHECK_FALSE(aws::is_role_session_name(std::string(65, 'a')));
    CHECK_FALSE(aws::is_role_session_name("a b"));
    CHECK(aws::is_role_path("/"));
    CHECK(aws::is_role_path("/a/"));
    CHECK(aws::is_role_path("/" + std::string(510, 'a') + "/"));
    CHECK_FALSE(aws::is_role_path("/" + std::string(511, 'a') + "/"));
    for (const char* path : {"", "//", "///", "a/", "/a", "/a b/", "/a//b/", "/\x7F/"}) {
        CAPTURE(path);
        CHECK_FALSE(aws::is_role_path(path));
    }
    for (const char* region : {"us-east-1", "dc1-rack-2", "local", "eu-isoe-west-1"}) {
        CHECK(aws::is_region(region));
    }
    for (const char* region :
         {"", "US-EAST-1", "us_east", "-a", "a-", "a--b", "1a", "us-east-1/x"}) {
        CAPTURE(region);
        CHECK_FALSE(aws::is_region(region));
    }
}

TEST_CASE("AWS's own regions have a form") {
    for (const char* region : {"us-east-1", "ap-southeast-12", "cn-north-1", "us-gov-west-1",
                               "us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1"}) {
        CAPTURE(region);
        CHECK(aws::has_form_of_aws_region(region));
    }
    for (const char* region : {"", "local", "nowhere", "dc1-rack-2", "eu-central1", "eu-1",
                               "eu-central", "eu-central-1a", "e-central-1", "earth-central-1",
                               "eu-c3ntral-1", "EU-central-1", "eu--1", "eu-central-"}) {
        CAPTURE(region);
        CHECK_FALSE(aws::has_form_of_aws_region(region));
    }
}

TEST_CASE("Partitions have their regions and suffixes") {
    CHECK(aws::partition_of_region("us-east-1") == "aws");
    CHECK(aws::partition_of_region("dc1-rack-2") == "aws");
    CHECK(aws::partition_of_region("cn-north-1") == "aws-cn");
    CHECK(aws::partition_of_region("us-gov-west-1") == "aws-us-gov");
    CHECK(aws::partition_of_region("us-iso-east-1") == "aws-iso");
    CHECK(aws::partition_of_region("us-isob-east-1") == "aws-iso-b");
    CHECK(aws::dns_suffix("aws") == "amazonaws.com");
    CHECK(aws::dns_suffix("aws-cn") == "amazonaws.com.cn");
    CHECK(aws::dns_suffix("aws-us-gov") == "amazonaws.com");
}

TEST_CASE("Managed policies are named with or without a path") {
    const auto plain = aws::parse_policy_name("readers");
    REQUIRE(plain.has_value());
    CHECK(plain->path == "/");
    CHECK(plain->name == "readers");
    const auto deep = aws::parse_policy_name("/team/a/readers");
    REQUIRE(deep.has_value());
    CHECK(deep->path == "/team/a/");
    CHECK(aws::policy_arn("aws", "123456789012", deep->path, deep->name) ==
          "arn:aws:iam::123456789012:policy/team/a/readers");
    CHECK(aws::parse_policy_name(std::string(128, 'x')).has_value());
    for (const std::string bad : {"", "/", "/team/", "team/readers", "a b", "a:b"}) {
        INFO(bad);
        CHECK_FALSE(aws::parse_policy_name(bad).has_value());
    }
    CHECK_FALSE(aws::parse_policy_name(std::string(129, 'x')).has_value());
    CHECK(aws::root_arn("aws-cn", "123456789012") == "arn:aws-cn:iam::123456789012:root");
    CHECK(aws::federated_user_arn("aws", "123456789012", "bob") ==
          "arn:aws:sts::123456789012:federated-user/bob");
}
