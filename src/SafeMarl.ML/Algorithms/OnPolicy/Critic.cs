using SafeMarl.Environments;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Losses;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Optimization;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Returns;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OnPolicy;

/// <summary>How critics learn.</summary>
/// <param name="Shape">Network; one output.</param>
/// <param name="LearningRate">Adam's.</param>
/// <param name="AdamEpsilon">Adam's.</param>
/// <param name="MaxGradientNorm">Bound on the gradient's norm.</param>
/// <param name="Epochs">Passes over a rollout.</param>
/// <param name="MinibatchSize">Samples of a gradient step.</param>
/// <param name="NormalizeValues">Whether targets are normalised by their running statistics.</param>
/// <param name="Clip">Bound on a value's move for the clipped Huber loss; null: squared error.</param>
/// <param name="HuberDelta">Where the clipped Huber loss becomes linear.</param>
/// <param name="Published">Whether the critics of an agent share a normaliser and the Huber loss is one-sided, as MACPO's code has it.</param>
internal sealed record CriticSettings(
    NetworkShape Shape, double LearningRate, double AdamEpsilon, double MaxGradientNorm, int Epochs, int MinibatchSize, bool NormalizeValues, double? Clip = null,
    double HuberDelta = 10, bool Published = false);

/// <summary>A state-value function of one reward or cost signal, with its normaliser and optimiser.</summary>
internal sealed class Critic : IDisposable
{
    private const double OutputGain = 1; // MACPO, HARL

    private readonly CriticSettings _settings;
    private readonly Placement _placement;
    private readonly DenseModule _network;
    private readonly GradientDescent _optimizer;
    private readonly ValueNormalizer? _normalizer;
    private readonly string _name;

    /// <summary>Makes a critic; the name says in checkpoints and errors whose and of what. It has a normaliser of its own unless it is given one.</summary>
    public Critic(string name, string agent, CriticSettings settings, long seed, Placement placement, ValueNormalizer? normalizer = null)
    {
        var random = new RandomStream(seed);
        (_name, _settings, _placement) = (name, settings, placement);
        _network = new DenseModule(settings.Shape, OutputGain, ref random, placement);
        _optimizer = new GradientDescent(_network, settings.LearningRate, settings.AdamEpsilon, settings.MaxGradientNorm, agent, $"{name} critic");
        _normalizer = settings.NormalizeValues ? normalizer ?? new ValueNormalizer() : null;
    }

    internal DenseModule Network => _network;

    internal ValueNormalizer? Normalizer => _normalizer;

    /// <summary>The network's outputs for states [N, state], in normalised units.</summary>
    public float[] Predict(Tensor states)
    {
        using var scope = NewDisposeScope();
        return _network.Evaluate(states).ToFloats();
    }

    /// <summary>Values in the signal's own units.</summary>
    public float[] Denormalize(float[] values) => _normalizer is null ? values : [.. values.Select(v => (float)_normalizer.Denormalize(v))];

    /// <summary>What a critic learns from.</summary>
    /// <param name="Critic">Learns.</param>
    /// <param name="Seen">What it sees [N, inputs].</param>
    /// <param name="OldValues">Outputs when the advantages were computed [N], normalised.</param>
    /// <param name="Returns">Targets in the signal's own units [N].</param>
    internal sealed record Lesson(Critic Critic, Tensor Seen, float[] OldValues, float[] Returns);

    /// <summary>Fits critics to the returns of a rollout, in each minibatch one after the other.</summary>
    /// <param name="lessons">At least one; all of as many samples and of critics with the same settings.</param>
    /// <param name="seed">Seed of the order of samples.</param>
    /// <param name="steps">Environment steps so far, for errors.</param>
    /// <returns>Mean loss of each.</returns>
    public static double[] Fit(IReadOnlyList<Lesson> lessons, long seed, long steps)
    {
        using var scope = NewDisposeScope();
        Critic first = lessons[0].Critic;
        int samples = lessons[0].Returns.Length, epochs = first._settings.Epochs;
        Tensor[] old = [.. lessons.Select(l => first._placement.Tensor(l.OldValues, samples))];
        var random = new RandomStream(seed);
        var minibatches = new Minibatches(samples, first._settings.MinibatchSize);
        var totals = new double[lessons.Count];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            minibatches.Shuffle(ref random);
            for (int i = 0; i < minibatches.Count; i++)
            {
                for (int k = 0; k < totals.Length; k++)
                    totals[k] += lessons[k].Critic.Step(lessons[k].Seen, old[k], lessons[k].Returns, minibatches[i], steps);
            }
        }
        return [.. totals.Select(total => total / (epochs * minibatches.Count))];
    }

    private double Step(Tensor states, Tensor oldValues, float[] returns, long[] samples, long steps)
    {
        using var scope = NewDisposeScope();
        Tensor index = _placement.Index(samples);
        Tensor targets = _placement.Tensor(Targets(returns, samples), samples.Length); // [B]
        Tensor values = _network.forward(states.index_select(0, index)).squeeze(1); // [B]
        Tensor loss = (_settings.Clip, _settings.Published) switch
        {
            (null, _) => ValueLoss.SquaredError(values, targets),
            ({ } clip, false) => ValueLoss.ClippedHuber(values, oldValues.index_select(0, index), targets, clip, _settings.HuberDelta),
            // Asking the published normaliser is updating it, and the loss asks twice.
            ({ } clip, true) => ValueLoss.PublishedClippedHuber(
                values, oldValues.index_select(0, index), targets, _placement.Tensor(Targets(returns, samples), samples.Length), clip, _settings.HuberDelta),
        };
        return _optimizer.Step(loss, steps).Loss;
    }

    // The statistics take in each minibatch before it is normalised by them (HARL).
    private float[] Targets(float[] returns, long[] samples)
    {
        float[] targets = [.. samples.Select(s => returns[s])];
        if (_normalizer is null)
            return targets;
        _normalizer.Update<float>(targets);
        for (int i = 0; i < targets.Length; i++)
            targets[i] = (float)_normalizer.Normalize(targets[i]);
        return targets;
    }

    public void Save(TensorFile file)
    {
        _network.Save(file, $"critic.{_name}");
        _optimizer.Save(file, $"critic.{_name}.adam");
        _normalizer?.Save(file, $"critic.{_name}.normalizer");
    }

    public void Load(TensorFile file)
    {
        _network.Load(file, $"critic.{_name}");
        _optimizer.Load(file, $"critic.{_name}.adam");
        _normalizer?.Load(file, $"critic.{_name}.normalizer");
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _network.Dispose();
    }
}
