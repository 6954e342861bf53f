using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

/// <summary>Mixers against those of the peers: values and gradients.</summary>
[Category("Golden")]
public sealed class MixerGoldenTests
{
    private static readonly (string, string)[] Monotonic = [("mixer.hyper_w_final", "weights2"), ("mixer.V", "value")];
    private static readonly (string, string)[] Duplex = [("mixer.hyper_w_final", "transform.weight"), ("mixer.V", "transform.bias")];

    private static readonly (string, string)[] Attention =
        [("mixer.attention_weight.key_extractors.", "transform.key"), ("mixer.attention_weight.selector_extractors.", "transform.selector"), ("mixer.attention_weight.V", "transform.value")];

    private static readonly (string, string)[] ByAttention =
        [("mixer.query_embedding_layers.", "query"), ("mixer.key_embedding_layers.", "key"), ("mixer.head_embedding_layer", "heads"), ("mixer.constrant_value_layer", "shift")];

    private static readonly (string, string)[] Central = [("mixer.net", "joint"), ("mixer.V", "value")];

    private static IEnumerable<TestCaseData> Official() => GoldenFiles.Cases("value-factorization", "dplex_official");

    private static IEnumerable<TestCaseData> Vdn() => GoldenFiles.Cases("value-factorization", "vdn_mixer");

    private static IEnumerable<TestCaseData> Qmix() => GoldenFiles.Cases("value-factorization", "qmix_mixer").Concat(GoldenFiles.Cases("value-factorization", "nmix_mixer"));

    private static IEnumerable<TestCaseData> Qplex() => GoldenFiles.Cases("value-factorization", "qplex_mixer");

    private static IEnumerable<TestCaseData> Dmix() => GoldenFiles.Cases("value-factorization", "dmix_mixer");

    private static IEnumerable<TestCaseData> Riskq() => GoldenFiles.Cases("value-factorization", "riskq_mixer");

    private static IEnumerable<TestCaseData> Resq() => GoldenFiles.Cases("value-factorization", "resq_mixers");

    private static IEnumerable<TestCaseData> DrimaMixer() => GoldenFiles.Cases("value-factorization", "drima_mixer");

    private static IEnumerable<TestCaseData> Dplex() => GoldenFiles.Cases("value-factorization", "dplex_mixer");

    [TestCaseSource(nameof(Vdn))]
    public void Vdn_AddsValues(string path) => ForCases(path, golden =>
    {
        Tensor values = Flat(golden.GetProperty("inputs").GetProperty("agent_qs"), 1);
        Close(new Vdn().Mix(new Situation(values, values)), golden.GetProperty("outputs").GetProperty("q_tot"), "q_tot");
    });

    [TestCaseSource(nameof(Qmix))]
    public void Qmix_OfThePeersWeights_GivesThePeersValuesAndGradients(string path) => ForCases(path, golden =>
    {
        JsonElement inputs = golden.GetProperty("inputs");
        (Tensor values, Tensor states) = (Flat(inputs.GetProperty("agent_qs"), 1).requires_grad_(true), Flat(inputs.GetProperty("states"), 1).requires_grad_(true));
        using Qmix mixer = QmixOf(golden, values.shape[1], states.shape[1]);
        Tensor joint = mixer.Mix(new Situation(states, values));
        CheckGradients(golden, mixer, Monotonic, joint, ("agent_qs", values), ("states", states));
        Close(joint, golden.GetProperty("outputs").GetProperty("q_tot"), "q_tot");
    });

    [TestCaseSource(nameof(Qplex))]
    public void Qplex_OfThePeersWeights_GivesThePeersValuesAndGradients(string path) => ForCases(path, golden =>
    {
        JsonElement inputs = golden.GetProperty("inputs"), args = golden.GetProperty("args"), outputs = golden.GetProperty("outputs");
        (Tensor values, Tensor best) = (Flat(inputs.GetProperty("agent_qs"), 1).requires_grad_(true), Flat(inputs.GetProperty("max_q_i"), 1));
        using Qplex mixer = QplexOf(golden, golden.GetProperty("weights"));
        var situation = new Situation(Flat(inputs.GetProperty("states"), 1), values, best, Flat(inputs.GetProperty("actions"), 1, (int)args.Number("n_actions")));
        Close(mixer.Importance(situation), outputs.GetProperty("lambda"), "lambda");
        if (!args.GetProperty("is_minus_one").GetBoolean())
            return; // lambda without the one belongs to no algorithm that is here
        Tensor joint = mixer.Mix(situation);
        CheckGradients(golden, mixer, Duplex, joint, ("agent_qs", values));
        Close(joint, outputs.GetProperty("q_tot"), "q_tot");
    });

    [TestCaseSource(nameof(Dmix))]
    public void MixDistributions_ByQmixAndSum_GivesThePeersQuantilesAndGradients(string path) => ForCases(path, golden =>
    {
        JsonElement inputs = golden.GetProperty("inputs");
        (Tensor quantiles, Tensor states) = (Flat(inputs.GetProperty("z"), 2).requires_grad_(true), inputs.TryGetProperty("states", out JsonElement given) ? Flat(given, 1).requires_grad_(true) : zeros([1]));
        bool qmix = golden.GetProperty("mixer").GetString() == "dmix";
        using Mixer mixer = qmix ? QmixOf(golden, quantiles.shape[1], states.shape[^1]) : new Vdn();
        Tensor means = quantiles.mean([2]);
        Tensor joint = mixer.MixDistributions(new Situation(states, means), quantiles); // [M, K]
        CheckGradients(golden, mixer, Monotonic, joint, [("z", quantiles), .. qmix ? new[] { ("states", states) } : []]);
        Close(joint, golden.GetProperty("outputs").GetProperty("z_joint"), "z_joint");
    });

    [TestCaseSource(nameof(Dplex))]
    public void MixDistributions_ByQplex_CountsTheShapeOnce(string path) => ForCases(path, golden =>
    {
        // The paper's eq. 6; the published code adds the shape twice.
        JsonElement inputs = golden.GetProperty("inputs"), expected = golden.GetProperty("eq6_qplex");
        Tensor quantiles = Flat(inputs.GetProperty("z"), 2), means = quantiles.mean([2]);
        using Qplex mixer = QplexOf(golden, expected.GetProperty("weights"));
        var situation = new Situation(
            Flat(inputs.GetProperty("states"), 1), means, Flat(inputs.GetProperty("max_q_i"), 1), Flat(inputs.GetProperty("actions"), 1, (int)golden.GetProperty("args").Number("n_actions")));
        Close(mixer.MixDistributions(situation, quantiles), expected.GetProperty("z_joint"), "z_joint");
    });

    [TestCaseSource(nameof(Official))]
    public void MixDistributions_ByQplexWithAttention_IsTheOfficialDplex(string path) => ForCases(path, golden =>
    {
        JsonElement inputs = golden.GetProperty("inputs"), args = golden.GetProperty("args"), outputs = golden.GetProperty("outputs");
        Tensor quantiles = Flat(inputs.GetProperty("z"), 2).requires_grad_(true), means = quantiles.mean([2]);
        var random = new RandomStream(1);
        (int agents, int states, Placement placement) = ((int)args.Number("n_agents"), (int)args.Number("state_shape"), GoldenNetworks.Double);
        var attention = new Qatten(
            agents, states, (int)args.Number("unit_dim"), (int)args.Number("n_head"), (int)args.Number("mixing_embed_dim"), (int)args.Number("hypernet_embed"), ref random, placement);
        using var mixer = new Qplex(
            attention, agents, states, (int)args.Number("n_actions"), (int)args.Number("num_kernel"), (int)args.Number("adv_hypernet_layers"), (int)args.Number("adv_hypernet_embed"), ref random, placement);
        GoldenTeams.Load(mixer, GoldenTeams.Translate(golden.GetProperty("weights"), "mixer.", Attention));
        var situation = new Situation(Flat(inputs.GetProperty("states"), 1), means, Flat(inputs.GetProperty("max_q_i"), 1), Flat(inputs.GetProperty("actions"), 1, (int)args.Number("n_actions")));
        Tensor joint = mixer.MixDistributions(situation, quantiles);
        CheckGradients(golden, mixer, Attention, joint, ("z", quantiles));
        Close(joint, outputs.GetProperty("z_joint"), "z_joint");
        Assert.That(mixer.Regularizer!.ToDouble(), Is.EqualTo(outputs.Number("attend_reg")).Within(1e-12));
    });

    [TestCaseSource(nameof(Riskq))]
    public void MixDistributions_ByRiskq_GivesThePeersQuantilesAndGradients(string path) => ForCases(path, golden =>
    {
        using AttentionMixer mixer = AttentionOf(golden, monotonic: true);
        CheckDistributions(golden, mixer, ByAttention);
    });

    [TestCaseSource(nameof(Resq))]
    public void Mixers_OfResqAndResz_GiveThePeersValuesAndGradients(string path) => ForCases(path, golden =>
    {
        string name = golden.GetProperty("mixer").GetString()!;
        using Mixer mixer = name.Contains("atten", StringComparison.Ordinal) ? AttentionOf(golden, monotonic: name.Contains("softmax", StringComparison.Ordinal)) : CentralOf(golden);
        if (golden.GetProperty("inputs").TryGetProperty("z", out _))
        {
            CheckDistributions(golden, mixer, [.. ByAttention, .. Central]);
            return;
        }
        JsonElement inputs = golden.GetProperty("inputs");
        Tensor values = Flat(inputs.GetProperty("agent_qs"), 1).requires_grad_(true);
        Tensor joint = mixer.Mix(new Situation(Flat(inputs.GetProperty("states"), 1), values));
        CheckGradients(golden, mixer, Central, joint, ("agent_qs", values));
        Close(joint, golden.GetProperty("outputs").GetProperty("q_tot"), "q_tot");
    });

    [TestCaseSource(nameof(DrimaMixer))]
    public void DrimaValue_OfThePeersWeights_GivesThePeersQuantilesAndGradients(string path)
    {
        using var scope = NewDisposeScope();
        JsonElement file = GoldenFiles.Read(path), args = file.GetProperty("args");
        var random = new RandomStream(1);
        using var judge = new DrimaValue((int)args.Number("n_agents"), (int)args.Number("state_shape"), (int)args.Number("dist_N"), 64, (int)args.Number("n_cos"), ref random, GoldenNetworks.Double);
        GoldenTeams.Load(judge, GoldenTeams.Translate(
            file.GetProperty("weights"), "mixer.", ("mixer.weight1", "weights1"), ("mixer.weight2", "weights2"), ("mixer.fc_cos", "embedding.layer"), ("mixer.Qjt_embed", "encoding"), ("mixer.Qjt", "value"), ("mixer.V", "shift")));
        foreach (JsonElement golden in file.GetProperty("cases").EnumerateArray())
        {
            JsonElement inputs = golden.GetProperty("inputs"), outputs = golden.GetProperty("outputs");
            (Tensor values, Tensor states) = (Flat(inputs.GetProperty("agent_qs"), 2).requires_grad_(true), Flat(inputs.GetProperty("states"), 1));
            Tensor cosines = judge.Cosines(outputs.GetProperty("tau_env").Numbers("data"), states.shape[0], (int)args.Number("dist_N_env"));
            Tensor joint = judge.Joint(states, values, cosines), transformed = judge.Transformed(states, values);
            IList<Tensor?> gradients = autograd.grad([joint.sum() + 2 * transformed.sum()], [values])!;
            Close(joint, outputs.GetProperty("z_joint"), "z_joint", 1e-6); // cosines are float32
            Close(transformed, outputs.GetProperty("z_transformed"), "z_transformed");
            Close(gradients[0]!, golden.GetProperty("grads_of_sum(z_joint)+2*sum(z_transformed)").GetProperty("agent_qs"), "gradient", 1e-6);
        }
    }

    [Test]
    public void OtherErrors_OfTwoLevels_WeighWhatIsAboveByTheLevel()
    {
        // Above by 2 at level 1 of 2 (weight 1) and at level 2 of 2 (weight 0); below by 2 at both (weight 1).
        using var scope = NewDisposeScope();
        Tensor joint = GoldenTeams.Shaped([1, 1, 3, 3], 2, 2), transformed = GoldenTeams.Shaped([3, 3, 1, 1], 2, 2);
        Assert.That(Drima.OtherErrors(transformed, joint).ToDoubles(), Is.EqualTo(new[] { 4.0, 0, 4, 4 }));
    }

    [Test]
    public void NegatedMixer_OfAnyValues_IsNotPositive()
    {
        using var scope = NewDisposeScope();
        using var mixer = new NegatedMixer(new Vdn());
        Tensor values = GoldenTeams.Shaped([1, 2, -1, -4], 2, 2);
        Assert.That(mixer.Mix(new Situation(values, values)).ToDoubles(), Is.EqualTo(new[] { -3.0, -5.0 }));
        Tensor quantiles = GoldenTeams.Shaped([1, 2, 3, -1, -2, -3, 2, 2, 2, -4, 1, 2], 2, 2, 3);
        Assert.That(mixer.MixDistributions(new Situation(values, quantiles.mean([2])), quantiles).ToDoubles(), Is.EqualTo(new[] { 0.0, 0, 0, -2, -3, -4 }).Within(1e-12));
    }

    private static void CheckDistributions(JsonElement golden, Mixer mixer, (string, string)[] special)
    {
        JsonElement inputs = golden.GetProperty("inputs");
        Tensor quantiles = Flat(inputs.GetProperty("z"), 2).requires_grad_(true);
        Tensor joint = mixer.MixDistributions(new Situation(Flat(inputs.GetProperty("states"), 1), quantiles.mean([2])), quantiles);
        CheckGradients(golden, mixer, special, joint, ("z", quantiles));
        Close(joint, golden.GetProperty("outputs").GetProperty("z_joint"), "z_joint");
    }

    private static AttentionMixer AttentionOf(JsonElement golden, bool monotonic)
    {
        JsonElement args = golden.GetProperty("args");
        var random = new RandomStream(1);
        var mixer = new AttentionMixer(
            (int)args.Number("n_agents"), (int)args.Number("state_shape"),
            new AttentionMixer.Sizes(
                (int)args.Number("agent_own_state_size"), (int)args.Number("n_attention_head"), (int)args.Number("n_key_embedding_layer1"), (int)args.Number("n_query_embedding_layer1"),
                (int)args.Number("n_head_embedding_layer1"), (int)args.Number("n_constrant_value")),
            monotonic, ref random, GoldenNetworks.Double);
        GoldenTeams.Load(mixer, GoldenTeams.Translate(golden.GetProperty("weights"), "mixer.", ByAttention));
        return mixer;
    }

    private static CentralMixer CentralOf(JsonElement golden)
    {
        JsonElement args = golden.GetProperty("args");
        var random = new RandomStream(1);
        int? quantiles = args.TryGetProperty("n_quantiles", out JsonElement count) ? count.GetInt32() : null;
        var mixer = new CentralMixer((int)args.Number("n_agents"), (int)args.Number("state_shape"), quantiles, (int)args.Number("central_mixing_embed_dim"), ref random, GoldenNetworks.Double);
        GoldenTeams.Load(mixer, GoldenTeams.Translate(golden.GetProperty("weights"), "mixer.", Central));
        return mixer;
    }

    private static void ForCases(string path, Action<JsonElement> check)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            check(golden);
        }
    }

    // Leading dimensions are one; actions become one-hot vectors of all agents.
    private static Tensor Flat(JsonElement values, int kept, int alternatives = 0)
    {
        double[] data = values.Numbers("data"), shape = values.Numbers("shape");
        if (alternatives > 0)
        {
            int agents = (int)shape[^1];
            return GoldenTeams.Shaped([.. data.SelectMany(chosen => Enumerable.Range(0, alternatives).Select(a => a == (int)chosen ? 1.0 : 0))], -1, agents * alternatives);
        }
        return GoldenTeams.Shaped(data, [-1, .. shape[^kept..].Select(n => (long)n)]);
    }

    private static Qmix QmixOf(JsonElement golden, long agents, long states)
    {
        JsonElement args = golden.GetProperty("args");
        var random = new RandomStream(1);
        int layers = args.TryGetProperty("hypernet_layers", out JsonElement l) ? l.GetInt32() : 2;
        var mixer = new Qmix((int)agents, (int)states, (int)args.Number("mixing_embed_dim"), layers, (int)args.Number("hypernet_embed"), ref random, GoldenNetworks.Double);
        GoldenTeams.Load(mixer, GoldenTeams.Translate(golden.GetProperty("weights"), "mixer.", Monotonic));
        return mixer;
    }

    private static Qplex QplexOf(JsonElement golden, JsonElement weights)
    {
        JsonElement args = golden.GetProperty("args");
        var random = new RandomStream(1);
        (int agents, int states) = ((int)args.Number("n_agents"), (int)args.Number("state_shape"));
        Placement placement = GoldenNetworks.Double;
        var mixer = new Qplex(
            new Qplex.Transform(agents, states, (int)args.Number("hypernet_embed"), ref random, placement), agents, states, (int)args.Number("n_actions"), (int)args.Number("num_kernel"),
            (int)args.Number("adv_hypernet_layers"), (int)args.Number("adv_hypernet_embed"), ref random, placement);
        GoldenTeams.Load(mixer, GoldenTeams.Translate(weights, "mixer.", Duplex));
        return mixer;
    }

    private static void CheckGradients(JsonElement golden, Mixer mixer, (string, string)[] special, Tensor joint, params (string Name, Tensor Values)[] inputs)
    {
        if (!golden.TryGetProperty("grads", out JsonElement expected))
            return;
        Tensor[] parameters = [.. mixer.parameters()];
        Tensor loss = (joint * GoldenTeams.Shaped(golden.GetProperty("inputs").GetProperty("cotangent").Numbers("data"), joint.shape)).sum();
        inputs = [.. inputs.Where(i => expected.TryGetProperty(i.Name, out _))];
        IList<Tensor?> gradients = autograd.grad([loss], [.. parameters, .. inputs.Select(i => i.Values)], retain_graph: true, allow_unused: true)!;
        GoldenTeams.AssertGradients(mixer, gradients.Take(parameters.Length), GoldenTeams.Translate(expected, "mixer.", special), 1e-9);
        for (int i = 0; i < inputs.Length; i++)
            GoldenTeams.AssertClose(gradients[parameters.Length + i]!.ToDoubles(), expected.GetProperty(inputs[i].Name).Numbers("data"), inputs[i].Name, 1e-9);
    }

    private static void Close(Tensor actual, JsonElement expected, string what, double tolerance = 1e-9) => GoldenTeams.AssertClose(actual.ToDoubles(), expected.Numbers("data"), what, tolerance);
}
