// What a Prometheus server reads: families of samples, as text. prometheus-cpp has the format (the
// escapes, the numbers, the cumulative buckets); its registry of live counters is not used, since
// the actors count without atomics, each in its own thread, and are asked when somebody looks.
#pragma once

#include "task/bucket_histogram.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
struct MetricFamily;
} // namespace prometheus

namespace errand {

class exposition {
public:
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  exposition();
  ~exposition();
  exposition(const exposition&) = delete;
  exposition& operator=(const exposition&) = delete;

  // Each begins a family, to which add() adds until the next one.
  exposition& counter(std::string_view name, std::string_view help);
  exposition& gauge(std::string_view name, std::string_view help);
  exposition& histogram(std::string_view name, std::string_view help);

  exposition& add(labels of, double value);
  exposition& add(double value) { return add({}, value); }

  /// Of durations, told in seconds.
  exposition& add_seconds(labels of, const bucket_histogram& values);

  /// Of numbers.
  exposition& add_numbers(labels of, const bucket_histogram& values);

  std::string text() const;

private:
  exposition& add(labels of, const bucket_histogram& values, double per_unit);

  std::vector<prometheus::MetricFamily> families_;
};

/// "text/plain; version=0.0.4; charset=utf-8"
extern const char* const exposition_type;

} // namespace errand
