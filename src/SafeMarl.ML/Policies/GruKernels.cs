using System.Numerics.Tensors;

namespace SafeMarl.ML.Policies;

/// <summary>
/// A gated recurrent unit (Cho et al. 2014) as torch has it: <c>r = s(i_r + h_r), z = s(i_z + h_z), n = tanh(i_n + r h_n), h' = (1 - z) n + z h</c>, i being a
/// linear function of the input and h one of the state. Rows of <c>3 width</c> numbers hold r, z and n one after the other.
/// </summary>
internal static class GruKernels
{
    /// <summary>One step of one row.</summary>
    /// <param name="input">i <c>[3 width]</c>; becomes r, z and n.</param>
    /// <param name="recurrent">h <c>[3 width]</c>; is kept.</param>
    /// <param name="state">State before <c>[width]</c>.</param>
    /// <param name="next">Receives the state after it <c>[width]</c>; may be the same memory.</param>
    public static void Step(Span<float> input, ReadOnlySpan<float> recurrent, ReadOnlySpan<float> state, Span<float> next)
    {
        int width = next.Length;
        Span<float> gates = input[..(2 * width)], reset = input[..width], update = input.Slice(width, width), candidate = input[(2 * width)..];
        TensorPrimitives.Add(gates, recurrent[..(2 * width)], gates);
        TensorPrimitives.Sigmoid<float>(gates, gates);
        TensorPrimitives.MultiplyAdd(reset, recurrent[(2 * width)..], candidate, candidate);
        TensorPrimitives.Tanh<float>(candidate, candidate);
        // h' = n + z (h - n)
        TensorPrimitives.Subtract(state, candidate, next);
        TensorPrimitives.MultiplyAdd(next, update, candidate, next);
    }
}
