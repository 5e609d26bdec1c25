# find_package(OrbitMoE)                           orbitmoe::orbitmoe
# find_package(OrbitMoE REQUIRED COMPONENTS json)  orbitmoe::json, too: the headers orbitmoe/io
#
# orbitmoe::json is also there without being asked for where nlohmann_json is found.
include(CMakeFindDependencyMacro)
find_dependency(Boost 1.74 CONFIG)
find_dependency(Eigen3 CONFIG)
find_dependency(Threads)
include("${CMAKE_CURRENT_LIST_DIR}/OrbitMoETargets.cmake")

find_package(nlohmann_json 3.10 QUIET CONFIG)
set(OrbitMoE_json_FOUND "${nlohmann_json_FOUND}")
if(OrbitMoE_json_FOUND AND NOT TARGET orbitmoe::json)
  add_library(orbitmoe::json INTERFACE IMPORTED)
  target_link_libraries(orbitmoe::json INTERFACE orbitmoe::orbitmoe nlohmann_json::nlohmann_json)
endif()

foreach(component IN LISTS OrbitMoE_FIND_COMPONENTS)
  if(OrbitMoE_FIND_REQUIRED_${component} AND NOT OrbitMoE_${component}_FOUND)
    set(OrbitMoE_FOUND FALSE)
    set(OrbitMoE_NOT_FOUND_MESSAGE "OrbitMoE has no component \"${component}\" here; there is one, \"json\", where nlohmann_json 3.10 or newer is found")
  endif()
endforeach()
