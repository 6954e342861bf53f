namespace SafeMarl.Environments;

/// <summary>Something is wrong with an environment or with what it was given.</summary>
public class EnvironmentException : Exception
{
    /// <summary>An error with a message.</summary>
    public EnvironmentException(string message) : base(message) { }

    /// <summary>An error with a message and its cause.</summary>
    public EnvironmentException(string message, Exception? inner) : base(message, inner) { }
}

/// <summary>An action that no environment can execute: not finite, of the wrong length, or an alternative that does not exist.</summary>
public sealed class InvalidActionException(string message) : EnvironmentException(message)
{
    /// <summary>Throws unless a joint action has the right length, every number is finite and every discrete action names an existing alternative.</summary>
    public static void ThrowIfInvalid(ReadOnlySpan<float> jointAction, EnvironmentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (jointAction.Length != spec.Layout.ActionSize)
            throw new InvalidActionException($"'{spec.Name}' takes a joint action of {spec.Layout.ActionSize} numbers; got {jointAction.Length}.");
        for (int agent = 0; agent < spec.Agents.Count; agent++)
        {
            ReadOnlySpan<float> action = jointAction[spec.Layout.Action(agent)];
            ActionSpace space = spec.Agents[agent].ActionSpace;
            for (int i = 0; i < action.Length; i++)
            {
                if (!float.IsFinite(action[i]))
                    throw new InvalidActionException($"Agent '{spec.Agents[agent].Name}' of '{spec.Name}' was given {action[i]} in dimension {i} of its action; it must be finite.");
                if (space.IsDiscrete && (action[i] < 0 || action[i] >= space.Count || action[i] != MathF.Floor(action[i])))
                    throw new InvalidActionException($"Agent '{spec.Agents[agent].Name}' of '{spec.Name}' was given action {action[i]}; it has the alternatives 0..{space.Count - 1}.");
            }
        }
    }
}

/// <summary>A simulation produced numbers that are not finite or beyond all measure. Reset the environment to go on.</summary>
public sealed class SimulationDivergedException(string message) : EnvironmentException(message);
