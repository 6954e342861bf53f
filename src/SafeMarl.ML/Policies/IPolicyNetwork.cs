namespace SafeMarl.ML.Policies;

/// <summary>A network of a policy: managed code that is described by its shape and has parameters by name.</summary>
internal interface IPolicyNetwork
{
    /// <summary>Layers and sizes.</summary>
    NetworkShape Shape { get; }

    /// <summary>Sets a parameter from torch's layout, a matrix being <c>[out, in]</c>.</summary>
    void Set(string name, ReadOnlySpan<float> values);

    /// <summary>A parameter in torch's layout.</summary>
    float[] Get(string name);

    /// <summary>A network of a shape, its weights still to be set.</summary>
    static IPolicyNetwork Create(NetworkShape shape) => shape.Recurrence is null ? new DenseNetwork(shape) : new RecurrentNetwork(shape);
}
