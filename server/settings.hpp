// The one table of settings, and how their values are found: flag before environment before file
// before default. Flags, variables, keys of errand.toml, help, check-config and the test that reads
// docs/configuration.md all come from this table. Used once, before anything starts.
#pragma once

#include "server/setting.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand {

/// All settings, in the order in which people should see them: top-level keys, then table by table.
std::span<const setting> all_settings();

/// Which file to read is no setting of that file, but has a flag and a variable like one.
inline constexpr std::string_view config_flag = "--config";
inline constexpr std::string_view config_variable = "ERRAND_CONFIG";
/// The mail server's password has no flag, which others on the machine could read, and is never
/// shown; so it is not in the table.
inline constexpr std::string_view password_key = "smtp.password";
inline constexpr std::string_view password_variable = "ERRAND_SMTP_PASSWORD";
/// Read when it exists and neither of the two names another.
inline constexpr std::string_view default_config_file = "errand.toml";

/// What the user said, where.
struct settings_sources {
  /// Flag and value in the order given; of repeated ones the last counts. Flags of the table only.
  std::vector<std::pair<std::string, std::string>> flags;

  /// All variables of the environment whose names begin with ERRAND_. Empty ones count as not set.
  std::vector<std::pair<std::string, std::string>> variables;

  /// As --config gave it.
  std::optional<std::string> config_file;
};

struct loaded_settings {
  Options options;         ///< To be used only if there are no errors.
  std::string config_file; ///< The one that was read, or empty.

  /// Beside each of all_settings(): "default", "errand.toml:3:8", "ERRAND_PORT" or "--port".
  std::vector<std::string> origins;

  /// The places of what tables such as [queues.NAME] say:
  /// "queues.mail.concurrency".
  std::map<std::string, std::string> named_origins;

  /// Everything that is wrong in any source, each with its place, on one line. Then nothing may
  /// start.
  std::vector<std::string> errors;

  /// What is odd and harmless.
  std::vector<std::string> warnings;
};

/// The variables of this process that settings_sources::variables is for.
std::vector<std::pair<std::string, std::string>> errand_variables();

/// Reads the file, checks everything. Blocks on the disk.
loaded_settings load_settings(const settings_sources& sources);

/// What of `options`, filled by a program, is outside of what their settings allow; empty if all is
/// well.
std::vector<std::string> wrong_options(const Options& options);

/// A whole errand.toml with these values; behind each, as a comment, where it came from.
std::string to_toml(const loaded_settings& settings);

} // namespace errand
