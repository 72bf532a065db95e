#include "task/traceparent.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace errand;

namespace {

const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

} // namespace

TEST_CASE("a valid traceparent is kept as it is") {
  CHECK(accept_traceparent(good) == good);
  CHECK(accept_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
        == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
}

TEST_CASE("a traceparent of a later version is kept as version 00") {
  const std::string tail = good.substr(2);
  CHECK(accept_traceparent("01" + tail) == good);
  CHECK(accept_traceparent("cc" + tail + "-what-the-future-brings") == good);
  CHECK(accept_traceparent("01" + tail + "-") == good);
}

TEST_CASE("a traceparent that is not valid is ignored") {
  const std::string ids = "-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string header = GENERATE_COPY(
      std::string(), std::string("x"), "ff" + ids, "0g" + ids, "0" + ids, "00" + ids + "-more",
      "00" + ids + "0", "01" + ids + "0", "00" + ids + " ", " 00" + ids,
      std::string("00-00000000000000000000000000000000-b7ad6b7169203331-01"),
      std::string("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"),
      std::string("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"),
      std::string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333x-01"),
      std::string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x"),
      std::string("00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01"),
      std::string("00-0af7651916cd43dd8448eb211c80319c0-b7ad6b716920333-01"));
  CAPTURE(header);
  CHECK(accept_traceparent(header).empty());
}

TEST_CASE("a traceparent cut anywhere is ignored") {
  for (size_t i = 0; i < good.size(); ++i)
    CHECK(accept_traceparent(good.substr(0, i)).empty());
}
