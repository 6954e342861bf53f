using SafeMarl.Environments;

namespace SafeMarl.ML.Policies;

/// <summary>
/// Actions as squashed policies and their critics see them: numbers in [-1, 1] per dimension of a box, one-hot vectors for alternatives.
/// </summary>
internal static class ActionEncoding
{
    /// <summary>From [-1, 1] to the bounds of a box, in place.</summary>
    public static void ToBounds(ActionSpace space, Span<float> action)
    {
        for (int i = 0; i < action.Length; i++)
            action[i] = Math.Clamp(space.Low[i] + 0.5f * (action[i] + 1) * (space.High[i] - space.Low[i]), space.Low[i], space.High[i]);
    }

    /// <summary>An action as critics see it; what lies outside the bounds of a box is clipped, as environments do.</summary>
    /// <param name="space">What the agent can do.</param>
    /// <param name="action">The action, in the agent's own bounds.</param>
    /// <param name="encoded">Receives one number per dimension, or one per alternative.</param>
    public static void Encode(ActionSpace space, ReadOnlySpan<float> action, Span<float> encoded)
    {
        if (space.IsDiscrete)
        {
            encoded.Clear();
            encoded[(int)action[0]] = 1;
            return;
        }
        for (int i = 0; i < action.Length; i++)
            encoded[i] = Math.Clamp(2 * (action[i] - space.Low[i]) / (space.High[i] - space.Low[i]) - 1, -1, 1);
    }
}
