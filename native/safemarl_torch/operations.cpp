// Differentiable operations. Each is libtorch's own: broadcasting, type promotion and gradients come from there.
#include "shim.h"

using namespace smt;

// ---- element-wise ---------------------------------------------------------------------------------------------------

#define UNARY(name)                                                  \
  SMT_API int32_t smt_##name(const Tensor* self, Tensor** out) {     \
    return result(out, [&] { return self->name(); });                \
  }

UNARY(exp)
UNARY(exp_)
UNARY(log)
UNARY(log1p)
UNARY(expm1)
UNARY(tanh)
UNARY(tanh_)
UNARY(sigmoid)
UNARY(sqrt)
UNARY(square)
UNARY(abs)
UNARY(neg)
UNARY(relu)
UNARY(relu_)
UNARY(zero_)
UNARY(isfinite)
UNARY(isnan)
UNARY(logical_not)

#define BINARY(name)                                                                     \
  SMT_API int32_t smt_##name(const Tensor* self, const Tensor* other, Tensor** out) {    \
    return result(out, [&] { return self->name(*other); });                              \
  }
#define WITH_NUMBER(name, function)                                                      \
  SMT_API int32_t smt_##name##_number(const Tensor* self, Number other, Tensor** out) {  \
    return result(out, [&] { return self->function(at::Scalar(other)); });               \
  }
#define EITHER(name) BINARY(name) WITH_NUMBER(name, name)

EITHER(sub)
EITHER(sub_)
EITHER(mul)
EITHER(mul_)
EITHER(div)
EITHER(div_)
EITHER(eq)
EITHER(ne)
EITHER(lt)
EITHER(le)
EITHER(gt)
EITHER(ge)
BINARY(minimum)
BINARY(maximum)
WITH_NUMBER(pow, pow)
WITH_NUMBER(fill_, fill_)
WITH_NUMBER(clamp_min, clamp_min)
WITH_NUMBER(clamp_max, clamp_max)

SMT_API int32_t smt_add(const Tensor* self, const Tensor* other, Number alpha, Tensor** out) {
  return result(out, [&] { return self->add(*other, alpha); });
}
SMT_API int32_t smt_add_(const Tensor* self, const Tensor* other, Number alpha, Tensor** out) {
  return result(out, [&] { return self->add_(*other, alpha); });
}
SMT_API int32_t smt_add_number(const Tensor* self, Number other, Number alpha, Tensor** out) {
  return result(out, [&] { return self->add(at::Scalar(other), alpha); });
}
SMT_API int32_t smt_add__number(const Tensor* self, Number other, Number alpha, Tensor** out) {
  return result(out, [&] { return self->add_(at::Scalar(other), alpha); });
}
// other - self
SMT_API int32_t smt_rsub_number(const Tensor* self, Number other, Tensor** out) {
  return result(out, [&] { return at::rsub(*self, at::Scalar(other)); });
}
// other / self
SMT_API int32_t smt_rdiv_number(const Tensor* self, Number other, Tensor** out) {
  return result(out, [&] { return self->reciprocal().mul(at::Scalar(other)); });
}

// A null bound is an open one.
static Tensor clamp(const Tensor& self, const Number* min, const Number* max) {
  TORCH_CHECK(min || max, "clamp: at least one of 'min' and 'max' must be given");
  return !max ? self.clamp_min(at::Scalar(*min)) : !min ? self.clamp_max(at::Scalar(*max)) : self.clamp(at::Scalar(*min), at::Scalar(*max));
}
SMT_API int32_t smt_clamp(const Tensor* self, const Number* min, const Number* max, Tensor** out) {
  return result(out, [&] { return clamp(*self, min, max); });
}
SMT_API int32_t smt_clamp_(const Tensor* self, const Number* min, const Number* max, Tensor** out) {
  return result(out, [&] {
    TORCH_CHECK(min || max, "clamp_: at least one of 'min' and 'max' must be given");
    return !max ? self->clamp_min_(at::Scalar(*min)) : !min ? self->clamp_max_(at::Scalar(*max)) : self->clamp_(at::Scalar(*min), at::Scalar(*max));
  });
}
SMT_API int32_t smt_lerp_(const Tensor* self, const Tensor* end, const Tensor* weight, Tensor** out) {
  return result(out, [&] { return self->lerp_(*end, *weight); });
}
SMT_API int32_t smt_where(const Tensor* condition, const Tensor* self, const Tensor* other, Tensor** out) {
  return result(out, [&] { return at::where(*condition, *self, *other); });
}
SMT_API int32_t smt_masked_fill(const Tensor* self, const Tensor* mask, Number value, Tensor** out) {
  return result(out, [&] { return self->masked_fill(*mask, at::Scalar(value)); });
}

// ---- activations and losses -----------------------------------------------------------------------------------------

SMT_API int32_t smt_elu(const Tensor* self, double alpha, bool in_place, Tensor** out) {
  return result(out, [&] {
    if (!in_place) return at::elu(*self, alpha);
    Tensor target = *self;
    return at::elu_(target, alpha);
  });
}
SMT_API int32_t smt_leaky_relu(const Tensor* self, double slope, bool in_place, Tensor** out) {
  return result(out, [&] {
    if (!in_place) return at::leaky_relu(*self, slope);
    Tensor target = *self;
    return at::leaky_relu_(target, slope);
  });
}
SMT_API int32_t smt_gelu(const Tensor* self, Tensor** out) { return result(out, [&] { return at::gelu(*self); }); }
SMT_API int32_t smt_softplus(const Tensor* self, double beta, double threshold, Tensor** out) {
  return result(out, [&] { return at::softplus(*self, beta, threshold); });
}
SMT_API int32_t smt_softmax(const Tensor* self, int64_t dim, int32_t type, Tensor** out) {
  return result(out, [&] { return self->softmax(dim, MaybeType{type}); });
}
SMT_API int32_t smt_log_softmax(const Tensor* self, int64_t dim, int32_t type, Tensor** out) {
  return result(out, [&] { return self->log_softmax(dim, MaybeType{type}); });
}
SMT_API int32_t smt_mse_loss(const Tensor* self, const Tensor* target, int64_t reduction, Tensor** out) {
  return result(out, [&] { return at::mse_loss(*self, *target, reduction); });
}
SMT_API int32_t smt_huber_loss(const Tensor* self, const Tensor* target, int64_t reduction, double delta, Tensor** out) {
  return result(out, [&] { return at::huber_loss(*self, *target, reduction, delta); });
}

// ---- layers ---------------------------------------------------------------------------------------------------------

SMT_API int32_t smt_linear(const Tensor* self, const Tensor* weight, const Tensor* bias, Tensor** out) {
  return result(out, [&] { return bias ? at::linear(*self, *weight, *bias) : at::linear(*self, *weight); });
}
SMT_API int32_t smt_layer_norm(const Tensor* self, const int64_t* shape, int32_t rank, const Tensor* weight, const Tensor* bias, double eps, Tensor** out) {
  return result(out, [&] {
    at::IntArrayRef normalized(shape, rank);
    return !weight ? at::layer_norm(*self, normalized, {}, {}, eps)
         : !bias   ? at::layer_norm(*self, normalized, *weight, {}, eps)
                   : at::layer_norm(*self, normalized, *weight, *bias, eps);
  });
}

// ---- products -------------------------------------------------------------------------------------------------------

BINARY(matmul)
BINARY(mm)
BINARY(bmm)

SMT_API int32_t smt_addmm(const Tensor* self, const Tensor* first, const Tensor* second, double beta, double alpha, Tensor** out) {
  return result(out, [&] { return self->addmm(*first, *second, beta, alpha); });
}

// ---- reductions -----------------------------------------------------------------------------------------------------

UNARY(all)
UNARY(any)
UNARY(max)
UNARY(min)

#define ALONG(name)                                                                                  \
  SMT_API int32_t smt_##name##_along(const Tensor* self, int64_t dim, bool keepdim, Tensor** out) {  \
    return result(out, [&] { return self->name(dim, keepdim); });                                    \
  }

ALONG(all)
ALONG(any)
ALONG(argmax)

SMT_API int32_t smt_logsumexp_along(const Tensor* self, int64_t dim, bool keepdim, Tensor** out) {
  return result(out, [&] { return self->logsumexp(at::IntArrayRef(&dim, 1), keepdim); });
}

SMT_API int32_t smt_max_along(const Tensor* self, int64_t dim, bool keepdim, Tensor** values, Tensor** indexes) {
  return results(values, indexes, [&] { return self->max(dim, keepdim); });
}

SMT_API int32_t smt_sort(const Tensor* self, bool stable, int64_t dim, bool descending, Tensor** values, Tensor** indices) {
  return results(values, indices, [&] { return self->sort(stable, dim, descending); });
}

#define SUMMARY(name)                                                                                                                      \
  SMT_API int32_t smt_##name(const Tensor* self, int32_t type, Tensor** out) {                                                             \
    return result(out, [&] { return self->name(MaybeType{type}); });                                                                       \
  }                                                                                                                                        \
  SMT_API int32_t smt_##name##_along(const Tensor* self, const int64_t* dims, int32_t count, bool keepdim, int32_t type, Tensor** out) {   \
    return result(out, [&] { return self->name(at::IntArrayRef(dims, count), keepdim, MaybeType{type}); });                                \
  }

SUMMARY(sum)
SUMMARY(mean)

#define SPREAD(name)                                                                                                                       \
  SMT_API int32_t smt_##name(const Tensor* self, bool unbiased, Tensor** out) {                                                            \
    return result(out, [&] { return self->name(unbiased); });                                                                              \
  }                                                                                                                                        \
  SMT_API int32_t smt_##name##_along(const Tensor* self, const int64_t* dims, int32_t count, bool unbiased, bool keepdim, Tensor** out) {  \
    return result(out, [&] { return self->name(at::IntArrayRef(dims, count), unbiased, keepdim); });                                       \
  }

SPREAD(std)
SPREAD(var)

SMT_API int32_t smt_prod(const Tensor* self, int32_t type, Tensor** out) {
  return result(out, [&] { return self->prod(MaybeType{type}); });
}
SMT_API int32_t smt_prod_along(const Tensor* self, int64_t dim, bool keepdim, int32_t type, Tensor** out) {
  return result(out, [&] { return self->prod(dim, keepdim, MaybeType{type}); });
}
SMT_API int32_t smt_cumsum(const Tensor* self, int64_t dim, int32_t type, Tensor** out) {
  return result(out, [&] { return self->cumsum(dim, MaybeType{type}); });
}
SMT_API int32_t smt_norm(const Tensor* self, double p, Tensor** out) {
  return result(out, [&] { return self->norm(at::Scalar(p)); });
}
SMT_API int32_t smt_norm_along(const Tensor* self, double p, int64_t dim, bool keepdim, Tensor** out) {
  return result(out, [&] { return self->norm(at::Scalar(p), at::IntArrayRef(&dim, 1), keepdim); });
}

// ---- shape and indexing ---------------------------------------------------------------------------------------------

UNARY(squeeze)
UNARY(t)
BINARY(expand_as)

#define SHAPED(name)                                                                                        \
  SMT_API int32_t smt_##name(const Tensor* self, const int64_t* sizes, int32_t rank, Tensor** out) {        \
    return result(out, [&] { return self->name(at::IntArrayRef(sizes, rank)); });                           \
  }

SHAPED(view)
SHAPED(reshape)
SHAPED(expand)
SHAPED(permute)

SMT_API int32_t smt_unsqueeze(const Tensor* self, int64_t dim, Tensor** out) { return result(out, [&] { return self->unsqueeze(dim); }); }
SMT_API int32_t smt_squeeze_along(const Tensor* self, int64_t dim, Tensor** out) { return result(out, [&] { return self->squeeze(dim); }); }
SMT_API int32_t smt_transpose(const Tensor* self, int64_t first, int64_t second, Tensor** out) {
  return result(out, [&] { return self->transpose(first, second); });
}
SMT_API int32_t smt_flatten(const Tensor* self, int64_t start, int64_t end, Tensor** out) {
  return result(out, [&] { return self->flatten(start, end); });
}
SMT_API int32_t smt_narrow(const Tensor* self, int64_t dim, int64_t start, int64_t length, Tensor** out) {
  return result(out, [&] { return self->narrow(dim, start, length); });
}
SMT_API int32_t smt_select(const Tensor* self, int64_t dim, int64_t index, Tensor** out) {
  return result(out, [&] { return self->select(dim, index); });
}
SMT_API int32_t smt_index_select(const Tensor* self, int64_t dim, const Tensor* index, Tensor** out) {
  return result(out, [&] { return self->index_select(dim, *index); });
}
SMT_API int32_t smt_gather(const Tensor* self, int64_t dim, const Tensor* index, Tensor** out) {
  return result(out, [&] { return self->gather(dim, *index); });
}
SMT_API int32_t smt_cat(Tensor* const* tensors, int32_t count, int64_t dim, Tensor** out) {
  return result(out, [&] { return at::cat(list(tensors, count), dim); });
}
SMT_API int32_t smt_stack(Tensor* const* tensors, int32_t count, int64_t dim, Tensor** out) {
  return result(out, [&] { return at::stack(list(tensors, count), dim); });
}
