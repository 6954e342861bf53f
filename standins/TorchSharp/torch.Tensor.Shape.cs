namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor view(params long[] shape) => Native.Wrap(Native.smt_view(Handle, shape, shape.Length, out nint result), result, this);

        public Tensor reshape(params long[] shape) => Native.Wrap(Native.smt_reshape(Handle, shape, shape.Length, out nint result), result, this);

        public Tensor expand(params long[] sizes) => Native.Wrap(Native.smt_expand(Handle, sizes, sizes.Length, out nint result), result, this);

        public Tensor expand_as(Tensor other) => Native.Wrap(Native.smt_expand_as(Handle, other.Handle, out nint result), result, this, other);

        public Tensor permute(params long[] permutation) => Native.Wrap(Native.smt_permute(Handle, permutation, permutation.Length, out nint result), result, this);

        public Tensor unsqueeze(long dim) => Native.Wrap(Native.smt_unsqueeze(Handle, dim, out nint result), result, this);

        public Tensor squeeze(long? dim = null) =>
            dim is { } given ? Native.Wrap(Native.smt_squeeze_along(Handle, given, out nint one), one, this) : Native.Wrap(Native.smt_squeeze(Handle, out nint all), all, this);

        public Tensor t() => Native.Wrap(Native.smt_t(Handle, out nint result), result, this);

        public Tensor transpose(long dim0, long dim1) => Native.Wrap(Native.smt_transpose(Handle, dim0, dim1, out nint result), result, this);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Native.Wrap(Native.smt_flatten(Handle, start_dim, end_dim, out nint result), result, this);

        public Tensor narrow(long dim, long start, long length) => Native.Wrap(Native.smt_narrow(Handle, dim, start, length, out nint result), result, this);

        public Tensor select(long dim, long index) => Native.Wrap(Native.smt_select(Handle, dim, index, out nint result), result, this);

        public Tensor index_select(long dim, Tensor index) => Native.Wrap(Native.smt_index_select(Handle, dim, index.Handle, out nint result), result, this, index);

        public Tensor gather(long dim, Tensor index) => Native.Wrap(Native.smt_gather(Handle, dim, index.Handle, out nint result), result, this, index);
    }
}
