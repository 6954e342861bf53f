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

    private const int MaxColumns = 4 * Lanes; // of a tile

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
        for (int row = 0; rows < RowTile && row < rows; row++)
            OneRow(ref Unsafe.Add(ref x0, row * stride), inputs, ref w, ref b, ref Unsafe.Add(ref y0, row * outputs), outputs);
        // A block of columns meets all rows, so that its weights stay in the first-level cache. The last rows are a whole tile, too: some of them are computed twice.
        for (int j = rows < RowTile ? outputs : 0, columns; j < outputs; j += columns)
        {
            columns = ColumnsFrom(j, outputs);
            for (int at = 0; at < rows; at += RowTile)
            {
                int row = Math.Min(at, rows - RowTile);
                Tile(columns, ref Unsafe.Add(ref x0, row * stride), stride, 1, inputs, ref Unsafe.Add(ref w, j), outputs, ref Unsafe.Add(ref b, j), 0, ref Unsafe.Add(ref y0, row * outputs + j), outputs);
            }
        }
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
        ref float x0 = ref MemoryMarshal.GetReference(x), y0 = ref MemoryMarshal.GetReference(y), sums = ref MemoryMarshal.GetReference(target);
        for (int j = 0, columns; j < q; j += columns)
        {
            columns = ColumnsFrom(j, q);
            for (int i = 0; i < p; i += RowTile)
            {
                ref float part = ref Unsafe.Add(ref sums, i * q + j);
                Tile(columns, ref Unsafe.Add(ref x0, i), 1, xStride, rows, ref Unsafe.Add(ref y0, j), q, ref part, q, ref part, q);
            }
        }
    }

    // How many columns are next, of as many as a tile can have.
    private static int ColumnsFrom(int first, int all) => all - first >= MaxColumns ? MaxColumns : all - first >= 2 * Lanes ? 2 * Lanes : Lanes;

    private static void Tile(int columns, ref float x, nint rowStep, nint xStep, int count, ref float w, nint wStep, ref float b, nint bStep, ref float y, int yStep)
    {
        if (columns == MaxColumns)
            WideTile(ref x, rowStep, xStep, count, ref w, wStep, ref b, bStep, ref y, yStep);
        else if (columns == 2 * Lanes)
            Tile(ref x, rowStep, xStep, count, ref w, wStep, ref b, bStep, ref y, yStep);
        else
            NarrowTile(ref x, rowStep, xStep, count, ref w, wStep, ref b, bStep, ref y, yStep);
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

    // Tiles are four rows of x against a few vectors of columns of w: y[r, :] = b[r, :] + sum_k x[r, k] w[k, :]. Rows of x are rowStep apart and its numbers xStep, so that x may also be the transpose of
    // what is in memory; rows of w are wStep apart, those of b bStep, which is 0 where all have the same. Enough sums at a time to keep the multipliers busy.
    private static void WideTile(ref float x, nint rowStep, nint xStep, int count, ref float w, nint wStep, ref float b, nint bStep, ref float y, int yStep)
    {
        ref float first1 = ref Unsafe.Add(ref b, bStep), first2 = ref Unsafe.Add(ref b, 2 * bStep), first3 = ref Unsafe.Add(ref b, 3 * bStep);
        Vector512<float> a0 = Vector512.LoadUnsafe(ref b), b0 = Vector512.LoadUnsafe(ref b, Lanes), c0 = Vector512.LoadUnsafe(ref b, 2 * Lanes), d0 = Vector512.LoadUnsafe(ref b, 3 * Lanes);
        Vector512<float> a1 = Vector512.LoadUnsafe(ref first1), b1 = Vector512.LoadUnsafe(ref first1, Lanes), c1 = Vector512.LoadUnsafe(ref first1, 2 * Lanes), d1 = Vector512.LoadUnsafe(ref first1, 3 * Lanes);
        Vector512<float> a2 = Vector512.LoadUnsafe(ref first2), b2 = Vector512.LoadUnsafe(ref first2, Lanes), c2 = Vector512.LoadUnsafe(ref first2, 2 * Lanes), d2 = Vector512.LoadUnsafe(ref first2, 3 * Lanes);
        Vector512<float> a3 = Vector512.LoadUnsafe(ref first3), b3 = Vector512.LoadUnsafe(ref first3, Lanes), c3 = Vector512.LoadUnsafe(ref first3, 2 * Lanes), d3 = Vector512.LoadUnsafe(ref first3, 3 * Lanes);
        ref float x1 = ref Unsafe.Add(ref x, rowStep), x2 = ref Unsafe.Add(ref x, 2 * rowStep), x3 = ref Unsafe.Add(ref x, 3 * rowStep);
        for (nint k = 0, at = 0; k < count; k++, at += xStep)
        {
            Vector512<float> s = Vector512.LoadUnsafe(ref w), t = Vector512.LoadUnsafe(ref w, Lanes), u = Vector512.LoadUnsafe(ref w, 2 * Lanes), v = Vector512.LoadUnsafe(ref w, 3 * Lanes);
            Vector512<float> z = Vector512.Create(Unsafe.Add(ref x, at));
            (a0, b0) = (Vector512.FusedMultiplyAdd(z, s, a0), Vector512.FusedMultiplyAdd(z, t, b0));
            (c0, d0) = (Vector512.FusedMultiplyAdd(z, u, c0), Vector512.FusedMultiplyAdd(z, v, d0));
            z = Vector512.Create(Unsafe.Add(ref x1, at));
            (a1, b1) = (Vector512.FusedMultiplyAdd(z, s, a1), Vector512.FusedMultiplyAdd(z, t, b1));
            (c1, d1) = (Vector512.FusedMultiplyAdd(z, u, c1), Vector512.FusedMultiplyAdd(z, v, d1));
            z = Vector512.Create(Unsafe.Add(ref x2, at));
            (a2, b2) = (Vector512.FusedMultiplyAdd(z, s, a2), Vector512.FusedMultiplyAdd(z, t, b2));
            (c2, d2) = (Vector512.FusedMultiplyAdd(z, u, c2), Vector512.FusedMultiplyAdd(z, v, d2));
            z = Vector512.Create(Unsafe.Add(ref x3, at));
            (a3, b3) = (Vector512.FusedMultiplyAdd(z, s, a3), Vector512.FusedMultiplyAdd(z, t, b3));
            (c3, d3) = (Vector512.FusedMultiplyAdd(z, u, c3), Vector512.FusedMultiplyAdd(z, v, d3));
            w = ref Unsafe.Add(ref w, wStep);
        }
        Store(ref y, a0, b0);
        Store(ref Unsafe.Add(ref y, 2 * Lanes), c0, d0);
        y = ref Unsafe.Add(ref y, yStep);
        Store(ref y, a1, b1);
        Store(ref Unsafe.Add(ref y, 2 * Lanes), c1, d1);
        y = ref Unsafe.Add(ref y, yStep);
        Store(ref y, a2, b2);
        Store(ref Unsafe.Add(ref y, 2 * Lanes), c2, d2);
        y = ref Unsafe.Add(ref y, yStep);
        Store(ref y, a3, b3);
        Store(ref Unsafe.Add(ref y, 2 * Lanes), c3, d3);
    }

    private static void Tile(ref float x, nint rowStep, nint xStep, int count, ref float w, nint wStep, ref float b, nint bStep, ref float y, int yStep)
    {
        Vector512<float> a0 = Vector512.LoadUnsafe(ref b), b0 = Vector512.LoadUnsafe(ref b, Lanes);
        Vector512<float> a1 = Vector512.LoadUnsafe(ref Unsafe.Add(ref b, bStep)), b1 = Vector512.LoadUnsafe(ref Unsafe.Add(ref b, bStep), Lanes);
        Vector512<float> a2 = Vector512.LoadUnsafe(ref Unsafe.Add(ref b, 2 * bStep)), b2 = Vector512.LoadUnsafe(ref Unsafe.Add(ref b, 2 * bStep), Lanes);
        Vector512<float> a3 = Vector512.LoadUnsafe(ref Unsafe.Add(ref b, 3 * bStep)), b3 = Vector512.LoadUnsafe(ref Unsafe.Add(ref b, 3 * bStep), Lanes);
        ref float x1 = ref Unsafe.Add(ref x, rowStep), x2 = ref Unsafe.Add(ref x, 2 * rowStep), x3 = ref Unsafe.Add(ref x, 3 * rowStep);
        for (nint k = 0, at = 0; k < count; k++, at += xStep)
        {
            Vector512<float> u = Vector512.LoadUnsafe(ref w), v = Vector512.LoadUnsafe(ref w, Lanes);
            Vector512<float> z = Vector512.Create(Unsafe.Add(ref x, at));
            (a0, b0) = (Vector512.FusedMultiplyAdd(z, u, a0), Vector512.FusedMultiplyAdd(z, v, b0));
            z = Vector512.Create(Unsafe.Add(ref x1, at));
            (a1, b1) = (Vector512.FusedMultiplyAdd(z, u, a1), Vector512.FusedMultiplyAdd(z, v, b1));
            z = Vector512.Create(Unsafe.Add(ref x2, at));
            (a2, b2) = (Vector512.FusedMultiplyAdd(z, u, a2), Vector512.FusedMultiplyAdd(z, v, b2));
            z = Vector512.Create(Unsafe.Add(ref x3, at));
            (a3, b3) = (Vector512.FusedMultiplyAdd(z, u, a3), Vector512.FusedMultiplyAdd(z, v, b3));
            w = ref Unsafe.Add(ref w, wStep);
        }
        Store(ref y, a0, b0);
        Store(ref Unsafe.Add(ref y, yStep), a1, b1);
        Store(ref Unsafe.Add(ref y, 2 * yStep), a2, b2);
        Store(ref Unsafe.Add(ref y, 3 * yStep), a3, b3);
    }

    private static void Store(ref float y, Vector512<float> first, Vector512<float> second)
    {
        first.StoreUnsafe(ref y);
        second.StoreUnsafe(ref y, Lanes);
    }

    private static void NarrowTile(ref float x, nint rowStep, nint xStep, int count, ref float w, nint wStep, ref float b, nint bStep, ref float y, int yStep)
    {
        Vector512<float> a0 = Vector512.LoadUnsafe(ref b), a1 = Vector512.LoadUnsafe(ref Unsafe.Add(ref b, bStep));
        Vector512<float> a2 = Vector512.LoadUnsafe(ref Unsafe.Add(ref b, 2 * bStep)), a3 = Vector512.LoadUnsafe(ref Unsafe.Add(ref b, 3 * bStep));
        ref float x1 = ref Unsafe.Add(ref x, rowStep), x2 = ref Unsafe.Add(ref x, 2 * rowStep), x3 = ref Unsafe.Add(ref x, 3 * rowStep);
        for (nint k = 0, at = 0; k < count; k++, at += xStep)
        {
            Vector512<float> v = Vector512.LoadUnsafe(ref w);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x, at)), v, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x1, at)), v, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x2, at)), v, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref x3, at)), v, a3);
            w = ref Unsafe.Add(ref w, wStep);
        }
        a0.StoreUnsafe(ref y);
        a1.StoreUnsafe(ref y, (nuint)yStep);
        a2.StoreUnsafe(ref y, (nuint)(2 * yStep));
        a3.StoreUnsafe(ref y, (nuint)(3 * yStep));
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
