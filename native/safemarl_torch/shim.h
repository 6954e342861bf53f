// What every part of the shim shares: the calling convention, the error channel and the conversions between C types and
// libtorch's. Only constructs that exist unchanged in libtorch 1.13 and 2.x are used, which is why optionals are never named.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#define SMT_API extern "C" __attribute__((visibility("default")))

// Raised whenever a signature or a meaning below changes; NativeLoader.cs refuses any other number.
constexpr int32_t kAbiVersion = 1;

using at::Tensor;

namespace smt {

enum Code : int32_t { kOk = 0, kTorchError, kIndexError, kValueError, kTypeError, kNotImplemented, kOutOfMemory, kStandardError, kUnknownError };

// Turns the exception in flight into a code and keeps its text for smt_last_error. Out of line: it is cold, and used by every function.
int32_t describe_current_exception() noexcept;

// No exception may cross the C boundary.
template <typename Body>
inline int32_t guarded(Body&& body) noexcept {
  try {
    body();
    return kOk;
  } catch (...) {
    return describe_current_exception();
  }
}

// A handle is a Tensor on the heap that the caller frees with smt_free; an undefined tensor is a null handle.
inline void give(Tensor** out, Tensor&& value) { *out = value.defined() ? new Tensor(std::move(value)) : nullptr; }

template <typename Operation>
inline int32_t result(Tensor** out, Operation&& operation) noexcept {
  return guarded([&] { give(out, operation()); });
}

template <typename Operation>
inline int32_t results(Tensor** first, Tensor** second, Operation&& operation) noexcept {
  return guarded([&] {
    auto pair = operation();
    give(first, std::move(std::get<0>(pair)));
    give(second, std::move(std::get<1>(pair)));
  });
}

inline std::vector<Tensor> list(Tensor* const* handles, int32_t count) {
  std::vector<Tensor> tensors;
  tensors.reserve(count);
  for (int32_t i = 0; i < count; i++) tensors.push_back(handles[i] ? *handles[i] : Tensor());
  return tensors;
}

// A number with its kind, because the kind takes part in type promotion.
struct Number {
  int64_t bits;
  int32_t kind;  // 0 integer, 1 floating point, 2 boolean

  operator at::Scalar() const {
    if (kind == 0) return at::Scalar(bits);
    if (kind == 2) return at::Scalar(bits != 0);
    double value;
    static_assert(sizeof value == sizeof bits, "a double is carried in 64 bits");
    __builtin_memcpy(&value, &bits, sizeof value);
    return at::Scalar(value);
  }
};

// -1 means "not given". Converts to c10::optional (1.13) and to std::optional (2.x) alike.
struct MaybeType {
  int32_t code;

  template <template <typename> class Optional>
  operator Optional<at::ScalarType>() const {
    return code < 0 ? Optional<at::ScalarType>() : Optional<at::ScalarType>(static_cast<at::ScalarType>(code));
  }
};

inline at::TensorOptions options(int32_t type, int32_t device_type, int32_t device_index) {
  return at::TensorOptions()
      .dtype(static_cast<at::ScalarType>(type))
      .device(c10::Device(static_cast<c10::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index)));
}

}  // namespace smt
