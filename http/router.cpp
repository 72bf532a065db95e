#include "http/router.hpp"

#include "http/httplib_compat.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <exception>
#include <regex>
#include <vector>

namespace errand {

namespace {

/// httplib refuses longer request lines. Nothing that we route is near.
constexpr size_t max_path_bytes = 4096;

/// A head for httplib to read, by single bytes; what it writes is dropped.
class head_stream : public httplib::Stream {
public:
  explicit head_stream(std::string_view head) : rest_(head) {}

  bool is_readable() const override { return !rest_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t size) override {
    const auto taken = std::min(size, rest_.size());
    std::memcpy(to, rest_.data(), taken);
    rest_.remove_prefix(taken);
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char*, size_t size) override { return static_cast<ssize_t>(size); }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  // httplib answers 500 if this is not below FD_SETSIZE.
  socket_t socket() const override { return 0; }

private:
  std::string_view rest_;
};

} // namespace

std::string literal_pattern(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (std::string_view{"^$\\.*+?()[]{}|/"}.find(c) != std::string_view::npos)
      pattern.push_back('\\');
    pattern.push_back(c);
  }
  return pattern;
}

struct router::impl : httplib::Server {
  /// The request that is on its way.
  struct journey {
    const http_request& request;
    std::string_view query;
    exchange_link& link;
    const router::route_gate& gate;
    std::optional<route_result> result;
  };
  struct known_path {
    std::string pattern;
    std::regex matcher;
    std::vector<http_method> methods;
    bool is_open = false; ///< One of the methods is open to all.
  };

  explicit impl(logger_ptr log_to) : log(std::move(log_to)) {
    set_exception_handler([this](const httplib::Request& request, httplib::Response& response,
                                 std::exception_ptr thrown) {
      response.status = 500;
      current->result = problem_reply(problems::internal_error());
      log_exception(request.path, thrown);
    });
    set_error_handler(Handler{[this](const httplib::Request& request, httplib::Response& response) {
      if (current->result)
        return;
      if (auto refusal = current->gate(any_scope))
        current->result = std::move(*refusal);
      else
        current->result = unrouted(request.path, response.status);
    }});
  }

  void log_exception(const std::string& path, const std::exception_ptr& thrown) const {
    std::string what = "not a std::exception";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& caught) {
      what = caught.what();
    } catch (...) {
    }
    log->error("a route threw: " + what, {{"path", path}});
  }

  void call(const router::route_handler& handler, scope_set needed,
            const httplib::Request& request) {
    if (auto refusal = current->gate(needed)) {
      current->result = std::move(*refusal);
      return;
    }
    const auto query = parse_query(current->query);
    if (!query.ok()) {
      current->result = problem_reply(problems::bad_request(query.why().message()));
      return;
    }
    const auto capture = request.matches.size() > 1 && request.matches[1].matched
                             ? std::string_view{&*request.matches[1].first,
                                                static_cast<size_t>(request.matches[1].length())}
                             : std::string_view{};
    current->result = handler({current->request, request.path, capture, *query, current->link});
  }

  reply unrouted(const std::string& path, int status) const {
    if (status != 404) // The framing accepted what httplib refuses: one of them is wrong.
      return problem_reply(problems::internal_error());
    const auto found = std::find_if(paths.begin(), paths.end(), [&](const known_path& known) {
      return std::regex_match(path, known.matcher);
    });
    if (found == paths.end())
      return problem_reply(problems::not_found(path));
    const auto allow = allowed(path);
    auto made = problem_reply(
        problems::method_not_allowed(to_string(current->request.method), path, allow));
    made.headers.emplace_back("Allow", allow);
    return made;
  }

  /// The value of Allow for that path.
  std::string allowed(const std::string& path) const {
    constexpr std::array all = {http_method::get, http_method::post, http_method::put,
                                http_method::patch, http_method::delete_};
    std::string list;
    for (const auto method : all)
      for (const auto& known : paths)
        if (std::find(known.methods.begin(), known.methods.end(), method) != known.methods.end()
            && std::regex_match(path, known.matcher)) {
          list.append(to_string(method)).append(method == http_method::get ? ", HEAD, " : ", ");
          break;
        }
    return list + "OPTIONS";
  }

  /// Who may use one of the path's methods may ask which there are.
  scope_set needed_for_options(const std::string& path) const {
    const bool is_open = std::any_of(paths.begin(), paths.end(), [&](const known_path& known) {
      return known.is_open && std::regex_match(path, known.matcher);
    });
    return is_open ? open_to_all : any_scope;
  }

  void add_options(const std::string& pattern) {
    Options(pattern, [this](const httplib::Request& request, httplib::Response& response) {
      response.status = 204;
      if (auto refusal = current->gate(needed_for_options(request.path)))
        current->result = std::move(*refusal);
      else
        current->result = reply{204, {}, {}, {{"Allow", allowed(request.path)}}};
    });
  }

  void run(journey& with, std::string_view path) {
    current = &with;
    head.assign(to_string(with.request.method)).append(" ").append(path);
    head.append(" HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    head_stream stream{head};
    httplib_compat::process(*this, &impl::process_request, stream);
    current = nullptr;
  }

  logger_ptr log;
  std::vector<known_path> paths;
  std::vector<route_entry> table;
  journey* current = nullptr;
  std::optional<size_t> matched; ///< In `table`, by the last request.
  std::string head;              ///< What httplib reads.
};

router::router(logger_ptr log) : impl_(std::make_unique<impl>(std::move(log))) {}

router::~router() = default;

void router::add(http_method method, const std::string& pattern, scope_set needed,
                 route_handler handler) {
  impl_->table.push_back({method, pattern, needed});
  auto& paths = impl_->paths;
  auto known = std::find_if(paths.begin(), paths.end(),
                            [&](const auto& path) { return path.pattern == pattern; });
  if (known == paths.end()) {
    known = paths.insert(paths.end(), {pattern, std::regex{pattern}, {}, false});
    impl_->add_options(pattern);
  }
  known->methods.push_back(method);
  known->is_open |= needed.empty();
  auto call = [impl = impl_.get(), number = impl_->table.size() - 1, needed,
               handler = std::move(handler)](const httplib::Request& request,
                                             httplib::Response& response) {
    response.status = 200;
    impl->matched = number;
    impl->call(handler, needed, request);
  };
  switch (method) {
  case http_method::get:
    impl_->Get(pattern, std::move(call));
    break;
  case http_method::post:
    impl_->Post(pattern, std::move(call));
    break;
  case http_method::put:
    impl_->Put(pattern, std::move(call));
    break;
  case http_method::patch:
    impl_->Patch(pattern, std::move(call));
    break;
  case http_method::delete_:
    impl_->Delete(pattern, std::move(call));
    break;
  case http_method::head:
  case http_method::options:
    assert(!"HEAD and OPTIONS come with the others");
  }
}

const std::vector<router::route_entry>& router::table() const {
  return impl_->table;
}

std::optional<size_t> router::last_matched() const {
  return impl_->matched;
}

route_result router::route(const http_request& request, exchange_link& link,
                           const route_gate& gate) {
  impl_->matched.reset();
  if (request.target == "*") {
    if (auto refusal = gate(any_scope))
      return std::move(*refusal);
    return reply{204, {}, {}, {{"Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}}};
  }
  const auto path = request.target.substr(0, request.target.find('?'));
  if (path.size() > max_path_bytes) {
    auto refusal = gate(any_scope);
    return refusal ? std::move(*refusal) : problem_reply(problems::not_found(path));
  }
  const auto query = request.target.substr(std::min(path.size() + 1, request.target.size()));
  impl::journey journey{request, query, link, gate, {}};
  impl_->run(journey, path);
  if (!journey.result)
    return problem_reply(problems::internal_error());
  return std::move(*journey.result);
}

} // namespace errand
