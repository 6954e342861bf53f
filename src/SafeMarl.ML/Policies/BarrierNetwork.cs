namespace SafeMarl.ML.Policies;

/// <summary>Managed inference of an <see cref="ActionBarrier"/>. Last in its part of a memory is the barrier that the last action had; 0 at first.</summary>
internal sealed class BarrierNetwork(NetworkShape shape, ActionBarrier barrier) : CompanionNetwork(shape)
{
    // Below all values of networks; what is added for the order of barriers still makes a difference there.
    private const float Rejected = -1e30f;

    public override void Evaluate(
        ReadOnlySpan<float> observations, int rows, int stride, int agent, Span<float> memories, int memoryStride, ReadOnlySpan<float> outputs, int width, Span<float> values)
    {
        Step(observations, rows, stride, agent, memories, memoryStride);
        for (int i = 0; i < rows; i++)
        {
            Span<float> memory = memories[(i * memoryStride)..], barriers = Given(memory);
            float promised = Rest(memory)[0], needed = float.IsFinite(promised) ? (float)(1 - barrier.Decay) * promised : 0; // from outside may come anything
            for (int alternative = 0; alternative < Alternatives; alternative++)
            {
                float own = barriers[alternative];
                values[i * Alternatives + alternative] = own >= needed ? outputs[i * width + alternative] : Rejected * (1.5f - 0.5f * own / (1 + MathF.Abs(own)));
            }
        }
    }

    public override void Note(Span<float> memory, int chosen) => Rest(memory)[0] = Given(memory)[chosen];
}
