#nullable disable
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>A message of <see cref="MLContext.Log"/>.</summary>
public class LoggingEventArgs : EventArgs
{
    public LoggingEventArgs(string message)
    {
        RawMessage = message;
        Message = message;
    }

    public LoggingEventArgs(string message, ChannelMessageKind kind, string source)
    {
        RawMessage = message;
        Kind = kind;
        Source = source;
        Message = $"[Source={source}, Kind={kind}] {message}";
    }

    public ChannelMessageKind Kind { get; }

    /// <summary>The component and its channel.</summary>
    public string Source { get; }

    /// <summary>The message as it was written.</summary>
    public string RawMessage { get; }

    /// <summary>The message with its source and kind before it.</summary>
    public string Message { get; }
}
