using SafeMarl.Environments;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML;

/// <summary>
/// What one agent does for what it observes. Pure: the result depends on the arguments alone, nothing is allocated, and several threads
/// may call at once.
/// </summary>
public sealed class PolicyAgent
{
    private readonly PolicyHead _head;
    private readonly float[] _std;

    internal PolicyAgent(AgentNetwork shape, IReadOnlyList<DenseNetwork> networks)
    {
        (Name, ActionSpace, Network, OutputSize, _head) = (shape.Name, shape.ActionSpace, networks[shape.Network], shape.OutputSize, shape.Head);
        _std = new float[shape.Head == PolicyHead.Gaussian ? shape.ActionSpace.Size : 0];
        Certificates = shape.Certificates is { } certificates ? new AgentCertificates(shape.Name, certificates, networks) : null;
    }

    /// <summary>The agent's name.</summary>
    public string Name { get; }

    /// <summary>Numbers in an observation.</summary>
    public int ObservationSize => Network.Shape.Inputs;

    /// <summary>What the agent can do.</summary>
    public ActionSpace ActionSpace { get; }

    /// <summary>What the agent has learned about safety and stability beside its policy; null where its algorithm learns no certificates.</summary>
    public AgentCertificates? Certificates { get; }

    internal DenseNetwork Network { get; }

    /// <summary>Standard deviations that do not depend on the observation, one per action dimension; empty for other policies.</summary>
    internal Span<float> Std => _std;

    /// <summary>Numbers that the network gives.</summary>
    internal int OutputSize { get; }

    /// <summary>
    /// The most likely action: the mean of a Gaussian policy (squashed into the box, where the policy squashes), the likeliest available alternative of a
    /// categorical one.
    /// </summary>
    /// <param name="observation"><see cref="ObservationSize"/> numbers.</param>
    /// <param name="mask">1 for each available alternative; empty when actions are not masked.</param>
    /// <param name="action">Receives <see cref="ActionSpace.Size"/> numbers. A mean may lie outside the box, unless the policy is squashed; environments clip it.</param>
    /// <exception cref="ArgumentException">A span has the wrong length; the message names both lengths.</exception>
    public void Act(ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, Span<float> action)
    {
        Check(observation, mask, action);
        if (_head == PolicyHead.Gaussian)
        {
            Network.Forward(observation, 1, observation.Length, action);
            return;
        }
        using var large = new LargeScratch(OutputSize);
        Span<float> outputs = large.IsNeeded ? large.Span : stackalloc float[OutputSize];
        Network.Forward(observation, 1, observation.Length, outputs);
        if (_head == PolicyHead.Categorical)
        {
            action[0] = ActionSampling.Likeliest(outputs, mask);
            return;
        }
        for (int i = 0; i < action.Length; i++)
            action[i] = MathF.Tanh(outputs[i]);
        ActionEncoding.ToBounds(ActionSpace, action);
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
        action[0] = ActionSampling.Likeliest(probabilities, mask);
        ActionSampling.Softmax(probabilities, mask);
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
    /// <param name="logProbs">Receives the log-probability (density) of each action <c>[rows]</c>; of a squashed one in the box [-1, 1].</param>
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
            logProbs[row] = _head switch
            {
                PolicyHead.Categorical => ActionSampling.Alternative(output, mask, ref random[row], action),
                PolicyHead.SquashedGaussian => ActionSampling.SquashedGaussian(output, ref random[row], action),
                _ => ActionSampling.Gaussian(output, _std, ref random[row], action),
            };
            if (_head == PolicyHead.SquashedGaussian)
                ActionEncoding.ToBounds(ActionSpace, action);
        }
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
