// Handlers of values of your own instead of JSON.
#pragma once

#include <errand/handler.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(default)
namespace errand {

namespace detail {

/// What a conversion has against some args; nothing if it takes them.
using ArgsCheck = std::function<std::optional<std::string>(const nlohmann::json&)>;

/// What is wrong with args that `check` refuses, with the field in which it is: "The args are not
/// those of this kind: /args/size/width: type must be number, but is string". nlohmann's exceptions
/// do not name the field, so `check` is asked about the args with one field or another missing or
/// of no type at all: a few hundred times at most, after which the field is named that has the
/// fault somewhere within.
std::string fault_of_args(const nlohmann::json& args, const ArgsCheck& check);

template <class Args>
Args args_as(const nlohmann::json& args) {
  const ArgsCheck check = [](const nlohmann::json& some) -> std::optional<std::string> {
    try {
      (void)some.get<Args>();
      return std::nullopt;
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  try {
    return args.get<Args>();
  } catch (const std::exception&) {
    throw PermanentError(fault_of_args(args, check));
  }
}

} // namespace detail

/// A handler around `function`, which takes (const Args&, TaskContext&) or (const Args&) and
/// returns what a Result can be made of, or nothing if Result is void. Args and Result are
/// converted as nlohmann's from_json and to_json have it (NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE writes
/// both). Args that can't be converted fail the task for good. nlohmann converts numbers without a
/// word: -1 into an unsigned type, 2.5 into an integer, and what is too large all become another
/// number; from_json has to check what matters.
template <class Args, class Result, class Function>
Handler typed_handler(Function function) {
  return [function = std::move(function)](TaskContext& task) -> nlohmann::json {
    const auto args = detail::args_as<Args>(task.args());
    const auto call = [&]() -> decltype(auto) {
      if constexpr (std::is_invocable_v<const Function&, const Args&, TaskContext&>)
        return function(args, task);
      else
        return function(args);
    };
    if constexpr (std::is_void_v<Result>) {
      call();
      return nullptr;
    } else {
      return nlohmann::json(Result(call()));
    }
  };
}

} // namespace errand
#pragma GCC visibility pop
