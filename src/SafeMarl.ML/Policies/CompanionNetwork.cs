namespace SafeMarl.ML.Policies;

/// <summary>
/// A recurrent network beside another one, and what both make of the other one's outputs. Its part of an agent's memory is what the network remembers, then what it gave last.
/// </summary>
internal abstract class CompanionNetwork
{
    private readonly int _outputsAt;

    /// <param name="shape">Of the network beside which it is.</param>
    protected CompanionNetwork(NetworkShape shape)
    {
        Network = new RecurrentNetwork(shape.Companion!);
        _outputsAt = Network.Shape.MemorySize;
        Alternatives = shape.Alternatives;
    }

    /// <summary>What there is beside a network of this shape; null: nothing.</summary>
    public static CompanionNetwork? Of(NetworkShape shape) => shape.Recurrence switch
    {
        { Risk: { } risk } => new RiskNetwork(shape, risk),
        { Barrier: { } barrier } => new BarrierNetwork(shape, barrier),
        _ => null,
    };

    /// <summary>The network.</summary>
    public RecurrentNetwork Network { get; }

    protected int Alternatives { get; }

    /// <summary>Makes values of the other network's outputs; both go on by a step.</summary>
    /// <param name="observations">Row i begins at <c>i * stride</c>.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="stride">Distance between observations.</param>
    /// <param name="agent">Which agent it is.</param>
    /// <param name="memories">The network's part of memories; row i begins at <c>i * memoryStride</c>.</param>
    /// <param name="memoryStride">Distance between memories.</param>
    /// <param name="outputs">Of the other network; row i begins at <c>i * width</c>.</param>
    /// <param name="width">Distance between its outputs.</param>
    /// <param name="values">Receives <c>[rows, alternatives]</c>.</param>
    public abstract void Evaluate(
        ReadOnlySpan<float> observations, int rows, int stride, int agent, Span<float> memories, int memoryStride, ReadOnlySpan<float> outputs, int width, Span<float> values);

    /// <summary>Notes what an agent does, for its next step.</summary>
    /// <param name="memory">The network's part of its memory.</param>
    /// <param name="chosen">The alternative that it takes.</param>
    public virtual void Note(Span<float> memory, int chosen) { }

    /// <summary>What the network gave last.</summary>
    protected Span<float> Given(Span<float> memory) => memory.Slice(_outputsAt, Network.Shape.Outputs);

    /// <summary>What comes after it in a memory.</summary>
    protected Span<float> Rest(Span<float> memory) => memory[(_outputsAt + Network.Shape.Outputs)..];

    /// <summary>Goes on by a step.</summary>
    protected void Step(ReadOnlySpan<float> observations, int rows, int stride, int agent, Span<float> memories, int memoryStride)
    {
        int count = Network.Shape.Outputs;
        using var large = new LargeScratch(rows * count);
        Span<float> given = large.IsNeeded ? large.Span : stackalloc float[rows * count];
        Network.Step(observations, rows, stride, agent, memories, memoryStride, given);
        for (int i = 0; i < rows; i++)
            given.Slice(i * count, count).CopyTo(Given(memories[(i * memoryStride)..]));
    }
}
