# Runs PROGRAM with ARGUMENTS and compares what it prints with the file EXPECTED.
#
#   cmake -DPROGRAM=build/examples/sweep -DARGUMENTS="--slots 4"
#         -DEXPECTED=tests/examples/sweep.expected [-DUPDATE=ON] -P cmake/compare_output.cmake
#
# With UPDATE, it writes the file instead.
cmake_minimum_required(VERSION 3.22)

# No PATH: what an example prints must not depend on which other programs the machine has.
separate_arguments(arguments UNIX_COMMAND "${ARGUMENTS}")
execute_process(COMMAND "${CMAKE_COMMAND}" -E env PATH= "${PROGRAM}" ${arguments}
  OUTPUT_VARIABLE output RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ${ARGUMENTS}: exit code ${result}; it printed\n${output}")
endif()
if(UPDATE)
  file(WRITE "${EXPECTED}" "${output}")
  return()
endif()

get_filename_component(name "${EXPECTED}" NAME_WE)
set(printed "${CMAKE_CURRENT_BINARY_DIR}/${name}.printed")
file(WRITE "${printed}" "${output}")
execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${EXPECTED}" "${printed}"
  RESULT_VARIABLE different ERROR_QUIET)
if(different)
  execute_process(COMMAND diff -u "${EXPECTED}" "${printed}")
  message(FATAL_ERROR "${name} does not print what ${EXPECTED} expects")
endif()
