using System.Numerics.Tensors;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;

namespace SafeMarl.ML.Training;

/// <summary>
/// Lets a policy act for T steps in E environments. Each worker thread rolls its slice of environments through all T steps by itself, so
/// nothing waits within a rollout; actions are drawn from a stream per environment, so threads do not matter.
/// </summary>
internal sealed class RolloutCollector
{
    private readonly VectorEnvironment _vector;
    private readonly RolloutBuffer _buffer;
    private readonly EpisodeTracker _episodes;
    private readonly long _seed;
    private readonly float[] _actions;

    public RolloutCollector(VectorEnvironment vector, RolloutBuffer buffer, long seed)
    {
        (_vector, _buffer, _seed) = (vector, buffer, seed);
        _episodes = new EpisodeTracker(vector.Spec, vector.Count);
        _actions = new float[vector.Count * vector.Spec.Layout.ActionSize];
    }

    public EpisodeTracker Episodes => _episodes;

    /// <summary>What algorithms may know of an environment.</summary>
    public static TaskShape ShapeOf(EnvironmentSpec spec) => new(
        [.. spec.Agents.Select(a => new AgentShape(a.Name, a.ObservationSize, a.ActionSpace, [.. a.Costs.Select(c => c.Name)]))],
        spec.StateSize > 0 ? spec.StateSize : spec.Layout.ObservationSize, spec.SharedReward, spec.SharedCosts);

    /// <summary>Collects one rollout.</summary>
    /// <param name="policy">Acts; it must not change meanwhile.</param>
    /// <param name="iteration">Which rollout of the run.</param>
    /// <param name="steps">Environment steps before it.</param>
    /// <exception cref="NonFiniteException">An environment reported a number that is not finite.</exception>
    public OnPolicyBatch Collect(Policy policy, long iteration, long steps)
    {
        _buffer.Clear();
        _vector.ForEachSlice((first, count) => Roll(policy, iteration, steps, first, count));
        return _buffer.ToBatch(steps + _buffer.Samples, iteration);
    }

    private void Roll(Policy policy, long iteration, long stepsBefore, int first, int count)
    {
        StepLayout layout = _vector.Spec.Layout;
        Span<RandomStream> random = stackalloc RandomStream[count];
        Span<float> logProbs = stackalloc float[count];
        for (int i = 0; i < count; i++)
            random[i] = new RandomStream(RandomStream.Derive(_seed, Streams.Actions, iteration, first + i));
        Span<float> actions = _actions.AsSpan(first * layout.ActionSize, count * layout.ActionSize);

        for (int t = 0; t < _buffer.Steps; t++)
        {
            for (int agent = 0; agent < layout.AgentCount; agent++)
            {
                policy.Agents[agent].Sample(
                    _vector.Current.Observations[(first * layout.ObservationSize + layout.Observation(agent).Start.Value)..], layout.ObservationSize,
                    _vector.Current.Masks[(first * layout.MaskSize + layout.Mask(agent).Start.Value)..], layout.MaskSize,
                    random, actions[layout.Action(agent).Start.Value..], layout.ActionSize, logProbs);
                for (int i = 0; i < count; i++)
                    _buffer.LogProb(agent, _buffer.Sample(t, first + i)) = logProbs[i];
            }
            for (int e = first; e < first + count; e++)
                StoreView(t, e, actions[((e - first) * layout.ActionSize)..], stepsBefore);
            _vector.Step(first, count, actions);
            for (int e = first; e < first + count; e++)
                StoreOutcome(t, e, stepsBefore);
        }
    }

    private void StoreView(int t, int e, ReadOnlySpan<float> action, long stepsBefore)
    {
        int sample = _buffer.Sample(t, e);
        StepBuffer step = _vector.Current[e];
        StateOf(_vector.Current, e).CopyTo(_buffer.State(sample));
        for (int agent = 0; agent < _vector.Spec.Agents.Count; agent++)
        {
            Span<float> observation = step.Observation(agent);
            if (!AreFinite(observation))
                throw new NonFiniteException(_vector.Spec.Agents[agent].Name, "observation", stepsBefore + sample);
            observation.CopyTo(_buffer.Observation(agent, sample));
            step.ActionMask(agent).CopyTo(_buffer.Mask(agent, sample));
            action[_vector.Spec.Layout.Action(agent)].CopyTo(_buffer.Action(agent, sample));
        }
        if (!AreFinite(step.State))
            throw new NonFiniteException("all", "state", stepsBefore + sample);
    }

    private void StoreOutcome(int t, int e, long stepsBefore)
    {
        int sample = _buffer.Sample(t, e);
        StepBuffer step = _vector.Current[e];
        EpisodeStatus status = _vector.Statuses[e];
        for (int agent = 0; agent < _vector.Spec.Agents.Count; agent++)
        {
            if (!float.IsFinite(step.Reward(agent)))
                throw new NonFiniteException(_vector.Spec.Agents[agent].Name, "reward", stepsBefore + sample);
            _buffer.Reward(agent, sample) = step.Reward(agent);
            Span<float> costs = step.Costs(agent);
            for (int channel = 0; channel < costs.Length; channel++)
            {
                string name = _vector.Spec.Agents[agent].Costs[channel].Name;
                if (!float.IsFinite(costs[channel]))
                    throw new NonFiniteException(_vector.Spec.Agents[agent].Name, $"cost '{name}'", stepsBefore + sample);
                if (costs[channel] < 0)
                    throw new EnvironmentException($"Cost '{name}' of '{_vector.Spec.Agents[agent].Name}' is {costs[channel]} at step {stepsBefore + sample:N0}; costs are at least 0.");
                _buffer.Cost(agent, channel, sample) = costs[channel];
            }
        }
        _buffer.Ended(sample) = status != EpisodeStatus.Running;
        if (status == EpisodeStatus.Truncated)
            _buffer.Bootstrap(e, sample, FiniteStateOf(_vector.Final, e, stepsBefore + sample).ToArray());
        else if (status == EpisodeStatus.Running && t == _buffer.Steps - 1)
            _buffer.Bootstrap(e, sample, FiniteStateOf(_vector.Current, e, stepsBefore + sample).ToArray());
        if (_episodes.Add(e, step, status) is { } episode)
            _buffer.AddEpisode(e, episode);
    }

    // Without a global state, centralised critics see all observations.
    private static Span<float> StateOf(StepMemory memory, int e) =>
        memory.States.IsEmpty ? memory.Observations.Slice(e * (memory.Observations.Length / memory.Count), memory.Observations.Length / memory.Count) : memory[e].State;

    private static Span<float> FiniteStateOf(StepMemory memory, int e, long step)
    {
        Span<float> state = StateOf(memory, e);
        return AreFinite(state) ? state : throw new NonFiniteException("all", "last state of an episode or rollout", step);
    }

    private static bool AreFinite(ReadOnlySpan<float> values) => values.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(values));
}
