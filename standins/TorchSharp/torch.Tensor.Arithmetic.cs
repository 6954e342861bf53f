namespace TorchSharp;

public static partial class torch
{
    /// <summary>How div rounds. The official members are not part of the subset; the default is an exact quotient.</summary>
    public enum RoundingMode
    {
    }

    public partial class Tensor
    {
        private static readonly NativeNumber s_one = 1L;

        public Tensor add(Tensor target) => Native.Wrap(Native.smt_add(Handle, target.Handle, s_one, out nint result), result, this, target);

        public Tensor add(Tensor target, Scalar alpha) => Native.Wrap(Native.smt_add(Handle, target.Handle, alpha.Value, out nint result), result, this, target);

        public Tensor add(Scalar scalar) => Add(scalar.Value);

        public Tensor add(Scalar scalar, Scalar alpha) => Native.Wrap(Native.smt_add_number(Handle, scalar.Value, alpha.Value, out nint result), result, this);

        public Tensor add_(Tensor target) => Native.Wrap(Native.smt_add_(Handle, target.Handle, s_one, out nint result), result, this, target);

        public Tensor add_(Tensor target, Scalar alpha) => Native.Wrap(Native.smt_add_(Handle, target.Handle, alpha.Value, out nint result), result, this, target);

        public Tensor add_(Scalar scalar) => Native.Wrap(Native.smt_add__number(Handle, scalar.Value, s_one, out nint result), result, this);

        public Tensor add_(Scalar scalar, Scalar alpha) => Native.Wrap(Native.smt_add__number(Handle, scalar.Value, alpha.Value, out nint result), result, this);

        public Tensor sub(Tensor target) => Native.Wrap(Native.smt_sub(Handle, target.Handle, out nint result), result, this, target);

        public Tensor sub(Scalar target) => Subtract(target.Value);

        public Tensor sub_(Tensor target) => Native.Wrap(Native.smt_sub_(Handle, target.Handle, out nint result), result, this, target);

        public Tensor sub_(Scalar target) => Native.Wrap(Native.smt_sub__number(Handle, target.Value, out nint result), result, this);

        public Tensor mul(Tensor target) => Native.Wrap(Native.smt_mul(Handle, target.Handle, out nint result), result, this, target);

        public Tensor mul(Scalar target) => Multiply(target.Value);

        public Tensor mul_(Tensor target) => Native.Wrap(Native.smt_mul_(Handle, target.Handle, out nint result), result, this, target);

        public Tensor mul_(Scalar target) => Native.Wrap(Native.smt_mul__number(Handle, target.Value, out nint result), result, this);

        public Tensor div(Tensor target, RoundingMode rounding_mode = default)
        {
            RequireExact(rounding_mode);
            return Native.Wrap(Native.smt_div(Handle, target.Handle, out nint result), result, this, target);
        }

        public Tensor div(Scalar target, RoundingMode rounding_mode = default)
        {
            RequireExact(rounding_mode);
            return Divide(target.Value);
        }

        public Tensor div_(Tensor target, RoundingMode rounding_mode = default)
        {
            RequireExact(rounding_mode);
            return Native.Wrap(Native.smt_div_(Handle, target.Handle, out nint result), result, this, target);
        }

        public Tensor div_(Scalar target, RoundingMode rounding_mode = default)
        {
            RequireExact(rounding_mode);
            return Native.Wrap(Native.smt_div__number(Handle, target.Value, out nint result), result, this);
        }

        public Tensor zero_() => Native.Wrap(Native.smt_zero_(Handle, out nint result), result, this);

        public Tensor fill_(Scalar value) => Native.Wrap(Native.smt_fill__number(Handle, value.Value, out nint result), result, this);

        public Tensor lerp_(Tensor end, Tensor weight) => Native.Wrap(Native.smt_lerp_(Handle, end.Handle, weight.Handle, out nint result), result, this, end, weight);

        public Tensor exp() => Native.Wrap(Native.smt_exp(Handle, out nint result), result, this);

        public Tensor exp_() => Native.Wrap(Native.smt_exp_(Handle, out nint result), result, this);

        public Tensor log() => Native.Wrap(Native.smt_log(Handle, out nint result), result, this);

        public Tensor log1p() => Native.Wrap(Native.smt_log1p(Handle, out nint result), result, this);

        public Tensor expm1() => Native.Wrap(Native.smt_expm1(Handle, out nint result), result, this);

        public Tensor tanh() => Native.Wrap(Native.smt_tanh(Handle, out nint result), result, this);

        public Tensor sigmoid() => Native.Wrap(Native.smt_sigmoid(Handle, out nint result), result, this);

        public Tensor sqrt() => Native.Wrap(Native.smt_sqrt(Handle, out nint result), result, this);

        public Tensor square() => Native.Wrap(Native.smt_square(Handle, out nint result), result, this);

        public Tensor abs() => Native.Wrap(Native.smt_abs(Handle, out nint result), result, this);

        public Tensor neg() => Native.Wrap(Native.smt_neg(Handle, out nint result), result, this);

        public Tensor pow(Scalar exponent) => Native.Wrap(Native.smt_pow_number(Handle, exponent.Value, out nint result), result, this);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Native.Wrap(Native.smt_softmax(Handle, dim, Native.Code(dtype), out nint result), result, this);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Native.Wrap(Native.smt_log_softmax(Handle, dim, Native.Code(dtype), out nint result), result, this);

        public unsafe Tensor clamp(Scalar? min = null, Scalar? max = null)
        {
            NativeNumber low = min?.Value ?? default, high = max?.Value ?? default;
            return Native.Wrap(Native.smt_clamp(Handle, min is null ? null : &low, max is null ? null : &high, out nint result), result, this);
        }

        public unsafe Tensor clamp_(Scalar? min = null, Scalar? max = null)
        {
            NativeNumber low = min?.Value ?? default, high = max?.Value ?? default;
            return Native.Wrap(Native.smt_clamp_(Handle, min is null ? null : &low, max is null ? null : &high, out nint result), result, this);
        }

        public Tensor clamp_min(Scalar min) => Native.Wrap(Native.smt_clamp_min_number(Handle, min.Value, out nint result), result, this);

        public Tensor clamp_max(Scalar max) => Native.Wrap(Native.smt_clamp_max_number(Handle, max.Value, out nint result), result, this);

        public Tensor minimum(Tensor other) => Native.Wrap(Native.smt_minimum(Handle, other.Handle, out nint result), result, this, other);

        public Tensor maximum(Tensor other) => Native.Wrap(Native.smt_maximum(Handle, other.Handle, out nint result), result, this, other);

        public Tensor matmul(Tensor target) => Native.Wrap(Native.smt_matmul(Handle, target.Handle, out nint result), result, this, target);

        public Tensor mm(Tensor target) => Native.Wrap(Native.smt_mm(Handle, target.Handle, out nint result), result, this, target);

        public Tensor bmm(Tensor batch2) => Native.Wrap(Native.smt_bmm(Handle, batch2.Handle, out nint result), result, this, batch2);

        /// <summary>beta * this + alpha * (mat1 @ mat2)</summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Native.Wrap(Native.smt_addmm(Handle, mat1.Handle, mat2.Handle, beta, alpha, out nint result), result, this, mat1, mat2);

        // The forms that the operators share; a NativeNumber costs no allocation.
        private Tensor Add(NativeNumber number) => Native.Wrap(Native.smt_add_number(Handle, number, s_one, out nint result), result, this);

        private Tensor Subtract(NativeNumber number) => Native.Wrap(Native.smt_sub_number(Handle, number, out nint result), result, this);

        private Tensor SubtractFrom(NativeNumber number) => Native.Wrap(Native.smt_rsub_number(Handle, number, out nint result), result, this);

        private Tensor Multiply(NativeNumber number) => Native.Wrap(Native.smt_mul_number(Handle, number, out nint result), result, this);

        private Tensor Divide(NativeNumber number) => Native.Wrap(Native.smt_div_number(Handle, number, out nint result), result, this);

        private Tensor DivideInto(NativeNumber number) => Native.Wrap(Native.smt_rdiv_number(Handle, number, out nint result), result, this);

        private static void RequireExact(RoundingMode mode)
        {
            if (mode != default)
                throw new NotSupportedException("This stand-in divides without rounding only.");
        }
    }
}
