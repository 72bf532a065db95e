#include "http/keyed_request.hpp"

#include "http/sha256.hpp"

#include <algorithm>
#include <utility>

namespace errand {

namespace {

constexpr std::string_view header_name = "Idempotency-Key";
constexpr size_t key_bytes_max = 255;

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= key_bytes_max
         && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// Neither names of tokens nor keys have blanks.
std::string owned(std::string_view key, std::string_view owner) {
  return owner.empty() ? std::string{key} : std::string{owner}.append(" ").append(key);
}

/// The parts can't be mistaken for others: method and target have no line end.
std::string fingerprint(const http_request& request) {
  return sha256({to_string(request.method), " ", request.target, "\n", request.body});
}

kept_reply kept(const request_mark& mark, const reply& what) {
  kept_reply made{mark, what.status, what.content_type, {}, what.body};
  for (const auto& [name, value] : what.headers)
    append_header(made.headers, name, value);
  return made;
}

} // namespace

keyed_request::keyed_request(request_mark mark, std::unordered_set<std::string>& in_flight)
    : mark_(std::move(mark)), in_flight_(in_flight) {
  in_flight_.insert(mark_.key);
}

keyed_request::~keyed_request() {
  in_flight_.erase(mark_.key);
}

request_key_ptr keyed_request::asking(question name, reply_function make) {
  request_key key{mark_, {}};
  if (make) {
    kept_with_ = name;
    key.reply = [mark = mark_, make = std::move(make)](const answer_content& content) {
      return kept(mark, make(content));
    };
  }
  return std::make_shared<const request_key>(std::move(key));
}

kept_reply_ptr keyed_request::to_keep(const reply& what) const {
  return std::make_shared<const kept_reply>(kept(mark_, what));
}

std::variant<keyed_request_ptr, reply> request_keys::admit(const http_request& request,
                                                           std::string_view owner) {
  if (request.method != http_method::post)
    return keyed_request_ptr{};
  const auto key = request.header(header_name);
  if (!key)
    return keyed_request_ptr{};
  const auto times =
      std::count_if(request.headers.begin(), request.headers.end(), [](const http_header& each) {
        return equals_ignoring_case(each.name, header_name);
      });
  if (times > 1)
    return problem_reply(problems::several_keys(static_cast<size_t>(times)));
  if (!is_key(*key))
    return problem_reply(problems::invalid_key(*key));
  request_mark mark{owned(*key, owner), {}};
  if (in_flight_.contains(mark.key)) {
    auto refusal = problem_reply(problems::key_in_flight(*key));
    refusal.headers.emplace_back("Retry-After", "1");
    return refusal;
  }
  mark.fingerprint = fingerprint(request);
  return std::make_unique<keyed_request>(std::move(mark), in_flight_);
}

reply given_again(const kept_reply& kept) {
  reply made{kept.status, kept.content_type, kept.body, {}};
  for_each_header(kept.headers, [&](std::string_view name, std::string_view value) {
    made.headers.emplace_back(name, value);
  });
  made.headers.emplace_back("Idempotent-Replayed", "true");
  return made;
}

} // namespace errand
