using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>The functions of native/safemarl_torch. Each returns 0 or an error code, unless it cannot fail.</summary>
internal static unsafe partial class Native
{
    private const string Library = NativeLoader.LibraryName;

    /// <summary>"Not given" for an optional element type.</summary>
    internal const int NoType = -1;

    /// <summary>
    /// Raises libtorch's error, or wraps its result. The operands are passed so that the collector cannot finalize them while the
    /// native code, which sees only their addresses, still runs.
    /// </summary>
    internal static torch.Tensor Wrap(int code, nint handle, object? first, object? second = null, object? third = null)
    {
        Check(code);
        GC.KeepAlive(first);
        GC.KeepAlive(second);
        GC.KeepAlive(third);
        return new torch.Tensor(handle);
    }

    /// <inheritdoc cref="Wrap"/>
    internal static void Check(int code, object? first = null, object? second = null)
    {
        if (code != 0)
            Throw(code);
        GC.KeepAlive(first);
        GC.KeepAlive(second);
    }

    internal static int Code(torch.ScalarType? type) => type is { } given ? (int)given : NoType;

    [DoesNotReturn]
    private static void Throw(int code) => throw new ExternalException(Marshal.PtrToStringUTF8(smt_last_error()), code);

    // ---- errors, lifetime, creation, properties, conversion (tensors.cpp) -------------------------------------------

    [LibraryImport(Library)] private static partial nint smt_last_error();
    [LibraryImport(Library)] internal static partial void smt_free(nint self);

    [LibraryImport(Library)] internal static partial int smt_empty(
        ReadOnlySpan<long> sizes, int rank, int type, int deviceType, int deviceIndex, NativeBool requiresGrad, out nint result);
    [LibraryImport(Library)] internal static partial int smt_full(
        ReadOnlySpan<long> sizes, int rank, NativeNumber value, int type, int deviceType, int deviceIndex, NativeBool requiresGrad, out nint result);
    [LibraryImport(Library)] internal static partial int smt_arange(
        NativeNumber start, NativeNumber stop, NativeNumber step, int type, int deviceType, int deviceIndex, NativeBool requiresGrad, out nint result);
    [LibraryImport(Library)] internal static partial int smt_from_data(
        void* data, int stored, ReadOnlySpan<long> sizes, int rank, int type, int deviceType, int deviceIndex, NativeBool requiresGrad, out nint result);
    [LibraryImport(Library)] internal static partial int smt_uniform_(nint self, double from, double to);

    [LibraryImport(Library)] internal static partial long smt_rank(nint self);
    [LibraryImport(Library)] internal static partial long smt_numel(nint self);
    [LibraryImport(Library)] internal static partial long smt_element_size(nint self);
    [LibraryImport(Library)] internal static partial int smt_type(nint self);
    [LibraryImport(Library)] internal static partial int smt_device_type(nint self);
    [LibraryImport(Library)] internal static partial int smt_device_index(nint self);
    [LibraryImport(Library)] internal static partial NativeBool smt_is_contiguous(nint self);
    [LibraryImport(Library)] internal static partial NativeBool smt_is_leaf(nint self);
    [LibraryImport(Library)] internal static partial NativeBool smt_requires_grad(nint self);
    [LibraryImport(Library)] internal static partial void smt_sizes(nint self, Span<long> sizes);
    [LibraryImport(Library)] internal static partial int smt_size(nint self, long dim, out long size);
    [LibraryImport(Library)] internal static partial int smt_data(nint self, out nint data);
    [LibraryImport(Library)] internal static partial int smt_set_requires_grad(nint self, NativeBool on);

    [LibraryImport(Library)] internal static partial int smt_item(nint self, void* value);
    [LibraryImport(Library)] internal static partial int smt_item_double(nint self, out double value);
    [LibraryImport(Library)] internal static partial int smt_item_long(nint self, out long value);
    [LibraryImport(Library)] internal static partial int smt_equal(nint self, nint other, out NativeBool equal);

    [LibraryImport(Library)] internal static partial int smt_clone(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_detach(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_contiguous(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_copy_(nint self, nint source, NativeBool nonBlocking, out nint result);
    [LibraryImport(Library)] internal static partial int smt_to(nint self, int type, int deviceType, int deviceIndex, NativeBool nonBlocking, NativeBool copy, out nint result);

    // ---- operations (operations.cpp) --------------------------------------------------------------------------------

    [LibraryImport(Library)] internal static partial int smt_exp(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_exp_(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_log(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_log1p(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_expm1(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_tanh(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_tanh_(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_sigmoid(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_sqrt(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_square(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_abs(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_neg(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_relu(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_relu_(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_zero_(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_isfinite(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_isnan(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_logical_not(nint self, out nint result);

    [LibraryImport(Library)] internal static partial int smt_add(nint self, nint other, NativeNumber alpha, out nint result);
    [LibraryImport(Library)] internal static partial int smt_add_(nint self, nint other, NativeNumber alpha, out nint result);
    [LibraryImport(Library)] internal static partial int smt_add_number(nint self, NativeNumber other, NativeNumber alpha, out nint result);
    [LibraryImport(Library)] internal static partial int smt_add__number(nint self, NativeNumber other, NativeNumber alpha, out nint result);
    [LibraryImport(Library)] internal static partial int smt_sub(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_sub_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_sub_(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_sub__number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_rsub_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_mul(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_mul_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_mul_(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_mul__number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_div(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_div_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_div_(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_div__number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_rdiv_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_pow_number(nint self, NativeNumber exponent, out nint result);
    [LibraryImport(Library)] internal static partial int smt_fill__number(nint self, NativeNumber value, out nint result);
    [LibraryImport(Library)] internal static partial int smt_clamp_min_number(nint self, NativeNumber bound, out nint result);
    [LibraryImport(Library)] internal static partial int smt_clamp_max_number(nint self, NativeNumber bound, out nint result);
    [LibraryImport(Library)] internal static partial int smt_clamp(nint self, NativeNumber* min, NativeNumber* max, out nint result);
    [LibraryImport(Library)] internal static partial int smt_clamp_(nint self, NativeNumber* min, NativeNumber* max, out nint result);
    [LibraryImport(Library)] internal static partial int smt_lerp_(nint self, nint end, nint weight, out nint result);
    [LibraryImport(Library)] internal static partial int smt_minimum(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_maximum(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_where(nint condition, nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_masked_fill(nint self, nint mask, NativeNumber value, out nint result);

    [LibraryImport(Library)] internal static partial int smt_eq(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_eq_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_ne(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_ne_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_lt(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_lt_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_le(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_le_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_gt(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_gt_number(nint self, NativeNumber other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_ge(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_ge_number(nint self, NativeNumber other, out nint result);

    [LibraryImport(Library)] internal static partial int smt_elu(nint self, double alpha, NativeBool inPlace, out nint result);
    [LibraryImport(Library)] internal static partial int smt_leaky_relu(nint self, double slope, NativeBool inPlace, out nint result);
    [LibraryImport(Library)] internal static partial int smt_gelu(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_softplus(nint self, double beta, double threshold, out nint result);
    [LibraryImport(Library)] internal static partial int smt_softmax(nint self, long dim, int type, out nint result);
    [LibraryImport(Library)] internal static partial int smt_log_softmax(nint self, long dim, int type, out nint result);
    [LibraryImport(Library)] internal static partial int smt_mse_loss(nint self, nint target, long reduction, out nint result);
    [LibraryImport(Library)] internal static partial int smt_huber_loss(nint self, nint target, long reduction, double delta, out nint result);
    [LibraryImport(Library)] internal static partial int smt_linear(nint self, nint weight, nint bias, out nint result);
    [LibraryImport(Library)] internal static partial int smt_layer_norm(nint self, ReadOnlySpan<long> shape, int rank, nint weight, nint bias, double eps, out nint result);

    [LibraryImport(Library)] internal static partial int smt_matmul(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_mm(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_bmm(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_addmm(nint self, nint first, nint second, double beta, double alpha, out nint result);

    [LibraryImport(Library)] internal static partial int smt_all(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_all_along(nint self, long dim, NativeBool keepdim, out nint result);
    [LibraryImport(Library)] internal static partial int smt_any(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_any_along(nint self, long dim, NativeBool keepdim, out nint result);
    [LibraryImport(Library)] internal static partial int smt_max(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_sort(nint self, NativeBool stable, long dim, NativeBool descending, out nint values, out nint indices);
    [LibraryImport(Library)] internal static partial int smt_max_along(nint self, long dim, NativeBool keepdim, out nint values, out nint indexes);
    [LibraryImport(Library)] internal static partial int smt_min(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_argmax_along(nint self, long dim, NativeBool keepdim, out nint result);
    [LibraryImport(Library)] internal static partial int smt_logsumexp_along(nint self, long dim, NativeBool keepdim, out nint result);
    [LibraryImport(Library)] internal static partial int smt_sum(nint self, int type, out nint result);
    [LibraryImport(Library)] internal static partial int smt_sum_along(nint self, ReadOnlySpan<long> dims, int count, NativeBool keepdim, int type, out nint result);
    [LibraryImport(Library)] internal static partial int smt_mean(nint self, int type, out nint result);
    [LibraryImport(Library)] internal static partial int smt_mean_along(nint self, ReadOnlySpan<long> dims, int count, NativeBool keepdim, int type, out nint result);
    [LibraryImport(Library)] internal static partial int smt_std(nint self, NativeBool unbiased, out nint result);
    [LibraryImport(Library)] internal static partial int smt_std_along(nint self, ReadOnlySpan<long> dims, int count, NativeBool unbiased, NativeBool keepdim, out nint result);
    [LibraryImport(Library)] internal static partial int smt_var(nint self, NativeBool unbiased, out nint result);
    [LibraryImport(Library)] internal static partial int smt_var_along(nint self, ReadOnlySpan<long> dims, int count, NativeBool unbiased, NativeBool keepdim, out nint result);
    [LibraryImport(Library)] internal static partial int smt_prod(nint self, int type, out nint result);
    [LibraryImport(Library)] internal static partial int smt_prod_along(nint self, long dim, NativeBool keepdim, int type, out nint result);
    [LibraryImport(Library)] internal static partial int smt_cumsum(nint self, long dim, int type, out nint result);
    [LibraryImport(Library)] internal static partial int smt_norm(nint self, double p, out nint result);
    [LibraryImport(Library)] internal static partial int smt_norm_along(nint self, double p, long dim, NativeBool keepdim, out nint result);

    [LibraryImport(Library)] internal static partial int smt_view(nint self, ReadOnlySpan<long> sizes, int rank, out nint result);
    [LibraryImport(Library)] internal static partial int smt_reshape(nint self, ReadOnlySpan<long> sizes, int rank, out nint result);
    [LibraryImport(Library)] internal static partial int smt_expand(nint self, ReadOnlySpan<long> sizes, int rank, out nint result);
    [LibraryImport(Library)] internal static partial int smt_expand_as(nint self, nint other, out nint result);
    [LibraryImport(Library)] internal static partial int smt_permute(nint self, ReadOnlySpan<long> dims, int rank, out nint result);
    [LibraryImport(Library)] internal static partial int smt_unsqueeze(nint self, long dim, out nint result);
    [LibraryImport(Library)] internal static partial int smt_squeeze(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_squeeze_along(nint self, long dim, out nint result);
    [LibraryImport(Library)] internal static partial int smt_t(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_transpose(nint self, long first, long second, out nint result);
    [LibraryImport(Library)] internal static partial int smt_flatten(nint self, long start, long end, out nint result);
    [LibraryImport(Library)] internal static partial int smt_narrow(nint self, long dim, long start, long length, out nint result);
    [LibraryImport(Library)] internal static partial int smt_select(nint self, long dim, long index, out nint result);
    [LibraryImport(Library)] internal static partial int smt_index_select(nint self, long dim, nint index, out nint result);
    [LibraryImport(Library)] internal static partial int smt_gather(nint self, long dim, nint index, out nint result);
    [LibraryImport(Library)] internal static partial int smt_cat(ReadOnlySpan<nint> tensors, int count, long dim, out nint result);
    [LibraryImport(Library)] internal static partial int smt_stack(ReadOnlySpan<nint> tensors, int count, long dim, out nint result);

    // ---- autograd, optimiser, settings (training.cpp) ---------------------------------------------------------------

    [LibraryImport(Library)] internal static partial int smt_backward(nint self);
    [LibraryImport(Library)] internal static partial int smt_grad(nint self, out nint result);
    [LibraryImport(Library)] internal static partial int smt_set_grad(nint self, nint gradient);
    [LibraryImport(Library)] internal static partial int smt_autograd_grad(
        ReadOnlySpan<nint> outputs, int outputCount, ReadOnlySpan<nint> inputs, int inputCount, ReadOnlySpan<nint> gradOutputs, int gradOutputCount,
        NativeBool retainGraph, NativeBool createGraph, NativeBool allowUnused, Span<nint> gradients);
    [LibraryImport(Library)] internal static partial NativeBool smt_set_grad_enabled(NativeBool on);

    [LibraryImport(Library)] internal static partial int smt_zero_grad(ReadOnlySpan<nint> parameters, int count);
    [LibraryImport(Library)] internal static partial int smt_adam(
        ReadOnlySpan<nint> parameters, ReadOnlySpan<nint> firstMoments, ReadOnlySpan<nint> secondMoments, Span<long> steps, int count,
        double lr, double beta1, double beta2, double eps, double weightDecay, NativeBool maximize);
    [LibraryImport(Library)] internal static partial int smt_clip_grad_norm(ReadOnlySpan<nint> parameters, int count, double maxNorm, double normType, out double norm);

    [LibraryImport(Library)] internal static partial int smt_manual_seed(ulong seed);
    [LibraryImport(Library)] internal static partial int smt_set_num_threads(int count);
    [LibraryImport(Library)] internal static partial int smt_get_num_threads();
    [LibraryImport(Library)] internal static partial NativeBool smt_cuda_is_available();
    [LibraryImport(Library)] internal static partial int smt_cuda_device_count();
    [LibraryImport(Library)] internal static partial int smt_cuda_synchronize(long deviceIndex);
}
