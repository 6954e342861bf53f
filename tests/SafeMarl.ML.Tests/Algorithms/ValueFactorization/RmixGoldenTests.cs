using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

using RmixAlgorithm = SafeMarl.ML.Algorithms.ValueFactorization.Rmix;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

/// <summary>RMIX's levels and values against the peer's.</summary>
[Category("Golden")]
public sealed class RmixGoldenTests
{
    private static IEnumerable<TestCaseData> Rmix() => GoldenFiles.Cases("value-factorization", "rmix");

    [TestCaseSource(nameof(Rmix))]
    public void LevelsAndValues_OfThePeersWeights_AreThePeersWithoutItsBias(string path)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray().Where(c => c.TryGetProperty("steps", out _)))
        {
            using var scope = NewDisposeScope();
            JsonElement args = golden.GetProperty("args"), weights = golden.GetProperty("weights");
            (int agents, int alternatives, int size) = ((int)args.Number("n_agents"), (int)args.Number("n_actions"), (int)args.Number("rnn_hidden_dim"));
            var risk = new RiskLevels((int)args.Number("num_atoms"), (int)args.Number("risk_level_range"), agents);
            int outputs = alternatives * risk.Atoms;
            Tensor x = Shaped(golden.GetProperty("inputs").GetProperty("x")); // [T, rows, inputs]
            // The peer's inputs hold actions and agents already; our shape counts them apart.
            var shape = new NetworkShape(
                (int)x.shape[2] - alternatives - agents, outputs + risk.Size, size, 1, Activation.ReLU, InputNorm: false, LayerNorm: false, Recurrence: new Recurrence(agents, null, alternatives, risk));
            using RecurrentModule module = Module(shape), beside = Module(shape.Companion!);

            // The peer multiplies what its output layer gives with further matrices: a linear map of a linear map is one.
            (Tensor outputWeights, Tensor outputBias) = (Shaped(weights.GetProperty("fc2.weight")), Shaped(weights.GetProperty("fc2.bias")));
            Tensor current = Shaped(weights.GetProperty("current.weight")), history = Shaped(weights.GetProperty("history.weight"));
            Load(module, weights, "", cat([outputWeights, current.mm(outputWeights)]), cat([outputBias, current.matmul(outputBias)]));
            Load(beside, weights, "r_", history.mm(outputWeights), history.matmul(outputBias));

            Tensor states = Unroll(module, x), past = beside.Values(Unroll(beside, cat([zeros_like(x.narrow(0, 0, 1)), x.narrow(0, 0, x.shape[0] - 1)]))); // the peer sees zeros before anything
            Tensor atoms = module.Outputs(states, 0, outputs).view(x.shape[0], -1, alternatives, risk.Atoms);
            Tensor levels = RmixAlgorithm.Levels(module.Outputs(states, outputs, risk.Size), past, risk, size), values = RmixAlgorithm.Values(atoms.sort().Values, levels.unsqueeze(2));

            JsonElement[] steps = [.. golden.GetProperty("steps").EnumerateArray()];
            for (int t = 0; t < steps.Length; t++)
            {
                double[] share = steps[t].GetProperty("risk_level").Numbers("data");
                GoldenTeams.AssertClose(atoms.select(0, t).ToDoubles(), steps[t].GetProperty("atoms").Numbers("data"), $"atoms {t}");
                GoldenTeams.AssertClose(Shares(levels.select(0, t)), share, $"levels {t}");
                // The peer sums one atom more than it divides by; here all shares are whole numbers of atoms.
                double[] unbiased = [.. steps[t].GetProperty("cvar_q").Numbers("data").Select((v, i) => v * (share[i / alternatives] * risk.Atoms - 1) / (share[i / alternatives] * risk.Atoms))];
                GoldenTeams.AssertClose(values.select(0, t).ToDoubles(), unbiased, $"values {t}");
            }
        }
    }

    private static double[] Shares(Tensor levels) =>
        (levels * GoldenTeams.Shaped([.. RiskNetwork.Shares((int)levels.shape[^1])], -1)).sum([1]).ToDoubles();

    [TestCaseSource(nameof(Rmix))]
    public void Qmix_OfThePeersConditionalValues_GivesThePeersJointValueAndGradient(string path)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray().Where(c => c.TryGetProperty("mixer_args", out _)))
        {
            using var scope = NewDisposeScope();
            JsonElement args = golden.GetProperty("mixer_args"), inputs = golden.GetProperty("inputs");
            (int agents, int stateSize) = ((int)args.Number("n_agents"), (int)args.Number("state_shape"));
            var random = new RandomStream(1);
            using var mixer = new Qmix(agents, stateSize, (int)args.Number("mixing_embed_dim"), (int)args.Number("hypernet_layers"), (int)args.Number("hypernet_embed"), ref random, GoldenNetworks.Double);
            GoldenTeams.Load(mixer, GoldenTeams.Translate(golden.GetProperty("weights"), "mixer.", ("mixer.hyper_w_final", "weights2"), ("mixer.V", "value")));
            Tensor values = Shaped(inputs.GetProperty("cvar_qs")).view(-1, agents).requires_grad_(true);
            Tensor joint = mixer.Mix(new Situation(Shaped(inputs.GetProperty("states")).view(-1, stateSize), values));

            GoldenTeams.AssertClose(joint.ToDoubles(), golden.GetProperty("outputs").GetProperty("q_tot").Numbers("data"), "q_tot", 1e-9);
            GoldenTeams.AssertClose(autograd.grad([joint.sum()], [values])[0]!.ToDoubles(), golden.GetProperty("grads").GetProperty("cvar_qs").Numbers("data"), "gradient", 1e-9);
        }
    }

    [Test]
    public void Levels_HaveTheGradientOfProbabilities()
    {
        // Two levels with logits 0 and 1: the second one counts. Its probability p = e / (1 + e), and dp / dlogit = p (1 - p).
        using var scope = NewDisposeScope();
        Tensor present = GoldenTeams.Shaped([1.0], 1, 1), past = GoldenTeams.Shaped([0.0, 1], 1, 2).requires_grad_(true);
        Tensor levels = RmixAlgorithm.Levels(present, past, new RiskLevels(1, 2, 1), 1);
        double p = Math.E / (1 + Math.E);

        Assert.That(levels.ToDoubles(), Is.EqualTo(new[] { 0.0, 1 }).Within(1e-12));
        Tensor gradient = autograd.grad([levels.select(1, 1).sum()], [past])[0]!;
        Assert.That(gradient.ToDoubles(), Is.EqualTo(new[] { -p * (1 - p), p * (1 - p) }).Within(1e-12));
    }

    private static RecurrentModule Module(NetworkShape shape)
    {
        var random = new RandomStream(1);
        return new RecurrentModule(shape, null, 1, null, ref random, GoldenNetworks.Double);
    }

    private static void Load(RecurrentModule module, JsonElement weights, string prefix, Tensor outputWeights, Tensor outputBias)
    {
        JsonElement encoder = JsonSerializer.SerializeToElement(weights.EnumerateObject()
            .Where(p => p.Name.StartsWith(prefix + "fc1", StringComparison.Ordinal) || p.Name.StartsWith(prefix + "rnn", StringComparison.Ordinal)).ToDictionary(p => p.Name[prefix.Length..], p => p.Value));
        Dictionary<string, (double[], long[])> numbers = GoldenTeams.Translate(encoder, "agent.");
        (numbers["output.weight"], numbers["output.bias"]) = ((outputWeights.ToDoubles(), outputWeights.shape), (outputBias.ToDoubles(), outputBias.shape));
        GoldenTeams.Load(module, numbers);
    }

    private static Tensor Unroll(RecurrentModule module, Tensor x)
    {
        Tensor padded = cat([x, zeros([x.shape[0], x.shape[1], EncoderLayer.Stride((int)x.shape[2]) - x.shape[2]], x.dtype)], 2);
        return module.Unroll(padded.ToFloats(), SequenceRows.Full((int)x.shape[0], (int)x.shape[1]), null, gradients: false, threads: 1);
    }

    private static Tensor Shaped(JsonElement numbers) => GoldenTeams.Shaped(numbers.Numbers("data"), [.. numbers.Numbers("shape").Select(n => (long)n)]);
}
