using System.Text.Json;
using System.Text.RegularExpressions;
using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Support;

/// <summary>Networks and episodes of the peers that factorise values as ours.</summary>
internal static partial class GoldenTeams
{
    // Peers' modules and ours; what follows is the number of a layer in a sequence, or nothing.
    private static readonly (string Peer, string Own)[] Modules =
    [
        ("agent.fc1", "hidden0"), ("agent.rnn", "gru"), ("agent.fc2", "output"), ("agent.phi", "embedding.layer"),
        ("agent.hyper_input_w.multihead_nn.0", "feedback.hyper"), ("agent.hyper_input_w.multihead_nn.2", "feedback.generated"), ("agent.unify_input_heads.weight", "feedback.heads"),
        ("mixer.hyper_w_1", "weights1"), ("mixer.hyper_w1", "weights1"), ("mixer.hyper_b_1", "bias1"), ("mixer.hyper_b1", "bias1"), ("mixer.hyper_w2", "weights2"), ("mixer.hyper_b2", "value"),
        ("mixer.action_encoding", "encoding"), ("mixer.Q", "value"),
        ("mixer.si_weight.key_extractors.", "key"), ("mixer.si_weight.agents_extractors.", "agents"), ("mixer.si_weight.action_extractors.", "actions"),
    ];

    /// <summary>The peer's numbers under our names.</summary>
    /// <param name="weights">Arrays by the peer's names.</param>
    /// <param name="prefix">What to put before those names.</param>
    /// <param name="special">Modules of this peer that have another meaning than elsewhere.</param>
    public static Dictionary<string, (double[] Data, long[] Shape)> Translate(JsonElement weights, string prefix, params (string Peer, string Own)[] special)
    {
        var numbers = new Dictionary<string, (double[], long[])>();
        string[] names = [.. weights.EnumerateObject().Select(p => prefix + p.Name)];
        foreach (JsonProperty property in weights.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Object))
        {
            string name = prefix + property.Name;
            if (special.Concat(Modules).FirstOrDefault(m => name.StartsWith(m.Peer, StringComparison.Ordinal)) is not { Own: not null } module)
                continue;
            string rest = name[module.Peer.Length..];
            string own = Kernel().Match(rest) is { Success: true } kernel && module.Peer.EndsWith('.') && !module.Own.EndsWith('.')
                ? $"{module.Own}{kernel.Groups[1].Value}{Layer(module.Peer + kernel.Groups[1].Value, kernel.Groups[2].Value, names)}"
                : module.Own.StartsWith("feedback", StringComparison.Ordinal) || module.Own is "hidden0" or "gru" or "output" or "embedding.layer" ? module.Own + rest
                : module.Own + Layer(module.Peer, rest, names);
            numbers[own] = (property.Value.Numbers("data"), [.. property.Value.Numbers("shape").Select(n => (long)n)]);
        }
        return numbers;
    }

    // ".2.weight" of a sequence to ".output.weight" or ".hidden1.weight"; ".weight" of a layer alone to ".output.weight".
    private static string Layer(string module, string rest, string[] names)
    {
        if (Numbered().Match(rest) is not { Success: true } match)
            return ".output" + rest;
        int number = int.Parse(match.Groups[1].Value), last = names.Select(n => n.StartsWith(module + ".", StringComparison.Ordinal) ? Numbered().Match(n[module.Length..]) : Match.Empty)
            .Where(m => m.Success).Max(m => int.Parse(m.Groups[1].Value));
        return (number == last ? ".output" : $".hidden{number / 2}") + match.Groups[2].Value;
    }

    [GeneratedRegex(@"^(\d+)(\..*)$")]
    private static partial Regex Kernel();

    [GeneratedRegex(@"^\.(\d+)(\.\w+)$")]
    private static partial Regex Numbered();

    /// <summary>Numbers as a tensor; one length may be -1.</summary>
    public static Tensor Shaped(double[] values, params long[] shape) => GoldenNetworks.Double.Tensor(values, values.Length).view(shape);

    /// <summary>Overwrites all parameters of a module.</summary>
    public static void Load(nn.Module module, IReadOnlyDictionary<string, (double[] Data, long[] Shape)> numbers)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        foreach ((string name, Parameter parameter) in module.named_parameters())
            parameter.copy_(tensor(numbers[name].Data, parameter.shape));
    }

    /// <summary>Asserts that gradients are the peer's; where the peer has none, ours must be none or 0.</summary>
    public static void AssertGradients(nn.Module module, IEnumerable<Tensor?> gradients, IReadOnlyDictionary<string, (double[] Data, long[] Shape)> expected, double tolerance = 2e-5)
    {
        foreach (((string name, _), Tensor? gradient) in module.named_parameters().Zip(gradients))
            AssertClose(gradient?.ToDoubles() ?? [0], expected.TryGetValue(name, out (double[] Data, long[] Shape) numbers) ? numbers.Data : [.. (gradient?.ToDoubles() ?? [0]).Select(_ => 0.0)], name, tolerance);
    }

    /// <summary>Asserts that numbers agree relative to the largest of them.</summary>
    public static void AssertClose(double[] actual, double[] expected, string what, double tolerance = 2e-5)
    {
        double size = Math.Max(expected.Select(Math.Abs).DefaultIfEmpty().Max(), 1e-3);
        Assert.That(actual, Is.EqualTo(expected).Within(tolerance * size), what);
    }

    /// <summary>The peer's episodes. The last row of an episode is what was seen after its end.</summary>
    public static EpisodeBatch Batch(JsonElement batch)
    {
        int[] shape = [.. batch.GetProperty("avail_actions").Numbers("shape").Select(n => (int)n)];
        (int episodes, int rows, int agents, int alternatives) = (shape[0], shape[1], shape[2], shape[3]);
        int observation = (int)batch.GetProperty("obs").Numbers("shape")[3], state = (int)batch.GetProperty("state").Numbers("shape")[2];
        var task = new TaskShape(
            [.. Enumerable.Range(0, agents).Select(i => new AgentShape($"agent{i}", observation, ActionSpace.Discrete(alternatives, masked: true), ["losses"], [], []))],
            state, HasState: true, SharedReward: true, SharedCosts: true, HasDeviation: false, HasDisturbance: false);
        double[] filled = batch.GetProperty("filled").Numbers("data"), terminated = batch.GetProperty("terminated").Numbers("data"), rewards = batch.GetProperty("reward").Numbers("data");
        double[] actions = batch.GetProperty("actions").Numbers("data"), masks = batch.GetProperty("avail_actions").Numbers("data"), observations = batch.GetProperty("obs").Numbers("data"), states = batch.GetProperty("state").Numbers("data");
        int[] lengths = [.. Enumerable.Range(0, episodes).Select(b => (int)filled[(b * rows)..((b + 1) * rows)].Sum() - 1)];
        var result = new EpisodeBatch(new TransitionLayout(task), lengths, [.. Enumerable.Range(0, episodes).Select(b => terminated[(b * rows)..((b + 1) * rows)].Sum() > 0)]);
        for (int b = 0; b < episodes; b++)
        {
            for (int t = 0; t <= lengths[b]; t++)
            {
                Span<float> record = result.Record(t, b);
                int row = b * rows + t;
                Copy(states, row * state, record[result.Layout.State]);
                for (int i = 0; i < agents; i++)
                {
                    Copy(observations, (row * agents + i) * observation, record[result.Layout.Observation(i)]);
                    Copy(masks, (row * agents + i) * alternatives, record[result.Layout.Mask(i)]);
                    record[result.Layout.Action(i)][(int)actions[row * agents + i]] = 1;
                    record[result.Layout.Reward(i)] = (float)rewards[row];
                }
            }
        }
        return result;

        static void Copy(double[] source, int start, Span<float> target)
        {
            for (int i = 0; i < target.Length; i++)
                target[i] = (float)source[start + i];
        }
    }
}
