# Compiles SOURCE by the command COMPILER with the directories INCLUDES. With FITS defined it must
# compile. Without, it must not, and the errors must be about the concept named as the file is and
# show the expression that fails.
cmake_minimum_required(VERSION 3.22)
set(ENV{LC_ALL} C)
list(TRANSFORM INCLUDES PREPEND -I)
get_filename_component(concept "${SOURCE}" NAME_WE)

function(compile failed errors)
  execute_process(COMMAND ${COMPILER} ${INCLUDES} ${ARGN} "${SOURCE}"
    RESULT_VARIABLE result ERROR_VARIABLE said)
  set(${failed} "${result}" PARENT_SCOPE)
  set(${errors} "${said}" PARENT_SCOPE)
endfunction()

compile(failed errors -DFITS)
if(failed)
  message(FATAL_ERROR "With FITS defined, this does not compile:\n${errors}")
endif()

compile(failed errors)
message("${errors}")
if(NOT failed)
  message(FATAL_ERROR "Without FITS, this compiles")
endif()
foreach(pattern IN ITEMS
    "^[^\n]*error: [^\n]*constraint"
    "(satisfaction of|does not satisfy) .${concept}"
    "\n[^\n]*p\\.place\\(ctx\\)")
  if(NOT errors MATCHES "${pattern}")
    message(FATAL_ERROR "The errors do not say: ${pattern}")
  endif()
endforeach()
