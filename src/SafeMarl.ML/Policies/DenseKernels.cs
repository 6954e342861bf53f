using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SafeMarl.ML.Policies;

/// <summary>
/// Arithmetic of small dense networks. Each row's result is the same bits whatever rows are computed beside it, so that batching and
/// threading change nothing.
/// </summary>
internal static class DenseKernels
{
    /// <summary>Rows that are computed together.</summary>
    public const int RowTile = 4;

    /// <summary>Outputs are padded to a multiple of this many, with zero weights.</summary>
    public const int Lanes = 16;

    /// <summary>
    /// <c>y = x W + b</c> for <paramref name="rows"/> rows. W is <c>[inputs, outputs]</c> with outputs a multiple of <see cref="Lanes"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Linear(ReadOnlySpan<float> x, int rows, int stride, int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> y, int outputs)
    {
        ref float w = ref MemoryMarshal.GetReference(weights), b = ref MemoryMarshal.GetReference(bias);
        int row = 0;
        for (; row + RowTile <= rows; row += RowTile)
            FourRows(ref MemoryMarshal.GetReference(x[(row * stride)..]), stride, inputs, ref w, ref b, ref MemoryMarshal.GetReference(y[(row * outputs)..]), outputs);
        for (; row < rows; row++)
            OneRow(ref MemoryMarshal.GetReference(x[(row * stride)..]), inputs, ref w, ref b, ref MemoryMarshal.GetReference(y[(row * outputs)..]), outputs);
    }

    /// <summary>LayerNorm of each row: <c>(x - mean) / sqrt(var + epsilon) * weight + bias</c> with the population variance.</summary>
    public static void Normalize(ReadOnlySpan<float> x, int rows, int stride, int size, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, Span<float> y, int yStride)
    {
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> source = x.Slice(row * stride, size);
            Span<float> target = y.Slice(row * yStride, size);
            float mean = TensorPrimitives.Sum(source) / size;
            TensorPrimitives.Subtract(source, mean, target);
            float variance = TensorPrimitives.SumOfSquares<float>(target) / size;
            float scale = (float)(1 / Math.Sqrt(variance + NetworkShape.NormEpsilon));
            TensorPrimitives.Multiply(target, scale, target);
            TensorPrimitives.MultiplyAdd(target, weight, bias, target);
        }
    }

    public static void Activate(Span<float> values, Activation activation)
    {
        if (activation == Activation.ReLU)
            TensorPrimitives.Max(values, 0f, values);
        else if (activation == Activation.Tanh)
            TensorPrimitives.Tanh(values, values);
        else
            Elu(values);
    }

    // max(0, x) + exp(min(0, x)) - 1
    private static void Elu(Span<float> values)
    {
        Span<float> block = stackalloc float[64];
        for (; !values.IsEmpty; values = values[Math.Min(block.Length, values.Length)..])
        {
            Span<float> part = values[..Math.Min(block.Length, values.Length)], negative = block[..part.Length];
            TensorPrimitives.Min(part, 0f, negative);
            TensorPrimitives.ExpM1(negative, negative);
            TensorPrimitives.Max(part, 0f, part);
            TensorPrimitives.Add(part, negative, part);
        }
    }

    private static void FourRows(ref float x, int stride, int inputs, ref float w, ref float b, ref float y, int outputs)
    {
        for (int j = 0; j < outputs; j += Lanes)
        {
            Vector512<float> a0 = Vector512.LoadUnsafe(ref b, (nuint)j), a1 = a0, a2 = a0, a3 = a0;
            ref float column = ref Unsafe.Add(ref w, j);
            for (int k = 0; k < inputs; k++)
            {
                Vector512<float> v = Vector512.LoadUnsafe(ref column);
                a0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, k)), v, a0);
                a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, stride + k)), v, a1);
                a2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, 2 * stride + k)), v, a2);
                a3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, 3 * stride + k)), v, a3);
                column = ref Unsafe.Add(ref column, outputs);
            }
            a0.StoreUnsafe(ref y, (nuint)j);
            a1.StoreUnsafe(ref y, (nuint)(outputs + j));
            a2.StoreUnsafe(ref y, (nuint)(2 * outputs + j));
            a3.StoreUnsafe(ref y, (nuint)(3 * outputs + j));
        }
    }

    private static void OneRow(ref float x, int inputs, ref float w, ref float b, ref float y, int outputs)
    {
        int j = 0;
        for (; j + 4 * Lanes <= outputs; j += 4 * Lanes)
        {
            Vector512<float> a0 = Vector512.LoadUnsafe(ref b, (nuint)j), a1 = Vector512.LoadUnsafe(ref b, (nuint)(j + Lanes));
            Vector512<float> a2 = Vector512.LoadUnsafe(ref b, (nuint)(j + 2 * Lanes)), a3 = Vector512.LoadUnsafe(ref b, (nuint)(j + 3 * Lanes));
            ref float columns = ref Unsafe.Add(ref w, j);
            for (int k = 0; k < inputs; k++)
            {
                Vector512<float> v = Vector512.Create(Unsafe.Add(ref x, k));
                a0 = Vector512.FusedMultiplyAdd(v, Vector512.LoadUnsafe(ref columns), a0);
                a1 = Vector512.FusedMultiplyAdd(v, Vector512.LoadUnsafe(ref columns, Lanes), a1);
                a2 = Vector512.FusedMultiplyAdd(v, Vector512.LoadUnsafe(ref columns, 2 * Lanes), a2);
                a3 = Vector512.FusedMultiplyAdd(v, Vector512.LoadUnsafe(ref columns, 3 * Lanes), a3);
                columns = ref Unsafe.Add(ref columns, outputs);
            }
            a0.StoreUnsafe(ref y, (nuint)j);
            a1.StoreUnsafe(ref y, (nuint)(j + Lanes));
            a2.StoreUnsafe(ref y, (nuint)(j + 2 * Lanes));
            a3.StoreUnsafe(ref y, (nuint)(j + 3 * Lanes));
        }
        for (; j < outputs; j += Lanes)
        {
            Vector512<float> a = Vector512.LoadUnsafe(ref b, (nuint)j);
            ref float column = ref Unsafe.Add(ref w, j);
            for (int k = 0; k < inputs; k++)
            {
                a = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, k)), Vector512.LoadUnsafe(ref column), a);
                column = ref Unsafe.Add(ref column, outputs);
            }
            a.StoreUnsafe(ref y, (nuint)j);
        }
    }
}
