// Requests and what the framing makes of them, for the tests that cut them up.
#pragma once

#include <string>
#include <vector>

namespace errand::test {

/// One request that is accepted.
struct good_request {
  std::string name;
  std::string bytes;
  std::string method;
  std::string target;
  std::string body;
  bool keep_alive = true;
};

/// One that is refused, and a word that must be in the detail.
struct bad_request {
  std::string name;
  std::string bytes;
  int status = 400;
  std::string says;
};

std::vector<good_request> good_requests();
std::vector<bad_request> bad_requests();

} // namespace errand::test
