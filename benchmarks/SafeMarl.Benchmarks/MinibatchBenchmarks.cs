using BenchmarkDotNet.Attributes;
using SafeMarl.Environments;
using SafeMarl.ML;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using static TorchSharp.torch;

namespace SafeMarl.Benchmarks;

/// <summary>What a critic's gradient step consists of: a minibatch of 256 observations through 22-128-128-1 with LayerNorms.</summary>
[InProcess, MemoryDiagnoser]
public class MinibatchBenchmarks
{
    private const int Inputs = 22, Samples = 256;

    private readonly Placement _placement = Placement.Parse("cpu");
    private DenseModule _network = null!;
    private GradientDescent _optimizer = null!;
    private Tensor _states = null!, _targets = null!;

    [GlobalSetup]
    public void SetUp()
    {
        set_num_threads(1);
        var random = new RandomStream(1);
        _network = new DenseModule(new NetworkShape(Inputs, 1, 128, 2, Activation.ReLU, InputNorm: true, LayerNorm: true), outputGain: 1, ref random, _placement);
        _optimizer = new GradientDescent(_network, learningRate: 1e-4, epsilon: 1e-5, maxNorm: 10, "agent", "benchmark");
        _states = _placement.Tensor(Measurements.Numbers(Samples * Inputs, ref random), Samples, Inputs);
        _targets = _placement.Tensor(Measurements.Numbers(Samples, ref random), Samples);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _optimizer.Dispose();
        _network.Dispose();
        _states.Dispose();
        _targets.Dispose();
    }

    /// <summary>Values without gradients.</summary>
    [Benchmark]
    public void Evaluate()
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        _network.forward(_states);
    }

    /// <summary>Loss and gradients.</summary>
    [Benchmark]
    public void Backward()
    {
        using var scope = NewDisposeScope();
        ValueLoss.SquaredError(_network.forward(_states).squeeze(1), _targets).backward();
    }

    /// <summary>Loss, gradients, the bound on their norm, the checks and Adam.</summary>
    [Benchmark(Baseline = true)]
    public void Step()
    {
        using var scope = NewDisposeScope();
        _optimizer.Step(ValueLoss.SquaredError(_network.forward(_states).squeeze(1), _targets), step: 0);
    }
}
