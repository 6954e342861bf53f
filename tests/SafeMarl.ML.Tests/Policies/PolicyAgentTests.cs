using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Policies;

public sealed class PolicyAgentTests
{
    [Test]
    public void Sample_OfAGaussianPolicy_HasItsMomentsAndTorchsLogProbability()
    {
        using var scope = NewDisposeScope();
        PolicyAgent agent = TestPolicies.Box(observation: 3, actions: 2).Agents[0];
        agent.Std[0] = 0.5f;
        agent.Std[1] = 2;
        float[] observation = [0.3f, -1, 2], mean = new float[2], action = new float[2], logProb = new float[1];
        agent.Act(observation, default, mean);
        var random = new RandomStream[] { new(1) };
        const int n = 20_000;
        double[] sum = new double[2], squares = new double[2];
        for (int i = 0; i < n; i++)
        {
            Sample(agent, observation, [], random, action, logProb);
            for (int d = 0; d < 2; d++)
            {
                sum[d] += action[d] - mean[d];
                squares[d] += Math.Pow(action[d] - mean[d], 2);
            }
        }
        var distribution = new GaussianDistribution(GoldenNetworks.Double.Tensor([.. mean.Select(m => (double)m)], 1, 2), GoldenNetworks.Double.Tensor([0.5, 2.0], 2));

        Assert.Multiple(() =>
        {
            Assert.That(sum.Select(s => s / n), Is.EqualTo(new double[] { 0, 0 }).Within(0.05));
            Assert.That(squares.Select(s => s / n), Is.EqualTo(new[] { 0.25, 4 }).Within(0.1));
            Assert.That(logProb[0], Is.EqualTo(distribution.LogProb(GoldenNetworks.Double.Tensor([.. action.Select(a => (double)a)], 1, 2)).ToDoubles()[0]).Within(1e-5));
        });
    }

    [Test]
    public void Sample_OfASquashedPolicy_StaysInTheBoxAndHasTorchsDensity()
    {
        using var scope = NewDisposeScope();
        PolicyAgent agent = TestPolicies.Squashed(observation: 3, actions: 2).Agents[0]; // the box is [-2, 3]
        float[] observation = [0.3f, -1, 2], outputs = [0.4f, -0.2f, -0.5f, -1], action = new float[2], logProb = new float[1];
        agent.Network.Set("output.weight", new float[4 * 16]);
        agent.Network.Set("output.bias", outputs);
        var random = new RandomStream[] { new(1) };
        const int n = 20_000;
        double[] sum = new double[2], squares = new double[2];
        for (int i = 0; i < n; i++)
        {
            Sample(agent, observation, [], random, action, logProb);
            for (int d = 0; d < 2; d++)
            {
                Assert.That(action[d], Is.InRange(-2f, 3f));
                double z = Math.Atanh(Math.Clamp((action[d] + 2) / 2.5 - 1, -1 + 1e-7, 1 - 1e-7)) - outputs[d];
                sum[d] += z;
                squares[d] += z * z;
            }
        }
        // The density of the last draw, from the noise that made it.
        double[] noise = [.. Enumerable.Range(0, 2).Select(d => (Math.Atanh((action[d] + 2) / 2.5 - 1) - outputs[d]) / Math.Exp(Math.Clamp(outputs[2 + d], -20, 2)))];
        Tensor expected = TanhGaussian.Sample(GoldenNetworks.Double.Tensor([.. outputs.Select(o => (double)o)], 1, 4), GoldenNetworks.Double.Tensor(noise, 1, 2)).LogProb;

        Assert.Multiple(() =>
        {
            for (int d = 0; d < 2; d++)
            {
                double std = Math.Exp(Math.Clamp(outputs[2 + d], -20, 2));
                Assert.That(sum[d] / n, Is.EqualTo(0).Within(0.05 * std), "mean before squashing");
                Assert.That(squares[d] / n, Is.EqualTo(std * std).Within(0.1 * std * std), "variance before squashing");
            }
            Assert.That(logProb[0], Is.EqualTo(expected.ToDoubles()[0]).Within(1e-4));
        });
    }

    [Test]
    public void Act_OfASquashedPolicy_IsTheSquashedMeanInTheAgentsBounds()
    {
        PolicyAgent agent = TestPolicies.Squashed(observation: 3, actions: 2).Agents[0];
        float[] observation = [0.1f, -0.2f, 0.3f], outputs = new float[4], action = new float[2];
        agent.Dense.Forward(observation, 1, 3, outputs);
        agent.Act(observation, default, action);

        Assert.That(action, Is.EqualTo(outputs[..2].Select(o => -2 + 2.5 * (Math.Tanh(o) + 1))).Within(1e-5));
    }

    [Test]
    public void Sample_OfACategoricalPolicy_FollowsItsProbabilitiesAndMask()
    {
        PolicyAgent agent = TestPolicies.Choice(observation: 2, alternatives: 4, masked: true).Agents[0];
        float[] observation = [1, -1], mask = [1, 0, 1, 1], action = new float[1], probabilities = new float[4], logProb = new float[1];
        agent.Act(observation, mask, action, probabilities);
        var random = new RandomStream[] { new(1) };
        var counts = new int[4];
        const int n = 20_000;
        for (int i = 0; i < n; i++)
        {
            Sample(agent, observation, mask, random, action, logProb);
            counts[(int)action[0]]++;
            Assert.That(logProb[0], Is.EqualTo(Math.Log(probabilities[(int)action[0]])).Within(1e-5));
        }

        Assert.Multiple(() =>
        {
            Assert.That(counts[1], Is.Zero);
            Assert.That(probabilities[1], Is.Zero);
            Assert.That(probabilities.Sum(), Is.EqualTo(1).Within(1e-6));
            Assert.That(counts.Select(c => (double)c / n), Is.EqualTo(probabilities.Select(p => (double)p)).Within(0.02));
        });
    }

    [Test]
    public void Act_OfACategoricalPolicy_TakesTheLikeliestAvailableAlternative()
    {
        PolicyAgent agent = TestPolicies.Choice(observation: 2, alternatives: 4, masked: true).Agents[0];
        float[] action = new float[1], probabilities = new float[4];
        agent.Act([1, -1], [1, 1, 1, 1], action, probabilities);
        int best = (int)action[0];
        float[] mask = [.. Enumerable.Range(0, 4).Select(i => i == best ? 0f : 1)];
        agent.Act([1, -1], mask, action);

        Assert.Multiple(() =>
        {
            Assert.That(best, Is.EqualTo(Array.IndexOf(probabilities, probabilities.Max())));
            Assert.That((int)action[0], Is.Not.EqualTo(best));
        });
    }

    [Test]
    public void Act_OfEveryKind_DoesNotAllocate()
    {
        PolicyAgent box = TestPolicies.Box(22, 3).Agents[0], choice = TestPolicies.Choice(22, 5, masked: false).Agents[0];
        float[] observation = new float[22], action = new float[3], alternative = new float[1], probabilities = new float[5];
        Play();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Play();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Play()
        {
            box.Act(observation, default, action);
            choice.Act(observation, default, alternative);
            choice.Act(observation, default, alternative, probabilities);
        }
    }

    [TestCase(21, 0, 3, "22 numbers; got 21")]
    [TestCase(22, 2, 3, "mask of 0 numbers; got 2")]
    [TestCase(22, 0, 4, "action of 3 numbers; the destination has 4")]
    public void Act_WithTheWrongLengths_SaysBoth(int observation, int mask, int action, string message) =>
        Assert.That(() => TestPolicies.Box(22, 3).Agents[0].Act(new float[observation], new float[mask], new float[action]), Throws.ArgumentException.With.Message.Contains(message));

    [Test]
    public void Act_WithAMaskThatLeavesNothing_SaysSo() =>
        Assert.That(() => TestPolicies.Choice(2, 3, masked: true).Agents[0].Act([0, 0], [0, 0, 0], new float[1]), Throws.ArgumentException.With.Message.Contains("no alternative"));

    [Test]
    public void Sample_WithAMaskThatLeavesNothing_SaysSo() => Assert.That(() =>
    {
        var random = new RandomStream(1);
        Sample(TestPolicies.Choice(2, 3, masked: true).Agents[0], [0, 0], [0, 0, 0], new Span<RandomStream>(ref random), new float[1], new float[1]);
    }, Throws.ArgumentException.With.Message.Contains("no alternative"));

    [Test]
    public void Act_WithTheWrongNumberOfProbabilities_SaysBoth()
    {
        Assert.That(() => TestPolicies.Choice(2, 3, masked: false).Agents[0].Act([0, 0], default, new float[1], new float[6]), Throws.ArgumentException.With.Message.Contains("3 alternatives; the destination has 6"));
        Assert.That(() => TestPolicies.Box(2, 1).Agents[0].Act([0, 0], default, new float[1], new float[1]), Throws.ArgumentException);
    }

    /// <summary>A stack overflow would end the process: the largest policy that a file can hold must act on a small stack.</summary>
    [Test]
    public void Act_OfTheLargestPolicy_NeedsLittleStack()
    {
        var network = new DenseNetwork(new NetworkShape(65_536, 65_536, 4, 1, Activation.ReLU, false, false));
        var agent = new Policy([network], [new("large", ActionSpace.Discrete(65_536), PolicyHead.Categorical, 0)]).Agents[0];
        var action = new float[] { -1 };
        var thread = new Thread(() => agent.Act(new float[65_536], default, action), maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();

        Assert.That(action[0], Is.Zero);
    }

    [Test]
    public void Agent_OfAnUnknownName_ListsTheKnownOnes() =>
        Assert.That(() => TestPolicies.Box(2, 1).Agent("nobody"), Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("agent_0, agent_1"));

    // One situation for each stream.
    private static void Sample(PolicyAgent agent, float[] observation, float[] mask, Span<RandomStream> random, float[] action, float[] logProb) => agent.Sample(new ActingRows
    {
        Random = random, Observations = observation, ObservationStride = observation.Length, Masks = mask, MaskStride = mask.Length, Actions = action, ActionStride = action.Length,
        LogProbs = logProb,
    });
}
