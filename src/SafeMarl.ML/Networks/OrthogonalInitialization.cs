using SafeMarl.Environments;

namespace SafeMarl.ML.Networks;

/// <summary>
/// Orthogonal weights (Saxe et al. 2014) drawn from our own stream, so that a seed means the same network with every build of libtorch.
/// </summary>
internal static class OrthogonalInitialization
{
    /// <summary>
    /// A matrix <c>[rows, columns]</c> with orthonormal rows (or columns, where they are fewer) times <paramref name="gain"/>, uniformly distributed.
    /// </summary>
    public static float[] Matrix(int rows, int columns, double gain, ref RandomStream random)
    {
        int count = Math.Min(rows, columns), length = Math.Max(rows, columns);
        var vectors = new double[count][];
        for (int i = 0; i < count; i++)
        {
            double[] v = vectors[i] = new double[length];
            for (int k = 0; k < length; k++)
                v[k] = random.NextGaussian();
            // Gram-Schmidt on Gaussian vectors is uniform; twice is enough for orthogonality to rounding.
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j++)
                    Subtract(v, vectors[j], Dot(v, vectors[j]));
            }
            double norm = Math.Sqrt(Dot(v, v));
            for (int k = 0; k < length; k++)
                v[k] /= norm;
        }
        var matrix = new float[rows * columns];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
                matrix[r * columns + c] = (float)(gain * (rows <= columns ? vectors[r][c] : vectors[c][r]));
        }
        return matrix;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static void Subtract(double[] a, double[] b, double factor)
    {
        for (int i = 0; i < a.Length; i++)
            a[i] -= factor * b[i];
    }
}
