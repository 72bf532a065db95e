#include "server/pools.hpp"

#include "server/named_options.hpp"
#include "server/resources.hpp"

#include <algorithm>
#include <utility>

namespace errand {

std::vector<pool_options> worker_pools(const Options& options,
                                       const std::vector<std::string>& kinds) {
  std::vector<pool_options> pools(1);
  work_filter rest{{{}, kinds}, {}};
  for (const auto& [name, pool] : options.pools) {
    rest.reserved.push_back({pool.queues, pool.kinds});
    // The program's own workers, which a pool without others waits for, run what it names.
    const bool has_handlers = pool.count > 0;
    const work_set wanted{pool.queues, pool.kinds.empty() && has_handlers ? kinds : pool.kinds};
    pools.push_back(
        {name, pool.count, std::make_shared<const work_filter>(work_filter{wanted, {}})});
  }
  pools.front() = {std::string(default_pool), worker_count(options.workers),
                   std::make_shared<const work_filter>(std::move(rest))};
  return pools;
}

std::vector<std::string> kinds_without_handler(const Options& options,
                                               const std::vector<std::string>& kinds) {
  std::string known;
  for (const auto& kind : kinds)
    known += (known.empty() ? "" : ", ") + kind;
  std::vector<std::string> wrong;
  for (const auto& [name, pool] : options.pools)
    for (const auto& kind : pool.kinds)
      if (pool.count > 0 && std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
        wrong.push_back("option " + table_name("workers", name) + " names the kind '" + kind
                        + "', for which there is no handler; there is one for each of: " + known);
  return wrong;
}

} // namespace errand
