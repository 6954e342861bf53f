using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Tests.Support;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.OffPolicy;

/// <summary>Records hold their own column numbers, so that an input shows which columns it is made of.</summary>
public sealed class CriticInputsTests
{
    private const int State = 8; // 3 + 2 + 3 observations before it, agents having 1, 2 and 1 action numbers

    // A chain of three, a - b - c, with observations of 3, 2 and 3 numbers; what a and c see of their own is scattered.
    private static readonly TaskShape Chain = new(
        [
            new AgentShape("a", 3, ActionSpace.Box(1, -1, 1), ["near"], [1], [2, 0]),
            new AgentShape("b", 2, ActionSpace.Discrete(2), ["near"], [0, 2], [1]),
            new AgentShape("c", 3, ActionSpace.Box(1, -1, 1), ["near"], [1], [0]),
        ], StateSize: 4, HasState: true, SharedReward: false, SharedCosts: false, HasDeviation: true, HasDisturbance: false);

    private static readonly TransitionLayout Layout = new(Chain);

    private static TransitionTensors Batch()
    {
        Tensor records = arange(Layout.Size, dtype: ScalarType.Float64).reshape(1, -1), views = arange(Layout.ViewSize, dtype: ScalarType.Float64).reshape(1, -1) + 100;
        Tensor one = ones([1], dtype: ScalarType.Float64);
        return new TransitionTensors(Layout, records, views, one, views, one, one, ones([1, 3], dtype: ScalarType.Float64));
    }

    private static double[] Joint(CriticInformation information, int neighborhood, int agent, bool next = false)
    {
        using var scope = NewDisposeScope();
        using var inputs = new CriticInputs(Chain, information, neighborhood, StabilityInput.OwnState, GoldenNetworks.Double);
        TransitionTensors batch = Batch();
        return inputs.Joint(batch, next ? batch.NextViews : batch.Records, agent, [.. Chain.Agents.Select((_, i) => batch.Action(i))]).ToDoubles();
    }

    [Test]
    public void Joint_Centralized_IsTheStateAndEveryAction([Values(0, 1, 2)] int agent) =>
        Assert.That(Joint(CriticInformation.Centralized, 0, agent), Is.EqualTo(new double[] { State, State + 1, State + 2, State + 3, 12, 13, 14, 15 }));

    [Test]
    public void Joint_OfTheViewAfterAStep_TakesTheStateFromThere() =>
        Assert.That(Joint(CriticInformation.Centralized, 0, 0, next: true)[..4], Is.EqualTo(new double[] { 108, 109, 110, 111 }));

    [TestCase(0, 0, new double[] { 0, 1, 2, 12 }, TestName = "Joint_NoHops_IsTheOwnObservationAndAction")]
    [TestCase(0, 1, new double[] { 0, 1, 2, 12, 13, 14 }, TestName = "Joint_OneHopFromTheChainsEnd_AddsTheNeighborsAction")]
    [TestCase(0, 2, new double[] { 0, 1, 2, 12, 13, 14, 15 }, TestName = "Joint_TwoHopsFromTheChainsEnd_CoversTheChainNearestFirst")]
    [TestCase(0, 9, new double[] { 0, 1, 2, 12, 13, 14, 15 }, TestName = "Joint_MoreHopsThanTheChainIsLong_CoversTheChain")]
    [TestCase(1, 1, new double[] { 3, 4, 13, 14, 12, 15 }, TestName = "Joint_OneHopFromTheMiddle_IsTheOwnActionFirst")]
    [TestCase(2, 1, new double[] { 5, 6, 7, 15, 13, 14 }, TestName = "Joint_OneHopFromTheOtherEnd_AddsTheNeighborsAction")]
    public void Joint_OfANeighborhood(int agent, int hops, double[] expected)
    {
        double[] joint = Joint(CriticInformation.Neighborhood, hops, agent);

        Assert.Multiple(() =>
        {
            Assert.That(joint[..expected.Length], Is.EqualTo(expected));
            Assert.That(joint[expected.Length..], Is.All.Zero, "padding");
        });
    }

    [Test]
    public void Joint_OfDifferentNeighborhoods_IsPaddedToTheWidest() =>
        Assert.That(Chain.Agents.Select((_, i) => Joint(CriticInformation.OwnActions, 0, i).Length), Is.All.EqualTo(4));

    [TestCase(0, new double[] { 2, 0, 12 })]
    [TestCase(1, new double[] { 4, 13, 14 })]
    [TestCase(2, new double[] { 5, 15 })]
    public void Stability_OfTheOwnState_IsTheOwnNumbersOfTheObservationAndTheOwnAction(int agent, double[] expected)
    {
        using var scope = NewDisposeScope();
        using var inputs = new CriticInputs(Chain, CriticInformation.Centralized, 0, StabilityInput.OwnState, GoldenNetworks.Double);
        TransitionTensors batch = Batch();

        Assert.Multiple(() =>
        {
            Assert.That(inputs.Stability(batch, batch.Records, agent, [.. Chain.Agents.Select((_, i) => batch.Action(i))]).ToDoubles(), Is.EqualTo(expected));
            Assert.That(inputs.StabilitySize(agent), Is.EqualTo(expected.Length));
        });
    }

    [Test]
    public void Stability_AsCritic_IsWhatTheCriticSees()
    {
        using var scope = NewDisposeScope();
        using var inputs = new CriticInputs(Chain, CriticInformation.Neighborhood, 1, StabilityInput.AsCritic, GoldenNetworks.Double);
        TransitionTensors batch = Batch();
        Tensor[] actions = [.. Chain.Agents.Select((_, i) => batch.Action(i))];

        Assert.That(inputs.Stability(batch, batch.NextViews, 1, actions).ToDoubles(), Is.EqualTo(inputs.Joint(batch, batch.NextViews, 1, actions).ToDoubles()));
    }
}
