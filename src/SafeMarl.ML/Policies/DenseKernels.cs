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

    /// <summary>The next multiple of <see cref="Lanes"/>.</summary>
    public static int Padded(int size) => (size + Lanes - 1) / Lanes * Lanes;

    /// <summary>
    /// <c>y = x W + b</c> for <paramref name="rows"/> rows. W is <c>[inputs, outputs]</c> with outputs a multiple of <see cref="Lanes"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Linear(ReadOnlySpan<float> x, int rows, int stride, int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> y, int outputs)
    {
        ref float w = ref MemoryMarshal.GetReference(weights), b = ref MemoryMarshal.GetReference(bias);
        ref float x0 = ref MemoryMarshal.GetReference(x), y0 = ref MemoryMarshal.GetReference(y);
        int whole = rows - rows % RowTile, j = whole > 0 ? 0 : outputs;
        // A block of columns meets all rows, so that its weights stay in the first-level cache.
        for (; j + 4 * Lanes <= outputs; j += 4 * Lanes)
        {
            for (int row = 0; row < whole; row += RowTile)
                WideTile(ref Unsafe.Add(ref x0, row * stride), stride, inputs, ref Unsafe.Add(ref w, j), ref Unsafe.Add(ref b, j), ref Unsafe.Add(ref y0, row * outputs + j), outputs);
        }
        for (; j + 2 * Lanes <= outputs; j += 2 * Lanes)
        {
            for (int row = 0; row < whole; row += RowTile)
                Tile(ref Unsafe.Add(ref x0, row * stride), stride, inputs, ref Unsafe.Add(ref w, j), ref Unsafe.Add(ref b, j), ref Unsafe.Add(ref y0, row * outputs + j), outputs);
        }
        for (; j < outputs; j += Lanes)
        {
            for (int row = 0; row < whole; row += RowTile)
                NarrowTile(ref Unsafe.Add(ref x0, row * stride), stride, inputs, ref Unsafe.Add(ref w, j), ref Unsafe.Add(ref b, j), ref Unsafe.Add(ref y0, row * outputs + j), outputs);
        }
        for (int row = whole; row < rows; row++)
            OneRow(ref Unsafe.Add(ref x0, row * stride), inputs, ref w, ref b, ref Unsafe.Add(ref y0, row * outputs), outputs);
    }

    /// <summary>Adds the outer products of rows: <c>target += x^T y</c>, the gradient of a linear layer's weights.</summary>
    /// <param name="x">Row i begins at <c>i * xStride</c>; <paramref name="p"/> numbers count, a multiple of <see cref="RowTile"/>.</param>
    /// <param name="xStride">Distance between rows of x.</param>
    /// <param name="p">Rows of the target.</param>
    /// <param name="y">Row i begins at <c>i * q</c>.</param>
    /// <param name="q">Columns of the target, a multiple of <see cref="Lanes"/>.</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="target"><c>[p, q]</c></param>
    public static void AddOuterProducts(ReadOnlySpan<float> x, int xStride, int p, ReadOnlySpan<float> y, int q, int rows, Span<float> target)
    {
        // So many rows of a block of columns stay in the first-level cache while they meet all rows of the target.
        const int together = 64;
        for (int first = 0; first < rows; first += together)
            AddOuterProductsTogether(x[(first * xStride)..], xStride, p, y[(first * q)..], q, Math.Min(together, rows - first), target);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOuterProductsTogether(ReadOnlySpan<float> x, int xStride, int p, ReadOnlySpan<float> y, int q, int rows, Span<float> target)
    {
        ref float x0 = ref MemoryMarshal.GetReference(x), y0 = ref MemoryMarshal.GetReference(y), t0 = ref MemoryMarshal.GetReference(target);
        int j = 0;
        for (; j + 4 * Lanes <= q; j += 4 * Lanes)
        {
            for (int i = 0; i < p; i += RowTile)
                AddWideTile(ref Unsafe.Add(ref x0, i), xStride, ref Unsafe.Add(ref y0, j), q, rows, ref Unsafe.Add(ref t0, i * q + j));
        }
        for (; j + 2 * Lanes <= q; j += 2 * Lanes)
        {
            for (int i = 0; i < p; i += RowTile)
                AddTile(ref Unsafe.Add(ref x0, i), xStride, ref Unsafe.Add(ref y0, j), q, rows, ref Unsafe.Add(ref t0, i * q + j));
        }
        for (; j < q; j += Lanes)
        {
            for (int i = 0; i < p; i += RowTile)
                AddNarrowTile(ref Unsafe.Add(ref x0, i), xStride, ref Unsafe.Add(ref y0, j), q, rows, ref Unsafe.Add(ref t0, i * q + j));
        }
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

    /// <summary>Slopes back through a ReLU: 0 where its output is 0. Lengths are multiples of <see cref="Lanes"/>.</summary>
    public static void CutOff(Span<float> slopes, ReadOnlySpan<float> outputs)
    {
        for (int j = 0; j < slopes.Length; j += Lanes)
            (Vector512.LoadUnsafe(ref slopes[j]) & Vector512.GreaterThan(Vector512.LoadUnsafe(in outputs[j]), Vector512<float>.Zero)).StoreUnsafe(ref slopes[j]);
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

    // Four rows and two vectors of columns of the target.
    private static void AddTile(ref float x, int xStride, ref float y, int q, int rows, ref float target)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (int k = 0; k < rows; k++)
        {
            Vector512<float> u = Vector512.LoadUnsafe(ref y), v = Vector512.LoadUnsafe(ref y, Lanes);
            Vector512<float> x0 = Vector512.Create(x), x1 = Vector512.Create(Unsafe.Add(ref x, 1)), x2 = Vector512.Create(Unsafe.Add(ref x, 2)), x3 = Vector512.Create(Unsafe.Add(ref x, 3));
            (a0, b0) = (Vector512.FusedMultiplyAdd(x0, u, a0), Vector512.FusedMultiplyAdd(x0, v, b0));
            (a1, b1) = (Vector512.FusedMultiplyAdd(x1, u, a1), Vector512.FusedMultiplyAdd(x1, v, b1));
            (a2, b2) = (Vector512.FusedMultiplyAdd(x2, u, a2), Vector512.FusedMultiplyAdd(x2, v, b2));
            (a3, b3) = (Vector512.FusedMultiplyAdd(x3, u, a3), Vector512.FusedMultiplyAdd(x3, v, b3));
            x = ref Unsafe.Add(ref x, xStride);
            y = ref Unsafe.Add(ref y, q);
        }
        AddTo(ref target, a0, b0);
        AddTo(ref Unsafe.Add(ref target, q), a1, b1);
        AddTo(ref Unsafe.Add(ref target, 2 * q), a2, b2);
        AddTo(ref Unsafe.Add(ref target, 3 * q), a3, b3);
    }

    // Four rows and four vectors of columns of the target.
    private static void AddWideTile(ref float x, int xStride, ref float y, int q, int rows, ref float target)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        for (int k = 0; k < rows; k++)
        {
            Vector512<float> s = Vector512.LoadUnsafe(ref y), t = Vector512.LoadUnsafe(ref y, Lanes), u = Vector512.LoadUnsafe(ref y, 2 * Lanes), v = Vector512.LoadUnsafe(ref y, 3 * Lanes);
            Vector512<float> z = Vector512.Create(x);
            (a0, b0) = (Vector512.FusedMultiplyAdd(z, s, a0), Vector512.FusedMultiplyAdd(z, t, b0));
            (c0, d0) = (Vector512.FusedMultiplyAdd(z, u, c0), Vector512.FusedMultiplyAdd(z, v, d0));
            z = Vector512.Create(Unsafe.Add(ref x, 1));
            (a1, b1) = (Vector512.FusedMultiplyAdd(z, s, a1), Vector512.FusedMultiplyAdd(z, t, b1));
            (c1, d1) = (Vector512.FusedMultiplyAdd(z, u, c1), Vector512.FusedMultiplyAdd(z, v, d1));
            z = Vector512.Create(Unsafe.Add(ref x, 2));
            (a2, b2) = (Vector512.FusedMultiplyAdd(z, s, a2), Vector512.FusedMultiplyAdd(z, t, b2));
            (c2, d2) = (Vector512.FusedMultiplyAdd(z, u, c2), Vector512.FusedMultiplyAdd(z, v, d2));
            z = Vector512.Create(Unsafe.Add(ref x, 3));
            (a3, b3) = (Vector512.FusedMultiplyAdd(z, s, a3), Vector512.FusedMultiplyAdd(z, t, b3));
            (c3, d3) = (Vector512.FusedMultiplyAdd(z, u, c3), Vector512.FusedMultiplyAdd(z, v, d3));
            x = ref Unsafe.Add(ref x, xStride);
            y = ref Unsafe.Add(ref y, q);
        }
        AddTo(ref target, a0, b0);
        AddTo(ref Unsafe.Add(ref target, 2 * Lanes), c0, d0);
        target = ref Unsafe.Add(ref target, q);
        AddTo(ref target, a1, b1);
        AddTo(ref Unsafe.Add(ref target, 2 * Lanes), c1, d1);
        target = ref Unsafe.Add(ref target, q);
        AddTo(ref target, a2, b2);
        AddTo(ref Unsafe.Add(ref target, 2 * Lanes), c2, d2);
        target = ref Unsafe.Add(ref target, q);
        AddTo(ref target, a3, b3);
        AddTo(ref Unsafe.Add(ref target, 2 * Lanes), c3, d3);
    }

    private static void AddTo(ref float target, Vector512<float> first, Vector512<float> second)
    {
        (Vector512.LoadUnsafe(ref target) + first).StoreUnsafe(ref target);
        (Vector512.LoadUnsafe(ref target, Lanes) + second).StoreUnsafe(ref target, Lanes);
    }

    private static void AddNarrowTile(ref float x, int xStride, ref float y, int q, int rows, ref float target)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        for (int k = 0; k < rows; k++)
        {
            Vector512<float> u = Vector512.LoadUnsafe(ref y);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(x), u, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, 1)), u, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, 2)), u, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, 3)), u, a3);
            x = ref Unsafe.Add(ref x, xStride);
            y = ref Unsafe.Add(ref y, q);
        }
        (Vector512.LoadUnsafe(ref target) + a0).StoreUnsafe(ref target);
        (Vector512.LoadUnsafe(ref target, (nuint)q) + a1).StoreUnsafe(ref target, (nuint)q);
        (Vector512.LoadUnsafe(ref target, (nuint)(2 * q)) + a2).StoreUnsafe(ref target, (nuint)(2 * q));
        (Vector512.LoadUnsafe(ref target, (nuint)(3 * q)) + a3).StoreUnsafe(ref target, (nuint)(3 * q));
    }

    // Four rows and two vectors of columns: enough sums at a time to keep the multipliers busy.
    private static void Tile(ref float x, int stride, int inputs, ref float w, ref float b, ref float y, int outputs)
    {
        Vector512<float> a0 = Vector512.LoadUnsafe(ref b), a1 = a0, a2 = a0, a3 = a0;
        Vector512<float> b0 = Vector512.LoadUnsafe(ref b, Lanes), b1 = b0, b2 = b0, b3 = b0;
        for (int k = 0; k < inputs; k++)
        {
            Vector512<float> u = Vector512.LoadUnsafe(ref w), v = Vector512.LoadUnsafe(ref w, Lanes);
            Vector512<float> x0 = Vector512.Create(Unsafe.Add(ref x, k)), x1 = Vector512.Create(Unsafe.Add(ref x, stride + k));
            Vector512<float> x2 = Vector512.Create(Unsafe.Add(ref x, 2 * stride + k)), x3 = Vector512.Create(Unsafe.Add(ref x, 3 * stride + k));
            (a0, b0) = (Vector512.FusedMultiplyAdd(x0, u, a0), Vector512.FusedMultiplyAdd(x0, v, b0));
            (a1, b1) = (Vector512.FusedMultiplyAdd(x1, u, a1), Vector512.FusedMultiplyAdd(x1, v, b1));
            (a2, b2) = (Vector512.FusedMultiplyAdd(x2, u, a2), Vector512.FusedMultiplyAdd(x2, v, b2));
            (a3, b3) = (Vector512.FusedMultiplyAdd(x3, u, a3), Vector512.FusedMultiplyAdd(x3, v, b3));
            w = ref Unsafe.Add(ref w, outputs);
        }
        Store(ref y, a0, b0);
        Store(ref Unsafe.Add(ref y, outputs), a1, b1);
        Store(ref Unsafe.Add(ref y, 2 * outputs), a2, b2);
        Store(ref Unsafe.Add(ref y, 3 * outputs), a3, b3);
    }

    // Four rows and four vectors of columns: half as many loads for as many products.
    private static void WideTile(ref float x, int stride, int inputs, ref float w, ref float b, ref float y, int outputs)
    {
        Vector512<float> a0 = Vector512.LoadUnsafe(ref b), a1 = a0, a2 = a0, a3 = a0;
        Vector512<float> b0 = Vector512.LoadUnsafe(ref b, Lanes), b1 = b0, b2 = b0, b3 = b0;
        Vector512<float> c0 = Vector512.LoadUnsafe(ref b, 2 * Lanes), c1 = c0, c2 = c0, c3 = c0;
        Vector512<float> d0 = Vector512.LoadUnsafe(ref b, 3 * Lanes), d1 = d0, d2 = d0, d3 = d0;
        ref float y1 = ref Unsafe.Add(ref x, stride), y2 = ref Unsafe.Add(ref x, 2 * stride), y3 = ref Unsafe.Add(ref x, 3 * stride);
        for (int k = 0; k < inputs; k++)
        {
            Vector512<float> s = Vector512.LoadUnsafe(ref w), t = Vector512.LoadUnsafe(ref w, Lanes), u = Vector512.LoadUnsafe(ref w, 2 * Lanes), v = Vector512.LoadUnsafe(ref w, 3 * Lanes);
            Vector512<float> z = Vector512.Create(Unsafe.Add(ref x, k));
            (a0, b0) = (Vector512.FusedMultiplyAdd(z, s, a0), Vector512.FusedMultiplyAdd(z, t, b0));
            (c0, d0) = (Vector512.FusedMultiplyAdd(z, u, c0), Vector512.FusedMultiplyAdd(z, v, d0));
            z = Vector512.Create(Unsafe.Add(ref y1, k));
            (a1, b1) = (Vector512.FusedMultiplyAdd(z, s, a1), Vector512.FusedMultiplyAdd(z, t, b1));
            (c1, d1) = (Vector512.FusedMultiplyAdd(z, u, c1), Vector512.FusedMultiplyAdd(z, v, d1));
            z = Vector512.Create(Unsafe.Add(ref y2, k));
            (a2, b2) = (Vector512.FusedMultiplyAdd(z, s, a2), Vector512.FusedMultiplyAdd(z, t, b2));
            (c2, d2) = (Vector512.FusedMultiplyAdd(z, u, c2), Vector512.FusedMultiplyAdd(z, v, d2));
            z = Vector512.Create(Unsafe.Add(ref y3, k));
            (a3, b3) = (Vector512.FusedMultiplyAdd(z, s, a3), Vector512.FusedMultiplyAdd(z, t, b3));
            (c3, d3) = (Vector512.FusedMultiplyAdd(z, u, c3), Vector512.FusedMultiplyAdd(z, v, d3));
            w = ref Unsafe.Add(ref w, outputs);
        }
        Store(ref y, a0, b0);
        Store(ref Unsafe.Add(ref y, 2 * Lanes), c0, d0);
        y = ref Unsafe.Add(ref y, outputs);
        Store(ref y, a1, b1);
        Store(ref Unsafe.Add(ref y, 2 * Lanes), c1, d1);
        y = ref Unsafe.Add(ref y, outputs);
        Store(ref y, a2, b2);
        Store(ref Unsafe.Add(ref y, 2 * Lanes), c2, d2);
        y = ref Unsafe.Add(ref y, outputs);
        Store(ref y, a3, b3);
        Store(ref Unsafe.Add(ref y, 2 * Lanes), c3, d3);
    }

    private static void Store(ref float y, Vector512<float> first, Vector512<float> second)
    {
        first.StoreUnsafe(ref y);
        second.StoreUnsafe(ref y, Lanes);
    }

    private static void NarrowTile(ref float x, int stride, int inputs, ref float w, ref float b, ref float y, int outputs)
    {
        Vector512<float> a0 = Vector512.LoadUnsafe(ref b), a1 = a0, a2 = a0, a3 = a0;
        for (int k = 0; k < inputs; k++)
        {
            Vector512<float> v = Vector512.LoadUnsafe(ref w);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, k)), v, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, stride + k)), v, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, 2 * stride + k)), v, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, 3 * stride + k)), v, a3);
            w = ref Unsafe.Add(ref w, outputs);
        }
        a0.StoreUnsafe(ref y);
        a1.StoreUnsafe(ref y, (nuint)outputs);
        a2.StoreUnsafe(ref y, (nuint)(2 * outputs));
        a3.StoreUnsafe(ref y, (nuint)(3 * outputs));
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
