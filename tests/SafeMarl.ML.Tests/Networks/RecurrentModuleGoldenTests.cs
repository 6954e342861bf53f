using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Networks;

/// <summary>Recurrent agents against those of the peers. The recurrence is computed in single precision.</summary>
[Category("Golden")]
public sealed class RecurrentModuleGoldenTests
{
    private static IEnumerable<TestCaseData> Recurrent() => GoldenFiles.Cases("value-factorization", "rnn_agent");

    private static IEnumerable<TestCaseData> Quantile() => GoldenFiles.Cases("value-factorization", "iqn_agent");

    private static IEnumerable<TestCaseData> Feedback() => GoldenFiles.Cases("value-factorization", "dbf_agent");

    [TestCaseSource(nameof(Recurrent))]
    public void Unroll_OfThePeersWeights_GivesThePeersValuesAndGradients(string path) => ForCases(path, (golden, x) =>
    {
        using RecurrentModule module = Create(golden, x.shape[2], features: null);
        Tensor unrolled = Unroll(module, x, null);
        Tensor values = module.Values(unrolled);
        GoldenTeams.AssertClose(values.ToDoubles(), golden.GetProperty("outputs").GetProperty("q").Numbers("data"), "q");
        GoldenTeams.AssertClose(unrolled.ToDoubles(), golden.GetProperty("outputs").GetProperty("h").Numbers("data"), "h");
        CheckGradients(golden, module, unrolled, values);

        Tensor direct = module.UnrollValues(Padded(x), SequenceRows.Full((int)x.shape[0], (int)x.shape[1]), gradients: true, threads: 2);
        GoldenTeams.AssertClose(direct.ToDoubles(), golden.GetProperty("outputs").GetProperty("q").Numbers("data"), "q directly");
        CheckGradients(golden, module, direct, direct);
    });

    [TestCaseSource(nameof(Quantile))]
    public void Quantiles_OfThePeersWeightsAndFractions_AreThePeersWithTheirGradients(string path) => ForCases(path, (golden, x) =>
    {
        JsonElement args = golden.GetProperty("args"), taus = golden.GetProperty("inputs").GetProperty("taus");
        using RecurrentModule module = Create(golden, x.shape[2], (int)args.Number("quantile_embed_dim"));
        (long steps, long agents, int alternatives) = (x.shape[0], (long)args.Number("n_agents"), (int)args.Number("n_actions"));
        long episodes = x.shape[1] / agents;
        Tensor unrolled = Unroll(module, x, null);
        Tensor embeddings = module.Embedding!.forward(module.Embedding.Cosines(taus.Numbers("data"), steps * episodes, (long)taus.Numbers("shape")[^1])); // [T b, K, size]
        // All alternatives, one after the other.
        Tensor states = unrolled.view(steps * episodes, agents, -1);
        Tensor all = stack(Enumerable.Range(0, alternatives).Select(a => module.Quantiles(states, full([steps * episodes, agents], a, ScalarType.Int64), embeddings)), 2); // [T b, n, A, K]
        GoldenTeams.AssertClose(all.ToDoubles(), golden.GetProperty("outputs").GetProperty("z").Numbers("data"), "z");
        Tensor means = module.Values(states * embeddings.mean([1], keepdim: true)); // [T b, n, A]
        GoldenTeams.AssertClose(means.ToDoubles(), all.mean([3]).ToDoubles(), "means");
        CheckGradients(golden, module, unrolled, all);
    });

    [TestCaseSource(nameof(Feedback))]
    public void Unroll_WithThePeersReturnFeedback_GivesThePeersStates(string path)
    {
        // Our distribution that is looked back at differs (fixed fractions, available actions only), so the peer's is given.
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            JsonElement args = golden.GetProperty("args");
            JsonElement[] steps = [.. golden.GetProperty("steps").EnumerateArray()];
            (long rows, int quantiles) = ((long)steps[0].GetProperty("h").Numbers("shape")[0], (int)args.Number("n_quantiles"));
            Tensor x = GoldenTeams.Shaped([.. steps.SelectMany(s => s.GetProperty("x").Numbers("data"))], steps.Length, rows, -1);
            Tensor expected = cat(
                [ones([1, rows, quantiles], ScalarType.Float64), .. steps[..^1].Select(s => GoldenTeams.Shaped(s.GetProperty("prev_return_distribution_out").Numbers("data"), 1, rows, quantiles))]);
            using RecurrentModule module = Create(golden, x.shape[2], (int)args.Number("quantile_embed_dim"), new ReturnFeedback(quantiles, (int)args.Number("hpn_hyper_dim"), (int)args.Number("hpn_head_num"), NonNegativeWeights: false));
            Tensor states = Unroll(module, x, expected);

            GoldenTeams.AssertClose(states.ToDoubles(), [.. steps.SelectMany(s => s.GetProperty("h").Numbers("data"))], "h");
        }
    }

    private static void ForCases(string path, Action<JsonElement, Tensor> check)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            JsonElement x = golden.GetProperty("inputs").GetProperty("x");
            double[] shape = x.Numbers("shape");
            check(golden, GoldenTeams.Shaped(x.Numbers("data"), (long)shape[0], -1, (long)shape[^1]));
        }
    }

    private static RecurrentModule Create(JsonElement golden, long inputs, int? features, ReturnFeedback? feedback = null)
    {
        JsonElement args = golden.GetProperty("args");
        int alternatives = (int)args.Number("n_actions");
        // The peers' inputs hold actions and agents already; our shape counts them apart.
        var shape = new NetworkShape(
            (int)inputs - alternatives - 1, alternatives, (int)args.Number("rnn_hidden_dim"), 1, Activation.ReLU, InputNorm: false, LayerNorm: false, Recurrence: new Recurrence(1, feedback));
        var random = new RandomStream(1);
        var module = new RecurrentModule(shape, features, 4, null, ref random, GoldenNetworks.Double);
        GoldenTeams.Load(module, GoldenTeams.Translate(golden.GetProperty("weights"), "agent."));
        return module;
    }

    private static Tensor Unroll(RecurrentModule module, Tensor x, Tensor? expected) =>
        module.Unroll(Padded(x), SequenceRows.Full((int)x.shape[0], (int)x.shape[1]), expected?.ToFloats(), gradients: true, threads: 2);

    private static float[] Padded(Tensor x) => cat([x, zeros([x.shape[0], x.shape[1], EncoderLayer.Stride((int)x.shape[2]) - x.shape[2]], x.dtype)], 2).ToFloats();

    private static void CheckGradients(JsonElement golden, RecurrentModule module, Tensor unrolled, Tensor outputs)
    {
        Tensor loss = (outputs.reshape(-1) * GoldenTeams.Shaped(golden.GetProperty("inputs").GetProperty("cotangent").Numbers("data"), -1)).sum();
        GoldenTeams.AssertGradients(module, RecurrentModule.Gradients(loss, [(module, unrolled)], [], threads: 2), GoldenTeams.Translate(golden.GetProperty("grads"), "agent."));
    }
}
