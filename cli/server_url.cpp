#include "cli/server_url.hpp"

#include <regex>

namespace errand {

std::optional<server_url> parse_server_url(const std::string& url) {
  static const std::regex form(R"((https?://)([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?)"
                               R"((/[!-~]*)?)");
  std::smatch parts;
  if (!std::regex_match(url, parts, form))
    return {};
  if (parts[3].matched && std::stoi(parts[3].str().substr(1)) > 65535)
    return {};
  auto base = parts[4].str();
  if (base.find_first_of("?#") != base.npos)
    return {};
  while (base.ends_with('/'))
    base.pop_back();
  const auto host = parts[2].str() + parts[3].str();
  return server_url{parts[1].str() + host, host, base};
}

} // namespace errand
