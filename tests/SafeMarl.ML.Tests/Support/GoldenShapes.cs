using System.Text.Json;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Tests.Support;

/// <summary>Shapes of the peers' networks.</summary>
internal static class GoldenShapes
{
    /// <summary>FOCOPS: [Linear, tanh] x n -> Linear, no normalisation; sizes from the parameter list.</summary>
    public static NetworkShape Tanh(int inputs, int outputs, JsonElement parameters)
    {
        JsonElement[] weights = [.. parameters.EnumerateArray().Where(p => p.GetProperty("name").GetString()!.EndsWith(".weight", StringComparison.Ordinal))];
        return new NetworkShape(inputs, outputs, (int)weights[0].Numbers("shape")[0], weights.Length - 1, Activation.Tanh, InputNorm: false, LayerNorm: false);
    }

    /// <summary>MACPO and SafePO: LayerNorm -> [Linear, activation, LayerNorm] x n -> Linear; sizes from the parameter list.</summary>
    public static NetworkShape Normalized(int inputs, int outputs, JsonElement parameters, string activation)
    {
        double[][] matrices = [.. parameters.EnumerateArray().Where(p => !p.GetProperty("name").GetString()!.Contains("fc_h", StringComparison.Ordinal)).Select(p => p.Numbers("shape")).Where(s => s.Length == 2)];
        return new NetworkShape(inputs, outputs, (int)matrices[0][0], matrices.Length - 1, Enum.Parse<Activation>(activation, ignoreCase: true), InputNorm: true, LayerNorm: true);
    }

    /// <summary>HARL: LayerNorm -> [Linear, ReLU, LayerNorm] x n -> Linear.</summary>
    public static NetworkShape Normalized(int inputs, int outputs, JsonElement net)
    {
        double[] hidden = net.Numbers("hidden");
        Assert.That(hidden, Is.All.EqualTo(hidden[0]), "hidden layers of one width");
        return new NetworkShape(inputs, outputs, (int)hidden[0], hidden.Length, net.GetProperty("activation").GetString() == "tanh" ? Activation.Tanh : Activation.ReLU, InputNorm: true, LayerNorm: true);
    }
}
