using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Optimization;

/// <summary>
/// Two losses' gradients as one (PCGrad, Yu et al. 2020; DBF, eqs. 7 and 8): half of each, each without its part against the other where they point
/// against each other. A parameter that only one loss reaches has a zero for the other.
/// </summary>
internal static class ProjectedGradients
{
    /// <summary>The combined gradient of each parameter; null: neither loss reaches it.</summary>
    public static Tensor?[] Combine(IReadOnlyList<Tensor?> first, IReadOnlyList<Tensor?> second)
    {
        using var scope = NewDisposeScope();
        double dot = first.Zip(second, (a, b) => a is null || b is null ? 0 : (a * b).sum().ToDouble()).Sum();
        (double a, double b) = Weights(dot, SquaredNorm(first), SquaredNorm(second));
        return [.. first.Zip(second, (x, y) => Add(x, a, y, b)?.MoveToOuterDisposeScope())];
    }

    /// <summary>What the two gradients are multiplied with: with <c>g^+ = g - (g . h / |h|^2) h</c>, the half of both is a combination of them again.</summary>
    /// <param name="dot">Their product.</param>
    /// <param name="first">Squared length of the first.</param>
    /// <param name="second">Squared length of the second.</param>
    public static (double First, double Second) Weights(double dot, double first, double second) =>
        dot < 0 ? (0.5 * (1 - dot / first), 0.5 * (1 - dot / second)) : (0.5, 0.5);

    private static double SquaredNorm(IEnumerable<Tensor?> gradients) => gradients.Sum(g => g is null ? 0 : g.square().sum().ToDouble());

    private static Tensor? Add(Tensor? x, double a, Tensor? y, double b) => (x, y) switch
    {
        (null, null) => null,
        (null, _) => y * b,
        (_, null) => x * a,
        _ => x * a + y * b,
    };
}
