namespace SafeMarl.ML;

/// <summary>What an agent remembers of an episode: each step's action depends on it and changes it. One for every agent and running episode.</summary>
public sealed class AgentMemory
{
    private readonly float[] _values;

    internal AgentMemory(int size) => _values = new float[size];

    /// <summary>Forgets everything: a new episode begins.</summary>
    public void Clear() => Array.Clear(_values);

    internal Span<float> Values => _values;
}
