using System.Text;

namespace Microsoft.ML.Runtime;

/// <summary>The root environment and every component's: a name, a seed, and where messages go.</summary>
internal sealed class Host(string? name, int seed, ComponentCatalog catalog, Action<string, ChannelMessage> log) : IHost
{
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    public Random Rand { get; } = new(seed);
    public ComponentCatalog ComponentCatalog => catalog;
    public string ContextDescription => name ?? "";

    public TException Process<TException>(TException ex)
        where TException : Exception => ex;

    public IHost Register(string component, int? componentSeed = null, bool? verbose = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(component);
        return new Host(FullName(component), componentSeed ?? SeedOf(component), catalog, log);
    }

    public IChannel Start(string channel)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        return new Channel(FullName(channel), log);
    }

    public IPipe<TMessage> StartPipe<TMessage>(string pipe) =>
        typeof(TMessage) == typeof(ChannelMessage) ? (IPipe<TMessage>)Start(pipe) : new SilentPipe<TMessage>(FullName(pipe));

    public IProgressChannel StartProgressChannel(string channel)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        return new SilentProgressChannel();
    }

    private string FullName(string part) => name is null ? part : $"{name}; {part}";

    // Not string.GetHashCode, which differs from process to process.
    private int SeedOf(string component)
    {
        uint hash = FnvOffset ^ (uint)seed;
        foreach (byte b in Encoding.UTF8.GetBytes(component))
            hash = (hash ^ b) * FnvPrime;
        return (int)hash;
    }
}
