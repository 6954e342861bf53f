#nullable disable
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Where everything starts: the catalogs, the seed and the log.</summary>
public sealed class MLContext : IHostEnvironment
{
    private readonly Host _root;

    public MLContext(int? seed = null)
    {
        _root = new Host(null, seed ?? Random.Shared.Next(), new ComponentCatalog(), OnMessage);
        Data = new DataOperationsCatalog();
        Model = new ModelOperationsCatalog(_root);
        Transforms = new TransformsCatalog();
    }

    public event EventHandler<LoggingEventArgs> Log;
    public ComponentCatalog ComponentCatalog => _root.ComponentCatalog;
    public DataOperationsCatalog Data { get; }
    public ModelOperationsCatalog Model { get; }
    public TransformsCatalog Transforms { get; }
    string IExceptionContext.ContextDescription => _root.ContextDescription;
    TException IExceptionContext.Process<TException>(TException ex) => _root.Process(ex);
    IHost IHostEnvironment.Register(string name, int? seed, bool? verbose) => _root.Register(name, seed, verbose);
    IChannel IChannelProvider.Start(string name) => _root.Start(name);
    IPipe<TMessage> IChannelProvider.StartPipe<TMessage>(string name) => _root.StartPipe<TMessage>(name);
    IProgressChannel IProgressChannelProvider.StartProgressChannel(string name) => _root.StartProgressChannel(name);

    private void OnMessage(string source, ChannelMessage message) =>
        Log?.Invoke(this, new LoggingEventArgs(message.Message, message.Kind, source));
}
