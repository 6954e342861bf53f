// The physics alone: random actions through the shim, no observations, no rewards, nothing managed.
// usage: physics_loop MODEL.xml SUBSTEPS AGENT_ACTIONS THREADS ENVIRONMENTS_PER_THREAD STEPS_PER_THREAD
#include "safemarl_mujoco.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EPISODE_STEPS = 1000, MAX_THREADS = 64 };

static smj_model* model;
static int substeps, agent_actions, environments, nq, nv, nu;
static long steps;

typedef struct { uint64_t random; pthread_t thread; } worker;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double uniform(worker* w) {
  w->random ^= w->random << 13;
  w->random ^= w->random >> 7;
  w->random ^= w->random << 17;
  return (double)(w->random >> 11) * (1.0 / 9007199254740992.0);
}

static void check(int32_t code) {
  if (code != SMJ_OK) {
    fprintf(stderr, "%s\n", smj_last_error());
    exit(1);
  }
}

static int size_of(const char* field) {
  double value = 0;
  smj_model_read(model, field, &value, 1);
  return (int)value;
}

static void* run(void* argument) {
  worker* w = argument;
  const int block_size = smj_model_block_size(model);
  smj_simulation** simulations = calloc((size_t)environments, sizeof *simulations);
  double* block = calloc((size_t)block_size, sizeof *block);
  double* qpos = calloc((size_t)nq, sizeof *qpos);
  double* qvel = calloc((size_t)nv, sizeof *qvel);
  double* ctrl = calloc((size_t)nu, sizeof *ctrl);
  double* times = calloc((size_t)environments, sizeof *times);
  long* lengths = calloc((size_t)environments, sizeof *lengths);
  for (int e = 0; e < environments; e++) {
    check(smj_simulation_create(model, &simulations[e]));
    lengths[e] = EPISODE_STEPS;
  }
  for (long k = 0; k < steps; k++) {
    const int e = (int)(k % environments);
    if (lengths[e] == EPISODE_STEPS) {
      smj_model_read(model, "qpos0", qpos, nq);
      for (int i = 0; i < nq; i++) qpos[i] += 0.2 * uniform(w) - 0.1;
      for (int i = 0; i < nv; i++) qvel[i] = 0.1 * (uniform(w) - 0.5);
      check(smj_simulation_reset(simulations[e], qpos, qvel, block));
      lengths[e] = 0;
      times[e] = 0;
    }
    for (int i = 0; i < agent_actions; i++) ctrl[i] = 2 * uniform(w) - 1;
    if (agent_actions < nu) ctrl[agent_actions] = 0.02 * sin(times[e] / 3) * sin(times[e] / 3) - 0.004;
    check(smj_simulation_step(simulations[e], ctrl, substeps, block));
    times[e] = block[SMJ_TIME];
    lengths[e]++;
  }
  for (int e = 0; e < environments; e++) smj_simulation_free(simulations[e]);
  free(simulations); free(block); free(qpos); free(qvel); free(ctrl); free(times); free(lengths);
  return NULL;
}

int main(int count, char** arguments) {
  if (count != 7) {
    fprintf(stderr, "usage: physics_loop MODEL.xml SUBSTEPS AGENT_ACTIONS THREADS ENVIRONMENTS_PER_THREAD STEPS_PER_THREAD\n");
    return 2;
  }
  smj_install_handlers();
  check(smj_model_load(arguments[1], &model));
  substeps = atoi(arguments[2]);
  agent_actions = atoi(arguments[3]);
  const int threads = atoi(arguments[4]);
  environments = atoi(arguments[5]);
  steps = atol(arguments[6]);
  nq = size_of("nq");
  nv = size_of("nv");
  nu = size_of("nu");
  if (threads < 1 || threads > MAX_THREADS || environments < 1) return 2;

  worker workers[MAX_THREADS];
  const double start = now();
  for (int i = 0; i < threads; i++) {
    workers[i].random = 88172645463325252u + 7919u * (uint64_t)i;
    pthread_create(&workers[i].thread, NULL, run, &workers[i]);
  }
  for (int i = 0; i < threads; i++) pthread_join(workers[i].thread, NULL);
  printf("%.1f\n", (double)steps * threads / (now() - start));
  smj_model_free(model);
  return 0;
}
