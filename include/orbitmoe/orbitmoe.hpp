#pragma once

// The whole library but for ground stations (orbitmoe/ground, with constellation/sgp4_walker.hpp)
// and files (orbitmoe/io).

#include <orbitmoe/constellation/element_selection.hpp>
#include <orbitmoe/constellation/presets.hpp>
#include <orbitmoe/constellation/sgp4.hpp>
#include <orbitmoe/constellation/shell_sky.hpp>
#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/constellation/walker_elements.hpp>
#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/evaluate/objective.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/nearest.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/model/trace.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/planner.hpp>
#include <orbitmoe/schemes.hpp>
#include <orbitmoe/search/assignment.hpp>
#include <orbitmoe/search/improvement.hpp>
#include <orbitmoe/search/layout_search.hpp>
#include <orbitmoe/search/lower_bound.hpp>
#include <orbitmoe/search/optimal_layout.hpp>
#include <orbitmoe/version.hpp>
