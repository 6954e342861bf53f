namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Native.Wrap(Native.smt_eq(Handle, target.Handle, out nint result), result, this, target);

        public Tensor eq(Scalar target) => Native.Wrap(Native.smt_eq_number(Handle, target.Value, out nint result), result, this);

        public Tensor ne(Tensor target) => Native.Wrap(Native.smt_ne(Handle, target.Handle, out nint result), result, this, target);

        public Tensor ne(Scalar target) => Native.Wrap(Native.smt_ne_number(Handle, target.Value, out nint result), result, this);

        public Tensor lt(Tensor target) => Native.Wrap(Native.smt_lt(Handle, target.Handle, out nint result), result, this, target);

        public Tensor lt(Scalar target) => Native.Wrap(Native.smt_lt_number(Handle, target.Value, out nint result), result, this);

        public Tensor le(Tensor target) => Native.Wrap(Native.smt_le(Handle, target.Handle, out nint result), result, this, target);

        public Tensor le(Scalar target) => Native.Wrap(Native.smt_le_number(Handle, target.Value, out nint result), result, this);

        public Tensor gt(Tensor target) => Native.Wrap(Native.smt_gt(Handle, target.Handle, out nint result), result, this, target);

        public Tensor gt(Scalar target) => Native.Wrap(Native.smt_gt_number(Handle, target.Value, out nint result), result, this);

        public Tensor ge(Tensor target) => Native.Wrap(Native.smt_ge(Handle, target.Handle, out nint result), result, this, target);

        public Tensor ge(Scalar target) => Native.Wrap(Native.smt_ge_number(Handle, target.Value, out nint result), result, this);

        public Tensor isfinite() => Native.Wrap(Native.smt_isfinite(Handle, out nint result), result, this);

        public Tensor isnan() => Native.Wrap(Native.smt_isnan(Handle, out nint result), result, this);

        public Tensor logical_not() => Native.Wrap(Native.smt_logical_not(Handle, out nint result), result, this);

        public Tensor masked_fill(Tensor mask, Scalar value) => Native.Wrap(Native.smt_masked_fill(Handle, mask.Handle, value.Value, out nint result), result, this, mask);

        /// <summary>This where the condition holds, <paramref name="y"/> elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y) => Native.Wrap(Native.smt_where(condition.Handle, Handle, y.Handle, out nint result), result, this, condition, y);
    }
}
