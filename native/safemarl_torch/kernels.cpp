#include "kernels.h"

#include <cmath>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

// One version per processor generation, chosen when the library loads. By feature, not by "arch=": the latter asks for one
// processor model and matches none of its successors.
#if defined(__x86_64__) && defined(__gnu_linux__)
#define PER_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PER_PROCESSOR
#endif
#define INLINE inline __attribute__((always_inline))

namespace smt {

namespace {

// Kingma and Ba, algorithm 1, as torch.optim.Adam orders it: eps is added outside the root, after the bias correction.
template <bool Decay, typename Real>
INLINE void adam_loop(Real* __restrict p, const Real* __restrict g, Real* __restrict m, Real* __restrict v, int64_t count, const AdamStep<Real>& step) {
  const AdamStep<Real> s = step;
  for (int64_t i = 0; i < count; i++) {
    Real gradient = s.sign * g[i];
    if (Decay) gradient += s.weight_decay * p[i];
    const Real first = s.beta1 * m[i] + s.one_minus_beta1 * gradient;
    const Real second = s.beta2 * v[i] + s.one_minus_beta2 * gradient * gradient;
    m[i] = first;
    v[i] = second;
    p[i] -= s.step_size * first / (std::sqrt(second) * s.second_moment_scale + s.eps);
  }
}

template <typename Real>
INLINE void adam_any(Real* p, const Real* g, Real* m, Real* v, int64_t count, const AdamStep<Real>& step) {
  if (step.weight_decay != 0)
    adam_loop<true>(p, g, m, v, count, step);
  else
    adam_loop<false>(p, g, m, v, count, step);
}

// The moments of a weight whose gradient stays zero, behind a dead unit or an input that is never set, decay until they are
// denormal, and a loop over denormal numbers takes six times as long. What is flushed is below 1e-37 and moves no parameter.
class FlushDenormals {
 public:
#if defined(__SSE__)
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlushResults | kFlushOperands); }
  ~FlushDenormals() { _mm_setcsr(before_); }

 private:
  static constexpr unsigned kFlushResults = 0x8000, kFlushOperands = 0x0040;
  const unsigned before_;
#endif
};

PER_PROCESSOR void adam_floats(float* p, const float* g, float* m, float* v, int64_t count, const AdamStep<float>& step) { adam_any(p, g, m, v, count, step); }
PER_PROCESSOR void adam_doubles(double* p, const double* g, double* m, double* v, int64_t count, const AdamStep<double>& step) {
  adam_any(p, g, m, v, count, step);
}

// Sums side by side: the order of additions is fixed, so the loop can be vectorised without relaxing IEEE arithmetic, and there
// are enough of them to hide the latency of an addition.
template <typename Real>
INLINE double sum_of_squares_loop(const Real* values, int64_t count) {
  constexpr int64_t kLanes = 64;
  double lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; lane++) {
      const double value = values[i + lane];
      lanes[lane] += value * value;
    }
  double sum = 0;
  for (; i < count; i++) sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  for (double lane : lanes) sum += lane;
  return sum;
}

template <typename Real>
INLINE void scale_loop(Real* values, double factor, int64_t count) {
  const Real by = static_cast<Real>(factor);
  for (int64_t i = 0; i < count; i++) values[i] *= by;
}

}  // namespace

void adam(float* p, const float* g, float* m, float* v, int64_t count, const AdamStep<float>& step) {
  const FlushDenormals flush;
  adam_floats(p, g, m, v, count, step);
}

void adam(double* p, const double* g, double* m, double* v, int64_t count, const AdamStep<double>& step) {
  const FlushDenormals flush;
  adam_doubles(p, g, m, v, count, step);
}

PER_PROCESSOR double sum_of_squares(const float* values, int64_t count) { return sum_of_squares_loop(values, count); }
PER_PROCESSOR double sum_of_squares(const double* values, int64_t count) { return sum_of_squares_loop(values, count); }

PER_PROCESSOR void scale(float* values, double factor, int64_t count) { scale_loop(values, factor, count); }
PER_PROCESSOR void scale(double* values, double factor, int64_t count) { scale_loop(values, factor, count); }

}  // namespace smt
