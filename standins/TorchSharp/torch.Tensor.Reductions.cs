namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Native.Wrap(Native.smt_sum(Handle, Native.Code(type), out nint result), result, this);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum(new ReadOnlySpan<long>(in dim), keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => sum(dim.AsSpan(), keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Native.Wrap(Native.smt_sum_along(Handle, dim, dim.Length, keepdim, Native.Code(type), out nint result), result, this);

        public Tensor mean() => Native.Wrap(Native.smt_mean(Handle, Native.NoType, out nint result), result, this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Native.Wrap(Native.smt_mean_along(Handle, dimensions, dimensions.Length, keepdim, Native.Code(type), out nint result), result, this);

        public Tensor std(bool unbiased = true) => Native.Wrap(Native.smt_std(Handle, unbiased, out nint result), result, this);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std(new ReadOnlySpan<long>(in dim), unbiased, keepdim, type);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std(dimensions.AsSpan(), unbiased, keepdim, type);

        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, Native.Wrap(Native.smt_std_along(Handle, dimensions, dimensions.Length, unbiased, keepdim, out nint result), result, this));

        public Tensor var(bool unbiased = true) => Native.Wrap(Native.smt_var(Handle, unbiased, out nint result), result, this);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var(new ReadOnlySpan<long>(in dim), unbiased, keepdim, type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var(dimensions.AsSpan(), unbiased, keepdim, type);

        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, Native.Wrap(Native.smt_var_along(Handle, dimensions, dimensions.Length, unbiased, keepdim, out nint result), result, this));

        public Tensor prod(ScalarType? type = null) => Native.Wrap(Native.smt_prod(Handle, Native.Code(type), out nint result), result, this);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) =>
            Native.Wrap(Native.smt_prod_along(Handle, dim, keepdim, Native.Code(type), out nint result), result, this);

        public Tensor cumsum(long dim, ScalarType? type = null) => Native.Wrap(Native.smt_cumsum(Handle, dim, Native.Code(type), out nint result), result, this);

        public Tensor max() => Native.Wrap(Native.smt_max(Handle, out nint result), result, this);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)
        {
            Native.Check(Native.smt_max_along(Handle, dim, keepdim, out nint values, out nint indexes), this);
            return (new Tensor(values), new Tensor(indexes));
        }

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false)
        {
            Native.Check(Native.smt_sort(Handle, stable, dim, descending, out nint values, out nint indices), this);
            return (new Tensor(values), new Tensor(indices));
        }

        public Tensor min() => Native.Wrap(Native.smt_min(Handle, out nint result), result, this);

        public Tensor argmax(long dim, bool keepdim = false) => Native.Wrap(Native.smt_argmax_along(Handle, dim, keepdim, out nint result), result, this);

        public Tensor all() => Native.Wrap(Native.smt_all(Handle, out nint result), result, this);

        public Tensor all(long dim, bool keepdim = false) => Native.Wrap(Native.smt_all_along(Handle, dim, keepdim, out nint result), result, this);

        public Tensor any() => Native.Wrap(Native.smt_any(Handle, out nint result), result, this);

        public Tensor any(long dim, bool keepdim = false) => Native.Wrap(Native.smt_any_along(Handle, dim, keepdim, out nint result), result, this);

        public Tensor logsumexp(long dim, bool keepdim = false) => Native.Wrap(Native.smt_logsumexp_along(Handle, dim, keepdim, out nint result), result, this);

        public Tensor norm(float p = 2) => Native.Wrap(Native.smt_norm(Handle, p, out nint result), result, this);

        public Tensor norm(int dim, bool keepdim = false, float p = 2) => Native.Wrap(Native.smt_norm_along(Handle, p, dim, keepdim, out nint result), result, this);

        private static Tensor As(ScalarType? type, Tensor tensor) => type is { } given && given != tensor.dtype ? tensor.to_type(given, disposeAfter: true) : tensor;
    }
}
