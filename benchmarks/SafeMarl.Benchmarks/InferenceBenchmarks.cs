using BenchmarkDotNet.Attributes;
using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.ML.Policies;

namespace SafeMarl.Benchmarks;

/// <summary>Acting with a 22-128-128-3 actor, as services and rollouts do.</summary>
[InProcess, MemoryDiagnoser]
public class InferenceBenchmarks
{
    private const int Inputs = 22, Outputs = 3;

    private DenseNetwork _network = null!;
    private float[] _observations = [], _outputs = [];

    /// <summary>Whether the input and the hidden layers are normalised, as the trainers' defaults have it.</summary>
    [Params(true, false)]
    public bool LayerNorm { get; set; }

    /// <summary>Observations per call.</summary>
    [Params(1, 4, 16)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var random = new RandomStream(1);
        var shape = new NetworkShape(Inputs, Outputs, 128, 2, Activation.ReLU, LayerNorm, LayerNorm);
        _network = new DenseNetwork(shape);
        foreach ((string name, long[] size) in shape.Parameters())
            _network.Set(name, Measurements.Numbers(size.Aggregate(1, (product, n) => product * (int)n), ref random));
        _observations = Measurements.Numbers(Batch * Inputs, ref random);
        _outputs = new float[Batch * Outputs];
    }

    /// <summary>All outputs of one call.</summary>
    [Benchmark]
    public void Forward() => _network.Forward(_observations, Batch, Inputs, _outputs);
}
