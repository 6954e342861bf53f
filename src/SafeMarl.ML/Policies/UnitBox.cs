using SafeMarl.Environments;

namespace SafeMarl.ML.Policies;

/// <summary>Between the box [-1, 1] per dimension, in which squashed policies and their critics think, and an agent's own box.</summary>
internal static class UnitBox
{
    /// <summary>From [-1, 1] to the agent's bounds, in place.</summary>
    public static void ToBounds(ActionSpace space, Span<float> action)
    {
        for (int i = 0; i < action.Length; i++)
            action[i] = Math.Clamp(space.Low[i] + 0.5f * (action[i] + 1) * (space.High[i] - space.Low[i]), space.Low[i], space.High[i]);
    }

    /// <summary>From the agent's bounds to [-1, 1]; what lies outside is clipped, as environments do.</summary>
    public static void FromBounds(ActionSpace space, ReadOnlySpan<float> action, Span<float> unit)
    {
        for (int i = 0; i < action.Length; i++)
            unit[i] = Math.Clamp(2 * (action[i] - space.Low[i]) / (space.High[i] - space.Low[i]) - 1, -1, 1);
    }
}
