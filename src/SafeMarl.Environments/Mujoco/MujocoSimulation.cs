namespace SafeMarl.Environments.Mujoco;

/// <summary>
/// One simulation of a model, for one thread at a time. Everything it reports lies in one block that is filled by a single native call
/// per step.
/// </summary>
public sealed unsafe class MujocoSimulation : IDisposable
{
    private const int Diverged = 2;

    private readonly MujocoLibrary _library;
    private readonly double[] _block, _state;
    private nint _handle;

    /// <summary>Makes a simulation at the model's default pose. The model stays alive as long as it does.</summary>
    public MujocoSimulation(MujocoModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        (Model, _library) = (model, model.Library);
        nint handle = 0, shared = model.Use();
        try
        {
            _block = new double[model.BlockSize];
            _state = new double[_library.ModelStateSize(shared)];
            _library.Check(_library.SimulationCreate(shared, &handle));
        }
        catch
        {
            model.Release();
            throw;
        }
        _handle = handle;
        Reset([.. model.InitialPositions], new double[model.VelocityCount]);
    }

    /// <summary>The model.</summary>
    public MujocoModel Model { get; }

    /// <summary>Simulated seconds since the last reset.</summary>
    public double Time => _block[0];

    /// <summary>Contacts at the last evaluation.</summary>
    public int Contacts => (int)_block[1];

    /// <summary>Constraint rows at the last evaluation.</summary>
    public int Constraints => (int)_block[2];

    /// <summary>How often contacts or constraints did not fit into MuJoCo's memory and were dropped since the last reset.</summary>
    public int Overflows => (int)_block[3];

    /// <summary>Generalised positions, qpos.</summary>
    public ReadOnlySpan<double> Positions => _block.AsSpan(MujocoModel.BlockHeader, Model.PositionCount);

    /// <summary>Generalised velocities, qvel.</summary>
    public ReadOnlySpan<double> Velocities => _block.AsSpan(MujocoModel.BlockHeader + Model.PositionCount, Model.VelocityCount);

    /// <summary>The declared features, at the offsets that <see cref="MujocoModel.Declare"/> returned.</summary>
    public ReadOnlySpan<double> Features => _block.AsSpan(MujocoModel.BlockHeader + Model.PositionCount + Model.VelocityCount);

    private nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(MujocoSimulation));

    /// <summary>Sets positions and velocities at time 0 and evaluates the model.</summary>
    public void Reset(ReadOnlySpan<double> positions, ReadOnlySpan<double> velocities)
    {
        if (positions.Length != Model.PositionCount || velocities.Length != Model.VelocityCount)
        {
            throw new ArgumentException(
                $"The model has {Model.PositionCount} positions and {Model.VelocityCount} velocities; got {positions.Length} and {velocities.Length}.", nameof(positions));
        }
        fixed (double* q = positions, v = velocities, block = _block)
            _library.Check(_library.SimulationReset(Handle, q, v, block));
    }

    /// <summary>Holds the controls for <paramref name="substeps"/> integrator steps.</summary>
    /// <exception cref="SimulationDivergedException">Numbers ceased to be finite; what is reported stays that of before the step. Reset to go on.</exception>
    public void Step(ReadOnlySpan<double> controls, int substeps)
    {
        if (controls.Length != Model.ControlCount)
            throw new ArgumentException($"The model has {Model.ControlCount} controls; got {controls.Length}.", nameof(controls));
        int code;
        fixed (double* u = controls, block = _block)
            code = _library.SimulationStep(Handle, u, substeps, block);
        if (code == Diverged)
            throw new SimulationDivergedException($"The simulation diverged after {Time:0.###} s: {_library.LastError()}");
        _library.Check(code);
    }

    /// <summary>Applies a force to a body's centre of mass during the next <see cref="Step"/>.</summary>
    /// <param name="body">The body's id.</param>
    /// <param name="force">Newtons, in world coordinates: 3 numbers.</param>
    public void Push(int body, ReadOnlySpan<double> force)
    {
        if (force.Length != 3)
            throw new ArgumentException($"A force has 3 numbers; got {force.Length}.", nameof(force));
        fixed (double* f = force)
            _library.Check(_library.SimulationPush(Handle, body, f));
    }

    /// <summary>Writes the state and everything reported, so that the simulation can continue with the same bits.</summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        fixed (double* state = _state)
            _library.SimulationGetState(Handle, state);
        foreach (double value in _state)
            writer.Write(value);
        foreach (double value in _block)
            writer.Write(value);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote. Nothing is evaluated: that would change the solver's warm start.</summary>
    public void RestoreState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        foreach (ref double value in _state.AsSpan())
            value = reader.ReadDouble();
        foreach (ref double value in _block.AsSpan())
            value = reader.ReadDouble();
        fixed (double* state = _state)
            _library.Check(_library.SimulationSetState(Handle, state));
    }

    /// <summary>Frees the simulation.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees a simulation that nobody disposed.</summary>
    ~MujocoSimulation() => Free();

    private void Free()
    {
        if (_handle == 0)
            return;
        _library.SimulationFree(_handle);
        _handle = 0;
        Model.Release();
    }
}
