namespace SafeMarl.ML;

/// <summary>How the weights of a network begin.</summary>
public enum Initialization
{
    /// <summary>Orthogonal matrices times a gain (root 2 before ReLU, 1 for a critic's output, 0.01 for a policy's), zero biases.</summary>
    Orthogonal,

    /// <summary>Uniform between plus and minus 1 / root of the number of inputs, biases too: PyTorch's own default, which HARL's soft actor-critics have.</summary>
    Uniform,
}
