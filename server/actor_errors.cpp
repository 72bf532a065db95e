#include "server/actor_errors.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace errand {

namespace {

constexpr auto request_category = caf::atom("errand");
constexpr auto attempt_category = caf::atom("errand_run");

enum class attempt_code : uint8_t { failed = 1, permanent, cancelled, later };

/// An error's code must not be 0.
constexpr uint8_t code_of(RequestError::Fault fault) {
  return static_cast<uint8_t>(static_cast<uint8_t>(fault) + 1);
}

constexpr RequestError::Fault fault_of(uint8_t code) {
  return static_cast<RequestError::Fault>(code - 1);
}

std::string text_of(const caf::message& context) {
  return context.match_element<std::string>(0) ? context.get_as<std::string>(0) : std::string();
}

template <class... Details>
caf::error attempt_error_of(attempt_code code, std::string text, Details... details) {
  return {static_cast<uint8_t>(code), attempt_category,
          caf::make_message(std::move(text), details...)};
}

} // namespace

caf::error to_error(const RequestError& refused) {
  return {code_of(refused.fault()), request_category,
          caf::make_message(std::string(refused.what()))};
}

RequestError request_error(const caf::error& why) {
  using fault = RequestError::Fault;
  if (why.category() == request_category)
    return {fault_of(why.code()), text_of(why.context())};
  if (why == caf::sec::request_timeout)
    return {fault::timed_out, "no answer in time; whether it was carried out is not known"};
  if (why == caf::sec::request_receiver_down || why.category() == caf::atom("exit"))
    return {fault::stopped, "the server does not run any more"};
  return {fault::store_failed, caf::to_string(why)};
}

caf::error attempt_error(const std::exception& failed) {
  return attempt_error_of(attempt_code::failed, failed.what());
}

caf::error attempt_error(const PermanentError& failed) {
  return attempt_error_of(attempt_code::permanent, failed.what());
}

caf::error attempt_error(const CancelTask& cancelled) {
  return attempt_error_of(attempt_code::cancelled, cancelled.what());
}

caf::error attempt_error(const RetryLater& postponed) {
  return attempt_error_of(attempt_code::later, postponed.what(), postponed.wait().count());
}

bool is_attempt_error(const caf::error& why) {
  return why.category() == attempt_category;
}

void throw_attempt_error(const caf::error& why) {
  const auto text = text_of(why.context());
  switch (static_cast<attempt_code>(why.code())) {
  case attempt_code::permanent:
    throw PermanentError(text);
  case attempt_code::cancelled:
    throw CancelTask(text);
  case attempt_code::later:
    throw RetryLater(Seconds{why.context().get_as<double>(1)}, text);
  case attempt_code::failed:
    break;
  }
  throw std::runtime_error(text);
}

void add_error_categories(caf::actor_system_config& config) {
  const auto shown = [](uint8_t, caf::atom_value, const caf::message& context) {
    return text_of(context);
  };
  config.add_error_category(request_category, shown);
  config.add_error_category(attempt_category, shown);
}

} // namespace errand
