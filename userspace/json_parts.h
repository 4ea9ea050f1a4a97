// SPDX-License-Identifier: GPL-2.0-or-later
// Parts of the JSON report: waits with their places, and the judgement on them.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "userspace/history.h"
#include "userspace/model.h"

namespace ctxray {

using Json = nlohmann::ordered_json;

// The histogram of a reason; null: there is none.
using HistogramOf = std::function<const Histogram*(Reason)>;
HistogramOf histograms_in(const Histograms& histograms);
HistogramOf histograms_in(const ThreadSample& thread);

// Longest first. `sites`: null where they are not known.
Json waits_json(const Totals& totals, const HistogramOf& histogram_of, const std::vector<SiteSample>* sites);
// The places of most waiting, longest first.
Json sites_json(std::vector<SiteSample> sites);

Json verdict_json(const Verdict& verdict);
Json recent_json(const std::vector<RecentVerdict>& recent);
Json io_model_json(const IoModel& model);
Json bounds_json(const Bounds& bounds);
Json advice_json(const std::vector<Advice>& advice);
Json block_json(const BlockTotals& block);
Json block_sample_json(const BlockSample& block);

} // namespace ctxray
