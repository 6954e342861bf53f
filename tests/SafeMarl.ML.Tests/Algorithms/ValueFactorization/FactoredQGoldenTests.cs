using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Algorithms.ValueFactorization;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Algorithms.ValueFactorization;

/// <summary>Whole updates against those of the peers: loss and gradients of every parameter.</summary>
[Category("Golden")]
public sealed class FactoredQGoldenTests
{
    private static IEnumerable<TestCaseData> Vdn() => GoldenFiles.Cases("value-factorization", "learner_vdn");

    private static IEnumerable<TestCaseData> Qmix() => GoldenFiles.Cases("value-factorization", "learner_qmix");

    private static IEnumerable<TestCaseData> Qplex() => GoldenFiles.Cases("value-factorization", "learner_qplex");

    private static IEnumerable<TestCaseData> Dmix() => GoldenFiles.Cases("value-factorization", "learner_dmix");

    private static IEnumerable<TestCaseData> Ddn() => GoldenFiles.Cases("value-factorization", "learner_ddn");

    private static IEnumerable<TestCaseData> Qtran() => GoldenFiles.Cases("value-factorization", "qtran");

    private static IEnumerable<TestCaseData> Resq() => GoldenFiles.Cases("value-factorization", "learner_resq");

    [TestCaseSource(nameof(Vdn))]
    public void Vdn_OfThePeersEpisodes_HasThePeersLossAndGradients(string path) => Check(path, (_, _) => _ => new Vdn());

    [TestCaseSource(nameof(Qmix))]
    public void Qmix_OfThePeersEpisodes_HasThePeersLossAndGradients(string path) => Check(path, QmixOf);

    [TestCaseSource(nameof(Qplex))]
    public void Qplex_OfThePeersEpisodes_HasThePeersLossAndGradients(string path) => Check(path, QplexOf, ("mixer.hyper_w_final", "transform.weight"), ("mixer.V", "transform.bias"));

    [TestCaseSource(nameof(Dmix))]
    public void Dmix_OfThePeersEpisodes_HasThePeersLossAndGradients(string path) => Check(path, QmixOf);

    [TestCaseSource(nameof(Ddn))]
    public void Ddn_OfThePeersEpisodes_HasThePeersLossAndGradients(string path) => Check(path, (_, _) => _ => new Vdn());

    [TestCaseSource(nameof(Qtran))]
    public void Qtran_OfThePeersEpisodes_HasThePeersLossesAndGradients(string path) => ForCases(path, (golden, args) =>
    {
        EpisodeBatch batch = GoldenTeams.Batch(golden.GetProperty("batch"));
        JsonElement outputs = golden.GetProperty("outputs");
        using var qtran = new Qtran(
            batch.Layout.Task, Team(args), Target(args), (int)args.Number("mixing_embed_dim"), args.Number("opt_loss"), args.Number("nopt_min_loss"), 2, 1, GoldenNetworks.Double);
        (string, string)[] special = [("mixer.V", "shift")];
        Load(golden, qtran.Networks.Agents, qtran.Networks.Judge, "", special);
        Load(golden, qtran.Networks.TargetAgents, qtran.Networks.TargetJudge, "target_", special);
        var metrics = new Metrics();
        (Tensor loss, Tensor?[] gradients) = qtran.Losses(new TeamSequences(batch, GoldenNetworks.Double, new SequenceMemory()), metrics);
        Dictionary<string, double> values = metrics.ToDictionary();

        GoldenTeams.AssertClose([loss.ToDouble()], [outputs.Number("loss")], "loss");
        GoldenTeams.AssertClose([values["loss/value"], values["loss/optimal"], values["loss/other"]], [outputs.Number("td_loss"), outputs.Number("opt_loss"), outputs.Number("nopt_loss")], "losses");
        AssertGradients(golden, qtran.Networks.Agents, qtran.Networks.Judge, gradients, special);
    });

    [TestCaseSource(nameof(Resq))]
    public void Resq_WithTheResidualAsItIs_HasThePeersLossesAndGradients(string path) => ForCases(path, (golden, args) =>
    {
        // The peer's residual may be positive; ours is given it without the mixer that makes it negative.
        EpisodeBatch batch = GoldenTeams.Batch(golden.GetProperty("batch"));
        JsonElement outputs = golden.GetProperty("outputs");
        TaskShape task = batch.Layout.Task;
        using var resq = new Resq(task, Team(args), Target(args), random => new Resq.Mixers(QmixOf(task, args)(random), Central(random), Central(random)), 2, 1, GoldenNetworks.Double);
        RecurrentTeam<Resq.Mixers> networks = resq.Networks;
        (nn.Module Module, string Prefix)[] modules =
            [(networks.Agents, ""), (networks.Others[0], "rest_"), (networks.Others[1], "central_"), (networks.Judge.Main, ""), (networks.Judge.Residual, "rest_"), (networks.Judge.Central, "central_")];
        foreach ((nn.Module module, string prefix) in modules)
            GoldenTeams.Load(module, NumbersOf(golden.GetProperty("weights"), prefix));
        GoldenTeams.Load(networks.TargetOthers[1], NumbersOf(golden.GetProperty("weights"), "target_central_"));
        GoldenTeams.Load(networks.TargetJudge.Central, NumbersOf(golden.GetProperty("weights"), "target_central_"));
        var metrics = new Metrics();
        (Tensor loss, Tensor?[] gradients) = resq.Losses(new TeamSequences(batch, GoldenNetworks.Double, new SequenceMemory()), metrics);
        Dictionary<string, double> values = metrics.ToDictionary();

        GoldenTeams.AssertClose([loss.ToDouble()], [outputs.Number("loss")], "loss");
        GoldenTeams.AssertClose([values["loss/value"], values["loss/central"]], [outputs.Number("qmix_loss"), outputs.Number("central_loss")], "losses");
        int first = 0;
        foreach ((nn.Module module, string prefix) in modules)
        {
            int count = module.parameters().Count();
            GoldenTeams.AssertGradients(module, gradients[first..(first + count)], NumbersOf(golden.GetProperty("grads"), prefix));
            first += count;
        }

        CentralMixer Central(RandomStream random) => new(task.Agents.Count, task.StateSize, null, (int)args.Number("central_mixing_embed_dim"), ref random, GoldenNetworks.Double);

        static Dictionary<string, (double[], long[])> NumbersOf(JsonElement numbers, string prefix) => GoldenTeams.Translate(
            JsonSerializer.SerializeToElement(numbers.EnumerateObject().Where(p => p.Name.StartsWith(prefix + "agent.", StringComparison.Ordinal) || p.Name.StartsWith(prefix + "mixer.", StringComparison.Ordinal))
                .ToDictionary(p => p.Name[prefix.Length..], p => p.Value)),
            "", prefix.Length == 0 ? [("mixer.hyper_w_final", "weights2"), ("mixer.V", "value")] : [("mixer.net", "joint"), ("mixer.V", "value")]);
    });

    private static void Check(string path, Func<TaskShape, JsonElement, Func<RandomStream, Mixer>> mixer, params (string, string)[] special) => ForCases(path, (golden, args) =>
    {
        special = [.. special, ("mixer.hyper_w_final", "weights2"), ("mixer.V", "value")];
        EpisodeBatch batch = GoldenTeams.Batch(golden.GetProperty("batch"));
        using var algorithm = new FactoredQ(batch.Layout.Task, Team(args), Target(args), mixer(batch.Layout.Task, args), barrier: null, 2, 1, GoldenNetworks.Double);
        Load(golden, algorithm.Networks.Agents, algorithm.Networks.Judge, "", special);
        Load(golden, algorithm.Networks.TargetAgents, algorithm.Networks.TargetJudge, "target_", special);
        (Tensor loss, Tensor?[] gradients) = algorithm.TemporalDifference(new TeamSequences(batch, GoldenNetworks.Double, new SequenceMemory()), Taus(golden, "taus"), Taus(golden, "target_taus"), []);

        GoldenTeams.AssertClose([loss.ToDouble()], [golden.GetProperty("outputs").Number("loss")], "loss");
        AssertGradients(golden, algorithm.Networks.Agents, algorithm.Networks.Judge, gradients, special);
    });

    private static void ForCases(string path, Action<JsonElement, JsonElement> check)
    {
        foreach (JsonElement golden in GoldenFiles.Read(path).GetProperty("cases").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            check(golden, golden.GetProperty("args"));
        }
    }

    private static TeamSettings Team(JsonElement args) => new(
        (int)args.Number("rnn_hidden_dim"), 1e-3, 1e-5, 10, 200,
        args.TryGetProperty("quantile_embed_dim", out JsonElement size)
            ? new QuantileSettings((int)args.Number("n_quantiles"), (int)args.Number("n_target_quantiles"), 32, size.GetInt32()) : null);

    private static TargetSettings Target(JsonElement args) => new(args.Number("gamma"), args.TryGetProperty("td_lambda", out JsonElement lambda) ? lambda.GetDouble() : 0, args.GetProperty("double_q").GetBoolean());

    private static Func<RandomStream, Mixer> QmixOf(TaskShape task, JsonElement args) => random => new Qmix(
        task.Agents.Count, task.StateSize, (int)args.Number("mixing_embed_dim"), (int)args.Number("hypernet_layers"), (int)args.Number("hypernet_embed"), ref random, GoldenNetworks.Double);

    private static Func<RandomStream, Mixer> QplexOf(TaskShape task, JsonElement args) => random => new Qplex(
        new Qplex.Transform(task.Agents.Count, task.StateSize, (int)args.Number("hypernet_embed"), ref random, GoldenNetworks.Double), task.Agents.Count, task.StateSize,
        task.Agents[0].ActionSpace.Count, (int)args.Number("num_kernel"), (int)args.Number("adv_hypernet_layers"), (int)args.Number("adv_hypernet_embed"), ref random, GoldenNetworks.Double);

    private static double[] Taus(JsonElement golden, string name) => golden.TryGetProperty(name, out JsonElement taus) ? taus.Numbers("data") : [];

    private static void Load(JsonElement golden, nn.Module agents, nn.Module judge, string prefix, (string, string)[] special)
    {
        Dictionary<string, (double[], long[])> numbers = GoldenTeams.Translate(Of(golden.GetProperty("weights"), prefix), "", special);
        GoldenTeams.Load(agents, numbers);
        GoldenTeams.Load(judge, numbers);
    }

    // The networks of a prefix, without it.
    private static JsonElement Of(JsonElement weights, string prefix) => JsonSerializer.SerializeToElement(
        weights.EnumerateObject().Where(p => p.Name.StartsWith("target_", StringComparison.Ordinal) == (prefix.Length > 0)).ToDictionary(p => p.Name[prefix.Length..], p => p.Value));

    private static void AssertGradients(JsonElement golden, nn.Module agents, nn.Module judge, Tensor?[] gradients, (string, string)[] special)
    {
        Dictionary<string, (double[], long[])> expected = GoldenTeams.Translate(golden.GetProperty("grads"), "", special);
        int own = agents.parameters().Count();
        Assert.Multiple(() =>
        {
            GoldenTeams.AssertGradients(agents, gradients[..own], expected);
            GoldenTeams.AssertGradients(judge, gradients[own..], expected);
        });
    }
}
