namespace SafeMarl.Environments.Tests;

public sealed class SpecTests
{
    private static readonly CostChannel[] Cost = [new("c")];

    [Test]
    public void Layout_OfDifferentAgents_PutsThemOneAfterTheOther()
    {
        var spec = new EnvironmentSpec("test",
            [new AgentSpec("a", 3, ActionSpace.Box(2, -1, 1), Cost), new AgentSpec("b", 5, ActionSpace.Discrete(4, masked: true), [new CostChannel("c"), new CostChannel("d")])], 10);

        Assert.Multiple(() =>
        {
            Assert.That(spec.Layout.Observation(1), Is.EqualTo(3..8));
            Assert.That(spec.Layout.Action(1), Is.EqualTo(2..3));
            Assert.That(spec.Layout.Mask(0), Is.EqualTo(0..0));
            Assert.That(spec.Layout.Mask(1), Is.EqualTo(0..4));
            Assert.That(spec.Layout.Costs(1), Is.EqualTo(1..3));
        });
    }

    [Test]
    public void AgentIndex_OfAnUnknownAgent_NamesTheKnownOnes()
    {
        var spec = new EnvironmentSpec("test", [new AgentSpec("left", 1, ActionSpace.Discrete(2), Cost), new AgentSpec("right", 1, ActionSpace.Discrete(2), Cost)], 10);

        Assert.That(() => spec.AgentIndex("middle"), Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("left, right"));
    }

    [Test]
    public void Spec_OfTwoAgentsWithOneName_IsRefused() =>
        Assert.That(() => new EnvironmentSpec("test", [new AgentSpec("a", 1, ActionSpace.Discrete(2), Cost), new AgentSpec("a", 1, ActionSpace.Discrete(2), Cost)], 10),
            Throws.ArgumentException.With.Message.Contains("different names"));

    [Test]
    public void Spec_OfSharedCostsWithDifferentChannels_IsRefused() =>
        Assert.That(() => new EnvironmentSpec("test",
            [new AgentSpec("a", 1, ActionSpace.Discrete(2), Cost), new AgentSpec("b", 1, ActionSpace.Discrete(2), [new CostChannel("other")])], 10, sharedCosts: true),
            Throws.ArgumentException.With.Message.Contains("same cost channels"));

    [Test]
    public void OwnState_NotGiven_IsTheWholeObservation() =>
        Assert.That(new AgentSpec("a", 3, ActionSpace.Discrete(2), Cost).OwnState, Is.EqualTo(new[] { 0, 1, 2 }));

    [TestCase(new int[0])]
    [TestCase(new[] { 1, 1 })]
    [TestCase(new[] { 0, 3 })]
    [TestCase(new[] { -1 })]
    public void OwnState_ThatNamesImpossibleNumbers_IsRefused(int[] own) =>
        Assert.That(() => new AgentSpec("a", 3, ActionSpace.Discrete(2), Cost, ownState: own), Throws.ArgumentException.With.Message.Contains("0 to 2"));

    [TestCase(1f, 1f)]
    [TestCase(2f, 1f)]
    [TestCase(float.NaN, 1f)]
    [TestCase(0f, float.PositiveInfinity)]
    public void Box_WithImpossibleBounds_IsRefused(float low, float high) =>
        Assert.That(() => ActionSpace.Box([low], [high]), Throws.ArgumentException);

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void InvalidAction_ThatIsNotFinite_NamesAgentAndDimension(float value)
    {
        var spec = new EnvironmentSpec("test", [new AgentSpec("a", 1, ActionSpace.Box(2, -1, 1), Cost)], 10);

        Assert.That(() => InvalidActionException.ThrowIfInvalid([0, value], spec),
            Throws.TypeOf<InvalidActionException>().With.Message.Contains("'a'").And.Message.Contains("dimension 1"));
    }

    [TestCase(-1f)]
    [TestCase(3f)]
    [TestCase(0.5f)]
    public void InvalidAction_ThatNamesNoAlternative_SaysWhichThereAre(float value)
    {
        var spec = new EnvironmentSpec("test", [new AgentSpec("a", 1, ActionSpace.Discrete(3), Cost)], 10);

        Assert.That(() => InvalidActionException.ThrowIfInvalid([value], spec), Throws.TypeOf<InvalidActionException>().With.Message.Contains("0..2"));
    }
}
