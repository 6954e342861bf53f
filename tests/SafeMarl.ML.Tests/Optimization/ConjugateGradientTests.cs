using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Optimization;

public sealed class ConjugateGradientTests
{
    [Test]
    public void Solve_OfTwoEquations_IsExactAfterTwoIterations()
    {
        // [4 1; 1 3] x = [1 2], so x = [1 7] / 11.
        using var scope = NewDisposeScope();
        Tensor matrix = GoldenNetworks.Double.Tensor([4.0, 1, 1, 3], 2, 2);
        Tensor x = ConjugateGradient.Solve(v => matrix.matmul(v), GoldenNetworks.Double.Tensor([1.0, 2], 2), iterations: 2, tolerance: 0);

        Assert.That(x.ToDoubles(), Is.EqualTo(new[] { 1 / 11.0, 7 / 11.0 }).Within(1e-12));
    }

    [Test]
    public void Solve_OfNothing_IsNothing()
    {
        using var scope = NewDisposeScope();
        Tensor x = ConjugateGradient.Solve(v => v, GoldenNetworks.Double.Tensor(new double[3], 3), iterations: 10, tolerance: 1e-10);

        Assert.That(x.ToDoubles(), Is.EqualTo(new double[3]), "the published code divides 0 by 0");
    }
}
