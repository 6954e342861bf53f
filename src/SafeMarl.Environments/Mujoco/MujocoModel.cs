using System.Runtime.InteropServices;
using System.Text;

namespace SafeMarl.Environments.Mujoco;

/// <summary>Numbers that a simulation reports beside time, positions and velocities; as stale as MuJoCo leaves them after a step.</summary>
public enum MujocoFeature
{
    /// <summary>World position of a body's frame: 3 numbers (<c>xpos</c>), metres.</summary>
    BodyPosition = 0,

    /// <summary>World orientation of a body: 4 numbers w x y z (<c>xquat</c>).</summary>
    BodyOrientation = 1,

    /// <summary>World position of a geom: 3 numbers (<c>geom_xpos</c>), metres.</summary>
    GeomPosition = 2,

    /// <summary>Centre of mass of a body and its descendants: 3 numbers (<c>subtree_com</c>), metres.</summary>
    SubtreeCenterOfMass = 3,

    /// <summary>Sum over all bodies of the squared contact forces and torques, each clipped to [-1, 1]: 1 number.</summary>
    ContactForceSum = 4,
}

/// <summary>A compiled MuJoCo model. Declare the features first, then make simulations; they may run on different threads.</summary>
public sealed unsafe class MujocoModel : IDisposable
{
    /// <summary>Numbers before the positions in a simulation's block.</summary>
    internal const int BlockHeader = 4;

    // The loader keeps its last document in a global.
    private static readonly Lock Loader = new();
    private static readonly Dictionary<string, WeakReference<MujocoModel>> Compiled = [];

    private readonly Lock _lifetime = new();
    private nint _handle;
    private int _simulations;
    private bool _disposed;

    private MujocoModel(MujocoLibrary library, nint handle)
    {
        (Library, _handle) = (library, handle);
        PositionCount = (int)Read("nq")[0];
        VelocityCount = (int)Read("nv")[0];
        ControlCount = (int)Read("nu")[0];
        InitialPositions = Read("qpos0");
        BlockSize = library.ModelBlockSize(handle);
    }

    /// <summary>The library that the model belongs to.</summary>
    public MujocoLibrary Library { get; }

    /// <summary>Generalised positions, nq.</summary>
    public int PositionCount { get; }

    /// <summary>Generalised velocities, nv.</summary>
    public int VelocityCount { get; }

    /// <summary>Controls, nu.</summary>
    public int ControlCount { get; }

    /// <summary>The default pose, qpos0.</summary>
    public IReadOnlyList<double> InitialPositions { get; }

    /// <summary>Numbers that a simulation of this model reports.</summary>
    internal int BlockSize { get; private set; }

    internal nint Handle => !_disposed ? _handle : throw new ObjectDisposedException(nameof(MujocoModel));

    /// <summary>Compiles an MJCF document.</summary>
    /// <exception cref="MujocoException">MuJoCo rejects the document; the message is MuJoCo's.</exception>
    public static MujocoModel Load(string mjcf, MujocoLibrary? library = null)
    {
        ArgumentNullException.ThrowIfNull(mjcf);
        library ??= MujocoLibrary.Default;
        // Loading from memory differs from release to release; loading a file does not.
        string path = Path.Combine(Path.GetTempPath(), $"safemarl-{Guid.NewGuid():N}.xml");
        try
        {
            File.WriteAllText(path, mjcf, new UTF8Encoding(false));
            nint handle = 0;
            fixed (byte* name = MujocoLibrary.NativeText(path))
            {
                lock (Loader)
                    library.Check(library.ModelLoad(name, &handle));
            }
            return new MujocoModel(library, handle);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// The model of a document that is compiled once for all who use it at the same time: simulations of one model share its memory, which
    /// the processor's caches reward. It is freed when nobody uses it any more; do not dispose it.
    /// </summary>
    /// <param name="mjcf">The document.</param>
    /// <param name="declare">Declares the features, once; the same for all users of the document.</param>
    internal static MujocoModel Shared(string mjcf, Action<MujocoModel> declare)
    {
        lock (Compiled)
        {
            if (Compiled.TryGetValue(mjcf, out WeakReference<MujocoModel>? known) && known.TryGetTarget(out MujocoModel? model))
                return model;
            model = Load(mjcf);
            declare(model);
            Compiled[mjcf] = new WeakReference<MujocoModel>(model);
            return model;
        }
    }

    /// <summary>The id of a named object; <paramref name="kind"/> is body, joint, geom, site, tendon or actuator.</summary>
    /// <exception cref="MujocoException">There is no such object.</exception>
    public int Find(string kind, string name)
    {
        fixed (byte* k = MujocoLibrary.NativeText(kind))
        fixed (byte* n = MujocoLibrary.NativeText(name))
        {
            int id = Library.ModelFind(Handle, k, n);
            return id >= 0 ? id : throw new MujocoException($"The model has no {kind} '{name}'.");
        }
    }

    /// <summary>The name of an object, empty when it has none.</summary>
    public string NameOf(string kind, int id)
    {
        fixed (byte* k = MujocoLibrary.NativeText(kind))
            return Marshal.PtrToStringUTF8((nint)Library.ModelName(Handle, k, id)) ?? "";
    }

    /// <summary>A field of the compiled model by its MuJoCo name, such as <c>body_mass</c> or <c>dof_damping</c>, as numbers.</summary>
    /// <exception cref="MujocoException">The shim does not offer the field.</exception>
    public double[] Read(string field)
    {
        fixed (byte* name = MujocoLibrary.NativeText(field))
        {
            long count = Library.ModelRead(Handle, name, null, 0);
            if (count < 0)
                throw new MujocoException($"The shim offers no model field '{field}'.");
            var values = new double[count];
            fixed (double* p = values)
                Library.ModelRead(Handle, name, p, count);
            return values;
        }
    }

    /// <summary>Mass of a body and all its descendants, kilograms.</summary>
    internal double SubtreeMass(int body)
    {
        double[] mass = Read("body_mass"), parent = Read("body_parentid");
        double sum = 0;
        for (int other = 1; other < mass.Length; other++)
        {
            int ancestor = other;
            while (ancestor > body) // parents come before their children
                ancestor = (int)parent[ancestor];
            sum += ancestor == body ? mass[other] : 0;
        }
        return sum;
    }

    /// <summary>Adds a feature to what simulations report and returns where it lies in <see cref="MujocoSimulation.Features"/>.</summary>
    /// <exception cref="InvalidOperationException">There is a simulation already; its block has no room for the feature.</exception>
    public int Declare(MujocoFeature feature, int id = 0)
    {
        lock (_lifetime)
        {
            if (_simulations > 0)
                throw new InvalidOperationException($"Features are declared before simulations are made; this model has {_simulations}.");
            int offset = BlockSize - (BlockHeader + PositionCount + VelocityCount);
            Library.Check(Library.ModelDeclare(Handle, (int)feature, id));
            BlockSize = Library.ModelBlockSize(Handle);
            return offset;
        }
    }

    /// <summary>Counts a simulation, for which the model stays until <see cref="Release"/>.</summary>
    internal nint Use()
    {
        lock (_lifetime)
        {
            nint handle = Handle;
            _simulations++;
            return handle;
        }
    }

    /// <summary>Counts a simulation no longer.</summary>
    internal void Release()
    {
        lock (_lifetime)
        {
            _simulations--;
            FreeIfUnused();
        }
    }

    /// <summary>Frees the model, or lets the last of its simulations do so.</summary>
    public void Dispose()
    {
        lock (_lifetime)
        {
            _disposed = true;
            FreeIfUnused();
        }
        GC.SuppressFinalize(this);
    }

    // Simulations hold their model, so none can be in use any more.
    /// <summary>Frees a model that nobody disposed.</summary>
    ~MujocoModel() => Free();

    private void FreeIfUnused()
    {
        if (_disposed && _simulations == 0)
            Free();
    }

    private void Free()
    {
        if (_handle != 0)
            Library.ModelFree(_handle);
        _handle = 0;
    }
}
