// What a token may be used for, and what a route asks for. Values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

enum class scope : uint8_t {
  read,   ///< To look at everything: tasks, lists, queues, schedules, events, statistics.
  submit, ///< To hand over tasks; to look at and to order a single one, for who knows its id.
  work,   ///< To lease tasks and to report on them.
  admin,  ///< Everything; alone for what reaches beyond a single task.
};

inline constexpr std::array all_scopes = {scope::read, scope::submit, scope::work, scope::admin};

std::string_view to_string(scope which);
std::optional<scope> parse_scope(std::string_view name);

/// Of a token: all that it has. Of a route: those of which one is enough; none for a route that is
/// open to everybody.
class scope_set {
public:
  constexpr scope_set() = default;
  constexpr scope_set(std::initializer_list<scope> scopes) {
    for (const auto each : scopes)
      add(each);
  }

  constexpr void add(scope which) { bits_ = static_cast<uint8_t>(bits_ | bit(which)); }
  constexpr bool contains(scope which) const { return (bits_ & bit(which)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

  /// Whether who has these may use a route that asks for `needed`.
  constexpr bool suffices_for(scope_set needed) const {
    return needed.empty() || contains(scope::admin) || (bits_ & needed.bits_) != 0;
  }

  friend constexpr bool operator==(scope_set, scope_set) = default;

private:
  static constexpr unsigned bit(scope which) { return 1U << static_cast<unsigned>(which); }

  uint8_t bits_ = 0;
};

inline constexpr scope_set open_to_all{};

/// Of what is no route: whoever asks must be somebody.
inline constexpr scope_set any_scope{scope::read, scope::submit, scope::work, scope::admin};

/// "read submit", as RFC 6750 lists them.
std::string to_string(scope_set scopes);

} // namespace errand
