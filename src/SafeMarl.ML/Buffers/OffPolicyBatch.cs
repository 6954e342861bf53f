namespace SafeMarl.ML.Buffers;

/// <summary>A batch of transitions from a replay; its arrays are used again for the next one.</summary>
internal sealed class OffPolicyBatch
{
    /// <param name="layout">Where everything lies in a record.</param>
    /// <param name="size">Transitions, B.</param>
    /// <param name="steps">Steps n of the returns.</param>
    public OffPolicyBatch(TransitionLayout layout, int size, int steps)
    {
        (Layout, Size, ReturnSteps) = (layout, size, steps);
        Records = new float[size * layout.Size];
        Next = new float[size * layout.ViewSize];
        Terminated = new float[size];
        Bootstrap = steps == 1 ? Next : new float[Next.Length];
        BootstrapTerminated = steps == 1 ? Terminated : new float[size];
        Returns = new float[size * layout.Task.Agents.Count];
        Discounts = new float[size];
    }

    public TransitionLayout Layout { get; }

    /// <summary>B.</summary>
    public int Size { get; }

    /// <summary>n.</summary>
    public int ReturnSteps { get; }

    /// <summary>The steps themselves <c>[B, record]</c>.</summary>
    public float[] Records { get; }

    /// <summary>The views after them <c>[B, view]</c>; after a termination, the last one of the episode.</summary>
    public float[] Next { get; }

    /// <summary>1 where the step ended the task, so that nothing follows <c>[B]</c>; a truncated episode goes on.</summary>
    public float[] Terminated { get; }

    /// <summary>Per agent, discounted rewards of n steps, or of those that there are <c>[B, A]</c>.</summary>
    public float[] Returns { get; }

    /// <summary>What the value after those steps is discounted with <c>[B]</c>.</summary>
    public float[] Discounts { get; }

    /// <summary>The views after those steps <c>[B, view]</c>; the same array as <see cref="Next"/> where n is 1.</summary>
    public float[] Bootstrap { get; }

    /// <summary>1 where nothing follows those steps <c>[B]</c>.</summary>
    public float[] BootstrapTerminated { get; }

    /// <summary>Environment steps so far, for errors.</summary>
    public long Steps { get; set; }

    /// <summary>Which update of the run, from 0; random choices of an update are drawn from (seed, update).</summary>
    public long Update { get; set; }
}
