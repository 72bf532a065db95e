#include "server/named_tables.hpp"

#include "server/exec_options.hpp"
#include "server/named_options.hpp"
#include "server/nearest_name.hpp"
#include "server/printable.hpp"
#include "server/token_options.hpp"

#include <algorithm>

namespace errand {

namespace {

constexpr std::string_view queues_table = "queues";
constexpr std::string_view workers_table = "workers";

/// What stands behind the table's name: "rate.limit".
std::string rest_of(const config_entry& entry) {
  std::string rest;
  for (size_t i = 2; i < entry.path.size(); ++i)
    rest += (rest.empty() ? "" : ".") + entry.path[i];
  return rest;
}

template <class Target>
std::string shown(const named_field<Target>& field, const given_value& value) {
  if (auto found = field.found ? field.found(value) : std::nullopt)
    return std::move(*found);
  const bool is_hidden = field.is_secret && std::holds_alternative<std::string>(value);
  return is_hidden ? "another string" : described(value);
}

template <class Target>
void print(const std::map<std::string, Target>& tables, std::string_view family,
           std::span<const named_field<Target>> fields, const loaded_settings& settings,
           std::string& text, void (*print_rest)(const Target&, std::string&) = nullptr) {
  for (const auto& [name, target] : tables) {
    const auto table = table_name(family, name);
    text += "\n[" + table + "]\n";
    for (const auto& field : fields) {
      const auto value = field.shown(target);
      if (!value)
        continue;
      const auto origin = settings.named_origins.find(table + '.' + std::string(field.key));
      auto line = std::string(field.key) + " = " + *value;
      line.resize(std::max<size_t>(line.size(), 32), ' ');
      text += line + " # " + (origin == settings.named_origins.end() ? "default" : origin->second)
              + "\n";
    }
    if (print_rest)
      print_rest(target, text);
  }
}

/// Without the values: they are often secrets, and what is printed here gets into mails.
void print_environment(const ExecCommand& command, std::string& text) {
  for (const auto& [name, value] : command.environment)
    text += "# environment." + string_literal(name) + " is set\n";
}

} // namespace

bool named_tables::take(const config_entry& entry) {
  const auto& path = entry.path;
  const bool is_table = entry.is_empty_table;
  if (path[0] == queues_table) {
    if (path.size() == 1 || (path.size() == 2 && !is_table))
      refuse_table(entry);
    else
      read_into(loaded_.options.queues, queues_, entry, queue_fields(), queue_name_fault);
    return true;
  }
  if (path[0] == exec_table) {
    if (path.size() == 1 || (path.size() == 2 && !is_table))
      refuse_table(entry);
    else
      read_command(entry);
    return true;
  }
  if (path[0] == tokens_table) {
    if (path.size() == 1 || (path.size() == 2 && !is_table))
      refuse_tokens(entry);
    else
      read_into(loaded_.options.tokens, tokens_, entry, token_fields(), token_name_fault);
    return true;
  }
  if (path[0] != workers_table)
    return false;
  if (path.size() == 1) {
    if (!is_table)
      error(entry.value_place,
            "workers is " + described(entry.value)
                + ", but must be a table: write [workers] and, below it, count = "
                + (std::holds_alternative<int64_t>(entry.value) ? described(entry.value) : "4"));
    return true;
  }
  if (path.size() == 2 && path[1] == "count")
    return false; // a setting like others
  if (path.size() == 2 && !is_table) {
    const std::vector<std::string> known{"workers.count"};
    error(entry.key_place, "there is no setting " + entry.key
                               + did_you_mean(entry.key, known, workers_table.size() + 1)
                               + "; a pool of workers is a table [workers.NAME]");
    return true;
  }
  read_into(loaded_.options.pools, pools_, entry, pool_fields(), pool_name_fault);
  return true;
}

void named_tables::refuse_table(const config_entry& entry) {
  if (entry.is_empty_table)
    return;
  error(entry.value_place, entry.key + " must be a table: a line ["
                               + (entry.path.size() == 1 ? entry.key + ".NAME" : entry.key)
                               + "] and its keys below");
}

/// Whose name may be a token that stands in a wrong place.
void named_tables::refuse_tokens(const config_entry& entry) {
  if (entry.is_empty_table)
    return;
  error(entry.value_place, std::string(entry.path.size() == 1 ? "tokens" : "tokens.NAME")
                               + " must be a table: a line [tokens.NAME] with a name for the "
                                 "token, and below it hash and scopes");
}

void named_tables::read_command(const config_entry& entry) {
  auto& commands = loaded_.options.exec;
  if (!is_environment(entry)) {
    read_into(commands, commands_, entry, exec_fields(), exec_name_fault);
    return;
  }
  see(commands_, entry, exec_name_fault);
  if (const auto fault = read_environment(entry, commands[entry.path[1]]))
    error(entry.value_place, entry.key + ' ' + *fault);
}

named_tables::seen_table& named_tables::see(seen_tables& all_seen, const config_entry& entry,
                                            name_rule_of fault_of) {
  const auto& name = entry.path[1];
  const auto [seen, is_first] = all_seen.try_emplace(name);
  if (is_first) {
    seen->second.place = entry.key_place;
    if (const auto fault = fault_of(name))
      error(entry.key_place, table_name(entry.path[0], name) + ' ' + *fault);
  }
  return seen->second;
}

template <class Target, class Fields>
void named_tables::read_into(std::map<std::string, Target>& tables, seen_tables& all_seen,
                             const config_entry& entry, Fields fields, name_rule_of fault_of) {
  const auto& name = entry.path[1];
  const auto table = table_name(entry.path[0], name);
  auto& seen = see(all_seen, entry, fault_of);
  auto& target = tables[name];
  const auto rest = rest_of(entry);
  if (rest.empty())
    return; // the table is there, and empty
  seen.keys.insert(rest);
  std::vector<std::string> known;
  bool has_parts = false;
  for (const auto& field : fields) {
    known.push_back(table + '.' + std::string(field.key));
    has_parts |= field.key.starts_with(rest + '.');
    if (field.key != rest)
      continue;
    if (field.read(entry.value, target))
      loaded_.named_origins[table + '.' + rest] = entry.value_place;
    else
      error(entry.value_place, entry.key + " is " + shown(field, entry.value) + ", but must be "
                                   + std::string(field.allowed));
    return;
  }
  if (has_parts)
    error(entry.value_place, entry.key + " is " + described(entry.value)
                                 + ", but must be a table such as {limit = 10, per_s = 1}");
  else
    error(entry.key_place,
          "there is no setting " + entry.key + did_you_mean(entry.key, known, table.size() + 1));
}

void named_tables::finish() {
  for (const auto& [name, seen] : queues_)
    if (seen.keys.contains("rate.limit") != seen.keys.contains("rate.per_s"))
      error(seen.place, table_name(queues_table, name) + ".rate must have both limit and per_s");
  for (const auto& [name, seen] : pools_) {
    const auto table = table_name(workers_table, name);
    if (!seen.keys.contains("count"))
      error(seen.place,
            table + ".count is missing; it must be " + std::string(pool_fields().front().allowed));
    if (!seen.keys.contains("queues") && !seen.keys.contains("kinds"))
      error(seen.place, table + ' ' + *pool_fault({}));
  }
  for (const auto& [name, seen] : commands_)
    if (!seen.keys.contains("argv"))
      error(seen.place, table_name(exec_table, name) + ".argv is missing; it must be "
                            + std::string(exec_fields().front().allowed));
  for (const auto& [name, seen] : tokens_)
    for (const auto& field : token_fields())
      if (!seen.keys.contains(std::string(field.key)))
        error(seen.place, table_name(tokens_table, name) + '.' + std::string(field.key)
                              + " is missing; it must be " + std::string(field.allowed));
  if (tokens_.size() > max_tokens)
    error(tokens_.begin()->second.place, "there are " + std::to_string(tokens_.size())
                                             + " tokens, but may be at most "
                                             + std::to_string(max_tokens));
  if (commands_.size() > max_commands)
    error(commands_.begin()->second.place, "there are " + std::to_string(commands_.size())
                                               + " commands, but may be at most "
                                               + std::to_string(max_commands));
  if (pools_.size() > max_pools)
    error(pools_.begin()->second.place, "there are " + std::to_string(pools_.size())
                                            + " pools of workers, but may be at most "
                                            + std::to_string(max_pools));
  if (queues_.size() > max_preset_queues)
    error(queues_.begin()->second.place, "there are settings of " + std::to_string(queues_.size())
                                             + " queues, but may be of at most "
                                             + std::to_string(max_preset_queues));
}

void named_tables::error(const std::string& place, const std::string& text) {
  loaded_.errors.push_back(place + ": " + text);
}

std::string named_tables_to_toml(const loaded_settings& settings) {
  const auto& options = settings.options;
  std::string text;
  print<WorkerPool>(options.pools, workers_table, pool_fields(), settings, text);
  print<QueueOptions>(options.queues, queues_table, queue_fields(), settings, text);
  print<ExecCommand>(options.exec, exec_table, exec_fields(), settings, text, print_environment);
  if (!options.token.empty())
    text += "\n# One more token, with every scope: ERRAND_TOKEN\n";
  print<TokenOptions>(options.tokens, tokens_table, token_fields(), settings, text);
  return text;
}

} // namespace errand
