#nullable disable
namespace Microsoft.ML.Data;

/// <summary>Makes the memory of a vector writable, reusing its arrays where they are large enough.</summary>
public static class VBufferEditor
{
    public static VBufferEditor<T> CreateFromBuffer<T>(ref VBuffer<T> destination) =>
        new(destination.Length, destination.GetValues().Length, destination.ValueArray, destination.IndexArray, !destination.IsDense, false, false);

    public static VBufferEditor<T> Create<T>(ref VBuffer<T> destination, int newLogicalLength, int? valuesCount = null,
        int? maxValuesCapacity = null, bool keepOldOnResize = false, bool requireIndicesOnDense = false)
    {
        int count = valuesCount ?? newLogicalLength;
        ArgumentOutOfRangeException.ThrowIfNegative(newLogicalLength);
        ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(valuesCount));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, newLogicalLength, nameof(valuesCount));

        T[] values = destination.ValueArray;
        int[] indices = destination.IndexArray;
        int capacity = Math.Clamp(maxValuesCapacity ?? newLogicalLength, count, newLogicalLength);
        bool newValues = Ensure(ref values, count, capacity, keepOldOnResize);
        bool needIndices = count < newLogicalLength || requireIndicesOnDense;
        bool newIndices = needIndices && Ensure(ref indices, count, capacity, keepOldOnResize);
        return new VBufferEditor<T>(newLogicalLength, count, values, indices, needIndices, newValues, newIndices);
    }

    // Grows by doubling up to the capacity: a buffer whose count rises row by row settles after a few rows.
    private static bool Ensure<TItem>(ref TItem[] array, int count, int capacity, bool keep)
    {
        int old = array?.Length ?? 0;
        if (old >= count && array is not null)
            return false;
        int size = (int)Math.Min(capacity, Math.Max(count, 2L * old));
        if (keep)
            Array.Resize(ref array, size);
        else
            array = new TItem[size];
        return true;
    }
}

/// <summary>The writable memory of one vector, until <see cref="Commit"/>.</summary>
public readonly ref struct VBufferEditor<T>
{
    private readonly int _length;
    private readonly T[] _values;
    private readonly int[] _indices;

    internal VBufferEditor(int length, int count, T[] values, int[] indices, bool showIndices, bool newValues, bool newIndices)
    {
        _length = length;
        _values = values;
        _indices = indices;
        Values = values.AsSpan(0, count);
        Indices = showIndices ? indices.AsSpan(0, count) : default;
        CreatedNewValues = newValues;
        CreatedNewIndices = newIndices;
    }

    public readonly Span<T> Values;
    public readonly Span<int> Indices;
    public bool CreatedNewValues { get; }
    public bool CreatedNewIndices { get; }
    public VBuffer<T> Commit() => CommitTruncated(Values.Length);

    public VBuffer<T> CommitTruncated(int physicalValuesCount)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(physicalValuesCount, Values.Length);
        return new VBuffer<T>(_length, physicalValuesCount, _values, _indices);
    }
}
