using System.Text.Json;
using SafeMarl.ML.Algorithms.OnPolicy;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Returns;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Support;

/// <summary>The data of a whole training iteration of HARL as ours, in double precision.</summary>
internal sealed class HarlIteration
{
    public HarlIteration(string path)
    {
        JsonElement golden = GoldenFiles.Read(path);
        (Inputs, Outputs) = (golden.GetProperty("inputs"), golden.GetProperty("outputs"));
        (Hyper, Data) = (Inputs.GetProperty("hyper"), Inputs.GetProperty("data"));
        IsShared = Inputs.GetProperty("share_param").GetBoolean();
        HasFactor = Outputs.TryGetProperty("factor_after_last_agent", out _);
        int[] agents = [.. Enumerable.Range(0, Data.GetProperty("obs").GetArrayLength())];
        Turns = IsShared ? [agents] : [.. Inputs.Numbers("agent_order").Select(a => new[] { (int)a })];
    }

    public JsonElement Inputs { get; }

    public JsonElement Outputs { get; }

    public JsonElement Hyper { get; }

    public JsonElement Data { get; }

    public bool IsShared { get; }

    /// <summary>Whether agents take turns.</summary>
    public bool HasFactor { get; }

    public int[][] Turns { get; }

    public PolicySamples Samples(int[] agents, JsonElement update)
    {
        Tensor Stack(string name) => cat([.. agents.Select(a => Rows(Data.GetProperty(name)[a]))]);
        Tensor actions = Stack("actions");
        return new PolicySamples(
            Stack("obs"), null, actions, Stack("action_log_probs").sum(1), Factor(update) * GoldenNetworks.Vector(update.GetProperty("adv_targ")),
            cat([.. agents.Select(a => Rows(Data.GetProperty("active_masks")[a]))]).squeeze(1));
    }

    /// <summary>The same for a trust-region step.</summary>
    public SurrogateSamples Surrogates(int agent, JsonElement update) => new(
        Rows(Data.GetProperty("obs")[agent]), null, Rows(Data.GetProperty("actions")[agent]), Rows(Data.GetProperty("action_log_probs")[agent]), Factor(update).unsqueeze(1),
        GoldenNetworks.Vector(update.GetProperty("adv_targ")), [], Rows(Data.GetProperty("active_masks")[agent]).squeeze(1));

    private Tensor Factor(JsonElement update) =>
        HasFactor ? GoldenNetworks.Vector(update.GetProperty("factor_M")) : ones_like(GoldenNetworks.Vector(update.GetProperty("adv_targ")));

    public Tensor States() => Rows(Data.GetProperty("share_obs"));

    public ValueNormalizer Normalizer() => Normalizer("valuenorm_before", Inputs);

    public static ValueNormalizer Normalizer(string name, JsonElement where)
    {
        var normalizer = new ValueNormalizer();
        Restore(normalizer, where.GetProperty(name));
        return normalizer;
    }

    public void Restore(ValueNormalizer normalizer) => Restore(normalizer, Inputs.GetProperty("valuenorm_before"));

    public GradientDescent Optimizer(nn.Module module, string rate) =>
        new(module, Hyper.Number(rate), Hyper.Number("opti_eps"), Hyper.Number("max_grad_norm"), "agent", "policy");

    private static void Restore(ValueNormalizer normalizer, JsonElement state) =>
        normalizer.Restore(state.Numbers("running_mean")[0], state.Numbers("running_mean_sq")[0], state.Number("debiasing_term"));

    // [t][env][...] to [samples, ...]; arrays with a row after the last step lose it.
    private Tensor Rows(JsonElement values)
    {
        int steps = Data.GetProperty("rewards").GetArrayLength();
        long[] shape = values.Shape();
        long environments = shape[1], size = shape.Length > 2 ? shape[2] : 1;
        return GoldenNetworks.Double.Tensor([.. values.EnumerateArray().Take(steps).SelectMany(v => v.Numbers())], steps * environments, size);
    }
}
