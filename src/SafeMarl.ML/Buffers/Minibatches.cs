using SafeMarl.Environments;

namespace SafeMarl.ML.Buffers;

/// <summary>The samples of a batch in random order, cut into minibatches; the last one may be smaller.</summary>
internal sealed class Minibatches
{
    private readonly long[] _order;
    private readonly int _size;

    public Minibatches(int samples, int size)
    {
        _order = new long[samples];
        for (int i = 0; i < samples; i++)
            _order[i] = i;
        _size = Math.Min(size, samples);
    }

    /// <summary>Samples of a minibatch when a batch is cut into so many.</summary>
    public static int SizeFor(int samples, int count) => (samples + count - 1) / count;

    public int Count => (_order.Length + _size - 1) / _size;

    /// <summary>Sample numbers of a minibatch.</summary>
    public long[] this[int index] => _order[(index * _size)..Math.Min(_order.Length, (index + 1) * _size)];

    /// <summary>Draws a new order.</summary>
    public void Shuffle(ref RandomStream random) => random.Shuffle<long>(_order);
}
