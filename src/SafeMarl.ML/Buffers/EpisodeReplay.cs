using SafeMarl.Environments;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Buffers;

/// <summary>
/// The last episodes of E environments, each as long as it was: a record for each step, and one with the last view alone. While new steps are being written,
/// batches are drawn from what was there at the last <see cref="Commit"/>.
/// </summary>
internal sealed class EpisodeReplay : ICheckpointed
{
    private readonly Episode?[] _episodes; // a ring
    private readonly float[][] _running; // [E][longest episode + 1, record]
    private readonly int[] _lengths; // of the running episodes
    private readonly List<Episode>[] _ended;

    /// <summary>A finished episode.</summary>
    /// <param name="Records">Its steps and its last view <c>[L + 1, record]</c>.</param>
    /// <param name="Length">L.</param>
    /// <param name="Terminated">Whether the task ended, so that nothing follows.</param>
    private sealed record Episode(float[] Records, int Length, bool Terminated);

    /// <param name="task">The task.</param>
    /// <param name="capacity">Episodes to keep.</param>
    /// <param name="environments">E.</param>
    /// <param name="longest">Steps of the longest episode.</param>
    /// <exception cref="InvalidOptionsException">An episode is too large for an array.</exception>
    public EpisodeReplay(TaskShape task, int capacity, int environments, int longest)
    {
        Layout = new TransitionLayout(task);
        if ((longest + 1L) * Layout.Size > Array.MaxLength)
            throw new InvalidOptionsException($"Episodes of {longest:N0} steps with {Layout.Size:N0} numbers each are too large to be kept.");
        _episodes = new Episode?[capacity];
        _running = [.. Enumerable.Range(0, environments).Select(_ => GC.AllocateUninitializedArray<float>((longest + 1) * Layout.Size))];
        _lengths = new int[environments];
        _ended = [.. Enumerable.Range(0, environments).Select(_ => new List<Episode>())];
    }

    public TransitionLayout Layout { get; }

    /// <summary>Episodes that ended so far, whether they are still kept or not.</summary>
    public long Count { get; private set; }

    /// <summary>Episodes before the last <see cref="Commit"/>.</summary>
    public long CountBefore { get; private set; }

    /// <summary>The next record of an environment, to be filled.</summary>
    public Span<float> Record(int environment) => _running[environment].AsSpan(_lengths[environment] * Layout.Size, Layout.Size);

    /// <summary>A step is complete: the next record is the next one's.</summary>
    public void EndStep(int environment) => _lengths[environment]++;

    /// <summary>The next record holds the last view of an episode.</summary>
    public void EndEpisode(int environment, bool terminated)
    {
        int length = _lengths[environment];
        _ended[environment].Add(new Episode(_running[environment][..((length + 1) * Layout.Size)], length, terminated));
        _lengths[environment] = 0;
    }

    /// <summary>Running episodes are given up.</summary>
    public void Interrupt() => Array.Clear(_lengths);

    /// <summary>Batches may be drawn from every episode that has ended.</summary>
    public void Commit()
    {
        CountBefore = Count;
        foreach (List<Episode> ended in _ended)
        {
            foreach (Episode episode in ended)
                _episodes[Count++ % _episodes.Length] = episode;
            ended.Clear();
        }
    }

    /// <summary>Draws different episodes uniformly; the longest come first.</summary>
    /// <param name="random">Source of the draws.</param>
    /// <param name="size">How many; as many must be there.</param>
    public EpisodeBatch Sample(ref RandomStream random, int size)
    {
        int[] order = [.. Enumerable.Range(0, (int)Math.Min(Count, _episodes.Length))];
        for (int i = 0; i < size; i++)
        {
            int other = i + random.NextInt(order.Length - i);
            (order[i], order[other]) = (order[other], order[i]);
        }
        return Gather(order.Take(size));
    }

    /// <summary>The episodes that ended last, as many as are there; the longest come first.</summary>
    public EpisodeBatch Newest(int size) =>
        Gather(Enumerable.Range(1, (int)Math.Min(size, Math.Min(Count, _episodes.Length))).Select(back => (int)((Count - back) % _episodes.Length)));

    // The longest episodes first, as those who unroll them like it.
    private EpisodeBatch Gather(IEnumerable<int> indices)
    {
        Episode[] episodes = [.. indices.Select(i => _episodes[i]!).OrderByDescending(e => e.Length)];
        var batch = new EpisodeBatch(Layout, [.. episodes.Select(e => e.Length)], [.. episodes.Select(e => e.Terminated)]);
        for (int b = 0; b < episodes.Length; b++)
        {
            ReadOnlySpan<float> records = episodes[b].Records;
            for (int t = 0; t <= batch.Lengths[b]; t++)
                records.Slice(t * Layout.Size, Layout.Size).CopyTo(batch.Record(t, b));
        }
        return batch;
    }

    public void Save(TensorFile file)
    {
        file.Add<long>("replay.count", [Count, CountBefore]);
        int kept = (int)Math.Min(Count, _episodes.Length);
        file.Add<long>("replay.lengths", [.. _episodes.Take(kept).Select(e => (long)e!.Length)]);
        file.Add<byte>("replay.terminated", [.. _episodes.Take(kept).Select(e => e!.Terminated ? (byte)1 : (byte)0)]);
        for (int i = 0; i < kept; i++)
            file.AddShared<float>($"replay.{i}", _episodes[i]!.Records);
        file.Add<long>("replay.running", [.. _lengths.Select(length => (long)length)]);
        for (int e = 0; e < _running.Length; e++)
            file.AddShared<float>($"replay.running.{e}", _running[e].AsMemory(0, (_lengths[e] + 1) * Layout.Size));
    }

    public void Load(TensorFile file)
    {
        long[] counts = file.Get<long>("replay.count", 2);
        (Count, CountBefore) = (counts[0], counts[1]);
        int kept = (int)Math.Min(Count, _episodes.Length);
        long[] lengths = file.Get<long>("replay.lengths", kept), running = file.Get<long>("replay.running", _lengths.Length);
        byte[] terminated = file.Get<byte>("replay.terminated", kept);
        for (int i = 0; i < kept; i++)
            _episodes[i] = new Episode(file.Get<float>($"replay.{i}", (lengths[i] + 1) * Layout.Size), (int)lengths[i], terminated[i] != 0);
        for (int e = 0; e < _running.Length; e++)
        {
            _lengths[e] = (int)running[e];
            file.CopyTo<float>($"replay.running.{e}", _running[e].AsSpan(0, (_lengths[e] + 1) * Layout.Size));
        }
    }
}
