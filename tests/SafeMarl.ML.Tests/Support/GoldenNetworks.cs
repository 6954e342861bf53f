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

    /// <summary>A squashed Gaussian policy from a parameter list that ends with the heads of the mean and of the log-std, which are one layer here.</summary>
    public static SoftActor Soft(JsonElement parameters, ActionSpace space)
    {
        JsonElement[] list = [.. parameters.EnumerateArray()];
        double[][] hidden = [.. list.Select(p => p.Numbers("shape"))];
        var random = new RandomStream(1);
        var shape = new NetworkShape((int)hidden[0][1], 2 * space.Size, (int)hidden[0][0], (list.Length - 4) / 2, Activation.ReLU, InputNorm: false, LayerNorm: false, LastActivation: Activation.Tanh);
        var actor = new SoftActor(shape, space, Initialization.Orthogonal, ref random, Double);
        LoadSoft(actor, parameters);
        return actor;
    }

    /// <summary>Overwrites a squashed Gaussian policy's parameters.</summary>
    public static void LoadSoft(SoftActor actor, JsonElement parameters)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        double[] numbers = SoftNumbers(parameters);
        int next = 0;
        foreach ((_, Parameter parameter) in actor.named_parameters())
        {
            int count = (int)parameter.numel();
            parameter.copy_(tensor(numbers[next..(next + count)], parameter.shape));
            next += count;
        }
        Assert.That(next, Is.EqualTo(numbers.Length), "number of parameters");
    }

    /// <summary>The numbers of the parameter list of a squashed Gaussian policy, in the order of <see cref="Soft"/>.</summary>
    public static double[] SoftNumbers(JsonElement parameters)
    {
        JsonElement[] list = [.. parameters.EnumerateArray()];
        int heads = list.Length - 4; // mean weight and bias, log-std weight and bias
        return [.. list[..heads].SelectMany(Data), .. Data(list[heads]), .. Data(list[heads + 2]), .. Data(list[heads + 1]), .. Data(list[heads + 3])];

        // Gradients come as bare nested lists.
        static double[] Data(JsonElement parameter) => parameter.ValueKind == JsonValueKind.Object ? parameter.Numbers("data") : parameter.Numbers();
    }

    public static double[] Values(nn.Module module) => [.. module.named_parameters().SelectMany(p => p.parameter.ToDoubles())];

    public static double[] Gradients(nn.Module module) => [.. module.named_parameters().SelectMany(p => p.parameter.grad!.ToDoubles())];

    /// <summary>Overwrites a network's parameters in order.</summary>
    public static void Load(DenseModule module, JsonElement parameters) => Assign(module.named_parameters().Select(p => p.parameter), parameters.EnumerateArray());

    /// <summary>Parameters of an actor in the order of a parameter list.</summary>
    public static double[] Values(Actor actor, JsonElement order) => Collect(actor, order, p => p);

    /// <summary>Gradients of an actor in the order of a parameter list.</summary>
    public static double[] Gradients(Actor actor, JsonElement order) => Collect(actor, order, p => p.grad!);

    /// <summary>A vector over an actor's parameters, from our order to that of a parameter list.</summary>
    public static double[] ToOrder(Actor actor, JsonElement order, double[] vector)
    {
        int[] places = Places(actor, order);
        return [.. places.Select(place => vector[place])];
    }

    /// <summary>A vector over an actor's parameters, from the order of a parameter list to ours.</summary>
    public static double[] FromOrder(Actor actor, JsonElement order, double[] vector)
    {
        int[] places = Places(actor, order);
        var ours = new double[vector.Length];
        for (int i = 0; i < places.Length; i++)
            ours[places[i]] = vector[i];
        return ours;
    }

    // Where in our vector each number of the list's is.
    private static int[] Places(Actor actor, JsonElement order)
    {
        int start = 0;
        int[] logStd = [];
        var rest = new Queue<int[]>();
        foreach ((string name, Parameter parameter) in actor.named_parameters())
        {
            int[] range = [.. Enumerable.Range(start, (int)parameter.numel())];
            start += range.Length;
            if (name == "log_std")
                logStd = range;
            else
                rest.Enqueue(range);
        }
        return [.. order.EnumerateArray().SelectMany(p => IsLogStd(p) ? logStd : rest.Dequeue())];
    }

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
