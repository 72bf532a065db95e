// Finds the field that a conversion of args fails at. nlohmann's exceptions name it only if it is
// missing, so the conversion is tried again on args that differ a little: what fails in the same
// words still has the same fault. Level by level the search halves the fields that may have it, so
// the tries are few however many fields there are; where the program's own conversion defies that,
// they are limited, and the deepest field found by then is named.
#include <errand/typed_handler.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace errand::detail {

namespace {

using nlohmann::json;

/// Conversions that one search may take. A level takes one for each field that must be there, and
/// as many as it takes to halve the others down to one.
constexpr size_t tries_max = 300;

/// Without "[json.exception.type_error.302] ".
std::string bare(const std::string& what) {
  const auto end = what.starts_with("[json.exception.") ? what.find("] ") : what.npos;
  return end == what.npos ? what : what.substr(end + 2);
}

/// The key in "key 'width' not found"; nothing in another text.
std::optional<std::string> missing_key(const std::string& what) {
  const auto text = bare(what);
  constexpr std::string_view begin = "key '", end = "' not found";
  if (!text.starts_with(begin) || !text.ends_with(end))
    return std::nullopt;
  return text.substr(begin.size(), text.size() - begin.size() - end.size());
}

/// A value that no conversion takes and no args have, so that a complaint about it is a new one.
json spoilt() {
  return json(json::value_t::discarded);
}

class fault_search {
public:
  fault_search(const json& args, const ArgsCheck& check)
      : args_(args), check_(check), tried_(args), fault_(check(args)) {}

  /// In the conversion's own words.
  std::string text() const { return bare(fault_.value_or("it can't be converted")); }

  /// Where the fault is; empty for the args as a whole. To be called once.
  json::json_pointer find() {
    json::json_pointer pointer;
    place at{&args_, &tried_};
    try {
      while (fault_ && descend(at, pointer)) {
      }
    } catch (const out_of_tries&) {
      // What was found so far holds.
    }
    return pointer;
  }

private:
  struct out_of_tries {};

  /// A value as it came, and where it stands in what is tried. There, all that is converted before
  /// the fault is as it came; what comes after may be missing.
  struct place {
    const json* given;
    json* tried;
  };

  std::optional<std::string> failure() {
    if (tries_ == tries_max)
      throw out_of_tries{};
    ++tries_;
    return check_(tried_);
  }

  bool fails_so() { return failure() == fault_; }

  /// Moves on to the part of the value that has the fault. False if that is the value itself.
  bool descend(place& at, json::json_pointer& pointer) {
    if (at.given->is_object()) {
      const auto key = guilty_key(at);
      if (!key)
        return false;
      pointer /= *key;
      at = {&at.given->at(*key), &at.tried->at(*key)};
      return true;
    }
    if (at.given->is_array()) {
      const auto index = guilty_index(at);
      if (!index)
        return false;
      pointer /= *index;
      const bool is_alone = at.tried->size() == 1;
      at = {&at.given->at(*index), &at.tried->at(is_alone ? 0 : *index)};
      return true;
    }
    return false;
  }

  /// Which of `count` values has the fault, if they are converted in this order: what is spoilt
  /// behind it makes no difference. `slot(i)` is where one stands in what is tried.
  template <class Slot>
  std::optional<size_t> guilty_of(size_t count, Slot slot) {
    const auto differs_without = [&](size_t from, size_t to) {
      std::vector<json> saved;
      for (auto i = from; i < to; ++i)
        saved.push_back(std::exchange(slot(i), spoilt()));
      const bool differs = !fails_so();
      for (auto i = from; i < to; ++i)
        slot(i) = std::move(saved[i - from]);
      return differs;
    };
    if (count == 0)
      return std::nullopt;
    size_t from = 0, to = count;
    while (to - from > 1) {
      const auto middle = from + (to - from) / 2;
      (differs_without(middle, to) ? from : to) = middle;
    }
    return differs_without(from, to) ? std::optional(from) : std::nullopt;
  }

  /// The least number of values, up to `count`, with which it fails so; with none it does not, and
  /// with all it does. `take(n)` has n of them tried.
  template <class Take>
  size_t fewest_that_fail(size_t count, Take take) {
    size_t fine = 0, failing = count;
    while (failing - fine > 1) {
      const auto middle = fine + (failing - fine) / 2;
      take(middle);
      (fails_so() ? failing : fine) = middle;
    }
    return failing;
  }

  // -- Objects ------------------------------------------------------------------------------------

  /// Leaves it in what is tried.
  std::optional<std::string> guilty_key(const place& at) {
    const auto needed = take_needed(at);
    if (!fails_so())
      return guilty_option(at);
    if (const auto missing = missing_key(*fault_); missing && !at.tried->contains(*missing)) {
      // Missing here, or within one of these? There it makes no difference what stands here.
      (*at.tried)[*missing] = nullptr;
      const bool is_here = !fails_so();
      at.tried->erase(*missing);
      if (is_here)
        return std::nullopt;
    }
    const auto guilty =
        guilty_of(needed.size(), [&](size_t i) -> json& { return at.tried->at(needed[i]); });
    return guilty ? std::optional(needed[*guilty]) : std::nullopt;
  }

  /// Has those fields tried that must be there, up to the first that is wrong. Their keys, in the
  /// order in which the conversion asks for them.
  std::vector<std::string> take_needed(const place& at) {
    std::vector<std::string> keys;
    *at.tried = json::object();
    for (;;) {
      const auto what = failure();
      auto key = what ? missing_key(*what) : std::nullopt;
      if (!key || at.tried->contains(*key) || !at.given->contains(*key))
        return keys;
      (*at.tried)[*key] = at.given->at(*key);
      keys.push_back(std::move(*key));
    }
  }

  /// Of those that are not tried yet, since they may be missing.
  std::optional<std::string> guilty_option(const place& at) {
    const auto without = *at.tried;
    std::vector<json::const_iterator> options;
    for (auto each = at.given->begin(); each != at.given->end(); ++each)
      if (!without.contains(each.key()))
        options.push_back(each);
    if (options.empty()) // Its words are others each time, and tell nothing.
      return std::nullopt;
    const auto take = [&](size_t from, size_t to) {
      *at.tried = without;
      for (auto i = from; i < to; ++i)
        (*at.tried)[options[i].key()] = options[i].value();
    };
    const auto count = fewest_that_fail(options.size(), [&](size_t n) { take(0, n); });
    take(count - 1, count);
    if (!fails_so())
      take(0, count);
    return options[count - 1].key();
  }

  // -- Arrays -------------------------------------------------------------------------------------

  /// Leaves it in what is tried: alone, or with all that stand before it.
  std::optional<size_t> guilty_index(const place& at) {
    const auto& given = at.given->get_ref<const json::array_t&>();
    const auto take = [&](size_t from, size_t to) {
      *at.tried = json::array_t(given.begin() + static_cast<std::ptrdiff_t>(from),
                                given.begin() + static_cast<std::ptrdiff_t>(to));
    };
    auto guilty = guilty_of(given.size(), [&](size_t i) -> json& { return (*at.tried)[i]; });
    if (!guilty) { // The conversion has the same words for whatever is wrong.
      take(0, 0);
      if (given.empty() || fails_so())
        return std::nullopt;
      guilty = fewest_that_fail(given.size(), [&](size_t n) { take(0, n); }) - 1;
    } else if (*guilty + 1 == given.size()) {
      // Or does it complain of the array, once it has seen all? One more makes a difference then.
      at.tried->push_back(spoilt());
      const bool is_itself = !fails_so();
      if (is_itself)
        return std::nullopt;
    }
    take(*guilty, *guilty + 1);
    if (!fails_so())
      take(0, *guilty + 1);
    return guilty;
  }

  const json& args_;
  const ArgsCheck& check_;
  json tried_;
  const std::optional<std::string> fault_; ///< What the conversion says of the args as they came.
  size_t tries_ = 0;
};

} // namespace

std::string fault_of_args(const json& args, const ArgsCheck& check) {
  fault_search search{args, check};
  const auto pointer = search.find();
  return "The args are not those of this kind: "
         + (pointer.empty() ? "" : "/args" + pointer.to_string() + ": ") + search.text();
}

} // namespace errand::detail
