# The page of `nca export` and `nca play` (web/): the engine, compiled twice by clang for
# WebAssembly, and the scripts around it. The result is one HTML file that the library contains.

set(NCA_WEB_DIR ${PROJECT_BINARY_DIR}/web)

# Code that a page never runs is left out; web/engine/absent.c has stubs for it.
file(GLOB NCA_WASM_SOURCES CONFIGURE_DEPENDS src/core/*.c src/kernels/*.c
     src/network/*.c src/tape/*.c src/task/grow_objective.c)
list(FILTER NCA_WASM_SOURCES EXCLUDE REGEX
     "(backward|networks|bf16[a-z_]*|int8[a-z_]*|muon|adam|optimisers|schedule|normalise|initialise|damage|profile)\\.c$")
list(FILTER NCA_WASM_SOURCES EXCLUDE REGEX "/(avx|x86|neon)[a-z0-9_]*\\.c$")
list(APPEND NCA_WASM_SOURCES ${PROJECT_SOURCE_DIR}/web/engine/engine.c ${PROJECT_SOURCE_DIR}/web/engine/absent.c)
file(GLOB NCA_WASM_HEADERS CONFIGURE_DEPENDS src/core/*.h src/kernels/*.h src/network/*.h
     src/tape/*.h src/task/*.h include/nca/*.h
     web/engine/*.h web/engine/include/*.h)

# The read-out of a classifier is a module of its own, so that other pages do not contain it.
set(NCA_CLASSES_SOURCES ${PROJECT_SOURCE_DIR}/web/engine/classes.c)
foreach(name task/classify_objective task/image_state core/class_loss core/exponential)
    list(APPEND NCA_CLASSES_SOURCES ${PROJECT_SOURCE_DIR}/src/${name}.c)
endforeach()

# A page may call the functions of web/engine/engine.h and web/engine/classes.h.
set(NCA_WASM_LINK -nostdlib -Wl,--no-entry -Wl,--gc-sections -Wl,--strip-all -Wl,-z,stack-size=131072
    -Wl,--export=__heap_base)
function(nca_wasm_exports out header prefix)
    file(STRINGS ${header} declarations REGEX "${prefix}_[a-z_]+\\(")
    set(exports "")
    foreach(line ${declarations})
        string(REGEX MATCH "${prefix}_[a-z_]+\\(" name "${line}")
        string(REPLACE "(" "" name "${name}")
        list(APPEND exports -Wl,--export=${name})
    endforeach()
    list(REMOVE_DUPLICATES exports)
    set(${out} ${exports} PARENT_SCOPE)
endfunction()
nca_wasm_exports(NCA_ENGINE_EXPORTS web/engine/engine.h nca_web)
nca_wasm_exports(NCA_CLASSES_EXPORTS web/engine/classes.h nca_classes)

# These two files take most of the time of a step; the others have most of the engine's bytes.
set(NCA_WASM_FAST ${PROJECT_SOURCE_DIR}/src/kernels/wasm.c ${PROJECT_SOURCE_DIR}/src/core/alive.c)
list(REMOVE_ITEM NCA_WASM_SOURCES ${NCA_WASM_FAST})
set(NCA_WASM_COMPILE ${NCA_WASM_CLANG} --target=wasm32 -std=gnu17 -ffp-contract=off -fno-math-errno
    -ffunction-sections -fdata-sections -flto -mbulk-memory -DNDEBUG -DNCA_TWO_ROUNDINGS -DNCA_FORWARD_ONLY
    -I${PROJECT_SOURCE_DIR}/include -I${PROJECT_SOURCE_DIR}/src
    -isystem ${PROJECT_SOURCE_DIR}/web/engine/include)

# nca_wasm(NAME SPEED OPTIONS...): NCA_WEB_DIR/NAME.wasm; SPEED is how the two files are optimised.
function(nca_wasm name speed)
    set(objects "")
    foreach(source ${NCA_WASM_FAST})
        get_filename_component(object ${source} NAME_WE)
        list(APPEND objects ${NCA_WEB_DIR}/${name}_${object}.o)
        add_custom_command(OUTPUT ${NCA_WEB_DIR}/${name}_${object}.o
            COMMAND ${CMAKE_COMMAND} -E make_directory ${NCA_WEB_DIR}
            COMMAND ${NCA_WASM_COMPILE} ${speed} ${ARGN} -c ${source} -o ${NCA_WEB_DIR}/${name}_${object}.o
            DEPENDS ${source} ${NCA_WASM_HEADERS}
            COMMENT "Compiling ${object}.c for ${name}.wasm"
            VERBATIM)
    endforeach()
    add_custom_command(OUTPUT ${NCA_WEB_DIR}/${name}.wasm
        COMMAND ${NCA_WASM_COMPILE} -Oz ${ARGN} ${NCA_WASM_LINK} ${NCA_ENGINE_EXPORTS}
            -o ${NCA_WEB_DIR}/${name}.wasm ${NCA_WASM_SOURCES} ${objects}
        DEPENDS ${NCA_WASM_SOURCES} ${objects} ${NCA_WASM_HEADERS}
        COMMENT "Compiling ${name}.wasm"
        VERBATIM)
endfunction()
nca_wasm(engine_simd -O3 -msimd128)
nca_wasm(engine_scalar -Oz) # for the few browsers without vectors
add_custom_command(OUTPUT ${NCA_WEB_DIR}/classes.wasm
    COMMAND ${NCA_WASM_COMPILE} -I${PROJECT_SOURCE_DIR}/web -Os ${NCA_WASM_LINK} ${NCA_CLASSES_EXPORTS}
        -o ${NCA_WEB_DIR}/classes.wasm ${NCA_CLASSES_SOURCES}
    DEPENDS ${NCA_CLASSES_SOURCES} ${NCA_WASM_HEADERS}
    COMMENT "Compiling classes.wasm"
    VERBATIM)

# npm installs exactly what the lock file names, and verifies its checksums.
add_custom_command(OUTPUT ${NCA_WEB_DIR}/fetched
    COMMAND ${CMAKE_COMMAND} -E copy ${PROJECT_SOURCE_DIR}/web/page/package.json
        ${PROJECT_SOURCE_DIR}/web/page/package-lock.json ${NCA_WEB_DIR}
    COMMAND ${NCA_NPM} ci --silent --no-audit --no-fund --ignore-scripts
    COMMAND ${CMAKE_COMMAND} -E touch ${NCA_WEB_DIR}/fetched
    DEPENDS web/page/package.json web/page/package-lock.json
    WORKING_DIRECTORY ${NCA_WEB_DIR}
    COMMENT "Fetching the page's libraries (npm)"
    VERBATIM)

file(GLOB NCA_PAGE_SOURCES CONFIGURE_DEPENDS web/page/*.html web/page/*.css web/page/*.mjs
     web/page/src/*.js)
set(NCA_PAGE_TEMPLATE ${NCA_WEB_DIR}/page.html)
add_custom_command(OUTPUT ${NCA_PAGE_TEMPLATE}
    COMMAND ${NCA_NODE} ${PROJECT_SOURCE_DIR}/web/page/build.mjs ${NCA_WEB_DIR}/engine_simd.wasm
        ${NCA_WEB_DIR}/engine_scalar.wasm ${NCA_WEB_DIR}/classes.wasm ${NCA_WEB_DIR}/node_modules
        ${NCA_PAGE_TEMPLATE}
    DEPENDS ${NCA_WEB_DIR}/engine_simd.wasm ${NCA_WEB_DIR}/engine_scalar.wasm
        ${NCA_WEB_DIR}/classes.wasm
        ${NCA_WEB_DIR}/fetched ${NCA_PAGE_SOURCES}
    COMMENT "Making the page"
    VERBATIM)
add_custom_target(nca_page DEPENDS ${NCA_PAGE_TEMPLATE})
