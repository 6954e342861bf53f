namespace SafeMarl.Environments;

/// <summary>The uniformly random policy: every point of a box and every available alternative is equally likely.</summary>
public static class RandomActions
{
    /// <summary>Fills <paramref name="jointAction"/> for what the agents see in <paramref name="step"/>.</summary>
    public static void Sample(EnvironmentSpec spec, StepBuffer step, ref RandomStream random, Span<float> jointAction)
    {
        ArgumentNullException.ThrowIfNull(spec);
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            ActionSpace space = spec.Agents[agent].ActionSpace;
            Span<float> action = jointAction[spec.Layout.Action(agent)];
            if (space.IsDiscrete)
            {
                action[0] = Alternative(space, step.ActionMask(agent), ref random);
                continue;
            }
            for (int i = 0; i < action.Length; i++)
                action[i] = (float)random.NextUniform(space.Low[i], space.High[i]);
        }
    }

    private static int Alternative(ActionSpace space, ReadOnlySpan<float> mask, ref RandomStream random)
    {
        if (!space.IsMasked)
            return random.NextInt(space.Count);
        int available = 0;
        foreach (float m in mask)
            available += m != 0 ? 1 : 0;
        if (available == 0)
            throw new EnvironmentException("An action mask leaves no alternative.");
        int skip = random.NextInt(available), chosen = -1;
        while (skip >= 0)
            skip -= mask[++chosen] != 0 ? 1 : 0;
        return chosen;
    }
}
