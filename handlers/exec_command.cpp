#include "handlers/exec_command.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

namespace errand {

namespace {

constexpr const char* usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* usual_language = "C.UTF-8";

/// Of the system's users, as far as a process needs to know.
struct account {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
  std::string home;
};

/// `look_up` is getpwnam_r or getpwuid_r, of which one call may need a larger buffer than another.
template <class Key>
std::optional<account> find_account(int (*look_up)(Key, passwd*, char*, size_t, passwd**),
                                    Key key) {
  std::vector<char> buffer(4096);
  passwd entry{};
  passwd* found = nullptr;
  while (look_up(key, &entry, buffer.data(), buffer.size(), &found) == ERANGE
         && buffer.size() < 1024 * 1024)
    buffer.resize(2 * buffer.size());
  if (!found)
    return std::nullopt;
  return account{entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir};
}

std::vector<gid_t> groups_of(const account& who) {
  int count = 64;
  std::vector<gid_t> groups(static_cast<size_t>(count));
  while (getgrouplist(who.name.c_str(), who.group, groups.data(), &count) < 0)
    groups.resize(std::max(static_cast<size_t>(count), 2 * groups.size()));
  groups.resize(static_cast<size_t>(count));
  return groups;
}

std::string variable(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

/// Why it can't be run; nothing if it can. Another user's rights show when it is.
std::optional<std::string> program_fault(const std::string& path, bool as_other) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0)
    return std::strerror(errno);
  if (!S_ISREG(found.st_mode))
    return "it is no file";
  const bool may_run = as_other ? (found.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0
                                : faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
  if (!may_run)
    return "it is not executable";
  return std::nullopt;
}

std::optional<std::string> directory_fault(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0)
    return std::strerror(errno);
  if (!S_ISDIR(found.st_mode))
    return "it is no directory";
  return std::nullopt;
}

/// Makes one command ready; tells of each fault by key and text.
template <class Tell>
exec_command prepare(const ExecCommand& from, Tell tell) {
  exec_command command;
  command.argv = from.argv;
  command.directory = from.directory;
  command.max_output_bytes = from.max_output_bytes;
  command.grace = std::chrono::duration_cast<std::chrono::steady_clock::duration>(from.grace);

  auto home = variable("HOME", "/");
  if (!from.user.empty()) {
    const auto who = find_account<const char*>(getpwnam_r, from.user.c_str());
    if (!who)
      tell("user", "names " + from.user + ", but this system has no such user");
    else if (who->user != geteuid() && geteuid() != 0)
      tell("user", "names " + from.user
                       + ", but only a server that runs as root can run a command "
                         "as another user; leave it out, or start the server as that user");
    else {
      home = who->home;
      if (who->user != geteuid())
        command.owner = process_owner{who->user, who->group, groups_of(*who)};
    }
  } else if (const auto me = find_account<uid_t>(getpwuid_r, geteuid())) {
    home = variable("HOME", me->home);
  }
  if (const auto why = program_fault(from.argv.front(), command.owner.has_value()))
    tell("argv", "names the program " + from.argv.front() + ", which can't be run: " + *why);
  if (const auto why = directory_fault(from.directory))
    tell("directory", "is " + from.directory + ", which can't be entered: " + *why);

  std::map<std::string, std::string> environment{
      {"PATH", usual_path}, {"HOME", home}, {"LANG", variable("LANG", usual_language)}};
  for (const auto& [name, value] : from.environment)
    environment[name] = value;
  for (const auto& [name, value] : environment)
    command.environment.push_back(name + '=' + value);
  return command;
}

} // namespace

prepared_commands prepare_commands(const std::map<std::string, ExecCommand>& configured) {
  prepared_commands prepared;
  for (const auto& entry : configured) // no bindings: clang 14 captures none
    prepared.commands.emplace(entry.first,
                              prepare(entry.second, [&](const char* key, std::string text) {
                                prepared.faults.push_back({entry.first, key, std::move(text)});
                              }));
  return prepared;
}

} // namespace errand
