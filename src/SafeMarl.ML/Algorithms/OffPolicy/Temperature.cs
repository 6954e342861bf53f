using SafeMarl.Environments;
using SafeMarl.ML.Files;
using SafeMarl.ML.Optimization;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>The weight alpha of a policy's entropy; fixed, or adapted so that the entropy meets its target (Haarnoja et al. 2018).</summary>
internal sealed class Temperature(double initial, bool adapts, double learningRate)
{
    /// <summary>Share of the uniform policy's entropy that alternatives should keep (SAC for discrete actions, HARL).</summary>
    public const double ShareOfUniformEntropy = 0.98;

    private readonly ScalarAdam _logAlpha = new(Math.Log(initial), learningRate);

    /// <summary>alpha.</summary>
    public double Value => Math.Exp(_logAlpha.Value);

    /// <summary>One step down <c>-log alpha (log pi + H)</c>, H being the entropy that the policy should have.</summary>
    /// <param name="meanLogProb">Mean log-probability of the policy's actions.</param>
    /// <param name="targetEntropy">H.</param>
    public void Update(double meanLogProb, double targetEntropy)
    {
        if (adapts)
            _logAlpha.Step(-(meanLogProb + targetEntropy));
    }

    /// <summary>
    /// The usual target: minus the dimensions of a box (in its unit box), and 98 % of the entropy of the uniform policy for alternatives. HARL's code
    /// means the latter and computes 0.
    /// </summary>
    public static double TargetEntropy(ActionSpace space) => space.IsDiscrete ? ShareOfUniformEntropy * Math.Log(space.Count) : -space.Size;

    public void Save(TensorFile file, string name) => _logAlpha.Save(file, name);

    public void Load(TensorFile file, string name) => _logAlpha.Load(file, name);
}
