using SafeMarl.ML.Networks;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>Attention to the agents by what a state says of each: it begins with the same numbers of every one, agent after agent.</summary>
/// <param name="Agents">n.</param>
/// <param name="UnitSize">Numbers of each.</param>
internal readonly record struct UnitAttention(int Agents, int UnitSize)
{
    /// <exception cref="InvalidOptionsException">A state is too short.</exception>
    public void ThrowUnlessIn(int stateSize)
    {
        if (UnitSize < 1 || Agents * UnitSize > stateSize)
            throw new InvalidOptionsException($"UnitStateSize is {UnitSize}, but a state has {stateSize} numbers for {Agents} agents: it must be 1 to {stateSize / Agents}.");
    }

    /// <summary>What states say of each agent [M, n, unit].</summary>
    public Tensor Units(Tensor states) => states.narrow(1, 0, Agents * UnitSize).reshape(-1, Agents, UnitSize);

    /// <summary>How well keys of agents [M, n, d] meet what a network asks of states: their products [M, n].</summary>
    public static Tensor Logits(Tensor keys, DenseModule query, Tensor states) => (keys * query.forward(states).unsqueeze(1)).sum([2]);
}
