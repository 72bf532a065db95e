#include "http/sha256.hpp"
#include "tests/support/catch.hpp"

using namespace errand;

namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const unsigned char byte : bytes)
    for (const auto half : {byte >> 4, byte & 15})
      text.push_back("0123456789abcdef"[half]);
  return text;
}

} // namespace

TEST_CASE("SHA-256 gives the hashes of FIPS 180-2") {
  CHECK(hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(sha256({"abc"})) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256({std::string(1'000'000, 'a')}))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("the parts of a hash count as one text") {
  CHECK(sha256({"a", "", "bc"}) == sha256({"abc"}));
}
