#include "task/lease.hpp"

#include "tests/support/catch.hpp"

#include <array>

using namespace errand;

namespace {

constexpr const char* id = "01890a5d-ac96-774b-bcce-b302099a8057";

} // namespace

TEST_CASE("a token is one text, and only that text is the token", "[lease]") {
  lease_token token{{*task_id::parse(id), 12}, -2};
  const auto text = to_string(token);
  CHECK(text == std::string(id) + ".12.fffffffffffffffe");
  CHECK(parse_lease_token(text) == token);
  token.secret = 0x1f;
  CHECK(to_string(token) == std::string(id) + ".12.000000000000001f");
  CHECK(parse_lease_token(to_string(token)) == token);
}

TEST_CASE("no other text is a token", "[lease]") {
  const std::string good = std::string(id) + ".12.00000000000000ff";
  REQUIRE(parse_lease_token(good));
  for (size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(parse_lease_token(good.substr(0, size)));
  for (const auto* wrong : {
           "01890a5d-ac96-774b-bcce-b302099a8057.012.00000000000000ff",
           "01890a5d-ac96-774b-bcce-b302099a8057.+12.00000000000000ff",
           "01890a5d-ac96-774b-bcce-b302099a8057.12.00000000000000FF",
           "01890A5D-ac96-774b-bcce-b302099a8057.12.00000000000000ff",
           "01890a5d-ac96-774b-bcce-b302099a8057.12.00000000000000fg",
           "01890a5d-ac96-774b-bcce-b302099a8057.99999999999.00000000000000ff",
           "01890a5d-ac96-774b-bcce-b302099a8057.12.000000000000000ff",
           "01890a5d-ac96-774b-bcce-b302099a8057..00000000000000ff",
           "01890a5d-ac96-774b-bcce-b302099a8057:12:00000000000000ff",
           "11890a5d-ac96-474b-bcce-b302099a8057.12.00000000000000ff", // not of version 7
       })
    CHECK_FALSE(parse_lease_token(wrong));
  CHECK_FALSE(parse_lease_token(good + "0"));
  CHECK_FALSE(parse_lease_token(good + " "));
}
