using System.Text.Json;
using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Support;

/// <summary>Networks of reference data as ours, in double precision.</summary>
internal static class GoldenNetworks
{
    public static Placement Double { get; } = new(CPU, ScalarType.Float64);

    /// <summary>A tensor with a nested array's numbers and shape.</summary>
    public static Tensor Tensor(JsonElement values) => Double.Tensor(values.Numbers(), values.Shape());

    /// <summary>The numbers as a tensor [N].</summary>
    public static Tensor Vector(JsonElement values) => Double.Tensor(values.Numbers(), values.Numbers().Length);

    /// <summary>An actor from a parameter list; its log-std parameter comes first or last but is the only one of its name.</summary>
    public static Actor Actor(JsonElement parameters, NetworkShape shape, StdParameterization std)
    {
        var random = new RandomStream(1);
        var actor = new Actor(shape, discrete: false, std, ref random, Double);
        Assign(actor.named_parameters().Where(p => p.name != "log_std").Select(p => p.parameter), parameters.EnumerateArray().Where(p => !IsLogStd(p)));
        Assign(actor.named_parameters().Where(p => p.name == "log_std").Select(p => p.parameter), parameters.EnumerateArray().Where(IsLogStd));
        return actor;
    }

    public static DenseModule Dense(JsonElement parameters, NetworkShape shape, Placement? placement = null)
    {
        var random = new RandomStream(1);
        var module = new DenseModule(shape, 1, ref random, placement ?? Double);
        Load(module, parameters);
        return module;
    }

    /// <summary>Overwrites a network's parameters in order.</summary>
    public static void Load(DenseModule module, JsonElement parameters) => Assign(module.named_parameters().Select(p => p.parameter), parameters.EnumerateArray());

    /// <summary>Parameters of an actor in the order of a parameter list.</summary>
    public static double[] Values(Actor actor, JsonElement order) => Collect(actor, order, p => p);

    /// <summary>Gradients of an actor in the order of a parameter list.</summary>
    public static double[] Gradients(Actor actor, JsonElement order) => Collect(actor, order, p => p.grad!);

    public static double[] Values(DenseModule module) => [.. module.named_parameters().SelectMany(p => p.parameter.ToDoubles())];

    public static double[] Gradients(DenseModule module) => [.. module.named_parameters().SelectMany(p => p.parameter.grad!.ToDoubles())];

    /// <summary>The numbers of a parameter list.</summary>
    public static double[] Numbers(JsonElement parameters) => [.. parameters.EnumerateArray().SelectMany(p => p.Numbers("data"))];

    private static bool IsLogStd(JsonElement parameter) => parameter.GetProperty("name").GetString()!.Replace("_", "", StringComparison.Ordinal).Contains("logstd", StringComparison.Ordinal);

    private static double[] Collect(Actor actor, JsonElement order, Func<Tensor, Tensor> select)
    {
        Parameter logStd = actor.named_parameters().Single(p => p.name == "log_std").parameter;
        var rest = new Queue<Parameter>(actor.named_parameters().Where(p => p.name != "log_std").Select(p => p.parameter));
        return [.. order.EnumerateArray().SelectMany(p => select(IsLogStd(p) ? logStd : rest.Dequeue()).ToDoubles())];
    }

    private static void Assign(IEnumerable<Parameter> targets, IEnumerable<JsonElement> sources)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        Parameter[] parameters = [.. targets];
        JsonElement[] values = [.. sources];
        Assert.That(values, Has.Length.EqualTo(parameters.Length), "number of parameters");
        for (int i = 0; i < parameters.Length; i++)
            parameters[i].copy_(tensor(values[i].Numbers("data"), parameters[i].shape));
    }
}
