#include "tests/support/server_process.hpp"

#include "tests/support/eventually.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace errand::test {

namespace {

/// The port in the first log line that names an address; 0 if there is none yet.
int port_in(const std::string& log) {
  std::istringstream lines{log};
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    if (!entry.is_object() || !entry.contains("address"))
      continue;
    const auto address = entry["address"].get<std::string>();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }
  return 0;
}

pid_t start(const std::string& program, const std::vector<std::string>& arguments,
            const std::string& log_file) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int log = open(log_file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  const pid_t child = fork();
  if (child == 0) {
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(program.c_str(), argv.data());
    _exit(127);
  }
  close(log);
  return child;
}

} // namespace

server_process::server_process(const std::string& program, std::vector<std::string> arguments,
                               const std::string& log_file)
    : log_file_(log_file) {
  arguments.insert(arguments.end(), {"--port", "0", "--log-format", "json"});
  pid_ = start(program, arguments, log_file);
  eventually([this] {
    port_ = port_in(log());
    return port_ != 0 || wait_for_end(std::chrono::milliseconds{0});
  });
  if (port_ == 0) {
    kill();
    throw std::runtime_error(program + " did not start: " + log());
  }
}

server_process::~server_process() {
  kill();
}

void server_process::signal(int number) {
  if (!ended_)
    ::kill(pid_, number);
}

std::optional<int> server_process::wait_for_end(std::chrono::milliseconds patience) {
  eventually(
      [this] {
        int wait_status = 0;
        if (!ended_ && waitpid(pid_, &wait_status, WNOHANG) == pid_)
          ended_ = wait_status;
        return ended_.has_value();
      },
      patience);
  return ended_;
}

void server_process::kill() {
  signal(SIGKILL);
  wait_for_end();
}

std::string server_process::log() const {
  std::ifstream file{log_file_};
  return {std::istreambuf_iterator<char>{file}, {}};
}

httplib::Client server_process::client() const {
  httplib::Client client{"127.0.0.1", port_};
  client.set_keep_alive(true);
  client.set_tcp_nodelay(true);
  client.set_connection_timeout(10);
  client.set_read_timeout(30);
  return client;
}

std::optional<nlohmann::json> submit(httplib::Client& client, const nlohmann::json& spec) {
  const auto answer = client.Post("/v1/tasks", spec.dump(), "application/json");
  if (!answer || answer->status != 202)
    return std::nullopt;
  return nlohmann::json::parse(answer->body);
}

nlohmann::json get_task(httplib::Client& client, const std::string& id) {
  const auto answer = client.Get("/v1/tasks/" + id);
  return answer && answer->status == 200 ? nlohmann::json::parse(answer->body) : nlohmann::json{};
}

std::vector<nlohmann::json> list_all(httplib::Client& client, const std::string& query) {
  std::vector<nlohmann::json> tasks;
  std::string cursor;
  do {
    const auto answer =
        client.Get("/v1/tasks?limit=1000&" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
    if (!answer || answer->status != 200)
      throw std::runtime_error("a list was not answered: " + (answer ? answer->body : "no answer"));
    const auto page = nlohmann::json::parse(answer->body);
    for (const auto& task : page["tasks"])
      tasks.push_back(task);
    cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].get<std::string>();
  } while (!cursor.empty());
  return tasks;
}

} // namespace errand::test
