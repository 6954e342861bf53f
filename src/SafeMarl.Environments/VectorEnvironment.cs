using System.Runtime.InteropServices;

namespace SafeMarl.Environments;

/// <summary>Work on the environments <c>first .. first + count - 1</c>, which no other thread touches meanwhile.</summary>
public delegate void EnvironmentSlice(int first, int count);

/// <summary>
/// E copies of an environment, stepped on worker threads into one block of memory. An ended episode is reset at once; what its agents saw
/// last stays readable in <see cref="Final"/>. Same seed and same actions give the same bits for any number of worker threads.
/// </summary>
public sealed class VectorEnvironment : IDisposable
{
    private const int SliceSize = 4;

    private readonly IMultiAgentEnvironment[] _environments;
    private readonly EpisodeStatus[] _statuses;
    private readonly long[] _episodes;
    private readonly float[] _actions;
    private readonly StepMemory _begun;
    private readonly WorkerPool _pool;
    private readonly Action<int> _stepOne, _runSlice;
    private EnvironmentSlice? _slice;
    private long _seed;

    /// <summary>Makes <paramref name="count"/> environments with <paramref name="factory"/>.</summary>
    /// <param name="factory">Called <paramref name="count"/> times; every environment must have the same specification.</param>
    /// <param name="count">Number of environments, E.</param>
    /// <param name="workerThreads">Threads that step them, the caller's included; 0: one per processor, at most one per environment.</param>
    /// <exception cref="EnvironmentException">The factory gives null, or environments that differ in their agents, actions or costs.</exception>
    public VectorEnvironment(Func<IMultiAgentEnvironment> factory, int count, int workerThreads = 0)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegative(workerThreads);
        _environments = Make(factory, count);
        for (int e = 0; e < count; e++)
        {
            int index = e;
            if (_environments[e] is IWarningSource source)
                source.Warning += text => Warning?.Invoke(index, text);
        }
        Spec = _environments[0].Spec;
        Current = new StepMemory(Spec, count);
        Final = new StepMemory(Spec, count);
        _begun = new StepMemory(Spec, count);
        _statuses = new EpisodeStatus[count];
        _episodes = new long[count];
        _actions = new float[count * Spec.Layout.ActionSize];
        _stepOne = e => StepOne(e, _actions.AsSpan(e * Spec.Layout.ActionSize, Spec.Layout.ActionSize));
        _runSlice = slice => _slice!(slice * SliceSize, Math.Min(SliceSize, Count - slice * SliceSize));
        _pool = new WorkerPool(Math.Min(count, workerThreads == 0 ? Environment.ProcessorCount : workerThreads), "SafeMarl environments");
    }

    /// <summary>Raised on a worker thread when environment number <c>int</c> tells of something unusual.</summary>
    public event Action<int, string>? Warning;

    /// <summary>The specification that all environments share.</summary>
    public EnvironmentSpec Spec { get; }

    /// <summary>Number of environments, E.</summary>
    public int Count => _environments.Length;

    /// <summary>Threads that step them, the caller's included.</summary>
    public int WorkerThreads => _pool.Workers;

    /// <summary>What the agents see now, and the signals of the last step. After an ending: the new episode's view, the old one's signals.</summary>
    public StepMemory Current { get; }

    /// <summary>What the agents saw last in an episode that ended with the last step; only rows whose status is not running are meaningful.</summary>
    public StepMemory Final { get; }

    /// <summary>How the last step left each environment's episode.</summary>
    public ReadOnlySpan<EpisodeStatus> Statuses => _statuses;

    /// <summary>Begins new episodes everywhere. The seed decides this and every later episode of every environment.</summary>
    public void Reset(long seed)
    {
        _seed = seed;
        Array.Clear(_episodes);
        Array.Clear(_statuses);
        _pool.Run(Count, ResetOne);
    }

    /// <summary>Steps every environment once.</summary>
    /// <param name="jointActions">One joint action per environment, <c>[E, actions]</c>.</param>
    public void Step(ReadOnlySpan<float> jointActions)
    {
        if (jointActions.Length != _actions.Length)
            throw new ArgumentException($"{Count} environments with {Spec.Layout.ActionSize} actions take {_actions.Length} numbers; got {jointActions.Length}.", nameof(jointActions));
        jointActions.CopyTo(_actions);
        _pool.Run(Count, _stepOne);
    }

    /// <summary>
    /// Lets the worker threads share out all environments in small slices and returns when the body has run for each. Inside the body, the
    /// slice may be stepped as often as wanted with <see cref="Step(int, int, ReadOnlySpan{float})"/>: environments do not wait for each other.
    /// </summary>
    public void ForEachSlice(EnvironmentSlice body)
    {
        _slice = body;
        _pool.Run((Count + SliceSize - 1) / SliceSize, _runSlice);
    }

    /// <summary>Steps the environments of a slice once; only inside <see cref="ForEachSlice"/>.</summary>
    /// <param name="first">First environment.</param>
    /// <param name="count">Number of environments.</param>
    /// <param name="jointActions">One joint action for each of them, <c>[count, actions]</c>.</param>
    public void Step(int first, int count, ReadOnlySpan<float> jointActions)
    {
        for (int i = 0; i < count; i++)
            StepOne(first + i, jointActions.Slice(i * Spec.Layout.ActionSize, Spec.Layout.ActionSize));
    }

    /// <summary>Whether the state of all environments can be saved and restored.</summary>
    public bool CanRestore => _environments[0] is IRestorableEnvironment;

    /// <summary>Writes the state of every environment and what its agents see.</summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_seed);
        for (int e = 0; e < Count; e++)
        {
            writer.Write(_episodes[e]);
            ((IRestorableEnvironment)_environments[e]).SaveState(writer);
        }
        writer.Write(MemoryMarshal.AsBytes(Current.Observations));
        writer.Write(MemoryMarshal.AsBytes(Current.States));
        writer.Write(MemoryMarshal.AsBytes(Current.Masks));
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote for as many environments of the same specification.</summary>
    public void RestoreState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _seed = reader.ReadInt64();
        for (int e = 0; e < Count; e++)
        {
            _episodes[e] = reader.ReadInt64();
            ((IRestorableEnvironment)_environments[e]).RestoreState(reader);
        }
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Current.Observations));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Current.States));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Current.Masks));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pool.Dispose();
        foreach (IMultiAgentEnvironment environment in _environments)
            environment.Dispose();
    }

    private static IMultiAgentEnvironment[] Make(Func<IMultiAgentEnvironment> factory, int count)
    {
        var environments = new List<IMultiAgentEnvironment>(count);
        try
        {
            while (environments.Count < count)
            {
                IMultiAgentEnvironment environment = factory() ?? throw new EnvironmentException("The environment factory returned null.");
                environments.Add(environment);
                if (environment.Spec.ToString() != environments[0].Spec.ToString())
                    throw new EnvironmentException($"The environment factory gave different environments. First: {environments[0].Spec}. Then: {environment.Spec}.");
            }
            return [.. environments];
        }
        catch
        {
            foreach (IMultiAgentEnvironment made in environments)
                made.Dispose();
            throw;
        }
    }

    private void StepOne(int e, ReadOnlySpan<float> jointAction)
    {
        _statuses[e] = _environments[e].Step(jointAction, Current[e]);
        if (_statuses[e] == EpisodeStatus.Running)
            return;
        Current.CopyView(e, Final);
        _episodes[e]++;
        ResetOne(e);
    }

    // The signals of the last step stay, whatever a reset does to those of the buffer that it is given.
    private void ResetOne(int e)
    {
        _environments[e].Reset(RandomStream.Derive(_seed, e, _episodes[e]), _begun[e]);
        _begun.CopyView(e, Current);
    }
}
