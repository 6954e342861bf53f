using System.Text.Json;

namespace SafeMarl.ML.Training;

/// <summary>What may differ between a run and the same run resumed.</summary>
internal static class ResumeOptions
{
    // None of them changes what is learned in a step; the seed is compared by itself, as it may come from the context.
    private static readonly string[] Free = [nameof(TrainingOptions.TotalSteps), nameof(TrainingOptions.WorkerThreads), nameof(TrainingOptions.Device), nameof(TrainingOptions.Seed)];

    /// <summary>Compares the options of a checkpoint with those of the run that continues from it.</summary>
    /// <exception cref="InvalidOptionsException">One differs that must not; the message names it and both values.</exception>
    public static void ThrowIfChanged(JsonElement began, JsonElement now)
    {
        foreach (JsonProperty option in now.EnumerateObject().Where(o => !Free.Contains(o.Name)))
        {
            // An option that a later version added was not there to be set.
            if (began.TryGetProperty(option.Name, out JsonElement before) && !JsonElement.DeepEquals(before, option.Value))
                throw new InvalidOptionsException($"The run was begun with {option.Name} = {before}, and now it is {option.Value}. Go on with what it was, or begin a new run.");
        }
    }
}
