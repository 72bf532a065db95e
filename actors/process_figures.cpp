#include "actors/process_figures.hpp"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace errand {

namespace {

/// proc(5) numbers the fields of /proc/self/stat from 1. The second is the program's name, which
/// may have blanks and parentheses; these are from the third on.
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos)
    return {};
  std::istringstream rest(text.substr(name_end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

std::chrono::nanoseconds since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// Counts what stands in a folder; the descriptor that this takes is not among it.
std::optional<uint64_t> count_open_fds() {
  std::error_code failed;
  std::filesystem::directory_iterator each("/proc/self/fd", failed);
  if (failed)
    return std::nullopt;
  uint64_t n = 0;
  for (; each != std::filesystem::directory_iterator{}; each.increment(failed)) {
    if (failed)
      return std::nullopt;
    ++n;
  }
  return n > 0 ? n - 1 : 0;
}

} // namespace

std::optional<process_figures> read_process_figures() {
  const auto fields = stat_fields();
  const auto field = [&](size_t number) {
    return std::strtoull(fields[number - 3].c_str(), nullptr, 10);
  };
  const auto open_fds = count_open_fds();
  if (fields.size() < 22 || !open_fds)
    return std::nullopt;
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  using seconds = std::chrono::duration<double>;
  process_figures figures;
  figures.cpu_time = seconds(static_cast<double>(field(14) + field(15)) / ticks_per_second);
  const seconds began(static_cast<double>(field(22)) / ticks_per_second);
  figures.started = system_now() - std::chrono::round<duration>(seconds(since_boot()) - began);
  figures.virtual_bytes = field(23);
  figures.resident_bytes = field(24) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  figures.open_fds = *open_fds;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    figures.max_fds = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
  return figures;
}

} // namespace errand
