using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML;

/// <summary>Options of an algorithm that keeps episode costs under limits.</summary>
public interface IConstrainedOptions
{
    /// <summary>Limit on the mean cost of an episode, for every channel without a limit of its own.</summary>
    double? CostLimit { get; }

    /// <summary>Limits by cost channel.</summary>
    IDictionary<string, double> CostLimits { get; }
}

/// <summary>Checks and lookups of cost limits that all constrained algorithms share.</summary>
internal static class ConstrainedOptions
{
    public static IEnumerable<ValidationResult> Validate(IConstrainedOptions options)
    {
        if (options.CostLimits is null)
        {
            yield return new ValidationResult("it must not be null; leave it empty", [nameof(IConstrainedOptions.CostLimits)]);
            yield break;
        }
        if (options.CostLimit is null && options.CostLimits.Count == 0)
            yield return new ValidationResult("a limit on the cost of an episode is required; there is no honest default", [nameof(IConstrainedOptions.CostLimit)]);
        foreach ((string channel, double limit) in options.CostLimits)
        {
            if (!(limit >= 0 && double.IsFinite(limit)))
                yield return new ValidationResult($"the limit of '{channel}' is {limit}; it must be finite and at least 0", [nameof(IConstrainedOptions.CostLimits)]);
        }
    }

    /// <summary>The limit of a cost channel.</summary>
    /// <exception cref="InvalidOptionsException">Neither a general nor a special limit is set.</exception>
    public static double LimitOf(this IConstrainedOptions options, string channel) =>
        options.CostLimits.TryGetValue(channel, out double limit) ? limit
        : options.CostLimit ?? throw new InvalidOptionsException(
            $"{options.GetType().Name} has no limit for the cost '{channel}': set {nameof(IConstrainedOptions.CostLimit)}, or {nameof(IConstrainedOptions.CostLimits)}[\"{channel}\"].");

    /// <summary>The limits of all channels of a task.</summary>
    /// <exception cref="InvalidOptionsException">A channel has no limit, or a limit names a channel that the task has not.</exception>
    public static IReadOnlyDictionary<string, double> LimitsOf(this IConstrainedOptions options, IEnumerable<string> channels)
    {
        string[] known = [.. channels.Distinct()];
        if (options.CostLimits.Keys.FirstOrDefault(c => !known.Contains(c)) is { } unknown)
        {
            throw new InvalidOptionsException(
                $"{options.GetType().Name}.{nameof(IConstrainedOptions.CostLimits)} names '{unknown}', but the task's costs are: {string.Join(", ", known)}.");
        }
        return known.ToDictionary(c => c, options.LimitOf);
    }
}
