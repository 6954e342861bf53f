using Microsoft.ML;
using Microsoft.ML.Data;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Policies;

public sealed class RecurrentNetworkTests
{
    private const int Observation = 3, Alternatives = 4, Agents = 2, Steps = 5;

    private static readonly object[] Kinds =
    [
        new TestCaseData(null, null).SetArgDisplayNames("values"),
        new TestCaseData(6, null).SetArgDisplayNames("distributions"),
        new TestCaseData(6, new ReturnFeedback(3, 5, 2, NonNegativeWeights: true)).SetArgDisplayNames("distributions that are looked back at"),
        new TestCaseData(6, new ReturnFeedback(3, 5, 2, NonNegativeWeights: false)).SetArgDisplayNames("the same with weights of any sign"),
    ];

    [TestCaseSource(nameof(Kinds))]
    public void Act_StepByStep_TakesWhatTorchValuesMostInTheWholeEpisode(int? features, object? feedback)
    {
        using var scope = NewDisposeScope();
        (RecurrentModule module, Policy policy) = Create(features, (ReturnFeedback?)feedback);
        var random = new RandomStream(3);
        float[][] observations = [.. Enumerable.Range(0, Steps).Select(_ => Enumerable.Range(0, Observation).Select(_ => (float)random.NextGaussian()).ToArray())];
        AgentMemory memory = policy.Agents[1].CreateMemory();
        int stride = EncoderLayer.Stride(Observation + Alternatives + Agents);
        var inputs = new float[Steps * stride];
        var expected = new List<float>();
        var action = new float[1];
        int last = -1;
        for (int t = 0; t < Steps; t++)
        {
            Span<float> input = inputs.AsSpan(t * stride, stride);
            observations[t].CopyTo(input);
            if (last >= 0)
                input[Observation + last] = 1;
            input[Observation + Alternatives + 1] = 1;
            if (feedback is ReturnFeedback f)
                expected.AddRange(memory.Values[^f.Quantiles..].ToArray().Select(z => z + 1));
            policy.Agents[1].Act(observations[t], default, memory, action);
            last = (int)action[0];

            // The whole episode so far in torch; the mean over the midpoints of the quantiles that agents act by.
            Tensor states = module.Unroll(inputs, SequenceRows.Full(t + 1, 1), [.. expected], gradients: false, 1);
            Tensor embedding = module.Embedding?.AtMidpoints(3).mean([0]) ?? ones([1], ScalarType.Float64);
            double[] values = module.Values(states * embedding).ToDoubles()[^Alternatives..];
            Assert.That(last, Is.EqualTo(Array.IndexOf(values, values.Max())), $"step {t}: {string.Join(", ", values)}");
        }
    }

    [Test]
    public void Act_WithLevelsOfRisk_TakesWhatTorchValuesMostInTheWholeEpisode()
    {
        using var scope = NewDisposeScope();
        var risk = new RiskLevels(6, 3, 2);
        var shape = new NetworkShape(Observation, Alternatives * risk.Atoms + risk.Size, 7, 1, Activation.ReLU, InputNorm: false, LayerNorm: false, Recurrence: new Recurrence(Agents, null, Alternatives, risk));
        var random = new RandomStream(5);
        var module = new RecurrentModule(shape, null, 1, null, ref random, GoldenNetworks.Double);
        var beside = new RecurrentModule(shape.Companion!, null, 1, null, ref random, GoldenNetworks.Double);
        Policy policy = PolicyOf(shape);
        module.CopyTo(policy.Networks[0]);
        beside.CopyTo(((RecurrentNetwork)policy.Networks[0]).Companion!.Network);
        AgentMemory memory = policy.Agents[1].CreateMemory();
        int stride = EncoderLayer.Stride(Observation + Alternatives + Agents);
        var inputs = new float[Steps * stride];
        var scores = new float[Alternatives];
        int last = -1;
        for (int t = 0; t < Steps; t++)
        {
            float[] observation = [.. Enumerable.Range(0, Observation).Select(_ => (float)random.NextGaussian())];
            Span<float> input = inputs.AsSpan(t * stride, stride);
            observation.CopyTo(input);
            if (last >= 0)
                input[Observation + last] = 1;
            input[Observation + Alternatives + 1] = 1;
            var action = new float[1];
            policy.Agents[1].Act(observation, default, memory.Values, action, scores);
            last = (int)action[0];

            Tensor states = module.Unroll(inputs, SequenceRows.Full(t + 1, 1), null, gradients: false, 1), past = beside.UnrollValues(inputs, SequenceRows.Full(t + 1, 1), gradients: false, 1);
            Tensor before = cat([zeros_like(past.narrow(0, 0, 1)), past.narrow(0, 0, t)], 0);
            Tensor levels = Rmix.Levels(module.Outputs(states, Alternatives * risk.Atoms, risk.Size), before, risk, 7);
            Tensor values = Rmix.Values(module.Outputs(states, 0, Alternatives * risk.Atoms).view(t + 1, 1, Alternatives, risk.Atoms).sort().Values, levels.unsqueeze(2));
            Assert.That(scores, Is.EqualTo(values.ToFloats()[^Alternatives..]).Within(1e-5), $"step {t}");
        }
    }

    [Test]
    public void Act_WithABarrier_TakesTheBestThatKeepsWhatWasPromisedAndElseTheHighest()
    {
        var shape = new NetworkShape(Observation, Alternatives, 7, 1, Activation.ReLU, InputNorm: false, LayerNorm: false, Recurrence: new Recurrence(Agents, Barrier: new ActionBarrier(0.1)));
        Policy policy = PolicyOf(shape);
        AgentMemory memory = policy.Agents[0].CreateMemory();
        policy.Networks[0].Set("output.bias", [1, 2, 3, 4]); // values, whatever is seen

        Assert.That(Act(0.3f, 0.2f, 0.5f, -0.1f), Is.EqualTo(2)); // at first 0 is needed
        Assert.That(Act(0.46f, 0.44f, 0.4f, 0.1f), Is.EqualTo(0)); // now 0.9 * 0.5
        Assert.That(Act(-0.4f, -0.3f, 0.41f, 0.4f), Is.EqualTo(2)); // 0.9 * 0.46 is out of reach
        Assert.That(Act(-0.4f, -0.3f, -0.2f, -0.1f), Is.EqualTo(3)); // so is 0.9 * 0.41
        Assert.That(Act(-0.3f, -0.05f, -0.2f, -0.5f), Is.EqualTo(1)); // less than -0.1 must be lost
        memory.Values[^1] = float.NegativeInfinity;
        Assert.That(Act(0.1f, -0.2f, -0.2f, -0.3f), Is.EqualTo(0)); // what cannot have been promised is 0

        int Act(params float[] barriers)
        {
            policy.Networks[0].Set("companion.output.bias", barriers);
            var action = new float[1];
            policy.Agents[0].Act(new float[Observation], default, memory, action);
            return (int)action[0];
        }
    }

    private static readonly object[] Besides =
    [
        new TestCaseData(Alternatives * 100 + 2, new Recurrence(Agents, null, Alternatives, new RiskLevels(100, 10, 2))).SetArgDisplayNames("levels of risk"),
        new TestCaseData(Alternatives, new Recurrence(Agents, Barrier: new ActionBarrier(0.1))).SetArgDisplayNames("a barrier"),
    ];

    [TestCaseSource(nameof(Besides))]
    public void Act_WithANetworkBeside_AllocatesNothing(int outputs, object recurrence)
    {
        PolicyAgent agent = PolicyOf(new NetworkShape(Observation, outputs, 64, 1, Activation.ReLU, InputNorm: false, LayerNorm: false, Recurrence: (Recurrence)recurrence)).Agents[0];
        AgentMemory memory = agent.CreateMemory();
        float[] observation = [1, -1, 0.5f], action = new float[1];
        agent.Act(observation, default, memory, action);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            agent.Act(observation, default, memory, action);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Act_WithoutItsMemory_SaysWhatToDo() =>
        Assert.That(() => Create(null, null).Policy.Agents[0].Act(new float[Observation], default, new float[1]), Throws.InvalidOperationException.With.Message.Contains("CreateMemory"));

    [Test]
    public void Act_AfterClear_IsAsInANewEpisode()
    {
        PolicyAgent agent = Create(6, new ReturnFeedback(3, 5, 2, true)).Policy.Agents[0];
        AgentMemory used = agent.CreateMemory(), fresh = agent.CreateMemory();
        float[] action = new float[1], observation = [1, -1, 0.5f];
        for (int t = 0; t < 3; t++)
            agent.Act(observation, default, used, action);
        used.Clear();
        agent.Act(observation, default, used, action);
        agent.Act(observation, default, fresh, action);

        Assert.That(used.Values.ToArray(), Is.EqualTo(fresh.Values.ToArray()));
    }

    [TestCaseSource(nameof(Kinds))]
    public void Policy_SavedAndLoaded_ActsTheSameInEitherFormat(int? features, object? feedback)
    {
        using var folder = new TemporaryFolder();
        Policy policy = Create(features, (ReturnFeedback?)feedback).Policy;
        policy.Save(folder["policy.safetensors"]);
        var mlContext = new MLContext(1);
        IDataView rows = mlContext.Data.LoadFromEnumerable([new Row { AgentId = "agent_0", Observation = [1, 2, 3] }, new Row { AgentId = "agent_1", Observation = [-1, 0, 2] }]);
        PolicyTransformer transformer = mlContext.SafeMarl().FromPolicy(policy);
        mlContext.Model.Save(transformer, rows.Schema, folder["model.zip"]);
        Output[] first = Rows(mlContext, transformer.Transform(rows)), loaded = Rows(mlContext, mlContext.Model.Load(folder["model.zip"], out _).Transform(rows));
        Policy again = Policy.Load(folder["policy.safetensors"]);
        AgentMemory memory = again.Agents[1].CreateMemory();
        var action = new float[1];
        again.Agents[1].Act(rows.GetColumn<float[]>("Observation").Last(), default, memory, action);

        Assert.Multiple(() =>
        {
            Assert.That(loaded[1].NextHidden, Is.EqualTo(first[1].NextHidden));
            Assert.That(memory.Values.ToArray(), Is.EqualTo(first[1].NextHidden));
            Assert.That((loaded[1].Action[0], action[0]), Is.EqualTo((first[1].Action[0], first[1].Action[0])));
        });
    }

    [Test]
    public void Transform_WithTheHiddenColumnOfTheStepBefore_GoesOnWithTheEpisode()
    {
        Policy policy = Create(null, null).Policy;
        var mlContext = new MLContext(1);
        PolicyTransformer transformer = mlContext.SafeMarl().FromPolicy(policy);
        float[] observation = [1, 2, 3];
        Output first = Rows(mlContext, transformer.Transform(mlContext.Data.LoadFromEnumerable([new Row { AgentId = "agent_0", Observation = observation }])))[0];
        Output second = Rows(mlContext, transformer.Transform(mlContext.Data.LoadFromEnumerable([new Row { AgentId = "agent_0", Observation = observation, Hidden = first.NextHidden }])))[0];
        AgentMemory memory = policy.Agents[0].CreateMemory();
        var action = new float[1];
        policy.Agents[0].Act(observation, default, memory, action);
        policy.Agents[0].Act(observation, default, memory, action);

        Assert.That(second.NextHidden, Is.EqualTo(memory.Values.ToArray()));
        Assert.That(second.NextHidden, Is.Not.EqualTo(first.NextHidden));
    }

    private static Output[] Rows(MLContext mlContext, IDataView view) => [.. mlContext.Data.CreateEnumerable<Output>(view, reuseRowObject: false)];

    private static Tensor Double(float[] values, params long[] shape) => GoldenTeams.Shaped([.. values.Select(v => (double)v)], shape);

    private static (RecurrentModule Module, Policy Policy) Create(int? features, ReturnFeedback? feedback)
    {
        var random = new RandomStream(5);
        var shape = new NetworkShape(Observation, Alternatives, 7, 1, Activation.ReLU, InputNorm: false, LayerNorm: false, Recurrence: new Recurrence(Agents, feedback));
        var module = new RecurrentModule(shape, features, 3, null, ref random, GoldenNetworks.Double);
        Policy policy = PolicyOf(shape);
        module.CopyTo(policy.Networks[0]);
        return (module, policy);
    }

    private static Policy PolicyOf(NetworkShape shape) => new(
        [IPolicyNetwork.Create(shape)], [.. Enumerable.Range(0, Agents).Select(i => new AgentNetwork($"agent_{i}", ActionSpace.Discrete(Alternatives), PolicyHead.Greedy, 0, Id: i))]);

    private sealed class Row
    {
        public string AgentId { get; set; } = "";

        public float[] Observation { get; set; } = [];

        public float[] Hidden { get; set; } = [];
    }

    private sealed class Output
    {
        public float[] Action { get; set; } = [];

        public float[] NextHidden { get; set; } = [];
    }
}
