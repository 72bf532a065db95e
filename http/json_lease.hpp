// Leases on the wire: what workers outside ask and tell, and what they get. Pure.
#pragma once

#include "actors/messages.hpp"
#include "http/problem.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand {

struct written_lease_request {
  lease_request asked;
  duration wait{0};
};

/// The longest wait_s.
inline constexpr duration lease_wait_max = std::chrono::seconds(300);

/// Texts of tokens as they came, beside what was said of them. What is no token is said of one that
/// no lease has.
struct written_signs {
  std::vector<std::string> tokens;
  std::vector<lease_sign> signs;
};

struct written_ends {
  std::vector<std::string> tokens;
  std::vector<lease_end> ends;
};

std::variant<written_lease_request, problem> decode_lease_request(std::string_view body);

/// `now` is when their lines were written, as far as anybody knows.
std::variant<written_signs, problem> decode_lease_signs(std::string_view body, timestamp now);
std::variant<written_ends, problem> decode_lease_ends(std::string_view body, timestamp now);

std::string encode_leases(const std::vector<lease>& leases);
std::string encode_lease_states(const std::vector<std::string>& tokens,
                                const std::vector<lease_state>& states);
std::string encode_ended_leases(const std::vector<std::string>& tokens,
                                const std::vector<lease_end>& ends,
                                const std::vector<std::optional<task_state>>& states);

} // namespace errand
