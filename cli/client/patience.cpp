#include "cli/client/patience.hpp"

#include "cli/cli.hpp"

#include <thread>

namespace errand::client {

namespace {

constexpr std::chrono::seconds longest{60};
constexpr std::chrono::milliseconds pause{500};

} // namespace

void patience::wait_or_throw(const failure& f) {
  const bool may_pass = f.exit_status == exit_unreachable || f.http_status == 503;
  if (!may_pass || clock::now() - since_ > longest)
    throw f;
  std::this_thread::sleep_for(pause);
}

} // namespace errand::client
