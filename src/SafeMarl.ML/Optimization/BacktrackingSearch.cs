using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Optimization;

/// <summary>A search along a step for parameters that keep what the step promised on a model only.</summary>
internal static class BacktrackingSearch
{
    /// <summary>Tries <c>theta + fraction step</c> for fractions that shrink, and goes back to theta when none is accepted.</summary>
    /// <param name="parameters">At theta; they end where the search ends.</param>
    /// <param name="step">[P]</param>
    /// <param name="fraction">The first fraction.</param>
    /// <param name="decay">Each fraction over the one before.</param>
    /// <param name="trials">Fractions that are tried.</param>
    /// <param name="accept">Judges the parameters as they are at a fraction.</param>
    /// <returns>Which trial was accepted, from 0; null: none.</returns>
    public static int? Run(FlatParameters parameters, Tensor step, double fraction, double decay, int trials, Func<double, bool> accept)
    {
        using var scope = NewDisposeScope();
        Tensor start = parameters.Values();
        for (int trial = 0; trial < trials; trial++)
        {
            parameters.Assign(start + step * fraction);
            if (accept(fraction))
                return trial;
            fraction *= decay;
        }
        parameters.Assign(start);
        return null;
    }
}
