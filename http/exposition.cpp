#include "http/exposition.hpp"

#include <limits>
#include <locale>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sstream>

namespace errand {

namespace {

prometheus::ClientMetric labelled(exposition::labels of) {
  prometheus::ClientMetric sample;
  sample.label.reserve(of.size());
  for (const auto& [name, value] : of) {
    auto& label = sample.label.emplace_back();
    label.name = name;
    label.value = value;
  }
  return sample;
}

prometheus::MetricFamily family(std::string_view name, std::string_view help,
                                prometheus::MetricType type) {
  return {std::string(name), std::string(help), type, {}};
}

} // namespace

const char* const exposition_type = "text/plain; version=0.0.4; charset=utf-8";

exposition::exposition() = default;
exposition::~exposition() = default;

exposition& exposition::counter(std::string_view name, std::string_view help) {
  families_.push_back(family(name, help, prometheus::MetricType::Counter));
  return *this;
}

exposition& exposition::gauge(std::string_view name, std::string_view help) {
  families_.push_back(family(name, help, prometheus::MetricType::Gauge));
  return *this;
}

exposition& exposition::histogram(std::string_view name, std::string_view help) {
  families_.push_back(family(name, help, prometheus::MetricType::Histogram));
  return *this;
}

exposition& exposition::add(labels of, double value) {
  auto& to = families_.back();
  auto& sample = to.metric.emplace_back(labelled(of));
  if (to.type == prometheus::MetricType::Counter)
    sample.counter.value = value;
  else
    sample.gauge.value = value;
  return *this;
}

exposition& exposition::add(labels of, const bucket_histogram& values, double per_unit) {
  auto& sample = families_.back().metric.emplace_back(labelled(of)).histogram;
  const auto bounds = values.bounds();
  for (size_t i = 0; i < bounds.size(); ++i)
    sample.bucket.push_back({values.count_up_to(i), static_cast<double>(bounds[i]) / per_unit});
  sample.sample_count = values.count();
  sample.sample_sum = static_cast<double>(values.sum()) / per_unit;
  sample.bucket.push_back({sample.sample_count, std::numeric_limits<double>::infinity()});
  return *this;
}

exposition& exposition::add_seconds(labels of, const bucket_histogram& values) {
  return add(of, values, static_cast<double>(duration(std::chrono::seconds(1)).count()));
}

exposition& exposition::add_numbers(labels of, const bucket_histogram& values) {
  return add(of, values, 1);
}

std::string exposition::text() const {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  prometheus::TextSerializer().Serialize(out, families_);
  return std::move(out).str();
}

} // namespace errand
