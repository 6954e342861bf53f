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
    private readonly int _id;
    private readonly float[] _std;

    internal PolicyAgent(AgentNetwork shape, IReadOnlyList<IPolicyNetwork> networks)
    {
        (Name, ActionSpace, Network, OutputSize, _head, _id) = (shape.Name, shape.ActionSpace, networks[shape.Network], shape.OutputSize, shape.Head, shape.Id);
        MemorySize = Network.Shape.MemorySize;
        _std = new float[shape.Head == PolicyHead.Gaussian ? shape.ActionSpace.Size : 0];
        Certificates = shape.Certificates is { } certificates ? new AgentCertificates(shape.Name, certificates, networks) : null;
    }

    /// <summary>The agent's name.</summary>
    public string Name { get; }

    /// <summary>Numbers in an observation.</summary>
    public int ObservationSize => Network.Shape.Inputs;

    /// <summary>What the agent can do.</summary>
    public ActionSpace ActionSpace { get; }

    /// <summary>Numbers that the agent remembers from step to step; 0 where what it does depends on its observation alone.</summary>
    public int MemorySize { get; }

    /// <summary>What the agent has learned about safety and stability beside its policy; null where its algorithm learns no certificates.</summary>
    public AgentCertificates? Certificates { get; }

    internal IPolicyNetwork Network { get; }

    /// <summary>The network of an agent that remembers nothing.</summary>
    internal DenseNetwork Dense => (DenseNetwork)Network;

    /// <summary>Standard deviations that do not depend on the observation, one per action dimension; empty for other policies.</summary>
    internal Span<float> Std => _std;

    /// <summary>Numbers that the network gives.</summary>
    internal int OutputSize { get; }

    /// <summary>Room for what the agent remembers of an episode.</summary>
    public AgentMemory CreateMemory() => new(MemorySize);

    /// <summary>
    /// The most likely action: the mean of a Gaussian policy (squashed into the box, where the policy squashes), the likeliest available alternative of a
    /// categorical one.
    /// </summary>
    /// <param name="observation"><see cref="ObservationSize"/> numbers.</param>
    /// <param name="mask">1 for each available alternative; empty when actions are not masked.</param>
    /// <param name="action">Receives <see cref="ActionSpace.Size"/> numbers. A mean may lie outside the box, unless the policy is squashed; environments clip it.</param>
    /// <exception cref="ArgumentException">A span has the wrong length; the message names both lengths.</exception>
    /// <exception cref="InvalidOperationException">The agent remembers: act with its memory.</exception>
    public void Act(ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, Span<float> action) => Act(observation, mask, memory: default, action, scores: default);

    /// <summary>The likeliest action together with the probability of each alternative (discrete actions only).</summary>
    /// <param name="observation"><see cref="ObservationSize"/> numbers.</param>
    /// <param name="mask">1 for each available alternative; empty when actions are not masked.</param>
    /// <param name="action">Receives the index of the alternative.</param>
    /// <param name="probabilities">Receives <see cref="ActionSpace.Count"/> probabilities, 0 for what is not available.</param>
    /// <exception cref="ArgumentException">A span has the wrong length (the message names both), or the agent's actions are a box.</exception>
    /// <exception cref="InvalidOperationException">The agent remembers: act with its memory.</exception>
    public void Act(ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, Span<float> action, Span<float> probabilities)
    {
        if (!ActionSpace.IsDiscrete || probabilities.Length != ActionSpace.Count)
            throw new ArgumentException($"Agent '{Name}' gives probabilities of {ActionSpace.Count} alternatives; the destination has {probabilities.Length}.", nameof(probabilities));
        Act(observation, mask, memory: default, action, probabilities);
    }

    /// <summary>The most likely, or best, action of an agent that may remember; its memory goes on by a step.</summary>
    /// <param name="observation"><see cref="ObservationSize"/> numbers.</param>
    /// <param name="mask">1 for each available alternative; empty when actions are not masked.</param>
    /// <param name="memory">Of this agent and this episode, made by <see cref="CreateMemory"/>.</param>
    /// <param name="action">Receives <see cref="ActionSpace.Size"/> numbers.</param>
    /// <exception cref="ArgumentException">A span has the wrong length (the message names both), or the memory is another agent's.</exception>
    public void Act(ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, AgentMemory memory, Span<float> action)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Act(observation, mask, memory.Values, action, scores: default);
    }

    /// <summary>Acts, and gives the probability of each alternative (of a policy that takes the best, its value) unless the destination is empty.</summary>
    internal void Act(ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, Span<float> memory, Span<float> action, Span<float> scores)
    {
        Check(observation, mask, memory, action);
        if (_head == PolicyHead.Gaussian)
        {
            Dense.Forward(observation, 1, observation.Length, action);
            return;
        }
        using var large = new LargeScratch(OutputSize);
        Span<float> outputs = large.IsNeeded ? large.Span : stackalloc float[OutputSize];
        switch (_head)
        {
            case PolicyHead.SquashedGaussian:
                Dense.Forward(observation, 1, observation.Length, outputs);
                for (int i = 0; i < action.Length; i++)
                    action[i] = MathF.Tanh(outputs[i]);
                ActionEncoding.ToBounds(ActionSpace, action);
                return;
            case PolicyHead.Categorical:
                Dense.Forward(observation, 1, observation.Length, outputs);
                action[0] = ActionSampling.Likeliest(outputs, mask);
                if (!scores.IsEmpty)
                    ActionSampling.Softmax(outputs, mask);
                break;
            default:
                var network = (RecurrentNetwork)Network;
                network.Step(observation, 1, observation.Length, _id, memory, memory.Length, outputs);
                int best = ActionSampling.Likeliest(outputs, mask);
                network.Note(memory, best, best);
                action[0] = best;
                break;
        }
        if (!scores.IsEmpty)
            outputs.CopyTo(scores);
    }

    /// <summary>Brings the action of a box into its bounds, as serving does; in training, environments clip.</summary>
    internal void Clip(Span<float> action)
    {
        for (int i = 0; i < ActionSpace.Low.Count; i++)
            action[i] = Math.Clamp(action[i], ActionSpace.Low[i], ActionSpace.High[i]);
    }

    /// <summary>Draws actions for several situations, each with its own stream, as rollouts do.</summary>
    internal void Sample(in ActingRows rows)
    {
        int count = rows.Random.Length;
        using var large = new LargeScratch(count * OutputSize);
        Span<float> outputs = large.IsNeeded ? large.Span : stackalloc float[count * OutputSize];
        if (_head == PolicyHead.Greedy)
            ((RecurrentNetwork)Network).Step(rows.Observations, count, rows.ObservationStride, _id, rows.Memories, rows.MemoryStride, outputs);
        else
            Dense.Forward(rows.Observations, count, rows.ObservationStride, outputs);
        for (int row = 0; row < count; row++)
        {
            Span<float> output = outputs.Slice(row * OutputSize, OutputSize);
            Span<float> action = rows.Actions.Slice(row * rows.ActionStride, ActionSpace.Size);
            ReadOnlySpan<float> mask = ActionSpace.IsMasked ? rows.Masks.Slice(row * rows.MaskStride, OutputSize) : default;
            rows.LogProbs[row] = _head switch
            {
                PolicyHead.Categorical => ActionSampling.Alternative(output, mask, ref rows.Random[row], action),
                PolicyHead.SquashedGaussian => ActionSampling.SquashedGaussian(output, ref rows.Random[row], action),
                PolicyHead.Greedy => Explore(output, mask, rows.Exploration, ref rows.Random[row], rows.Memories.Slice(row * rows.MemoryStride, MemorySize), action),
                _ => ActionSampling.Gaussian(output, _std, ref rows.Random[row], action),
            };
            if (_head == PolicyHead.SquashedGaussian)
                ActionEncoding.ToBounds(ActionSpace, action);
        }
    }

    private float Explore(ReadOnlySpan<float> values, ReadOnlySpan<float> mask, double exploration, ref RandomStream random, Span<float> memory, Span<float> action)
    {
        int best = ActionSampling.Likeliest(values, mask), chosen = ActionSampling.Explore(best, values.Length, mask, exploration, ref random);
        ((RecurrentNetwork)Network).Note(memory, best, chosen);
        action[0] = chosen;
        return 0;
    }

    private void Check(ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, ReadOnlySpan<float> memory, ReadOnlySpan<float> action)
    {
        if (observation.Length != ObservationSize)
            throw new ArgumentException($"Agent '{Name}' observes {ObservationSize} numbers; got {observation.Length}.", nameof(observation));
        if (mask.Length != (ActionSpace.IsMasked ? ActionSpace.Count : 0))
            throw new ArgumentException($"Agent '{Name}' takes an action mask of {(ActionSpace.IsMasked ? ActionSpace.Count : 0)} numbers; got {mask.Length}.", nameof(mask));
        if (action.Length != ActionSpace.Size)
            throw new ArgumentException($"Agent '{Name}' gives an action of {ActionSpace.Size} numbers; the destination has {action.Length}.", nameof(action));
        if (memory.IsEmpty && MemorySize > 0)
            throw new InvalidOperationException($"Agent '{Name}' remembers its episode: act with a memory of its own (CreateMemory), or with the column {ColumnNames.Hidden}.");
        if (memory.Length != MemorySize)
            throw new ArgumentException($"Agent '{Name}' remembers {MemorySize} numbers; got {memory.Length}.", nameof(memory));
        if (!memory.IsEmpty && memory[Network.Shape.HiddenSize] is var last && !(last >= 0 && last <= ActionSpace.Count && last == MathF.Floor(last)))
            throw new ArgumentException($"What agent '{Name}' is to remember is none of its memories: the number of its last action is {last}; give back what it gave, or nothing.", nameof(memory));
    }
}
