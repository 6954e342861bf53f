// A C ABI over MuJoCo that hides mjModel and mjData, whose layouts change between releases.
//
// Every call that can fail returns one of the SMJ_ codes; smj_last_error() then holds the text of this thread's last failure.
// A model is read-only after its features are declared and may be shared by threads; a simulation belongs to one thread at a time.
#ifndef SAFEMARL_MUJOCO_H
#define SAFEMARL_MUJOCO_H

#include <stdint.h>

#if defined(__GNUC__)
#define SMJ_API __attribute__((visibility("default")))
#else
#define SMJ_API
#endif

enum { SMJ_OK = 0, SMJ_ERROR = 1, SMJ_DIVERGED = 2 };

// Numbers of the flat block that reset and step write: a header, qpos[nq], qvel[nv], then the declared features in order.
enum { SMJ_TIME = 0, SMJ_CONTACTS = 1, SMJ_CONSTRAINTS = 2, SMJ_OVERFLOWS = 3, SMJ_HEADER = 4 };

// Features, read as mj_step left them: one evaluation behind qpos, as the published tasks read them.
enum {
  SMJ_BODY_POSITION = 0,      // 3: xpos
  SMJ_BODY_ORIENTATION = 1,   // 4: xquat, w x y z
  SMJ_GEOM_POSITION = 2,      // 3: geom_xpos
  SMJ_SUBTREE_COM = 3,        // 3: centre of mass of the body and all its descendants
  SMJ_CONTACT_FORCE_SUM = 4   // 1: sum over all bodies of clip(cfrc_ext, -1, 1)^2; the id is ignored
};

typedef struct smj_model smj_model;
typedef struct smj_simulation smj_simulation;

SMJ_API int32_t smj_abi_version(void);
SMJ_API int32_t smj_header_version(void);   // of the MuJoCo header the shim was compiled with
SMJ_API int32_t smj_runtime_version(void);  // of the MuJoCo library that is loaded
SMJ_API void smj_install_handlers(void);    // once per process, before anything below
SMJ_API const char* smj_last_error(void);

SMJ_API int32_t smj_model_load(const char* mjcf_path, smj_model** out);
SMJ_API void smj_model_free(smj_model* model);
SMJ_API int32_t smj_model_find(const smj_model* model, const char* kind, const char* name);             // id, or -1
SMJ_API const char* smj_model_name(const smj_model* model, const char* kind, int32_t id);               // "" if unnamed, null if absent
SMJ_API int64_t smj_model_read(const smj_model* model, const char* field, double* out, int64_t capacity);  // count, or -1: no such field
SMJ_API int32_t smj_model_declare(smj_model* model, int32_t feature, int32_t id);
SMJ_API int32_t smj_model_block_size(const smj_model* model);
SMJ_API int32_t smj_model_state_size(const smj_model* model);

SMJ_API int32_t smj_simulation_create(const smj_model* model, smj_simulation** out);
SMJ_API void smj_simulation_free(smj_simulation* simulation);
// Sets qpos and qvel at time 0 and evaluates the model (mj_forward).
SMJ_API int32_t smj_simulation_reset(smj_simulation* simulation, const double* qpos, const double* qvel, double* block);
// Holds ctrl for `substeps` steps of the integrator. SMJ_DIVERGED: MuJoCo found non-finite or huge numbers and has reset itself;
// the block is untouched and the simulation must be reset.
SMJ_API int32_t smj_simulation_step(smj_simulation* simulation, const double* ctrl, int32_t substeps, double* block);
// A force on a body's centre of mass during the next call of smj_simulation_step, in newtons and world coordinates.
SMJ_API int32_t smj_simulation_push(smj_simulation* simulation, int32_t body, const double* force);
// {time, qpos, qvel, qacc_warmstart}: enough to continue with the same bits, provided that nothing is evaluated in between.
SMJ_API void smj_simulation_get_state(const smj_simulation* simulation, double* state);
SMJ_API int32_t smj_simulation_set_state(smj_simulation* simulation, const double* state);
// Raises MuJoCo's own fatal error on this thread, to show that it ends as SMJ_ERROR and not as the end of the process.
SMJ_API int32_t smj_raise_error(const char* text);

#endif
