namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>How a loss joins its elements. The numbers are libtorch's.</summary>
        public enum Reduction
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static class functional
        {
            public static Tensor relu(Tensor x, bool inplace = false) =>
                inplace ? Native.Wrap(Native.smt_relu_(x.Handle, out nint same), same, x) : Native.Wrap(Native.smt_relu(x.Handle, out nint result), result, x);

            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? Native.Wrap(Native.smt_tanh_(x.Handle, out nint same), same, x) : x.tanh();

            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => Native.Wrap(Native.smt_elu(x.Handle, alpha, inplace, out nint result), result, x);

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                Native.Wrap(Native.smt_leaky_relu(input.Handle, negative_slope, inplace, out nint result), result, input);

            public static Tensor gelu(Tensor x) => Native.Wrap(Native.smt_gelu(x.Handle, out nint result), result, x);

            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) =>
                Native.Wrap(Native.smt_softplus(x.Handle, beta, threshold, out nint result), result, x);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Native.Wrap(Native.smt_mse_loss(input.Handle, target.Handle, (long)reduction, out nint result), result, input, target);

            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean) =>
                Native.Wrap(Native.smt_huber_loss(input.Handle, target.Handle, (long)reduction, delta, out nint result), result, input, target);

            /// <summary>input @ weights^T + bias</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                Native.Wrap(Native.smt_linear(input.Handle, weights.Handle, bias is null ? 0 : bias.Handle, out nint result), result, input, weights, bias);
        }
    }
}
