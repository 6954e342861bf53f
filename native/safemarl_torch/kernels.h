// Plain loops over contiguous memory that the optimiser spends its time in. No libtorch here, so that kernels.cpp can have its
// own optimisation flags.
#pragma once

#include <cstdint>

namespace smt {

template <typename Real>
struct AdamStep {
  Real beta1, one_minus_beta1;
  Real beta2, one_minus_beta2;
  Real step_size;              // lr / (1 - beta1^t)
  Real second_moment_scale;    // 1 / sqrt(1 - beta2^t)
  Real eps;
  Real weight_decay;
  Real sign;                   // -1 when maximising
};

void adam(float* parameter, const float* gradient, float* first_moment, float* second_moment, int64_t count, const AdamStep<float>& step);
void adam(double* parameter, const double* gradient, double* first_moment, double* second_moment, int64_t count, const AdamStep<double>& step);

double sum_of_squares(const float* values, int64_t count);
double sum_of_squares(const double* values, int64_t count);

void scale(float* values, double factor, int64_t count);
void scale(double* values, double factor, int64_t count);

}  // namespace smt
