using SafeMarl.Environments;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Buffers;

/// <summary>
/// The last transitions of E environments. Each environment's steps are records one after the other in a ring of its own, so an observation
/// is kept once and the view after a step is that of the next record; where an episode ended, a record with its last view alone comes in
/// between. While new steps are being written, batches are drawn from what was there at the last <see cref="Commit"/>.
/// </summary>
internal sealed class ReplayBuffer : ICheckpointed
{
    // How a record ends; kept as a number in it.
    private const float Running = 0, Terminated = 1, Truncated = 2, ViewOnly = 3;

    private readonly float[][] _rings; // [E][records, record]
    private readonly long[] _written, _committed;
    private readonly bool[] _open; // the view of the next step is there already
    private readonly int _window, _ringLength;
    private readonly (int Environment, long Index)[] _picks;

    /// <param name="task">The task.</param>
    /// <param name="capacity">Transitions to keep, over all environments.</param>
    /// <param name="environments">E.</param>
    /// <param name="stepsBetweenCommits">Steps of each environment that are written at most before they are committed.</param>
    /// <param name="batchSize">Transitions of a batch.</param>
    /// <exception cref="InvalidOptionsException">The replay is too large for arrays.</exception>
    public ReplayBuffer(TaskShape task, int capacity, int environments, int stepsBetweenCommits, int batchSize)
    {
        Layout = new TransitionLayout(task);
        _window = (capacity + environments - 1) / environments;
        // A step may need a second record for the last view of its episode; and the view of the next step is kept.
        long length = _window + 2L * stepsBetweenCommits + 1;
        if (length * Layout.Size > Array.MaxLength)
        {
            throw new InvalidOptionsException(
                $"A replay of {capacity:N0} transitions with {Layout.Size:N0} numbers each from {environments:N0} environments is too large: ReplayCapacity / Environments must be at most {Array.MaxLength / Layout.Size:N0}.");
        }
        _ringLength = (int)length;
        _rings = [.. Enumerable.Range(0, environments).Select(_ => GC.AllocateUninitializedArray<float>(_ringLength * Layout.Size))];
        (_written, _committed, _open) = (new long[environments], new long[environments], new bool[environments]);
        _picks = new (int, long)[batchSize];
    }

    public TransitionLayout Layout { get; }

    /// <summary>The next record of an environment, to be filled.</summary>
    public Span<float> Record(int environment) => Record(environment, _written[environment]);

    /// <summary>Whether the view in the next record has been written.</summary>
    public ref bool IsOpen(int environment) => ref _open[environment];

    /// <summary>Ends a step: its record is complete. Where it ended its episode, the last view comes into the next record, and <see cref="EndEpisode"/> is called.</summary>
    /// <param name="environment">Which environment.</param>
    /// <param name="terminated">Whether the task ended.</param>
    /// <param name="truncated">Whether the episode was cut.</param>
    public void EndStep(int environment, bool terminated, bool truncated)
    {
        Record(environment)[Layout.Ending] = terminated ? Terminated : truncated ? Truncated : Running;
        _written[environment]++;
        _open[environment] = false;
    }

    /// <summary>The next record holds the last view of an episode, and nothing else.</summary>
    public void EndEpisode(int environment)
    {
        Record(environment)[Layout.Ending] = ViewOnly;
        _written[environment]++;
        _open[environment] = false;
    }

    /// <summary>Running episodes are given up: what is known of them is their last view.</summary>
    public void Interrupt()
    {
        for (int e = 0; e < _rings.Length; e++)
        {
            if (!_open[e])
                continue;
            Record(e, _written[e] - 1)[Layout.Ending] = Truncated;
            EndEpisode(e);
        }
        Commit();
    }

    /// <summary>Batches may be drawn from everything that has been written.</summary>
    public void Commit() => _written.CopyTo(_committed, 0);

    /// <summary>Draws transitions uniformly, with replacement.</summary>
    /// <param name="random">Source of the draws.</param>
    /// <param name="gamma">Discount of the returns.</param>
    /// <param name="batch">Receives them.</param>
    public void Sample(ref RandomStream random, double gamma, OffPolicyBatch batch)
    {
        int filled = (int)Math.Min(_window, _committed.Max());
        for (int i = 0; i < _picks.Length;)
        {
            int environment = random.NextInt(_rings.Length);
            long index = _committed[environment] - 1 - random.NextInt(filled);
            if (index >= 0 && Record(environment, index)[Layout.Ending] != ViewOnly)
                _picks[i++] = (environment, index);
        }
        Gather(_picks, gamma, batch);
    }

    /// <summary>Copies chosen transitions.</summary>
    /// <param name="picks">Environments and numbers of their records, counted from the first one ever written.</param>
    /// <param name="gamma">Discount of the returns.</param>
    /// <param name="batch">Receives them.</param>
    public void Gather(ReadOnlySpan<(int Environment, long Index)> picks, double gamma, OffPolicyBatch batch)
    {
        for (int i = 0; i < picks.Length; i++)
        {
            (int environment, long index) = picks[i];
            Span<float> record = Record(environment, index);
            record.CopyTo(batch.Records.AsSpan(i * Layout.Size));
            CopyViewAfter(environment, index, batch.Next.AsSpan(i * Layout.ViewSize));
            batch.Terminated[i] = record[Layout.Ending] == Terminated ? 1 : 0;
            AddUp(environment, index, gamma, batch, i);
        }
    }

    // Rewards of n steps from a record, or up to the end of its episode or the newest record.
    private void AddUp(int environment, long index, double gamma, OffPolicyBatch batch, int row)
    {
        int agents = Layout.Task.Agents.Count;
        Span<float> returns = batch.Returns.AsSpan(row * agents, agents);
        returns.Clear();
        double discount = 1;
        long last = index;
        for (int k = 0; k < batch.ReturnSteps; k++)
        {
            last = index + k;
            Span<float> record = Record(environment, last);
            for (int agent = 0; agent < agents; agent++)
                returns[agent] += (float)(discount * record[Layout.Reward(agent)]);
            discount *= gamma;
            if (record[Layout.Ending] != Running || last + 1 == _committed[environment])
                break;
        }
        batch.Discounts[row] = (float)discount;
        if (batch.ReturnSteps == 1)
            return;
        batch.BootstrapTerminated[row] = Record(environment, last)[Layout.Ending] == Terminated ? 1 : 0;
        CopyViewAfter(environment, last, batch.Bootstrap.AsSpan(row * Layout.ViewSize));
    }

    private void CopyViewAfter(int environment, long index, Span<float> view) => Record(environment, index + 1)[..Layout.ViewSize].CopyTo(view);

    private Span<float> Record(int environment, long index) => _rings[environment].AsSpan((int)(index % _ringLength) * Layout.Size, Layout.Size);

    public void Save(TensorFile file)
    {
        file.Add<long>("replay.written", _written);
        file.Add<byte>("replay.open", [.. _open.Select(o => o ? (byte)1 : (byte)0)]);
        for (int e = 0; e < _rings.Length; e++)
            file.AddShared<float>($"replay.{e}", _rings[e].AsMemory(0, Used(e)));
    }

    public void Load(TensorFile file)
    {
        file.CopyTo<long>("replay.written", _written);
        byte[] open = file.Get<byte>("replay.open", _open.Length);
        for (int e = 0; e < _rings.Length; e++)
        {
            _open[e] = open[e] != 0;
            file.CopyTo<float>($"replay.{e}", _rings[e].AsSpan(0, Used(e)));
        }
        Commit();
    }

    // The open record included.
    private int Used(int environment) => (int)Math.Min(_written[environment] + 1, _ringLength) * Layout.Size;
}
