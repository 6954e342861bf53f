using System.Buffers;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SafeMarl.ML.Networks;

/// <summary>The numbers of a tensor where they are, for work that several threads share. The tensor must outlive it.</summary>
/// <param name="tensor">Contiguous float32 numbers on the CPU.</param>
internal sealed class TensorMemory(Tensor tensor) : MemoryManager<float>
{
    /// <inheritdoc/>
    public override Span<float> GetSpan() => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>The garbage collector does not move a tensor's numbers, but there is no pointer to hand out either.</summary>
    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("A tensor's memory is read and written as a span.");

    /// <inheritdoc/>
    public override void Unpin() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) { }
}
