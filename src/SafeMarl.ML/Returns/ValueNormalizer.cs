using System.Numerics;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Returns;

/// <summary>
/// Debiased running mean and variance of a critic's targets ("ValueNorm" of HARL, "PopArt" of MACPO; the output layer is not rescaled).
/// One normaliser serves one critic: sharing it between rewards and costs, as MACPO does, mixes their statistics.
/// </summary>
/// <param name="beta">Weight of the past at an update.</param>
internal sealed class ValueNormalizer(double beta = ValueNormalizer.DefaultBeta)
{
    /// <summary>The peers' weight of the past.</summary>
    public const double DefaultBeta = 0.99999;

    private const double Epsilon = 1e-5, MinVariance = 0.01;

    private double _mean, _meanSquare, _weight;

    /// <summary>Mean of the targets so far.</summary>
    public double Mean => _mean / Math.Max(_weight, Epsilon);

    /// <summary>Standard deviation of the targets so far, at least 0.1 (which is also its value before the first update).</summary>
    public double Std => Math.Sqrt(Math.Max(_meanSquare / Math.Max(_weight, Epsilon) - Mean * Mean, MinVariance));

    /// <summary>Takes a batch of targets into the statistics.</summary>
    public void Update<T>(ReadOnlySpan<T> targets)
        where T : IFloatingPointIeee754<T>
    {
        double sum = 0, squares = 0;
        foreach (T target in targets)
        {
            double value = double.CreateTruncating(target);
            sum += value;
            squares += value * value;
        }
        _mean = beta * _mean + (1 - beta) * (sum / targets.Length);
        _meanSquare = beta * _meanSquare + (1 - beta) * (squares / targets.Length);
        _weight = beta * _weight + (1 - beta);
    }

    public double Normalize(double value) => (value - Mean) / Std;

    public double Denormalize(double value) => value * Std + Mean;

    public void Save(TensorFile file, string name) => file.Add<double>(name, [_mean, _meanSquare, _weight]);

    public void Load(TensorFile file, string name)
    {
        double[] state = file.Get<double>(name, 3);
        (_mean, _meanSquare, _weight) = (state[0], state[1], state[2]);
    }

    /// <summary>Continues from raw running sums, as reference data give them.</summary>
    internal void Restore(double mean, double meanSquare, double weight) => (_mean, _meanSquare, _weight) = (mean, meanSquare, weight);
}
