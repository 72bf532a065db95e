#include "http/route.hpp"

namespace errand {

reply no_answer_reply() {
  return problem_reply(problem_of(
      {ec::timed_out, "The server was too busy to answer in time. Whether the request was carried "
                      "out is not known; look before you send it again."}));
}

std::optional<reply> continuation::overdue(exchange_link&) {
  return no_answer_reply();
}

} // namespace errand
