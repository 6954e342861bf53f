// Automatic differentiation, the optimiser's fused steps, and the process-wide settings.
#include "kernels.h"
#include "shim.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>

#include <cmath>
#include <limits>

using namespace smt;

// ---- autograd -------------------------------------------------------------------------------------------------------

SMT_API int32_t smt_backward(const Tensor* self) {
  return guarded([&] { self->backward(); });
}

SMT_API int32_t smt_grad(const Tensor* self, Tensor** out) {
  return result(out, [&]() -> Tensor { return self->grad(); });
}

SMT_API int32_t smt_set_grad(const Tensor* self, const Tensor* gradient) {
  return guarded([&] {
    TORCH_CHECK(!gradient || gradient->sizes() == self->sizes(), "the gradient has shape ", gradient->sizes(), ", the tensor ", self->sizes());
    self->mutable_grad() = gradient ? *gradient : Tensor();
  });
}

// Gradients of unused inputs come back as null handles.
SMT_API int32_t smt_autograd_grad(Tensor* const* outputs, int32_t output_count, Tensor* const* inputs, int32_t input_count, Tensor* const* grad_outputs,
                                  int32_t grad_output_count, bool retain_graph, bool create_graph, bool allow_unused, Tensor** out) {
  return guarded([&] {
    auto gradients = torch::autograd::grad(list(outputs, output_count), list(inputs, input_count), list(grad_outputs, grad_output_count), retain_graph,
                                           create_graph, allow_unused);
    for (int32_t i = 0; i < input_count; i++) give(&out[i], std::move(gradients[i]));
  });
}

// Returns what was set before. The mode belongs to the calling thread.
SMT_API bool smt_set_grad_enabled(bool on) {
  const bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(on);
  return before;
}

// ---- optimiser ------------------------------------------------------------------------------------------------------

SMT_API int32_t smt_zero_grad(Tensor* const* parameters, int32_t count) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    for (int32_t i = 0; i < count; i++) {
      Tensor& gradient = parameters[i]->mutable_grad();
      if (gradient.defined()) gradient.zero_();
    }
  });
}

static bool is_plain(const Tensor& tensor) { return tensor.is_cpu() && tensor.layout() == at::kStrided && tensor.is_contiguous(); }

template <typename Real>
static AdamStep<Real> coefficients(int64_t t, double lr, double beta1, double beta2, double eps, double weight_decay, bool maximize) {
  AdamStep<Real> step;
  step.beta1 = static_cast<Real>(beta1);
  step.one_minus_beta1 = static_cast<Real>(1 - beta1);
  step.beta2 = static_cast<Real>(beta2);
  step.one_minus_beta2 = static_cast<Real>(1 - beta2);
  step.step_size = static_cast<Real>(lr / (1 - std::pow(beta1, static_cast<double>(t))));
  step.second_moment_scale = static_cast<Real>(1 / std::sqrt(1 - std::pow(beta2, static_cast<double>(t))));
  step.eps = static_cast<Real>(eps);
  step.weight_decay = static_cast<Real>(weight_decay);
  step.sign = maximize ? Real(-1) : Real(1);
  return step;
}

// After a loop that autograd did not see: a graph that saved the old values must notice.
static void written_unseen(const Tensor& tensor) { tensor.unsafeGetTensorImpl()->bump_version(); }

template <typename Real>
static void adam_fused(const Tensor& parameter, const Tensor& gradient, const Tensor& first, const Tensor& second, const AdamStep<Real>& step) {
  adam(parameter.data_ptr<Real>(), gradient.data_ptr<Real>(), first.data_ptr<Real>(), second.data_ptr<Real>(), parameter.numel(), step);
  written_unseen(parameter);
}

static void adam_by_tensors(const Tensor& parameter, const Tensor& raw, const Tensor& first, const Tensor& second, const AdamStep<double>& step) {
  Tensor gradient = step.sign < 0 ? raw.neg() : raw;
  if (step.weight_decay != 0) gradient = gradient.add(parameter, step.weight_decay);
  first.mul_(step.beta1).add_(gradient, step.one_minus_beta1);
  second.mul_(step.beta2).addcmul_(gradient, gradient, step.one_minus_beta2);
  parameter.addcdiv_(first, second.sqrt().mul_(step.second_moment_scale).add_(step.eps), -step.step_size);
}

// torch.optim.Adam over a list of parameters. A parameter without gradient keeps its moments and its own step count.
SMT_API int32_t smt_adam(Tensor* const* parameters, Tensor* const* first_moments, Tensor* const* second_moments, int64_t* steps, int32_t count, double lr,
                         double beta1, double beta2, double eps, double weight_decay, bool maximize) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    int64_t t = 0;
    AdamStep<float> in_float{};
    AdamStep<double> in_double{};
    for (int32_t i = 0; i < count; i++) {
      const Tensor& parameter = *parameters[i];
      const Tensor gradient = parameter.grad();
      if (!gradient.defined()) continue;
      if (++steps[i] != t) {
        t = steps[i];
        in_float = coefficients<float>(t, lr, beta1, beta2, eps, weight_decay, maximize);
        in_double = coefficients<double>(t, lr, beta1, beta2, eps, weight_decay, maximize);
      }
      const Tensor &first = *first_moments[i], &second = *second_moments[i];
      const at::ScalarType type = parameter.scalar_type();
      const bool plain = is_plain(parameter) && is_plain(gradient) && is_plain(first) && is_plain(second) && gradient.scalar_type() == type;
      if (plain && type == at::kFloat)
        adam_fused(parameter, gradient, first, second, in_float);
      else if (plain && type == at::kDouble)
        adam_fused(parameter, gradient, first, second, in_double);
      else
        adam_by_tensors(parameter, gradient, first, second, in_double);
    }
  });
}

static bool is_plain(const Tensor& tensor, at::ScalarType type) { return is_plain(tensor) && tensor.scalar_type() == type; }

static double squared_norm(const Tensor& gradient) {
  if (is_plain(gradient, at::kFloat)) return sum_of_squares(gradient.data_ptr<float>(), gradient.numel());
  if (is_plain(gradient, at::kDouble)) return sum_of_squares(gradient.data_ptr<double>(), gradient.numel());
  const double norm = gradient.norm().item().toDouble();
  return norm * norm;
}

static void scale_gradient(const Tensor& gradient, double factor) {
  const bool is_float = is_plain(gradient, at::kFloat);
  if (!is_float && !is_plain(gradient, at::kDouble)) {
    gradient.mul_(factor);
    return;
  }
  if (is_float)
    scale(gradient.data_ptr<float>(), factor, gradient.numel());
  else
    scale(gradient.data_ptr<double>(), factor, gradient.numel());
  written_unseen(gradient);
}

static double total_norm(const std::vector<Tensor>& gradients, double p) {
  double total = 0;
  if (p == 2) {
    for (const Tensor& gradient : gradients) total += squared_norm(gradient);
    return std::sqrt(total);
  }
  if (p == std::numeric_limits<double>::infinity()) {
    for (const Tensor& gradient : gradients) {
      const double largest = gradient.abs().max().item().toDouble();
      if (!(largest <= total)) total = largest;  // also when it is not a number
    }
    return total;
  }
  for (const Tensor& gradient : gradients) total += std::pow(gradient.norm(p).item().toDouble(), p);
  return std::pow(total, 1 / p);
}

// Scales all gradients so that their joint norm is at most max_norm; returns the norm before that.
SMT_API int32_t smt_clip_grad_norm(Tensor* const* parameters, int32_t count, double max_norm, double norm_type, double* norm) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    std::vector<Tensor> gradients;
    for (int32_t i = 0; i < count; i++)
      if (parameters[i]->grad().defined()) gradients.push_back(parameters[i]->grad());
    *norm = total_norm(gradients, norm_type);
    const double coefficient = max_norm / (*norm + 1e-6);
    if (coefficient >= 1) return;
    for (const Tensor& gradient : gradients) scale_gradient(gradient, coefficient);
  });
}

// ---- settings -------------------------------------------------------------------------------------------------------

SMT_API int32_t smt_manual_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

SMT_API int32_t smt_set_num_threads(int32_t count) {
  return guarded([&] { at::set_num_threads(count); });
}

SMT_API int32_t smt_get_num_threads() { return at::get_num_threads(); }

SMT_API bool smt_cuda_is_available() { return torch::cuda::is_available(); }

SMT_API int32_t smt_cuda_device_count() { return static_cast<int32_t>(torch::cuda::device_count()); }

SMT_API int32_t smt_cuda_synchronize(int64_t device_index) {
  return guarded([&] { torch::cuda::synchronize(device_index); });
}
