using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Tests.Networks;

/// <summary>The layer whose weights come from return distributions, against its formula and finite differences of it.</summary>
public sealed class GeneratedLayerTests
{
    private const int Size = 5, Quantiles = 3, Hyper = 4, Heads = 2, Rows = 150; // more than two chunks

    [TestCase(true)]
    [TestCase(false)]
    public void Forward_IsItsFormula(bool nonNegative)
    {
        Weights w = new(7);
        float[] actual = Layer(nonNegative, w).Forward(new Fixed(Padded(w.Hidden)), w.Expected, Rows, threads: 1);

        Numeric.AssertClose([.. Plain(actual).Select(v => (double)v)], Formula(nonNegative, w.Doubles()), 1e-5, "y");
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Backward_IsTheSlopeOfTheFormula(bool nonNegative)
    {
        Weights w = new(8);
        GeneratedLayer layer = Layer(nonNegative, w);
        layer.Forward(new Fixed(Padded(w.Hidden)), w.Expected, Rows, threads: 1);
        (float[] hidden, float[] hyper, float[] hyperBias, float[] generated, float[] generatedBias, float[] heads) = layer.Backward(Padded(w.Slopes), threads: 1);
        float[][] actual = [Plain(hidden), hyper, hyperBias, generated, generatedBias, heads];
        double[][] at = w.Doubles();

        for (int which = 0; which < actual.Length; which++)
        {
            int array = which == 0 ? 0 : which + 1; // the distributions have no gradient
            for (int i = 0; i < at[array].Length; i += which == 0 ? 37 : 1)
                Assert.That(actual[which][i], Is.EqualTo(Slope(nonNegative, w.Slopes, at, array, i)).Within(2e-3), $"array {which}, number {i}");
        }
    }

    [Test]
    public void Backward_WithAnyNumberOfThreads_GivesTheSameBits()
    {
        Weights w = new(9);
        Assert.That(All(2), Is.EqualTo(All(1)));

        float[] All(int threads)
        {
            GeneratedLayer layer = Layer(true, w);
            float[] result = layer.Forward(new Fixed(Padded(w.Hidden)), w.Expected, Rows, threads);
            (float[] hidden, float[] hyper, float[] hyperBias, float[] generated, float[] generatedBias, float[] heads) = layer.Backward(Padded(w.Slopes), threads);
            return [.. result, .. hidden, .. hyper, .. hyperBias, .. generated, .. generatedBias, .. heads];
        }
    }

    private static float[] Padded(float[] values) => [.. values.Chunk(Size).SelectMany(row => row.Concat(new float[DenseKernels.Padded(Size) - Size]))];

    private static float[] Plain(float[] values) => [.. values.Chunk(DenseKernels.Padded(Size)).SelectMany(row => row[..Size])];

    private static GeneratedLayer Layer(bool nonNegative, Weights w)
    {
        var layer = new GeneratedLayer(new ReturnFeedback(Quantiles, Hyper, Heads, nonNegative), Size);
        layer.SetWeights(w.HyperWeights, w.HyperBias, w.Generated, w.GeneratedBias, w.HeadWeights);
        return layer;
    }

    // Central difference of sum(slopes * y). Small enough steps seldom cross a kink.
    private static double Slope(bool nonNegative, float[] slopes, double[][] at, int array, int i)
    {
        const double step = 1e-7;
        double before = at[array][i];
        at[array][i] = before + step;
        double above = Loss();
        at[array][i] = before - step;
        double below = Loss();
        at[array][i] = before;
        return (above - below) / (2 * step);

        double Loss() => Formula(nonNegative, at).Zip(slopes, (y, s) => y * s).Sum();
    }

    // Row by row, as it is written.
    private static double[] Formula(bool nonNegative, double[][] w)
    {
        (double[] x, double[] e, double[] a, double[] aBias, double[] b, double[] bBias, double[] heads) = (w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
        var y = new double[Rows * Size];
        for (int row = 0; row < Rows; row++)
        {
            double[] z = [.. Enumerable.Range(0, Hyper).Select(k => Math.Max(0, aBias[k] + Enumerable.Range(0, Quantiles).Sum(q => a[k * Quantiles + q] * e[row * Quantiles + q])))];
            for (int o = 0; o < Size; o++)
            {
                double sum = 0, total = Enumerable.Range(0, Heads).Sum(h => Math.Exp(heads[h * Size + o]));
                for (int h = 0; h < Heads; h++)
                {
                    for (int i = 0; i < Size; i++)
                    {
                        int output = (i * Heads + h) * Size + o;
                        double weight = bBias[output] + Enumerable.Range(0, Hyper).Sum(k => b[output * Hyper + k] * z[k]);
                        sum += Math.Exp(heads[h * Size + o]) / total * x[row * Size + i] * (nonNegative ? Math.Max(0, weight) : weight);
                    }
                }
                y[row * Size + o] = Math.Max(0, sum);
            }
        }
        return y;
    }

    /// <summary>Rows that are there already.</summary>
    private sealed class Fixed(float[] rows) : IRowLayer
    {
        private static readonly int Width = DenseKernels.Padded(Size);

        public ReadOnlySpan<float> Forward(int first, int count, int half) => Kept(first, count);

        public ReadOnlySpan<float> Kept(int first, int count) => rows.AsSpan(first * Width, count * Width);

        public void Backward(int first, int count, Span<float> slopes, int half) => throw new NotSupportedException();
    }

    private sealed class Weights
    {
        public Weights(long seed)
        {
            var random = new RandomStream(seed);
            (Hidden, Expected, Slopes) = (Numbers(Rows * Size, ref random), Numbers(Rows * Quantiles, ref random), Numbers(Rows * Size, ref random));
            (HyperWeights, HyperBias) = (Numbers(Hyper * Quantiles, ref random), Numbers(Hyper, ref random));
            (Generated, GeneratedBias) = (Numbers(Size * Heads * Size * Hyper, ref random), Numbers(Size * Heads * Size, ref random));
            HeadWeights = Numbers(Heads * Size, ref random);
        }

        public float[] Hidden { get; }

        public float[] Expected { get; }

        public float[] Slopes { get; }

        public float[] HyperWeights { get; }

        public float[] HyperBias { get; }

        public float[] Generated { get; }

        public float[] GeneratedBias { get; }

        public float[] HeadWeights { get; }

        public double[][] Doubles() => [.. new[] { Hidden, Expected, HyperWeights, HyperBias, Generated, GeneratedBias, HeadWeights }.Select(a => a.Select(v => (double)v).ToArray())];

        private static float[] Numbers(int count, ref RandomStream random)
        {
            var numbers = new float[count];
            foreach (ref float number in numbers.AsSpan())
                number = (float)random.NextGaussian() * 0.5f;
            return numbers;
        }
    }
}
