using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Losses;

public sealed class CertificateLossTests
{
    private static Tensor Vector(params double[] values) => GoldenNetworks.Double.Tensor(values, values.Length);

    [Test]
    public void Target_WithAndWithoutATermination_IsTheSignalPlusTheDiscountedValue()
    {
        using var scope = NewDisposeScope();
        Tensor target = CertificateLoss.Target(signal: Vector(-2, -2), continues: Vector(1, 0), nextValues: Vector(-3, -3), gamma: 0.9);

        Assert.That(target.ToDoubles(), Is.EqualTo(new[] { -2 + 0.9 * -3, -2 }).Within(1e-12));
    }

    [Test]
    public void ReachabilityTarget_IsTheLargerOfNowAndLaterDiscountedTowardsNow()
    {
        using var scope = NewDisposeScope();
        Tensor target = CertificateLoss.ReachabilityTarget(violation: Vector(2, 2, 2), continues: Vector(1, 1, 0), nextValues: Vector(1, 5, 5), gamma: 0.9);

        // 0.1 * 2 + 0.9 * max(2, 1), 0.1 * 2 + 0.9 * max(2, 5), and nothing follows the end
        Assert.That(target.ToDoubles(), Is.EqualTo(new[] { 2, 4.7, 2 }).Within(1e-12));
    }

    [Test]
    public void SafetyHinge_PenalisesABarrierThatDoesNotRecoverItsShare()
    {
        using var scope = NewDisposeScope();
        Tensor hinge = CertificateLoss.SafetyHinge(present: Vector(-10, -10, -10, 0), next: Vector(-9, -8, -12, -1), continues: Vector(1, 1, 0, 1), epsilon: 0.1);

        // From -10 it must be at -9 after the step: just there, farther than it must be, over, and one that leaves safety.
        Assert.That(hinge.ToDoubles(), Is.EqualTo(new[] { 0, 0, 0, 1.0 }).Within(1e-12));
    }

    [Test]
    public void SafetyHinge_OfABarrierThatFalls_IsWhatItLacks()
    {
        using var scope = NewDisposeScope();
        Tensor hinge = CertificateLoss.SafetyHinge(present: Vector(-10), next: Vector(-12), continues: Vector(1), epsilon: 0.1);

        Assert.That(hinge.ToDoubles(), Is.EqualTo(new[] { 3.0 }).Within(1e-12));
    }

    [TestCase(0, 2)]
    [TestCase(1.5, 0.5)]
    [TestCase(4, 0)]
    public void StabilityHinge_IsReducedByWhatADisturbanceExcuses(double allowance, double expected)
    {
        using var scope = NewDisposeScope();
        Tensor present = Vector(10);
        Tensor hinge = CertificateLoss.StabilityHinge(present, next: Vector(11), decrease: present * 0.1, allowance == 0 ? null : Vector(allowance), continues: Vector(1));

        Assert.That(hinge.ToDoubles(), Is.EqualTo(new[] { expected }).Within(1e-12));
    }

    [Test]
    public void StabilityHinge_AfterATermination_IsNothing()
    {
        using var scope = NewDisposeScope();

        Assert.That(CertificateLoss.StabilityHinge(Vector(1), Vector(5), Vector(0.1), allowance: null, continues: Vector(0)).ToDoubles(), Is.EqualTo(new[] { 0.0 }));
    }

    [Test]
    public void GainHinge_IsTheCouplingWithItsMarginBeyondTheOwnDecrease()
    {
        using var scope = NewDisposeScope();

        Assert.That(CertificateLoss.GainHinge(coupling: Vector(2, 1), decrease: Vector(1.2, 1.2), margin: 0.1).ToDoubles(), Is.EqualTo(new[] { 1.0, 0 }).Within(1e-12));
    }

    [TestCase(true, 2 + 0.5 * 5)]
    [TestCase(false, 2)]
    public void Penalty_IsTheMeanAndHalfTheMeanSquare(bool squared, double expected)
    {
        using var scope = NewDisposeScope();

        Assert.That(CertificateLoss.Penalty(Vector(1, 3), squared).ToDouble(), Is.EqualTo(expected).Within(1e-12));
    }
}
