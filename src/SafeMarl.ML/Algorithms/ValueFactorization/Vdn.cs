using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>Value decomposition networks (Sunehag et al. 2018): <c>Q = sum_i Q_i</c>.</summary>
internal sealed class Vdn() : Mixer(nameof(Vdn))
{
    public override Tensor Mix(Situation situation) => situation.Values.sum([1]);
}
