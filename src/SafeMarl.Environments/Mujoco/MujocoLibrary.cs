using System.Reflection;
using System.Runtime.InteropServices;

namespace SafeMarl.Environments.Mujoco;

/// <summary>
/// The native shim <c>libsafemarl_mujoco</c>, which is compiled against one release of MuJoCo and refuses any other.
/// The library's own types never see MuJoCo's structs: their layout changes from release to release.
/// </summary>
public sealed unsafe class MujocoLibrary
{
    /// <summary>Environment variable that names the shim's file; without it the shim is looked for beside the assembly and on the system's path.</summary>
    public const string PathVariable = "SAFEMARL_MUJOCO_LIBRARY";

    internal const int AbiVersion = 2;
    private const string FileName = "libsafemarl_mujoco.so";
    private const string Advice = "Run eng/setup.sh, which installs MuJoCo (Debian: libmujoco-dev) and builds the shim against it.";

    private static readonly Lazy<MujocoLibrary> Shared = new(() => Load(null), LazyThreadSafetyMode.PublicationOnly); // a failure may be mended and tried again

    internal readonly delegate* unmanaged<byte*, nint*, int> ModelLoad;
    internal readonly delegate* unmanaged<nint, void> ModelFree;
    internal readonly delegate* unmanaged<nint, byte*, byte*, int> ModelFind;
    internal readonly delegate* unmanaged<nint, byte*, int, byte*> ModelName;
    internal readonly delegate* unmanaged<nint, byte*, double*, long, long> ModelRead;
    internal readonly delegate* unmanaged<nint, int, int, int> ModelDeclare;
    internal readonly delegate* unmanaged<nint, int> ModelBlockSize;
    internal readonly delegate* unmanaged<nint, int> ModelStateSize;
    internal readonly delegate* unmanaged<nint, nint*, int> SimulationCreate;
    internal readonly delegate* unmanaged<nint, void> SimulationFree;
    internal readonly delegate* unmanaged<nint, double*, double*, double*, int> SimulationReset;
    internal readonly delegate* unmanaged<nint, double*, int, double*, int> SimulationStep;
    internal readonly delegate* unmanaged<nint, int, double*, int> SimulationPush;
    internal readonly delegate* unmanaged<nint, double*, void> SimulationGetState;
    internal readonly delegate* unmanaged<nint, double*, int> SimulationSetState;
    private readonly delegate* unmanaged<byte*, int> _raiseError;
    private readonly delegate* unmanaged<byte*> _lastError;

    private MujocoLibrary(nint handle, string path)
    {
        Path = path;
        var abiVersion = (delegate* unmanaged<int>)Export("smj_abi_version");
        if (abiVersion() != AbiVersion)
            throw new MujocoUnavailableException($"The MuJoCo shim '{path}' has interface version {abiVersion()}; this assembly needs {AbiVersion}. {Advice}");
        HeaderVersion = ((delegate* unmanaged<int>)Export("smj_header_version"))();
        Version = ((delegate* unmanaged<int>)Export("smj_runtime_version"))();
        if (Version != HeaderVersion)
        {
            throw new MujocoUnavailableException(
                $"The MuJoCo shim '{path}' was compiled for MuJoCo {HeaderVersion}, but MuJoCo {Version} is loaded. A shim fits one release only. {Advice}");
        }
        ModelLoad = (delegate* unmanaged<byte*, nint*, int>)Export("smj_model_load");
        ModelFree = (delegate* unmanaged<nint, void>)Export("smj_model_free");
        ModelFind = (delegate* unmanaged<nint, byte*, byte*, int>)Export("smj_model_find");
        ModelName = (delegate* unmanaged<nint, byte*, int, byte*>)Export("smj_model_name");
        ModelRead = (delegate* unmanaged<nint, byte*, double*, long, long>)Export("smj_model_read");
        ModelDeclare = (delegate* unmanaged<nint, int, int, int>)Export("smj_model_declare");
        ModelBlockSize = (delegate* unmanaged<nint, int>)Export("smj_model_block_size");
        ModelStateSize = (delegate* unmanaged<nint, int>)Export("smj_model_state_size");
        SimulationCreate = (delegate* unmanaged<nint, nint*, int>)Export("smj_simulation_create");
        SimulationFree = (delegate* unmanaged<nint, void>)Export("smj_simulation_free");
        SimulationReset = (delegate* unmanaged<nint, double*, double*, double*, int>)Export("smj_simulation_reset");
        SimulationStep = (delegate* unmanaged<nint, double*, int, double*, int>)Export("smj_simulation_step");
        SimulationPush = (delegate* unmanaged<nint, int, double*, int>)Export("smj_simulation_push");
        SimulationGetState = (delegate* unmanaged<nint, double*, void>)Export("smj_simulation_get_state");
        SimulationSetState = (delegate* unmanaged<nint, double*, int>)Export("smj_simulation_set_state");
        _raiseError = (delegate* unmanaged<byte*, int>)Export("smj_raise_error");
        _lastError = (delegate* unmanaged<byte*>)Export("smj_last_error");
        ((delegate* unmanaged<void>)Export("smj_install_handlers"))();

        nint Export(string name) => NativeLibrary.TryGetExport(handle, name, out nint address) ? address
            : throw new MujocoUnavailableException($"The MuJoCo shim '{path}' lacks '{name}'. {Advice}");
    }

    /// <summary>The library that this process uses, loaded on first use.</summary>
    /// <exception cref="MujocoUnavailableException">The shim or MuJoCo is missing, or they do not fit together.</exception>
    public static MujocoLibrary Default => Shared.Value;

    /// <summary>Where the shim was found.</summary>
    public string Path { get; }

    /// <summary>MuJoCo's version number in its own form, such as 222 for 2.2.2 or 3005000 for 3.5.0.</summary>
    public int Version { get; }

    /// <summary>The version of the header that the shim was compiled with; equal to <see cref="Version"/> once loaded.</summary>
    public int HeaderVersion { get; }

    /// <summary>Loads a shim.</summary>
    /// <param name="path">Its file; null: from <see cref="PathVariable"/>, else beside the assembly, else by the system's search.</param>
    public static MujocoLibrary Load(string? path)
    {
        path ??= Environment.GetEnvironmentVariable(PathVariable);
        string beside = System.IO.Path.Combine(AppContext.BaseDirectory, FileName);
        path ??= File.Exists(beside) ? beside : FileName;
        try
        {
            return new MujocoLibrary(NativeLibrary.Load(path, Assembly.GetExecutingAssembly(), null), path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new MujocoUnavailableException($"The MuJoCo shim '{path}' cannot be loaded: {e.Message} {Advice}", e);
        }
    }

    /// <summary>The text of this thread's last native failure.</summary>
    internal string LastError() => Marshal.PtrToStringUTF8((nint)_lastError()) ?? "";

    /// <summary>Raises MuJoCo's fatal error natively; tests show with it that the process survives.</summary>
    internal void RaiseError(string text)
    {
        fixed (byte* p = NativeText(text))
            Check(_raiseError(p));
    }

    internal void Check(int code)
    {
        if (code != 0)
            throw new MujocoException($"MuJoCo: {LastError()}");
    }

    internal static byte[] NativeText(string text) => System.Text.Encoding.UTF8.GetBytes(text + '\0');
}
