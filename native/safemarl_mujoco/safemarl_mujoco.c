#include "safemarl_mujoco.h"

#include <mujoco/mujoco.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ABI_VERSION = 2, MAX_FEATURES = 64 };

struct smj_model {
  mjModel* m;
  int32_t feature_count, block_size, needs_contact_forces;
  struct { int32_t kind, id; } features[MAX_FEATURES];
};

struct smj_simulation {
  const smj_model* model;
  mjData* d;
};

static _Thread_local char last_error[1024];
static _Thread_local char last_warning[1024];
static _Thread_local jmp_buf escape;
static _Thread_local int armed;

// MuJoCo ends the process when its error handler returns, and managed frames must not be unwound: every shim call that
// can raise runs between GUARD_BEGIN and GUARD_END, and the handler jumps back there.
#define GUARD_BEGIN                \
  last_warning[0] = 0;             \
  if (setjmp(escape)) {            \
    armed = 0;                     \
    return SMJ_ERROR;              \
  }                                \
  armed = 1;
#define GUARD_END armed = 0;

static void keep_text(char* destination, const char* text) {
  snprintf(destination, sizeof last_error, "%s", text ? text : "");
}

static void on_error(const char* text) {
  keep_text(last_error, text);
  if (armed) longjmp(escape, 1);
  fprintf(stderr, "MuJoCo error outside a guarded call: %s\n", text);
  abort();
}

// MuJoCo's own handler writes MUJOCO_LOG.TXT into the working directory; the counters in mjData carry all we need.
static void on_warning(const char* text) { keep_text(last_warning, text); }

static int32_t fail(const char* text) {
  keep_text(last_error, text);
  return SMJ_ERROR;
}

int32_t smj_abi_version(void) { return ABI_VERSION; }
int32_t smj_header_version(void) { return mjVERSION_HEADER; }
int32_t smj_runtime_version(void) { return mj_version(); }
const char* smj_last_error(void) { return last_error; }

void smj_install_handlers(void) {
  mju_user_error = on_error;
  mju_user_warning = on_warning;
}

int32_t smj_raise_error(const char* text) {
  GUARD_BEGIN
  mju_error(text);
  GUARD_END
  return SMJ_OK;
}

// ---- model ----------------------------------------------------------------------------------------------------------

int32_t smj_model_load(const char* mjcf_path, smj_model** out) {
  *out = NULL;
  smj_model* model = calloc(1, sizeof *model);
  if (!model) return fail("out of memory");
  char text[1000] = "";
  mjModel* m = NULL;
  last_warning[0] = 0;
  if (setjmp(escape)) {
    armed = 0;
    free(model);
    return SMJ_ERROR;
  }
  armed = 1;
  m = mj_loadXML(mjcf_path, NULL, text, sizeof text);
  GUARD_END
  if (!m) {
    free(model);
    return fail(text);
  }
  model->m = m;
  model->block_size = SMJ_HEADER + (int32_t)m->nq + (int32_t)m->nv;
  *out = model;
  return SMJ_OK;
}

void smj_model_free(smj_model* model) {
  if (!model) return;
  mj_deleteModel(model->m);
  free(model);
}

static int object_type(const char* kind) {
  if (!strcmp(kind, "body")) return mjOBJ_BODY;
  if (!strcmp(kind, "joint")) return mjOBJ_JOINT;
  if (!strcmp(kind, "geom")) return mjOBJ_GEOM;
  if (!strcmp(kind, "site")) return mjOBJ_SITE;
  if (!strcmp(kind, "tendon")) return mjOBJ_TENDON;
  if (!strcmp(kind, "actuator")) return mjOBJ_ACTUATOR;
  return mjOBJ_UNKNOWN;
}

int32_t smj_model_find(const smj_model* model, const char* kind, const char* name) {
  return mj_name2id(model->m, object_type(kind), name);
}

const char* smj_model_name(const smj_model* model, const char* kind, int32_t id) {
  const char* name = mj_id2name(model->m, object_type(kind), id);
  return name ? name : "";
}

static int64_t copy_double(const double* from, int64_t n, double* out, int64_t capacity) {
  for (int64_t i = 0; i < n && i < capacity; i++) out[i] = from[i];
  return n;
}
static int64_t copy_float(const float* from, int64_t n, double* out, int64_t capacity) {
  for (int64_t i = 0; i < n && i < capacity; i++) out[i] = from[i];
  return n;
}
static int64_t copy_int(const int* from, int64_t n, double* out, int64_t capacity) {
  for (int64_t i = 0; i < n && i < capacity; i++) out[i] = from[i];
  return n;
}
static int64_t copy_byte(const unsigned char* from, int64_t n, double* out, int64_t capacity) {
  for (int64_t i = 0; i < n && i < capacity; i++) out[i] = from[i];
  return n;
}

// Element types of mjModel arrays differ between releases, hence the selection by type.
#define COPY(pointer, count)                                                                                        \
  _Generic((pointer), double*: copy_double, const double*: copy_double, float*: copy_float, const float*: copy_float, \
           int*: copy_int, const int*: copy_int, unsigned char*: copy_byte, const unsigned char*: copy_byte)(        \
      (pointer), (int64_t)(count), out, capacity)
#define ARRAY(name, count) if (!strcmp(field, #name)) return COPY(m->name, count)
#define SCALAR(text, value)            \
  if (!strcmp(field, text)) {          \
    const double scalar = (value);     \
    return copy_double(&scalar, 1, out, capacity); \
  }

int64_t smj_model_read(const smj_model* model, const char* field, double* out, int64_t capacity) {
  const mjModel* m = model->m;
  SCALAR("nq", m->nq) SCALAR("nv", m->nv) SCALAR("nu", m->nu) SCALAR("nbody", m->nbody) SCALAR("njnt", m->njnt)
  SCALAR("ngeom", m->ngeom) SCALAR("nsite", m->nsite) SCALAR("ntendon", m->ntendon)
  SCALAR("timestep", m->opt.timestep) SCALAR("integrator", m->opt.integrator) SCALAR("solver", m->opt.solver)
  SCALAR("cone", m->opt.cone) SCALAR("iterations", m->opt.iterations) SCALAR("tolerance", m->opt.tolerance)
  SCALAR("impratio", m->opt.impratio) SCALAR("meanmass", m->stat.meanmass) SCALAR("meaninertia", m->stat.meaninertia)
  if (!strcmp(field, "gravity")) return copy_double(m->opt.gravity, 3, out, capacity);
  ARRAY(qpos0, m->nq);
  ARRAY(body_parentid, m->nbody);
  ARRAY(body_mass, m->nbody);
  ARRAY(body_inertia, 3 * m->nbody);
  ARRAY(body_pos, 3 * m->nbody);
  ARRAY(body_quat, 4 * m->nbody);
  ARRAY(body_ipos, 3 * m->nbody);
  ARRAY(body_iquat, 4 * m->nbody);
  ARRAY(jnt_type, m->njnt);
  ARRAY(jnt_bodyid, m->njnt);
  ARRAY(jnt_qposadr, m->njnt);
  ARRAY(jnt_dofadr, m->njnt);
  ARRAY(jnt_limited, m->njnt);
  ARRAY(jnt_stiffness, m->njnt);
  ARRAY(jnt_margin, m->njnt);
  ARRAY(jnt_range, 2 * m->njnt);
  ARRAY(jnt_axis, 3 * m->njnt);
  ARRAY(jnt_pos, 3 * m->njnt);
  ARRAY(jnt_solref, mjNREF * m->njnt);
  ARRAY(jnt_solimp, mjNIMP * m->njnt);
  ARRAY(dof_armature, m->nv);
  ARRAY(dof_damping, m->nv);
  ARRAY(geom_type, m->ngeom);
  ARRAY(geom_bodyid, m->ngeom);
  ARRAY(geom_contype, m->ngeom);
  ARRAY(geom_conaffinity, m->ngeom);
  ARRAY(geom_condim, m->ngeom);
  ARRAY(geom_margin, m->ngeom);
  ARRAY(geom_gap, m->ngeom);
  ARRAY(geom_size, 3 * m->ngeom);
  ARRAY(geom_pos, 3 * m->ngeom);
  ARRAY(geom_quat, 4 * m->ngeom);
  ARRAY(geom_friction, 3 * m->ngeom);
  ARRAY(geom_solref, mjNREF * m->ngeom);
  ARRAY(geom_solimp, mjNIMP * m->ngeom);
  ARRAY(actuator_trnid, 2 * m->nu);
  ARRAY(actuator_gear, 6 * m->nu);
  ARRAY(actuator_ctrllimited, m->nu);
  ARRAY(actuator_ctrlrange, 2 * m->nu);
  return -1;
}

int32_t smj_model_declare(smj_model* model, int32_t feature, int32_t id) {
  static const int32_t sizes[] = {3, 4, 3, 3, 1};
  if (feature < SMJ_BODY_POSITION || feature > SMJ_CONTACT_FORCE_SUM) return fail("unknown feature");
  const int32_t limit = feature == SMJ_GEOM_POSITION ? (int32_t)model->m->ngeom : (int32_t)model->m->nbody;
  if (feature != SMJ_CONTACT_FORCE_SUM && (id < 0 || id >= limit)) return fail("the feature's id is outside the model");
  if (model->feature_count == MAX_FEATURES) return fail("too many features");
  model->features[model->feature_count].kind = feature;
  model->features[model->feature_count].id = id;
  model->feature_count++;
  model->block_size += sizes[feature];
  if (feature == SMJ_CONTACT_FORCE_SUM) model->needs_contact_forces = 1;
  return SMJ_OK;
}

int32_t smj_model_block_size(const smj_model* model) { return model->block_size; }
int32_t smj_model_state_size(const smj_model* model) { return 1 + (int32_t)model->m->nq + 2 * (int32_t)model->m->nv; }

// ---- simulation -----------------------------------------------------------------------------------------------------

int32_t smj_simulation_create(const smj_model* model, smj_simulation** out) {
  *out = NULL;
  smj_simulation* simulation = calloc(1, sizeof *simulation);
  if (!simulation) return fail("out of memory");
  if (setjmp(escape)) {
    armed = 0;
    free(simulation);
    return SMJ_ERROR;
  }
  armed = 1;
  simulation->d = mj_makeData(model->m);
  GUARD_END
  if (!simulation->d) {
    free(simulation);
    return fail("mj_makeData could not allocate the simulation");
  }
  simulation->model = model;
  *out = simulation;
  return SMJ_OK;
}

void smj_simulation_free(smj_simulation* simulation) {
  if (!simulation) return;
  mj_deleteData(simulation->d);
  free(simulation);
}

static double contact_force_sum(const mjModel* m, const mjData* d) {
  double sum = 0;
  for (int i = 0; i < 6 * (int)m->nbody; i++) {
    const double f = mju_clip(d->cfrc_ext[i], -1, 1);
    sum += f * f;
  }
  return sum;
}

static void write_block(const smj_simulation* simulation, double* block) {
  const smj_model* model = simulation->model;
  const mjModel* m = model->m;
  const mjData* d = simulation->d;
  block[SMJ_TIME] = d->time;
  block[SMJ_CONTACTS] = d->ncon;
  block[SMJ_CONSTRAINTS] = d->nefc;
  block[SMJ_OVERFLOWS] = d->warning[mjWARN_CONTACTFULL].number + d->warning[mjWARN_CNSTRFULL].number;
  block += SMJ_HEADER;
  memcpy(block, d->qpos, sizeof(double) * m->nq);
  block += m->nq;
  memcpy(block, d->qvel, sizeof(double) * m->nv);
  block += m->nv;
  for (int32_t i = 0; i < model->feature_count; i++) {
    const int32_t id = model->features[i].id;
    switch (model->features[i].kind) {
      case SMJ_BODY_POSITION: memcpy(block, d->xpos + 3 * id, 3 * sizeof(double)); block += 3; break;
      case SMJ_BODY_ORIENTATION: memcpy(block, d->xquat + 4 * id, 4 * sizeof(double)); block += 4; break;
      case SMJ_GEOM_POSITION: memcpy(block, d->geom_xpos + 3 * id, 3 * sizeof(double)); block += 3; break;
      case SMJ_SUBTREE_COM: memcpy(block, d->subtree_com + 3 * id, 3 * sizeof(double)); block += 3; break;
      case SMJ_CONTACT_FORCE_SUM: *block++ = contact_force_sum(m, d); break;
    }
  }
}

// MuJoCo resets a diverged mjData silently and leaves the culprit's counter at 1.
static int diverged(const mjData* d) {
  return d->warning[mjWARN_BADQPOS].number > 0 || d->warning[mjWARN_BADQVEL].number > 0 || d->warning[mjWARN_BADQACC].number > 0;
}

int32_t smj_simulation_reset(smj_simulation* simulation, const double* qpos, const double* qvel, double* block) {
  const mjModel* m = simulation->model->m;
  mjData* d = simulation->d;
  GUARD_BEGIN
  mj_resetData(m, d);
  memcpy(d->qpos, qpos, sizeof(double) * m->nq);
  memcpy(d->qvel, qvel, sizeof(double) * m->nv);
  mj_forward(m, d);
  GUARD_END
  write_block(simulation, block);
  return SMJ_OK;
}

int32_t smj_simulation_step(smj_simulation* simulation, const double* ctrl, int32_t substeps, double* block) {
  const mjModel* m = simulation->model->m;
  mjData* d = simulation->d;
  GUARD_BEGIN
  memcpy(d->ctrl, ctrl, sizeof(double) * m->nu);
  for (int32_t i = 0; i < substeps; i++) {
    mj_step(m, d);
    if (diverged(d)) {
      armed = 0;
      fail(last_warning[0] ? last_warning : "the simulation diverged");
      return SMJ_DIVERGED;
    }
  }
  mju_zero(d->xfrc_applied, 6 * (int)m->nbody);  // pushes last one call, and are no contact forces
  if (simulation->model->needs_contact_forces) mj_rnePostConstraint(m, d);
  GUARD_END
  write_block(simulation, block);
  return SMJ_OK;
}

int32_t smj_simulation_push(smj_simulation* simulation, int32_t body, const double* force) {
  if (body < 0 || body >= (int32_t)simulation->model->m->nbody) return fail("the body is outside the model");
  memcpy(simulation->d->xfrc_applied + 6 * body, force, 3 * sizeof(double));
  return SMJ_OK;
}

void smj_simulation_get_state(const smj_simulation* simulation, double* state) {
  const mjModel* m = simulation->model->m;
  const mjData* d = simulation->d;
  *state++ = d->time;
  memcpy(state, d->qpos, sizeof(double) * m->nq);
  memcpy(state + m->nq, d->qvel, sizeof(double) * m->nv);
  memcpy(state + m->nq + m->nv, d->qacc_warmstart, sizeof(double) * m->nv);
}

int32_t smj_simulation_set_state(smj_simulation* simulation, const double* state) {
  const mjModel* m = simulation->model->m;
  mjData* d = simulation->d;
  GUARD_BEGIN
  mj_resetData(m, d);
  GUARD_END
  d->time = *state++;
  memcpy(d->qpos, state, sizeof(double) * m->nq);
  memcpy(d->qvel, state + m->nq, sizeof(double) * m->nv);
  memcpy(d->qacc_warmstart, state + m->nq + m->nv, sizeof(double) * m->nv);
  return SMJ_OK;
}
