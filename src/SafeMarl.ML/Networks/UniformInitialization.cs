using SafeMarl.Environments;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SafeMarl.ML.Networks;

/// <summary>Weights as torch begins its layers with.</summary>
internal static class UniformInitialization
{
    /// <summary>Weights and biases uniform between plus and minus 1 / root of the number of inputs.</summary>
    public static void BeginUniform(this nn.Module layer, int inputs, ref RandomStream random)
    {
        foreach (Parameter parameter in layer.parameters())
            parameter.SetValues(Uniform(parameter.numel(), 1 / Math.Sqrt(inputs), ref random));
    }

    /// <summary>Numbers between plus and minus a bound.</summary>
    public static float[] Uniform(long count, double bound, ref RandomStream random)
    {
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = (float)random.NextUniform(-bound, bound);
        return values;
    }
}
