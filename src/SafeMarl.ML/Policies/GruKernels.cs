using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SafeMarl.ML.Policies;

/// <summary>
/// A gated recurrent unit (Cho et al. 2014) as torch has it: <c>r = s(i_r + h_r), z = s(i_z + h_z), n = tanh(i_n + r h_n), h' = (1 - z) n + z h</c>, i being a
/// linear function of the input and h one of the state. Rows of <c>3 width</c> numbers hold r, z and n one after the other; widths are multiples of <see cref="DenseKernels.Lanes"/>.
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
        for (int j = 0; j < width; j += DenseKernels.Lanes)
        {
            Vector512<float> r = Sigmoid(Vector512.LoadUnsafe(ref input[j]) + Vector512.LoadUnsafe(in recurrent[j]));
            Vector512<float> z = Sigmoid(Vector512.LoadUnsafe(ref input[width + j]) + Vector512.LoadUnsafe(in recurrent[width + j]));
            Vector512<float> n = Tanh(Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(in recurrent[2 * width + j]), Vector512.LoadUnsafe(ref input[2 * width + j])));
            r.StoreUnsafe(ref input[j]);
            z.StoreUnsafe(ref input[width + j]);
            n.StoreUnsafe(ref input[2 * width + j]);
            Vector512.FusedMultiplyAdd(z, Vector512.LoadUnsafe(in state[j]) - n, n).StoreUnsafe(ref next[j]); // h' = n + z (h - n)
        }
    }

    /// <summary>Slopes of one row back through <see cref="Step"/>.</summary>
    /// <param name="gates">r, z and n <c>[3 width]</c>.</param>
    /// <param name="candidate">h_n <c>[width]</c>.</param>
    /// <param name="state">State before <c>[width]</c>.</param>
    /// <param name="slope">Of the state after it; becomes that part of the slope of the state before it which comes through no gate, z dh'.</param>
    /// <param name="inputGates">Receives the slopes of i <c>[3 width]</c>.</param>
    /// <param name="recurrentGates">Receives the slopes of h <c>[3 width]</c>.</param>
    public static void StepBack(ReadOnlySpan<float> gates, ReadOnlySpan<float> candidate, ReadOnlySpan<float> state, Span<float> slope, Span<float> inputGates, Span<float> recurrentGates)
    {
        int width = slope.Length;
        for (int j = 0; j < width; j += DenseKernels.Lanes)
        {
            Vector512<float> r = Vector512.LoadUnsafe(in gates[j]), z = Vector512.LoadUnsafe(in gates[width + j]), n = Vector512.LoadUnsafe(in gates[2 * width + j]);
            Vector512<float> h = Vector512.LoadUnsafe(in state[j]), d = Vector512.LoadUnsafe(ref slope[j]), kept = d * z;
            Vector512<float> dn = (d - kept) * (Vector512<float>.One - n * n), dz = (h - n) * kept * (Vector512<float>.One - z);
            Vector512<float> dr = dn * Vector512.LoadUnsafe(in candidate[j]) * r * (Vector512<float>.One - r);
            kept.StoreUnsafe(ref slope[j]);
            dr.StoreUnsafe(ref inputGates[j]);
            dr.StoreUnsafe(ref recurrentGates[j]);
            dz.StoreUnsafe(ref inputGates[width + j]);
            dz.StoreUnsafe(ref recurrentGates[width + j]);
            dn.StoreUnsafe(ref inputGates[2 * width + j]);
            (dn * r).StoreUnsafe(ref recurrentGates[2 * width + j]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    // 1 - 2 / (e^2x + 1)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Tanh(Vector512<float> x) => Vector512<float>.One - Vector512.Create(2f) / (Exp(x + x) + Vector512<float>.One);

    // 2^n e^r with |r| at most half of ln 2, and the Taylor series of e^r: its first term left out is below 2e-8.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp(Vector512<float> x)
    {
        const float range = 87, log2E = 1.44269504f, ln2High = 0.693359375f, ln2Low = -2.12194440e-4f;
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-range)), Vector512.Create(range));
        Vector512<float> n = Vector512.Round(x * log2E);
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-ln2Low), Vector512.FusedMultiplyAdd(n, Vector512.Create(-ln2High), x));
        Vector512<float> p = Vector512.FusedMultiplyAdd(r, Vector512.Create(1 / 5040f), Vector512.Create(1 / 720f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1 / 120f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1 / 24f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1 / 6f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        return p * Vector512.ShiftLeft(Vector512.ConvertToInt32(n) + Vector512.Create(127), 23).AsSingle();
    }
}
