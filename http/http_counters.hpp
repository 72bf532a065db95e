// How many requests came for each route since the start, how they were answered, and how long that
// took. A request is one increment and one step in a histogram; the rest is done when somebody
// asks. The front's thread.
#pragma once

#include "http/request.hpp"
#include "task/bucket_histogram.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// How requests end.
enum class request_end : uint8_t {
  success,      ///< 2xx; a stream, when it begins.
  redirection,  ///< 3xx.
  client_error, ///< 4xx, 501 and 505: the request is to blame.
  server_error, ///< Other 5xx.
  gone,         ///< The client left before there was an answer.
};

inline constexpr std::array all_request_ends = {request_end::success, request_end::redirection,
                                                request_end::client_error,
                                                request_end::server_error, request_end::gone};

/// "2xx", and "gone".
std::string_view to_string(request_end how);

class http_counters {
public:
  /// Where requests of one sort are counted. For those that came to no route (no such path,
  /// OPTIONS, refused before) that is by their method alone.
  using place = size_t;

  struct sort {
    std::string_view method; ///< Of the route: GET has HEAD, too. "none": it was no request.
    std::string path;        ///< With {name}s; other_label if it is no route's.
    std::array<uint64_t, all_request_ends.size()> n{};
    bucket_histogram took{server_time_bounds()}; ///< Until the answer was handed to the socket.
  };

  http_counters();

  /// To be called for each route in the router's order, before anything is counted.
  void add_route(http_method method, std::string path);

  static place of_route(size_t number) { return no_route_places + number; }
  static place of_no_route(http_method method) { return 1 + static_cast<size_t>(method); }
  static constexpr place of_no_request = 0;

  void answered(place where, int status, duration took);
  void gone(place where);

  const std::vector<sort>& sorts() const { return sorts_; }

private:
  static constexpr size_t no_route_places = 1 + 7; ///< "none" and the methods.

  std::vector<sort> sorts_; ///< By place.
};

/// The path of a route as people write it: "/v1/tasks/{id}" for the router's pattern.
std::string readable_path(std::string_view pattern);

} // namespace errand
