// server/nearest_name.hpp: what a wrong name was meant to be.

#include "tests/support/catch.hpp"

#include "server/nearest_name.hpp"

using namespace errand;

namespace {

const std::vector<std::string> keys{"store", "workers", "drain_timeout_s", "http.port",
                                    "http.max_body_bytes"};
const std::vector<std::string> flags{"--port", "--workers", "--max-body-bytes"};

} // namespace

TEST_CASE("a name a typing mistake away is found") {
  CHECK(nearest_name("worker", keys) == "workers");
  CHECK(nearest_name("htpp.port", keys) == "http.port");
  CHECK(nearest_name("http.prot", keys) == "http.port");
  CHECK(nearest_name("drain_timeout", keys) == "drain_timeout_s");
}

TEST_CASE("a name with a part too many or too few is found") {
  CHECK(nearest_name("port", keys) == "http.port");
  CHECK(nearest_name("server.port", keys) == "http.port");
  CHECK(nearest_name("store_url", keys) == "store");
  CHECK(nearest_name("store.path", keys) == "store");
  CHECK(nearest_name("max_body_bytes", keys) == "http.max_body_bytes");
}

TEST_CASE("what names have in common at their beginning does not make them near") {
  CHECK(nearest_name("--prot", flags, 2) == "--port");
  CHECK(nearest_name("--http-port", flags, 2) == "--port");
  CHECK(nearest_name("-p", flags, 2).empty());
  CHECK(nearest_name("-", flags, 2).empty());
}

TEST_CASE("a name that is like none is told nothing") {
  CHECK(nearest_name("colour", keys).empty());
  CHECK(nearest_name("", keys).empty());
  CHECK(nearest_name(std::string(100'000, 'x'), keys).empty());
  CHECK(did_you_mean("colour", keys).empty());
  CHECK(did_you_mean("stor", keys) == "; did you mean store?");
}
