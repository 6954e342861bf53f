using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SafeMarl.ML.Files;

namespace SafeMarl.ML.Training;

/// <summary>The readable part of a checkpoint.</summary>
internal sealed record CheckpointHeader(int Version, string Algorithm, string Environment, string Task, int Seed, long Iteration, long Steps, JsonElement Options);

/// <summary>
/// A run's checkpoints: folders <c>checkpoints/step-NNN</c> with a readable <c>checkpoint.json</c> and the numbers in
/// <c>state.safetensors</c>. Each appears by a rename, so a run may be killed at any moment; the newest two are kept.
/// </summary>
internal sealed class CheckpointFolder
{
    private const int CurrentVersion = 1, Kept = 2;
    private const string Prefix = "step-", HeaderFile = "checkpoint.json", StateFile = "state.safetensors", ClaimFile = "claimed";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    private readonly string _folder;

    /// <summary>The checkpoints of a run folder; nothing is touched yet.</summary>
    public CheckpointFolder(string runFolder) => _folder = Path.Combine(runFolder, "checkpoints");

    /// <summary>Makes the folder for a run that is to write to it, keeps other processes out until disposed, and removes what a killed run left unfinished.</summary>
    /// <exception cref="RunFolderException">The folder cannot be made, or another run is writing to it.</exception>
    public IDisposable Claim()
    {
        FileStream? claim = null;
        Guarded("claim", () =>
        {
            Directory.CreateDirectory(_folder);
            claim = new FileStream(Path.Combine(_folder, ClaimFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            foreach (string unfinished in Directory.EnumerateDirectories(_folder, "*.tmp"))
                Directory.Delete(unfinished, recursive: true);
        });
        return claim!;
    }

    /// <summary>Writes a checkpoint, then removes those that are no longer kept.</summary>
    /// <exception cref="RunFolderException">It cannot be written; earlier ones are unaffected.</exception>
    public void Save(RunDescription run, JsonElement options, long iteration, long steps, TensorFile state) => Guarded("write a checkpoint to", () =>
    {
        string path = Path.Combine(_folder, Prefix + steps.ToString("D15", CultureInfo.InvariantCulture));
        if (Directory.Exists(path))
            return;
        var header = new CheckpointHeader(CurrentVersion, run.Algorithm, run.Environment, run.Task, run.Seed, iteration, steps, options);
        AtomicFile.WriteFolder(path, folder =>
        {
            byte[] text = JsonSerializer.SerializeToUtf8Bytes(header, Json);
            state.SetMetadata("header", Convert.ToHexString(SHA256.HashData(text)));
            AtomicFile.Write(Path.Combine(folder, StateFile), state.Write);
            AtomicFile.Write(Path.Combine(folder, HeaderFile), stream => stream.Write(text));
        });
        foreach (string old in All().SkipLast(Kept))
            Directory.Delete(old, recursive: true);
    });

    /// <summary>The newest checkpoint, or null when there is none.</summary>
    /// <exception cref="CorruptFileException">It is damaged; the message says which folder to delete to continue from the one before.</exception>
    public (CheckpointHeader Header, TensorFile State)? LoadLatest() => All().LastOrDefault() is { } path ? Load(path) : null;

    /// <summary>For a run that begins anew: it must not take the place of another one.</summary>
    /// <exception cref="RunFolderException">There are checkpoints.</exception>
    public void ThrowIfUsed()
    {
        if (All().LastOrDefault() is { } path)
            throw new RunFolderException($"'{path}' belongs to an earlier run: set TrainingRun.Resume to go on with it, or choose another folder.");
    }

    private static (CheckpointHeader Header, TensorFile State) Load(string path)
    {
        try
        {
            byte[] text = File.ReadAllBytes(Path.Combine(path, HeaderFile));
            TensorFile state = TensorFile.Load(Path.Combine(path, StateFile));
            if (state.GetMetadata("header") != Convert.ToHexString(SHA256.HashData(text)))
                throw new FormatException("Its two files do not belong together.");
            CheckpointHeader header = JsonSerializer.Deserialize<CheckpointHeader>(text, Json) ?? throw new FormatException("Its header is empty.");
            return header.Version <= CurrentVersion ? (header, state)
                : throw new FormatException($"It has version {header.Version}, and this library reads up to {CurrentVersion}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or CorruptFileException)
        {
            throw new CorruptFileException($"The checkpoint '{path}' cannot be used. {e.Message} Delete this folder to continue from the checkpoint before it, if there is one.", e);
        }
    }

    private string[] All() => !Directory.Exists(_folder) ? [] : [.. Directory.EnumerateDirectories(_folder, Prefix + "*").Where(p => !p.EndsWith(".tmp", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private void Guarded(string action, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException($"Cannot {action} '{_folder}': {e.Message}", e);
        }
    }
}
