using Microsoft.ML;
using SafeMarl.Environments;
using Microsoft.ML.Data;
using SafeMarl.ML.Tests.Support;

namespace SafeMarl.ML.Tests.Policies;

public sealed class PolicyTransformerTests
{
    private readonly MLContext _mlContext = new(1);

    [Test]
    public void Transform_OfRows_GivesEachAgentItsAction()
    {
        Policy policy = TestPolicies.Box(observation: 3, actions: 2);
        IDataView rows = _mlContext.Data.LoadFromEnumerable([Row("agent_1", 1, 2, 3), Row("agent_0", 1, 2, 3), Row("agent_1", -1, 0, 4)]);
        Output[] outputs = [.. _mlContext.Data.CreateEnumerable<Output>(_mlContext.SafeMarl().FromPolicy(policy).Transform(rows), reuseRowObject: false)];

        Assert.Multiple(() =>
        {
            Assert.That(outputs[0].Action, Is.EqualTo(Expected(policy, 1, 1, 2, 3)));
            Assert.That(outputs[1].Action, Is.EqualTo(Expected(policy, 0, 1, 2, 3)));
            Assert.That(outputs[2].Action, Is.EqualTo(Expected(policy, 1, -1, 0, 4)));
        });
    }

    [Test]
    public void Transform_OfAnAction_ThatLiesOutsideTheBox_IsClipped()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 50).Select(i => Row("agent_0", i - 25, 10, -10)));
        float[] actions = [.. _mlContext.Data.CreateEnumerable<Output>(_mlContext.SafeMarl().FromPolicy(TestPolicies.Box(3, 2)).Transform(rows), false).SelectMany(o => o.Action)];

        Assert.That(actions, Is.All.InRange(-1, 1));
        Assert.That(actions, Does.Contain(1f).Or.Contain(-1f), "random weights of size 1 leave the box somewhere");
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Transform_WithCertificates_SaysWhatTheyMakeOfWhatAllAgentsDo(bool looksAtState)
    {
        using var folder = new TemporaryFolder();
        Policy policy = CertifiedPolicies.ForSharedBoxes(looksAtState);
        PolicyTransformer certified = _mlContext.SafeMarl().FromPolicy(policy).WithCertificates();
        IDataView rows = _mlContext.SafeMarl().LoadFromEnvironment(() => new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes), episodes: 2);
        _mlContext.Model.Save(certified, rows.Schema, folder["model.zip"]);
        ITransformer loaded = _mlContext.Model.Load(folder["model.zip"], out _);
        CertifiedOutput[] outputs = [.. _mlContext.Data.CreateEnumerable<CertifiedOutput>(certified.Transform(rows), false)], again = [.. _mlContext.Data.CreateEnumerable<CertifiedOutput>(loaded.Transform(rows), false)];

        Assert.That(outputs, Has.Length.EqualTo(2 * 8 * 2));
        foreach ((CertifiedOutput output, CertifiedOutput other) in outputs.Zip(again))
        {
            AgentCertificates own = policy.Agent(output.AgentId).Certificates!;
            float[] view = looksAtState ? output.State : output.Observation, safety = new float[1];
            own.Safety(view, output.JointAction, safety);
            Assert.That(output.SafetyCertificate, Is.EqualTo(safety));
            Assert.That(output.StabilityCertificate, Is.EqualTo(own.Stability(output.Observation, view, output.JointAction)));
            Assert.That((other.SafetyCertificate[0], other.StabilityCertificate), Is.EqualTo((output.SafetyCertificate[0], output.StabilityCertificate)), "as loaded");
        }
        Assert.That(certified.GetOutputSchema(rows.Schema).Select(c => c.Name).Except(rows.Schema.Select(c => c.Name)), Is.EqualTo(new[] { "SafetyCertificate", "StabilityCertificate" }));
        Assert.That(PolicyTransformer.From(_mlContext, loaded).Policy.Agents[1].Certificates!.Costs, Is.EqualTo(new[] { "far" }));
    }

    [Test]
    public void WithCertificates_OfAPolicyWithoutAny_SaysWhoLearnsThem() =>
        Assert.That(() => _mlContext.SafeMarl().FromPolicy(TestPolicies.Box(3, 2)).WithCertificates(), Throws.TypeOf<SafeMarlException>().With.Message.Contains("Mas3ac"));

    [Test]
    public void Transform_DropsItsOwnColumns()
    {
        DataViewSchema schema = _mlContext.SafeMarl().FromPolicy(TestPolicies.Mixed()).GetOutputSchema(_mlContext.Data.LoadFromEnumerable(Array.Empty<MaskedRow>()).Schema);

        Assert.That(schema.Select(c => c.Name), Is.EqualTo(new[] { "AgentId", "Observation", "ActionMask", "Action", "Score" }));
    }

    [Test]
    public void Transform_OfMaskedAgents_GivesScoresAndKeepsToTheMask()
    {
        Policy policy = TestPolicies.Mixed();
        MaskedRow[] input =
        [
            new() { AgentId = "agent_1", Observation = [1, 2], ActionMask = [0, 1, 0, 1] },
            new() { AgentId = "agent_0", Observation = [1, 2, 3] },
            new() { AgentId = "agent_2", Observation = [1, 2, 3, 4, 5] },
        ];
        ScoredOutput[] outputs = [.. _mlContext.Data.CreateEnumerable<ScoredOutput>(_mlContext.SafeMarl().FromPolicy(policy).Transform(_mlContext.Data.LoadFromEnumerable(input)), false)];

        Assert.Multiple(() =>
        {
            Assert.That(outputs[0].Action[0], Is.AnyOf(1f, 3f));
            Assert.That(outputs[0].Score, Has.Length.EqualTo(4));
            Assert.That(outputs[0].Score[0], Is.Zero);
            Assert.That(outputs[0].Score.Sum(), Is.EqualTo(1).Within(1e-6));
            Assert.That(outputs[1].Action, Has.Length.EqualTo(2));
            Assert.That(outputs[1].Score, Is.Empty);
            Assert.That(outputs[2].Score, Has.Length.EqualTo(3));
        });
    }

    [Test]
    public void Transform_OfAnUnknownAgent_ListsTheKnownOnes()
    {
        IDataView rows = _mlContext.SafeMarl().FromPolicy(TestPolicies.Box(3, 2)).Transform(_mlContext.Data.LoadFromEnumerable([Row("agent_7", 1, 2, 3)]));

        Assert.That(() => _mlContext.Data.CreateEnumerable<Output>(rows, false).ToArray(),
            Throws.InstanceOf<Exception>().With.Message.Contains("agent_7").And.Message.Contains("agent_0, agent_1"));
    }

    [Test]
    public void Transform_OfAnObservationOfTheWrongLength_SaysBoth()
    {
        IDataView rows = _mlContext.SafeMarl().FromPolicy(TestPolicies.Box(3, 2)).Transform(_mlContext.Data.LoadFromEnumerable([Row("agent_0", 1, 2)]));

        Assert.That(() => _mlContext.Data.CreateEnumerable<Output>(rows, false).ToArray(), Throws.InstanceOf<Exception>().With.Message.Contains("observes 3 numbers; got 2"));
    }

    [Test]
    public void Model_SavedAndLoaded_PredictsTheSame()
    {
        using var folder = new TemporaryFolder();
        Policy policy = TestPolicies.Box(3, 2);
        _mlContext.Model.Save(_mlContext.SafeMarl().FromPolicy(policy), Schema(), folder["model.zip"]);
        var other = new MLContext(2);
        ITransformer loaded = other.Model.Load(folder["model.zip"], out DataViewSchema schema);
        using PredictionEngine<Input, Output> engine = other.Model.CreatePredictionEngine<Input, Output>(loaded);

        Assert.Multiple(() =>
        {
            Assert.That(schema.Select(c => c.Name), Is.EqualTo(new[] { "AgentId", "Observation" }));
            Assert.That(engine.Predict(Row("agent_1", 1, 2, 3)).Action, Is.EqualTo(Expected(policy, 1, 1, 2, 3)));
            Assert.That(engine.Predict(Row("agent_0", 1, 2, 3)).Action, Is.EqualTo(Expected(policy, 0, 1, 2, 3)));
        });
    }

    [Test]
    public void From_ALoadedModel_GivesThePolicyWithItsOrigin()
    {
        using var folder = new TemporaryFolder();
        Policy policy = TestPolicies.Mixed().Copy(new PolicyOrigin("Mafocops", "Toy", 123, 4, new Dictionary<string, double> { ["wall"] = 30 }));
        _mlContext.Model.Save(_mlContext.SafeMarl().FromPolicy(policy), null, folder["model.zip"]);
        Policy found = PolicyTransformer.From(_mlContext, _mlContext.Model.Load(folder["model.zip"], out _)).Policy;

        Assert.Multiple(() =>
        {
            Assert.That(found.Agents.Select(a => a.Name), Is.EqualTo(policy.Agents.Select(a => a.Name)));
            Assert.That((found.Origin.Algorithm, found.Origin.Environment, found.Origin.Steps, found.Origin.Seed), Is.EqualTo(("Mafocops", "Toy", 123L, 4)));
            Assert.That(found.Origin.CostLimits["wall"], Is.EqualTo(30));
            Assert.That(PolicyHash.Of(found), Is.EqualTo(PolicyHash.Of(policy)));
        });
    }

    [Test]
    public void From_APolicyInALongerChain_FindsIt()
    {
        using var folder = new TemporaryFolder();
        PolicyTransformer policy = _mlContext.SafeMarl().FromPolicy(TestPolicies.Box(3, 2));
        IDataView rows = _mlContext.Data.LoadFromEnumerable([new Sensor { Robot = "agent_0", Observation = [1, 2, 3] }]);
        TransformerChain<PolicyTransformer> chain = _mlContext.Transforms.CopyColumns("AgentId", "Robot").Fit(rows).Append(policy);
        ITransformer longer = chain.Append(_mlContext.Transforms.CopyColumns("Torque", "Action").Fit(chain.Transform(rows)));
        _mlContext.Model.Save(longer, rows.Schema, folder["model.zip"]);
        ITransformer loaded = _mlContext.Model.Load(folder["model.zip"], out _);
        float[] torque = loaded.Transform(rows).GetColumn<float[]>("Torque").Single();

        Assert.Multiple(() =>
        {
            Assert.That(torque, Is.EqualTo(Expected(policy.Policy, 0, 1, 2, 3)));
            Assert.That(PolicyHash.Of(PolicyTransformer.From(_mlContext, loaded).Policy), Is.EqualTo(PolicyHash.Of(policy.Policy)));
        });
    }

    [Test]
    public void From_AModelWithoutAPolicy_SaysSo()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable([new Sensor { Robot = "x", Observation = [1] }]);
        ITransformer model = _mlContext.Transforms.CopyColumns("Name", "Robot").Fit(rows);

        Assert.That(() => PolicyTransformer.From(_mlContext, model), Throws.TypeOf<SafeMarlException>().With.Message.Contains("no SafeMarl policy"));
    }

    [TestCase("model.zip")]
    [TestCase("policy.safetensors")]
    public void LoadPolicy_OfEitherFile_GivesThePolicy(string file)
    {
        using var folder = new TemporaryFolder();
        Policy policy = Save(folder);

        Assert.That(PolicyHash.Of(new MLContext(1).SafeMarl().LoadPolicy(folder[file]).Policy.Copy(policy.Origin)), Is.EqualTo(PolicyHash.Of(policy)));
    }

    /// <summary>Flipped bits, changed bytes, truncations and additions: the same policy or one kind of error, whatever the container says.</summary>
    [Test]
    public void LoadPolicy_OfDamagedModels_RefusesEachOrLoadsTheSame()
    {
        using var folder = new TemporaryFolder();
        string hash = PolicyHash.Of(Save(folder));
        byte[] good = File.ReadAllBytes(folder["model.zip"]);
        var random = new RandomStream(3);
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] bad = [.. good];
            for (int k = 0; k <= i % 4; k++)
                bad[random.NextInt(bad.Length)] ^= (byte)(1 << random.NextInt(8));
            File.WriteAllBytes(folder["bad.zip"], i % 5 == 0 ? bad[..random.NextInt(bad.Length)] : bad);
            try
            {
                Policy loaded = new MLContext(1).SafeMarl().LoadPolicy(folder["bad.zip"]).Policy;
                Assert.That(PolicyHash.Of(loaded.Copy(PolicyOrigin.None)), Is.EqualTo(hash), $"case {i} loaded as something else");
            }
            catch (CorruptFileException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(800));
    }

    [Test]
    public void LoadPolicy_OfNoFile_SaysSo() =>
        Assert.That(() => new MLContext(1).SafeMarl().LoadPolicy("/nowhere/model.zip"), Throws.InstanceOf<IOException>().With.Message.Contains("/nowhere/model.zip"));

    private static Policy Save(TemporaryFolder folder)
    {
        var mlContext = new MLContext(1);
        Policy policy = TestPolicies.Box(3, 2);
        policy.Save(folder["policy.safetensors"]);
        PolicyTransformer transformer = mlContext.SafeMarl().FromPolicy(policy);
        mlContext.Model.Save(transformer, mlContext.Data.LoadFromEnumerable(new[] { new Input() }).Schema, folder["model.zip"]);
        return policy;
    }

    [Test]
    public void PredictionEngine_ReusingItsOutput_DoesNotAllocate()
    {
        using PredictionEngine<Input, BufferOutput> engine = _mlContext.Model.CreatePredictionEngine<Input, BufferOutput>(_mlContext.SafeMarl().FromPolicy(TestPolicies.Box(3, 2)));
        Input row = Row("agent_0", 1, 2, 3);
        var output = new BufferOutput();
        for (int i = 0; i < 50; i++)
            engine.Predict(row, ref output);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            engine.Predict(row, ref output);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Transform_ByManyThreads_GivesWhatOneThreadGives()
    {
        PolicyTransformer policy = _mlContext.SafeMarl().FromPolicy(TestPolicies.Box(3, 2));
        Input[] input = [.. Enumerable.Range(0, 400).Select(i => Row($"agent_{i % 2}", i * 0.01f, 1, -1))];
        float[][] expected = Actions();
        var results = new float[8][][];
        Parallel.For(0, 8, i => results[i] = Actions());

        Assert.That(results, Is.All.EqualTo(expected));

        float[][] Actions() => [.. _mlContext.Data.CreateEnumerable<Output>(policy.Transform(_mlContext.Data.LoadFromEnumerable(input)), false).Select(o => o.Action)];
    }

    [Test]
    public void Predict_InAProcessWithoutLibtorch_Works()
    {
        using var folder = new TemporaryFolder();
        Policy policy = TestPolicies.Box(observation: 3, actions: 2);
        _mlContext.Model.Save(_mlContext.SafeMarl().FromPolicy(policy), Schema(), folder["model.zip"]);
        policy.Save(folder["policy.safetensors"]);
        var withoutTorch = new Dictionary<string, string> { ["SAFEMARL_TORCH_LIBRARY"] = "/nowhere/libsafemarl_torch.so" };
        string[] predicted = ChildProgram.TestHost.Run(withoutTorch, "predict", folder["model.zip"], "agent_1", "3");
        string[] acted = ChildProgram.TestHost.Run(withoutTorch, "act", folder["policy.safetensors"]);

        Assert.Multiple(() =>
        {
            Assert.That(predicted[0].Split(' ').Select(float.Parse), Is.EqualTo(Expected(policy, 1, 0, 0.1f, 0.2f)));
            Assert.That(predicted[1], Is.EqualTo("agent_0 agent_1"));
            Assert.That(predicted[2], Is.EqualTo("no torch"));
            Assert.That(acted[1], Is.EqualTo("no torch"));
        });
    }

    private DataViewSchema Schema() => _mlContext.Data.LoadFromEnumerable(Array.Empty<Input>()).Schema;

    private static Input Row(string agent, params float[] observation) => new() { AgentId = agent, Observation = observation };

    private static float[] Expected(Policy policy, int agent, params float[] observation)
    {
        var action = new float[policy.Agents[agent].ActionSpace.Size];
        policy.Agents[agent].Act(observation, default, action);
        return [.. action.Select(a => Math.Clamp(a, -1, 1))];
    }

    private sealed class Input
    {
        public string AgentId { get; set; } = "";

        [VectorType]
        public float[] Observation { get; set; } = [];
    }

    private sealed class MaskedRow
    {
        public string AgentId { get; set; } = "";

        [VectorType]
        public float[] Observation { get; set; } = [];

        [VectorType]
        public float[] ActionMask { get; set; } = [];
    }

    private sealed class Sensor
    {
        public string Robot { get; set; } = "";

        [VectorType]
        public float[] Observation { get; set; } = [];
    }

    private sealed class Output
    {
        public float[] Action { get; set; } = [];
    }

    private sealed class ScoredOutput
    {
        public float[] Action { get; set; } = [];

        public float[] Score { get; set; } = [];
    }

    private sealed class BufferOutput
    {
        public VBuffer<float> Action { get; set; }
    }

    private sealed class CertifiedOutput
    {
        public string AgentId { get; set; } = "";

        public float[] Observation { get; set; } = [];

        public float[] State { get; set; } = [];

        public float[] JointAction { get; set; } = [];

        public float[] SafetyCertificate { get; set; } = [];

        public float StabilityCertificate { get; set; }
    }
}
