using System.Text.Json;
using Microsoft.ML.Data;

namespace SafeMarl.ML.Policies;

/// <summary>What a policy's mapping keeps per cursor: the agent it saw last, decoded, and room for dense copies of sparse vectors.</summary>
public sealed class PolicyMappingState
{
    private ReadOnlyMemory<char> _parameters;
    private PolicyAgent? _agent;
    private float[] _observation = [], _mask = [], _state = [], _jointAction = [], _hidden = [];

    /// <summary>The agent that a row is about.</summary>
    /// <exception cref="KeyNotFoundException">The model has no such agent; the message lists those that it has.</exception>
    internal PolicyAgent Agent(ReadOnlyMemory<char> name, ReadOnlyMemory<char> parameters, ReadOnlyMemory<char> manifest)
    {
        if (_agent is not null && parameters.Equals(_parameters)) // the same text, not an equal one
            return _agent;
        if (parameters.IsEmpty)
        {
            string[] known = JsonSerializer.Deserialize<string[]>(manifest.Span) ?? [];
            throw new KeyNotFoundException($"The model has no policy for agent '{name}'. Its agents: {string.Join(", ", known)}.");
        }
        _agent = PolicyCache.Get(parameters).Agents[0];
        _parameters = parameters;
        return _agent;
    }

    internal ReadOnlySpan<float> Observation(in VBuffer<float> values) => Dense(values, ref _observation);

    internal ReadOnlySpan<float> Mask(in VBuffer<float> values) => Dense(values, ref _mask);

    internal ReadOnlySpan<float> State(in VBuffer<float> values) => Dense(values, ref _state);

    internal ReadOnlySpan<float> JointAction(in VBuffer<float> values) => Dense(values, ref _jointAction);

    internal ReadOnlySpan<float> Hidden(in VBuffer<float> values) => Dense(values, ref _hidden);

    private static ReadOnlySpan<float> Dense(in VBuffer<float> values, ref float[] copy)
    {
        if (values.IsDense)
            return values.GetValues();
        if (copy.Length != values.Length)
            copy = new float[values.Length];
        values.CopyTo(copy);
        return copy;
    }
}
