// Errors, lifetime, creation, properties, conversion between devices and element types.
#include "shim.h"

#include <cstring>
#include <new>
#include <string>

using namespace smt;

// ---- errors ---------------------------------------------------------------------------------------------------------

static thread_local std::string last_error;

static int32_t remember(Code code, const char* text) noexcept {
  try {
    last_error = text ? text : "";
  } catch (...) {
    last_error.clear();
  }
  return code;
}

int32_t smt::describe_current_exception() noexcept {
  try {
    throw;
  } catch (const c10::IndexError& e) {
    return remember(kIndexError, e.what_without_backtrace());
  } catch (const c10::ValueError& e) {
    return remember(kValueError, e.what_without_backtrace());
  } catch (const c10::TypeError& e) {
    return remember(kTypeError, e.what_without_backtrace());
  } catch (const c10::NotImplementedError& e) {
    return remember(kNotImplemented, e.what_without_backtrace());
  } catch (const c10::Error& e) {
    return remember(kTorchError, e.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return remember(kOutOfMemory, "out of memory");
  } catch (const std::exception& e) {
    return remember(kStandardError, e.what());
  } catch (...) {
    return remember(kUnknownError, "unknown native exception");
  }
}

SMT_API int32_t smt_abi_version() { return kAbiVersion; }

// Valid until the next failing call on the same thread.
SMT_API const char* smt_last_error() { return last_error.c_str(); }

SMT_API void smt_free(Tensor* self) { delete self; }

// ---- creation -------------------------------------------------------------------------------------------------------

static Tensor tracked(Tensor tensor, bool requires_grad) {
  if (requires_grad) tensor.set_requires_grad(true);
  return tensor;
}

SMT_API int32_t smt_empty(const int64_t* sizes, int32_t rank, int32_t type, int32_t device_type, int32_t device_index, bool requires_grad, Tensor** out) {
  return result(out, [&] { return tracked(at::empty(at::IntArrayRef(sizes, rank), options(type, device_type, device_index)), requires_grad); });
}

SMT_API int32_t smt_full(const int64_t* sizes, int32_t rank, Number value, int32_t type, int32_t device_type, int32_t device_index, bool requires_grad, Tensor** out) {
  return result(out, [&] { return tracked(at::full(at::IntArrayRef(sizes, rank), value, options(type, device_type, device_index)), requires_grad); });
}

SMT_API int32_t smt_arange(Number start, Number stop, Number step, int32_t type, int32_t device_type, int32_t device_index, bool requires_grad, Tensor** out) {
  return result(out, [&] { return tracked(at::arange(start, stop, step, options(type, device_type, device_index)), requires_grad); });
}

// Copies the caller's array; `stored` is the element type of the array, `type` that of the tensor.
SMT_API int32_t smt_from_data(const void* data, int32_t stored, const int64_t* sizes, int32_t rank, int32_t type, int32_t device_type, int32_t device_index,
                              bool requires_grad, Tensor** out) {
  return result(out, [&] {
    Tensor tensor = at::empty(at::IntArrayRef(sizes, rank), at::TensorOptions().dtype(static_cast<at::ScalarType>(stored)));
    if (tensor.numel() > 0) std::memcpy(tensor.data_ptr(), data, tensor.numel() * tensor.element_size());
    if (type != stored || device_type != 0) tensor = tensor.to(options(type, device_type, device_index));
    return tracked(std::move(tensor), requires_grad);
  });
}

SMT_API int32_t smt_uniform_(const Tensor* self, double from, double to) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    self->uniform_(from, to);
  });
}

// ---- properties -----------------------------------------------------------------------------------------------------

SMT_API int64_t smt_rank(const Tensor* self) { return self->dim(); }
SMT_API int64_t smt_numel(const Tensor* self) { return self->numel(); }
SMT_API int64_t smt_element_size(const Tensor* self) { return self->element_size(); }
SMT_API int32_t smt_type(const Tensor* self) { return static_cast<int32_t>(self->scalar_type()); }
SMT_API int32_t smt_device_type(const Tensor* self) { return static_cast<int32_t>(self->device().type()); }
SMT_API int32_t smt_device_index(const Tensor* self) { return self->device().index(); }
SMT_API bool smt_is_contiguous(const Tensor* self) { return self->is_contiguous(); }
SMT_API bool smt_is_leaf(const Tensor* self) { return self->is_leaf(); }
SMT_API bool smt_requires_grad(const Tensor* self) { return self->requires_grad(); }

SMT_API void smt_sizes(const Tensor* self, int64_t* sizes) { std::memcpy(sizes, self->sizes().data(), self->dim() * sizeof(int64_t)); }

SMT_API int32_t smt_size(const Tensor* self, int64_t dim, int64_t* size) {
  return guarded([&] { *size = self->size(dim); });
}

SMT_API int32_t smt_data(const Tensor* self, void** data) {
  return guarded([&] { *data = self->data_ptr(); });
}

SMT_API int32_t smt_set_requires_grad(const Tensor* self, bool on) {
  return guarded([&] { self->set_requires_grad(on); });
}

// ---- values ---------------------------------------------------------------------------------------------------------

// The bytes of the only element, in the tensor's own type.
SMT_API int32_t smt_item(const Tensor* self, void* value) {
  return guarded([&] {
    Tensor host = self->detach().cpu();
    std::memcpy(value, host.data_ptr(), host.element_size());
  });
}

SMT_API int32_t smt_item_double(const Tensor* self, double* value) {
  return guarded([&] { *value = self->item().toDouble(); });
}

SMT_API int32_t smt_item_long(const Tensor* self, int64_t* value) {
  return guarded([&] { *value = self->item().toLong(); });
}

SMT_API int32_t smt_equal(const Tensor* self, const Tensor* other, bool* equal) {
  return guarded([&] { *equal = self->equal(*other); });
}

// ---- copies and conversion ------------------------------------------------------------------------------------------

SMT_API int32_t smt_clone(const Tensor* self, Tensor** out) { return result(out, [&] { return self->clone(); }); }
SMT_API int32_t smt_detach(const Tensor* self, Tensor** out) { return result(out, [&] { return self->detach(); }); }
SMT_API int32_t smt_contiguous(const Tensor* self, Tensor** out) { return result(out, [&] { return self->contiguous(); }); }

SMT_API int32_t smt_copy_(const Tensor* self, const Tensor* source, bool non_blocking, Tensor** out) {
  return result(out, [&] { return self->copy_(*source, non_blocking); });
}

SMT_API int32_t smt_to(const Tensor* self, int32_t type, int32_t device_type, int32_t device_index, bool non_blocking, bool copy, Tensor** out) {
  return result(out, [&] { return self->to(options(type, device_type, device_index), non_blocking, copy); });
}
