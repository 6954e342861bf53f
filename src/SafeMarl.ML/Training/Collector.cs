using System.Numerics.Tensors;
using SafeMarl.Environments;
using SafeMarl.ML.Algorithms;
using SafeMarl.ML.Buffers;
using SafeMarl.ML.Files;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Training;

/// <summary>
/// Lets a policy act for some steps in E environments and hands everything to a writer. Each worker thread rolls its slice of environments
/// through all steps by itself, so nothing waits within a collection; actions are drawn from a stream per environment, so threads do not matter.
/// </summary>
internal sealed class Collector
{
    private readonly VectorEnvironment _vector;
    private readonly IExperienceWriter _writer;
    private readonly long _seed;
    private readonly float[] _actions, _logProbs; // [E, actions], [E, A]
    private readonly int[] _memoryOffsets; // of each agent, and their end
    private readonly float[] _memories; // [E, memory]
    private readonly List<EpisodeSummary>[] _ended;

    /// <param name="vector">The environments.</param>
    /// <param name="writer">Takes everything.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="memorySizes">Numbers that each agent remembers; null: agents remember nothing.</param>
    public Collector(VectorEnvironment vector, IExperienceWriter writer, long seed, IEnumerable<int>? memorySizes = null)
    {
        (_vector, _writer, _seed) = (vector, writer, seed);
        Episodes = new EpisodeTracker(vector.Spec, vector.Count);
        _actions = new float[vector.Count * vector.Spec.Layout.ActionSize];
        _logProbs = new float[vector.Count * vector.Spec.Layout.AgentCount];
        int end = 0;
        _memoryOffsets = [0, .. (memorySizes ?? vector.Spec.Agents.Select(_ => 0)).Select(size => end += size)];
        _memories = new float[vector.Count * end];
        _ended = [.. Enumerable.Range(0, vector.Count).Select(_ => new List<EpisodeSummary>())];
    }

    /// <summary>The running episodes.</summary>
    public EpisodeTracker Episodes { get; }

    /// <summary>Share of actions that policies which else take the best draw uniformly.</summary>
    public double Exploration { get; set; }

    private int MemorySize => _memoryOffsets[^1];

    /// <summary>Collects some steps of every environment.</summary>
    /// <param name="policy">Acts; it must not change meanwhile. Null: agents act uniformly at random.</param>
    /// <param name="steps">Steps of each environment.</param>
    /// <param name="iteration">Which collection of the run.</param>
    /// <param name="stepsBefore">Environment steps before it.</param>
    /// <returns>The episodes that ended in it.</returns>
    /// <exception cref="NonFiniteException">An environment reported a number that is not finite.</exception>
    public IReadOnlyList<EpisodeSummary> Collect(Policy? policy, int steps, long iteration, long stepsBefore)
    {
        foreach (List<EpisodeSummary> list in _ended)
            list.Clear();
        _vector.ForEachSlice((first, count) => Roll(policy, steps, iteration, stepsBefore, first, count));
        return [.. _ended.SelectMany(e => e)];
    }

    /// <summary>New episodes have begun everywhere, whatever was running.</summary>
    public void Interrupt()
    {
        Array.Clear(_memories);
        _writer.Interrupt();
    }

    /// <summary>Writes what the running episodes have been so far.</summary>
    public void Save(TensorFile file)
    {
        Episodes.Save(file);
        file.Add<float>("memories", _memories);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(TensorFile file)
    {
        Episodes.Load(file);
        file.CopyTo<float>("memories", _memories);
    }

    private void Roll(Policy? policy, int steps, long iteration, long stepsBefore, int first, int count)
    {
        StepLayout layout = _vector.Spec.Layout;
        Span<RandomStream> random = stackalloc RandomStream[count];
        for (int i = 0; i < count; i++)
            random[i] = new RandomStream(RandomStream.Derive(_seed, Streams.Actions, iteration, first + i));
        Span<float> actions = _actions.AsSpan(first * layout.ActionSize, count * layout.ActionSize);

        for (int t = 0; t < steps; t++)
        {
            if (policy is null)
                ActAtRandom(random, first);
            else
                Act(policy, random, first);
            for (int e = first; e < first + count; e++)
                WriteView(t, e, stepsBefore + (long)t * _vector.Count + e);
            _vector.Step(first, count, actions);
            for (int e = first; e < first + count; e++)
                WriteOutcome(t, e, t == steps - 1, stepsBefore + (long)t * _vector.Count + e);
        }
    }

    private void Act(Policy policy, Span<RandomStream> random, int first)
    {
        StepLayout layout = _vector.Spec.Layout;
        Span<float> logProbs = stackalloc float[random.Length];
        for (int agent = 0; agent < layout.AgentCount; agent++)
        {
            policy.Agents[agent].Sample(new ActingRows
            {
                Random = random,
                Observations = _vector.Current.Observations[(first * layout.ObservationSize + layout.Observation(agent).Start.Value)..], ObservationStride = layout.ObservationSize,
                Masks = _vector.Current.Masks[(first * layout.MaskSize + layout.Mask(agent).Start.Value)..], MaskStride = layout.MaskSize,
                Memories = _memories.AsSpan(first * MemorySize + _memoryOffsets[agent]), MemoryStride = MemorySize,
                Actions = _actions.AsSpan(first * layout.ActionSize + layout.Action(agent).Start.Value), ActionStride = layout.ActionSize,
                LogProbs = logProbs, Exploration = Exploration,
            });
            for (int i = 0; i < logProbs.Length; i++)
                _logProbs[(first + i) * layout.AgentCount + agent] = logProbs[i];
        }
    }

    private void ActAtRandom(Span<RandomStream> random, int first)
    {
        int size = _vector.Spec.Layout.ActionSize;
        for (int i = 0; i < random.Length; i++)
            RandomActions.Sample(_vector.Spec, _vector.Current[first + i], ref random[i], _actions.AsSpan((first + i) * size, size));
    }

    private void WriteView(int t, int e, long step)
    {
        StepBuffer seen = _vector.Current[e];
        ReadOnlySpan<float> state = StateOf(_vector.Current, e);
        for (int agent = 0; agent < _vector.Spec.Agents.Count; agent++)
        {
            if (!AreFinite(seen.Observation(agent)))
                throw new NonFiniteException(_vector.Spec.Agents[agent].Name, "observation", step);
        }
        if (!AreFinite(seen.State))
            throw new NonFiniteException("all", "state", step);
        StepLayout layout = _vector.Spec.Layout;
        _writer.Write(t, e, seen, state, _actions.AsSpan(e * layout.ActionSize, layout.ActionSize), _logProbs.AsSpan(e * layout.AgentCount, layout.AgentCount));
    }

    private void WriteOutcome(int t, int e, bool last, long step)
    {
        StepBuffer signals = _vector.Current[e];
        EpisodeStatus status = _vector.Statuses[e];
        ThrowIfMeaningless(signals, step);
        StepMemory after = status == EpisodeStatus.Running ? _vector.Current : _vector.Final;
        ReadOnlySpan<float> stateAfter = StateOf(after, e);
        // Values are bootstrapped from this view before anybody acts on it.
        if ((status != EpisodeStatus.Running || last) && !(AreFinite(stateAfter) && AreFinite(ObservationsOf(after, e))))
            throw new NonFiniteException("all", "last view of an episode or collection", step);
        _writer.Write(t, e, signals, status, after[e], stateAfter);
        if (status != EpisodeStatus.Running)
            _memories.AsSpan(e * MemorySize, MemorySize).Clear();
        if (Episodes.Add(e, signals, status) is { } episode)
            _ended[e].Add(episode);
    }

    private void ThrowIfMeaningless(StepBuffer signals, long step)
    {
        EnvironmentSpec spec = _vector.Spec;
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            string name = spec.Agents[agent].Name;
            if (!float.IsFinite(signals.Reward(agent)))
                throw new NonFiniteException(name, "reward", step);
            Span<float> costs = signals.Costs(agent);
            for (int channel = 0; channel < costs.Length; channel++)
            {
                if (costs[channel] is not (>= 0 and < float.PositiveInfinity))
                    throw Meaningless(costs[channel], name, $"cost '{spec.Agents[agent].Costs[channel].Name}'", step);
            }
            if (spec.HasDeviation && signals.Deviation(agent) is not (>= 0 and < float.PositiveInfinity))
                throw Meaningless(signals.Deviation(agent), name, "deviation", step);
            if (spec.HasDisturbance && signals.Disturbance(agent) is not (>= 0 and < float.PositiveInfinity))
                throw Meaningless(signals.Disturbance(agent), name, "disturbance", step);
        }
    }

    private static Exception Meaningless(float value, string agent, string quantity, long step) => float.IsFinite(value)
        ? new EnvironmentException($"The {quantity} of '{agent}' is {value} at step {step:N0}; it must be at least 0.")
        : new NonFiniteException(agent, quantity, step);

    // Without a global state, centralised critics see all observations.
    private static Span<float> StateOf(StepMemory memory, int e) => memory.States.IsEmpty ? ObservationsOf(memory, e) : memory[e].State;

    private static Span<float> ObservationsOf(StepMemory memory, int e)
    {
        int size = memory.Observations.Length / memory.Count;
        return memory.Observations.Slice(e * size, size);
    }

    private static bool AreFinite(ReadOnlySpan<float> values) => values.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(values));
}
