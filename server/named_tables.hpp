// Reads the tables [queues.NAME], [workers.NAME], [exec.NAME] and [tokens.NAME] of errand.toml into
// options. Used once, before anything starts.
#pragma once

#include "server/config_file.hpp"
#include "server/settings.hpp"

#include <map>
#include <set>
#include <string>

namespace errand {

class named_tables {
public:
  explicit named_tables(loaded_settings& loaded) : loaded_(loaded) {}

  /// False if that entry belongs to none of those tables; else it is read, or what is wrong with it
  /// is told.
  bool take(const config_entry& entry);

  /// To be called once, behind the last entry: tells what is missing.
  void finish();

private:
  struct seen_table {
    std::string place;          ///< Of the table's first entry.
    std::set<std::string> keys; ///< Read or refused, behind the table's name.
  };

  using seen_tables = std::map<std::string, seen_table>; ///< By name.
  using name_rule_of = std::optional<std::string> (*)(std::string_view);

  seen_table& see(seen_tables& all_seen, const config_entry& entry, name_rule_of fault_of);
  template <class Target, class Fields>
  void read_into(std::map<std::string, Target>& tables, seen_tables& all_seen,
                 const config_entry& entry, Fields fields, name_rule_of fault_of);
  void read_command(const config_entry& entry);
  void refuse_table(const config_entry& entry);
  void refuse_tokens(const config_entry& entry);
  void error(const std::string& place, const std::string& text);

  loaded_settings& loaded_;
  seen_tables queues_;
  seen_tables pools_;
  seen_tables commands_;
  seen_tables tokens_;
};

/// The same tables printed for errand.toml, with their origins; of the commands' environments only
/// the names.
std::string named_tables_to_toml(const loaded_settings& settings);

} // namespace errand
