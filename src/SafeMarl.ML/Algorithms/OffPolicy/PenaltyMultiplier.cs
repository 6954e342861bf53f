using SafeMarl.ML.Files;
using SafeMarl.ML.Optimization;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>
/// The weight of a certificate's penalty, moved up the penalty and kept within bounds: <c>lambda = clip(lambda + eta J, 0, max)</c> (MAS3AC, algorithm 2).
/// A penalty is never negative, so the weight never falls.
/// </summary>
internal sealed class PenaltyMultiplier(double initial, double max, bool byAdam)
{
    private readonly ScalarAdam _value = new(initial, learningRate: 0);

    /// <summary>lambda.</summary>
    public double Value => _value.Value;

    /// <summary>Continues from a weight, as reference data give it.</summary>
    internal void Set(double value) => _value.Value = value;

    /// <summary>Moves the weight.</summary>
    /// <param name="penalty">J, at least 0.</param>
    /// <param name="rate">eta</param>
    public void Update(double penalty, double rate)
    {
        if (byAdam)
        {
            _value.LearningRate = rate;
            _value.Step(-penalty);
        }
        else
        {
            _value.Value += rate * penalty;
        }
        _value.Value = Math.Clamp(_value.Value, 0, max);
    }

    public void Save(TensorFile file, string name) => _value.Save(file, name);

    public void Load(TensorFile file, string name) => _value.Load(file, name);
}
