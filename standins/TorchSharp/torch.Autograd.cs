namespace TorchSharp;

public static partial class torch
{
    /// <summary>Until it is disposed, operations on this thread are not recorded.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    private sealed class GradMode(bool enabled) : IDisposable
    {
        private readonly bool _before = Native.smt_set_grad_enabled(enabled);

        public void Dispose() => Native.smt_set_grad_enabled(_before);
    }

    public partial class Tensor
    {
        /// <summary>Adds the derivatives of this scalar to the gradients of the leaves it was computed from.</summary>
        public void backward() => Native.Check(Native.smt_backward(Handle), this);
    }

    public static class autograd
    {
#nullable disable annotations
        /// <summary>The sum of the derivatives of <paramref name="outputs"/> with respect to each input; null for an unused one where that is allowed.</summary>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false,
            bool create_graph = false, bool allow_unused = false)
        {
            nint[] results = new nint[inputs.Count];
            nint[] weights = grad_outputs is null ? [] : Handles(grad_outputs);
            int code = Native.smt_autograd_grad(
                Handles(outputs), outputs.Count, Handles(inputs), inputs.Count, weights, weights.Length, retain_graph, create_graph, allow_unused, results);
            Native.Check(code, outputs, inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(results, handle => handle == 0 ? null : new Tensor(handle));
        }
#nullable restore annotations
    }

    internal static nint[] Handles(IEnumerable<Tensor> tensors) => [.. tensors.Select(tensor => tensor.Handle)];
}
