// The outer object of a schedule is read here; the events of its task go to a reader of its own.
#include "http/json_schedule.hpp"

#include "http/cursor.hpp"
#include "http/json_codec.hpp"
#include "http/json_guard.hpp"
#include "http/spec_reader.hpp"
#include "task/near_name.hpp"
#include "task/spec_rules.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace errand {

namespace {

constexpr std::string_view schedule_rule =
    R"(a JSON object such as {"cron": "0 3 * * *", "task": {"kind": "noop"}})";
constexpr std::string_view task_rule = R"(a task such as {"kind": "noop"})";

constexpr std::array<std::string_view, 7> names = {"cron",   "every_s", "missed",   "overlap",
                                                   "paused", "task",    "time_zone"};
constexpr std::array<std::string_view, 7> rules = {
    cron_rule, every_rule, missed_rule, overlap_rule, "true or false", task_rule, time_zone_rule};
enum field : size_t { cron_field, every_s, missed, overlap, paused, task_field, zone, no_field };

class schedule_reader final : public nlohmann::json_sax<nlohmann::json> {
public:
  bool null() override {
    if (task_)
      return task_->null();
    return take("null", [] { return false; });
  }
  bool boolean(bool value) override {
    if (task_)
      return task_->boolean(value);
    return take(value ? "true" : "false", [&] {
      spec_.paused = value;
      return field_ == paused;
    });
  }
  bool number_integer(int64_t number) override {
    return task_ ? task_->number_integer(number) : take_number(static_cast<double>(number));
  }
  bool number_unsigned(uint64_t number) override {
    return task_ ? task_->number_unsigned(number) : take_number(static_cast<double>(number));
  }
  bool number_float(double number, const std::string& text) override {
    return task_ ? task_->number_float(number, text) : take_number(number);
  }
  bool string(std::string& text) override {
    if (task_)
      return task_->string(text);
    return take(quoted(text), [&] { return take_text(text); });
  }
  bool binary(nlohmann::json::binary_t&) override { return false; } // Not in JSON text.

  bool start_object(size_t size) override {
    if (!task_) {
      guard_.begin_value();
      if (guard_.depth() == 0)
        return guard_.open_object();
      if (field_ != task_field) {
        refuse("an object");
        return false; // What it holds is of no field.
      }
      task_ = make_spec_reader();
    }
    ++task_depth_;
    return task_->start_object(size);
  }

  bool start_array(size_t size) override {
    if (task_) {
      ++task_depth_;
      return task_->start_array(size);
    }
    guard_.begin_value();
    refuse("an array");
    return false; // Likewise.
  }

  bool key(std::string& name) override {
    if (task_)
      return task_->key(name);
    guard_.key(std::move(name));
    const auto& known = guard_.last_key();
    field_ = static_cast<field>(std::find(names.begin(), names.end(), known) - names.begin());
    if (field_ == no_field)
      guard_.fault_here(why_no_field(known));
    else
      has_[field_] = true;
    return !guard_.is_full();
  }

  bool end_object() override {
    if (!task_) {
      guard_.close();
      finish();
      return !guard_.is_full();
    }
    const bool goes_on = task_->end_object();
    if (--task_depth_ == 0)
      end_task();
    return goes_on && !guard_.is_full();
  }

  bool end_array() override {
    --task_depth_;
    return task_->end_array();
  }

  bool parse_error(size_t byte, const std::string& last_token,
                   const nlohmann::json::exception& what) override {
    if (what.id != number_out_of_range)
      not_json_ = syntax_error(byte, last_token, what.what());
    else if (task_)
      task_->parse_error(byte, last_token, what);
    else
      take("a number that no double can hold", [] { return false; });
    return false;
  }

  decoded_schedule result() {
    if (!not_json_.empty())
      return problems::not_json(std::move(not_json_));
    if (task_)
      end_task(); // the reading has ended within it
    if (guard_.has_faults())
      return problems::invalid(guard_.take_faults());
    return std::move(spec_);
  }

private:
  static std::string why_no_field(std::string_view name) {
    std::string text = "is not a field of a schedule; ";
    if (const auto near = near_name(name, names))
      return text + "did you mean \"" + std::string(*near) + "\"?";
    text += "there are";
    for (const auto known : names)
      text += (known == names.front() ? " " : ", ") + std::string(known);
    return text;
  }

  /// A string, number, true, false or null, which `accept` takes or does not.
  template <class Accept>
  bool take(std::string_view found, Accept accept) {
    guard_.begin_value();
    const bool is_field = guard_.depth() == 1 && field_ != no_field;
    if (guard_.depth() == 0 || (is_field && !accept()))
      refuse(found);
    return !guard_.is_full();
  }

  bool take_number(double number) {
    return take("a number", [&] {
      if (field_ != every_s)
        return false;
      if (auto fault = every_fault(number))
        guard_.fault_here(std::move(*fault));
      else
        spec_.every = duration_of(number);
      return true;
    });
  }

  bool take_text(const std::string& text) {
    const auto note = [this](std::optional<std::string> fault) {
      if (fault)
        guard_.fault_here(std::move(*fault));
      return true;
    };
    switch (field_) {
    case cron_field:
      spec_.cron = text;
      return note(cron_fault(text));
    case zone:
      spec_.time_zone = text;
      return note(time_zone_fault(text));
    case missed:
      if (const auto policy = parse_missed_policy(text)) {
        spec_.missed = *policy;
        return true;
      }
      return false;
    case overlap:
      if (const auto policy = parse_overlap_policy(text)) {
        spec_.overlap = *policy;
        return true;
      }
      return false;
    default:
      return false;
    }
  }

  void refuse(std::string_view found) {
    if (guard_.depth() == 1 && field_ == no_field)
      return; // Refused by its name.
    const auto rule = guard_.depth() == 0 ? schedule_rule : rules[field_];
    guard_.fault_here("is " + std::string(found) + "; it must be " + std::string(rule));
  }

  void end_task() {
    auto faults = task_->take_faults();
    spec_.task = task_->take_entry().spec;
    for (auto& fault : scheduled_task_faults(spec_.task))
      faults.push_back(std::move(fault));
    for (auto& fault : faults)
      guard_.fault("/task" + fault.pointer, std::move(fault.detail));
    task_.reset();
    task_depth_ = 0;
  }

  /// What only the whole object can get wrong.
  void finish() {
    if (has_[cron_field] && has_[every_s])
      guard_.fault("/every_s", "is given together with cron; keep one of the two");
    if (!has_[cron_field] && !has_[every_s])
      guard_.fault("/cron", "is missing, and so is every_s; one of the two must say when to fire");
    if (!has_[task_field])
      guard_.fault("/task", "is missing; it must be " + std::string(task_rule));
  }

  json_guard guard_;
  field field_ = no_field;
  std::array<bool, names.size()> has_{};
  std::unique_ptr<spec_reader> task_; ///< While it is being read.
  size_t task_depth_ = 0;             ///< How many of its containers are open.
  schedule_spec spec_;
  std::string not_json_;
};

void write_time(json_writer& w, const std::optional<timestamp>& time) {
  if (time)
    w.string(to_rfc3339(*time));
  else
    w.null();
}

void write_outcome(json_writer& w, const std::optional<fire_outcome>& last) {
  if (!last) {
    w.null();
    return;
  }
  w.begin_object();
  w.key("outcome").string(to_string(last->outcome));
  w.key("at").string(to_rfc3339(last->at));
  if (last->detail.empty())
    w.key("detail").null();
  else
    w.key("detail").string(last->detail);
  w.end_object();
}

void write_schedule(json_writer& w, const schedule& row, const std::vector<timestamp>& next_runs,
                    const std::vector<std::string>& warnings) {
  w.begin_object();
  w.key("name").string(row.name);
  if (row.spec.every > duration{0})
    w.key("every_s").seconds(row.spec.every);
  else
    w.key("cron").string(row.spec.cron);
  w.key("time_zone").string(row.spec.time_zone);
  write_spec(w.key("task"), row.spec.task);
  w.key("missed").string(to_string(row.spec.missed));
  w.key("overlap").string(to_string(row.spec.overlap));
  w.key("paused").boolean(row.spec.paused);
  w.key("created_at").string(to_rfc3339(row.created_at));
  w.key("updated_at").string(to_rfc3339(row.updated_at));
  w.key("next_runs").begin_array();
  for (const auto run : next_runs)
    w.string(to_rfc3339(run));
  w.end_array();
  write_time(w.key("last_run_at"), row.last_run_at);
  if (row.last_task)
    w.key("last_task_id").string(row.last_task->to_string());
  else
    w.key("last_task_id").null();
  write_outcome(w.key("last_outcome"), row.last_outcome);
  write_warnings(w, warnings);
  w.end_object();
}

} // namespace

decoded_schedule decode_schedule(std::string_view body) {
  if (auto why = why_no_text(body, schedule_rule))
    return std::move(*why);
  schedule_reader reader;
  nlohmann::json::sax_parse(body.data(), body.data() + body.size(), &reader);
  return reader.result();
}

std::string encode_schedule(const schedule& row, const std::vector<timestamp>& next_runs,
                            const std::vector<std::string>& warnings) {
  std::string out;
  json_writer w(out);
  write_schedule(w, row, next_runs, warnings);
  return out;
}

std::string encode_schedules(const schedule_page& page) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("schedules").begin_array();
  for (const auto& [row, next_runs] : page.schedules)
    write_schedule(w, row, next_runs, {});
  w.end_array();
  if (page.next)
    w.key("next_cursor").string(encode_cursor(*page.next));
  else
    w.key("next_cursor").null();
  w.end_object();
  return out;
}

} // namespace errand
