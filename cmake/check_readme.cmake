# Checks that README.md in SOURCE_DIR shows examples/way_in.cpp as its first block of C++ and then,
# as blocks of text, what that program and examples/run.sh print. (That they do print this is what
# the tests examples.way_in and examples.latency_evaluator check.)
cmake_minimum_required(VERSION 3.22)
file(READ "${SOURCE_DIR}/README.md" rest)

foreach(pair IN ITEMS
    "cpp|examples/way_in.cpp"
    "text|tests/examples/way_in.expected"
    "text|tests/examples/latency_evaluator.expected")
  string(REPLACE "|" ";" pair "${pair}")
  list(GET pair 0 language)
  list(GET pair 1 file)

  set(opening "\n```${language}\n")
  string(FIND "${rest}" "${opening}" start)
  if(start EQUAL -1)
    message(FATAL_ERROR "README.md lacks the block of ${language} that shows ${file}")
  endif()
  string(LENGTH "${opening}" length)
  math(EXPR start "${start} + ${length}")
  string(SUBSTRING "${rest}" ${start} -1 rest)
  string(FIND "${rest}" "\n```" end)
  string(SUBSTRING "${rest}" 0 ${end} block)

  file(READ "${SOURCE_DIR}/${file}" content)
  string(REGEX REPLACE "\n$" "" content "${content}")
  if(NOT block STREQUAL content)
    message(FATAL_ERROR "README.md does not show ${file}, which is\n${content}\nbut\n${block}")
  endif()
endforeach()
