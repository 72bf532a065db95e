// The outer object of a batch is read here; the events of each task go to a reader of its own.
#include "http/json_batch.hpp"

#include "http/json_codec.hpp"
#include "http/json_guard.hpp"
#include "http/json_writer.hpp"
#include "http/spec_reader.hpp"
#include "task/utf8.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace errand {

namespace {

constexpr std::string_view batch_rule = R"(a JSON object such as {"tasks": [{"kind": "noop"}]})";
constexpr std::string_view tasks_rule = "an array of up to 10000 tasks";
constexpr std::string_view task_rule = R"(a task such as {"kind": "noop"})";

/// What an accepted task takes in the answer, about.
constexpr size_t usual_size = 96;

class batch_reader final : public nlohmann::json_sax<nlohmann::json> {
public:
  bool null() override {
    return take("null", [&](auto& task) { return task.null(); });
  }
  bool boolean(bool value) override {
    return take(value ? "true" : "false", [&](auto& task) { return task.boolean(value); });
  }
  bool number_integer(int64_t number) override {
    return take("a number", [&](auto& task) { return task.number_integer(number); });
  }
  bool number_unsigned(uint64_t number) override {
    return take("a number", [&](auto& task) { return task.number_unsigned(number); });
  }
  bool number_float(double number, const std::string& text) override {
    return take("a number", [&](auto& task) { return task.number_float(number, text); });
  }
  bool string(std::string& text) override {
    return take("a string", [&](auto& task) { return task.string(text); });
  }
  bool binary(nlohmann::json::binary_t&) override { return false; } // Not in JSON text.

  bool start_object(size_t size) override {
    if (!task_) {
      guard_.begin_value();
      if (guard_.depth() == 0)
        return guard_.open_object();
      if (!begin_task())
        return false;
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
    if (guard_.depth() == 1 && field_ == field::tasks)
      return guard_.open_array();
    refuse("an array");
    return false; // What it holds is of no field.
  }

  bool key(std::string& name) override {
    if (task_)
      return task_->key(name);
    guard_.key(std::move(name));
    const auto& known = guard_.last_key();
    field_ = known == "tasks" ? field::tasks : known == "then" ? field::then : field::none;
    has_tasks_ |= field_ == field::tasks;
    if (field_ == field::none)
      guard_.fault_here("is not a field of a batch; there are tasks, then");
    return !guard_.is_full();
  }

  bool end_object() override {
    if (!task_) {
      guard_.close();
      if (!has_tasks_)
        guard_.fault("/tasks", "is missing; it must be " + std::string(tasks_rule));
      return !guard_.is_full();
    }
    const bool goes_on = task_->end_object();
    if (--task_depth_ == 0)
      end_task();
    return goes_on && !guard_.is_full();
  }

  bool end_array() override {
    if (!task_) {
      guard_.close();
      return true;
    }
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
      take("a number that no double can hold", [](auto&) { return false; });
    return false;
  }

  decoded_batch result() {
    if (!not_json_.empty())
      return problems::not_json(std::move(not_json_));
    if (task_)
      end_task(); // the reading has ended within it
    if (guard_.has_faults())
      return problems::invalid(guard_.take_faults());
    written_batch written;
    for (const auto& task : tasks_)
      written.refs.push_back(task.ref);
    if (then_)
      written.refs.emplace_back();
    auto batch = arrange(std::move(tasks_), std::move(then_));
    if (!batch.ok())
      return problem_of(batch.why());
    written.batch = std::move(*batch);
    return written;
  }

private:
  enum class field { none, tasks, then };

  /// Whether the value that has begun has the place of a task.
  bool is_task() const {
    return guard_.depth() == 2 || (guard_.depth() == 1 && field_ == field::then);
  }

  template <class Event>
  bool take(std::string_view found, Event event) {
    if (task_)
      return event(*task_);
    guard_.begin_value();
    refuse(found);
    return !guard_.is_full();
  }

  void refuse(std::string_view found) {
    if (guard_.depth() == 1 && field_ == field::none)
      return; // Refused by its name.
    const auto rule = guard_.depth() == 0 ? batch_rule : is_task() ? task_rule : tasks_rule;
    guard_.fault_here("is " + std::string(found) + "; it must be " + std::string(rule));
  }

  bool begin_task() {
    if (!is_task()) {
      refuse("an object");
      return false; // What it holds is of no field.
    }
    if (field_ == field::tasks && tasks_.size() == max_batch) {
      guard_.fault("/tasks", "has more than 10000 tasks; send them in several batches");
      return false;
    }
    task_ = make_spec_reader_in_batch();
    return true;
  }

  void end_task() {
    const auto place = guard_.pointer();
    for (auto& fault : task_->take_faults())
      guard_.fault(place + fault.pointer, std::move(fault.detail));
    auto entry = task_->take_entry();
    if (field_ == field::tasks)
      tasks_.push_back(std::move(entry));
    else if (!entry.ref.empty())
      guard_.fault("/then/ref", "is " + quoted(entry.ref)
                                    + "; nothing can come after then, so it needs none; leave it "
                                      "out");
    else
      then_ = std::move(entry);
    task_.reset();
    task_depth_ = 0;
  }

  json_guard guard_;
  field field_ = field::none;
  bool has_tasks_ = false;
  std::unique_ptr<spec_reader> task_; ///< Of the task that is being read.
  size_t task_depth_ = 0;             ///< How many of its containers are open.
  std::vector<batch_entry> tasks_;
  std::optional<batch_entry> then_;
  std::string not_json_;
};

void write_accepted(json_writer& w, const accepted_batch::row& row, const std::string& ref) {
  w.begin_object();
  w.key("id").string(row.id.to_string());
  w.key("state").string(to_string(row.state));
  if (!ref.empty())
    w.key("ref").string(ref);
  if (row.duplicate)
    w.key("duplicate").boolean(true);
  w.end_object();
}

} // namespace

decoded_batch decode_batch(std::string_view body) {
  if (auto why = why_no_text(body, batch_rule))
    return std::move(*why);
  batch_reader reader;
  nlohmann::json::sax_parse(body.data(), body.data() + body.size(), &reader);
  return reader.result();
}

std::string encode_batch(const accepted_batch& accepted, const std::vector<std::string>& refs,
                         bool has_then, const std::vector<std::string>& warnings) {
  std::string out;
  out.reserve(usual_size * (accepted.tasks.size() + 1));
  const auto listed = accepted.tasks.size() - (has_then ? 1 : 0);
  json_writer w(out);
  w.begin_object();
  w.key("tasks").begin_array();
  for (size_t i = 0; i < listed; ++i)
    write_accepted(w, accepted.tasks[i], refs[i]);
  w.end_array();
  if (has_then)
    write_accepted(w.key("then"), accepted.tasks.back(), refs.back());
  write_warnings(w, warnings);
  w.end_object();
  return out;
}

} // namespace errand
