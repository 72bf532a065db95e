// One function object out of several, for std::visit: that whose argument fits is called.
#pragma once

namespace errand {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>; // clang 14 does not find that out by itself

} // namespace errand
