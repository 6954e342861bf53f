using SafeMarl.Environments;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>
/// What one agent does for what it observes. Pure: the result depends on the arguments alone, nothing is allocated, and several threads
/// may call at once.
/// </summary>
public sealed class PolicyAgent
{
    // exp(-inf) is 0 and the peers' -1e10 is as good as that; unlike an infinity it survives differences.
    private const float Unavailable = -1e10f;

    private readonly float[] _std;

    internal PolicyAgent(string name, ActionSpace actionSpace, DenseNetwork network, float[] std)
    {
        (Name, ActionSpace, Network, _std) = (name, actionSpace, network, std);
        OutputSize = actionSpace.IsDiscrete ? actionSpace.Count : actionSpace.Size;
    }

    /// <summary>The agent's name.</summary>
    public string Name { get; }

    /// <summary>Numbers in an observation.</summary>
    public int ObservationSize => Network.Shape.Inputs;

    /// <summary>What the agent can do.</summary>
    public ActionSpace ActionSpace { get; }

    internal DenseNetwork Network { get; }

    /// <summary>Standard deviations of a Gaussian policy, one per action dimension; empty for a categorical one.</summary>
    internal Span<float> Std => _std;

    /// <summary>Numbers that the network gives: means of a box, logits of a discrete action.</summary>
    internal int OutputSize { get; }

    /// <summary>The most likely action: the mean of a Gaussian policy, the likeliest available alternative of a categorical one.</summary>
    /// <param name="observation"><see cref="ObservationSize"/> numbers.</param>
    /// <param name="mask">1 for each available alternative; empty when actions are not masked.</param>
    /// <param name="action">Receives <see cref="ActionSpace.Size"/> numbers. A mean may lie outside the box; environments clip it.</param>
    /// <exception cref="ArgumentException">A span has the wrong length; the message names both lengths.</exception>
    public void Act(ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, Span<float> action)
    {
        Check(observation, mask, action);
        if (!ActionSpace.IsDiscrete)
        {
            Network.Forward(observation, 1, observation.Length, action);
            return;
        }
        using var large = new LargeScratch(OutputSize);
        Span<float> logits = large.IsNeeded ? large.Span : stackalloc float[OutputSize];
        Network.Forward(observation, 1, observation.Length, logits);
        action[0] = Likeliest(logits, mask);
    }

    /// <summary>The likeliest action together with the probability of each alternative (discrete actions only).</summary>
    /// <param name="observation"><see cref="ObservationSize"/> numbers.</param>
    /// <param name="mask">1 for each available alternative; empty when actions are not masked.</param>
    /// <param name="action">Receives the index of the alternative.</param>
    /// <param name="probabilities">Receives <see cref="ActionSpace.Count"/> probabilities, 0 for what is not available.</param>
    /// <exception cref="ArgumentException">A span has the wrong length (the message names both), or the agent's actions are a box.</exception>
    public void Act(ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, Span<float> action, Span<float> probabilities)
    {
        Check(observation, mask, action);
        if (!ActionSpace.IsDiscrete || probabilities.Length != ActionSpace.Count)
            throw new ArgumentException($"Agent '{Name}' gives probabilities of {ActionSpace.Count} alternatives; the destination has {probabilities.Length}.", nameof(probabilities));
        Network.Forward(observation, 1, observation.Length, probabilities);
        action[0] = Likeliest(probabilities, mask);
        Softmax(probabilities, mask);
    }

    /// <summary>Brings the action of a box into its bounds, as serving does; in training, environments clip.</summary>
    internal void Clip(Span<float> action)
    {
        for (int i = 0; i < ActionSpace.Low.Count; i++)
            action[i] = Math.Clamp(action[i], ActionSpace.Low[i], ActionSpace.High[i]);
    }

    /// <summary>Draws actions for several observations, row i with its own stream, as rollouts do.</summary>
    /// <param name="observations">Row i begins at <c>i * stride</c>.</param>
    /// <param name="stride">Distance between observations.</param>
    /// <param name="masks">Row i begins at <c>i * maskStride</c>; empty when actions are not masked.</param>
    /// <param name="maskStride">Distance between masks.</param>
    /// <param name="random">One stream per row.</param>
    /// <param name="actions">Row i begins at <c>i * actionStride</c>.</param>
    /// <param name="actionStride">Distance between actions.</param>
    /// <param name="logProbs">Receives the log-probability (density) of each action <c>[rows]</c>.</param>
    internal void Sample(
        ReadOnlySpan<float> observations, int stride, ReadOnlySpan<float> masks, int maskStride, Span<RandomStream> random,
        Span<float> actions, int actionStride, Span<float> logProbs)
    {
        int rows = random.Length;
        using var large = new LargeScratch(rows * OutputSize);
        Span<float> outputs = large.IsNeeded ? large.Span : stackalloc float[rows * OutputSize];
        Network.Forward(observations, rows, stride, outputs);
        for (int row = 0; row < rows; row++)
        {
            Span<float> output = outputs.Slice(row * OutputSize, OutputSize);
            Span<float> action = actions.Slice(row * actionStride, ActionSpace.Size);
            ReadOnlySpan<float> mask = ActionSpace.IsMasked ? masks.Slice(row * maskStride, OutputSize) : default;
            logProbs[row] = ActionSpace.IsDiscrete ? SampleAlternative(output, mask, ref random[row], action) : SampleGaussian(output, ref random[row], action);
        }
    }

    private float SampleGaussian(ReadOnlySpan<float> means, ref RandomStream random, Span<float> action)
    {
        double logProb = 0;
        for (int i = 0; i < action.Length; i++)
        {
            action[i] = (float)(means[i] + _std[i] * random.NextGaussian());
            double z = (action[i] - means[i]) / (double)_std[i];
            logProb -= 0.5 * z * z + Math.Log(_std[i]) + 0.5 * Math.Log(2 * Math.PI);
        }
        return (float)logProb;
    }

    private static float SampleAlternative(Span<float> logits, ReadOnlySpan<float> mask, ref RandomStream random, Span<float> action)
    {
        ThrowIfNothing(mask);
        Softmax(logits, mask);
        double left = random.NextDouble();
        int chosen = -1, last = -1;
        for (int i = 0; i < logits.Length && chosen < 0; i++)
        {
            if (logits[i] <= 0)
                continue;
            last = i;
            left -= logits[i];
            if (left < 0)
                chosen = i;
        }
        chosen = chosen < 0 ? last : chosen; // rounding left a sliver beyond the last alternative
        action[0] = chosen;
        return (float)Math.Log(logits[chosen]);
    }

    private static int Likeliest(ReadOnlySpan<float> logits, ReadOnlySpan<float> mask)
    {
        ThrowIfNothing(mask);
        int best = -1;
        for (int i = 0; i < logits.Length; i++)
        {
            if ((mask.IsEmpty || mask[i] != 0) && (best < 0 || logits[i] > logits[best]))
                best = i;
        }
        return best;
    }

    private static void ThrowIfNothing(ReadOnlySpan<float> mask)
    {
        if (!mask.IsEmpty && !mask.ContainsAnyExcept(0f))
            throw new ArgumentException("The action mask leaves no alternative.", nameof(mask));
    }

    /// <summary>Turns logits into probabilities in place.</summary>
    private static void Softmax(Span<float> logits, ReadOnlySpan<float> mask)
    {
        for (int i = 0; i < mask.Length; i++)
            logits[i] = mask[i] != 0 ? logits[i] : Unavailable;
        double max = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits)
            max = Math.Max(max, logit);
        foreach (float logit in logits)
            sum += Math.Exp(logit - max);
        foreach (ref float logit in logits)
            logit = (float)(Math.Exp(logit - max) / sum);
    }

    private void Check(ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, Span<float> action)
    {
        if (observation.Length != ObservationSize)
            throw new ArgumentException($"Agent '{Name}' observes {ObservationSize} numbers; got {observation.Length}.", nameof(observation));
        if (mask.Length != (ActionSpace.IsMasked ? ActionSpace.Count : 0))
            throw new ArgumentException($"Agent '{Name}' takes an action mask of {(ActionSpace.IsMasked ? ActionSpace.Count : 0)} numbers; got {mask.Length}.", nameof(mask));
        if (action.Length != ActionSpace.Size)
            throw new ArgumentException($"Agent '{Name}' gives an action of {ActionSpace.Size} numbers; the destination has {action.Length}.", nameof(action));
    }
}
