namespace SafeMarl.ML;

/// <summary>An error that the library foresees. The message names what, where and, for values, the allowed range.</summary>
public class SafeMarlException : Exception
{
    /// <summary>An error with a message.</summary>
    public SafeMarlException(string message) : base(message) { }

    /// <summary>An error with a message and its cause.</summary>
    public SafeMarlException(string message, Exception? inner) : base(message, inner) { }
}

/// <summary>An option has a value outside its range, or a required one is missing.</summary>
public sealed class InvalidOptionsException(string message) : SafeMarlException(message);

/// <summary>A file or folder written by the library is damaged, truncated, of another kind or of a newer version.</summary>
public sealed class CorruptFileException(string message, Exception? inner = null) : SafeMarlException(message, inner);

/// <summary>The device asked for is not there.</summary>
public sealed class DeviceUnavailableException(string message) : SafeMarlException(message);

/// <summary>A number that must be finite is not. Training ends; the last checkpoint stays.</summary>
/// <param name="agent">The agent concerned, or "all" for what agents share.</param>
/// <param name="quantity">What is not finite, such as "reward" or "policy gradient".</param>
/// <param name="step">Environment steps (joint actions) taken so far.</param>
public sealed class NonFiniteException(string agent, string quantity, long step)
    : SafeMarlException($"The {quantity} of '{agent}' is not finite at step {step:N0}. Training stopped; the last checkpoint is unaffected.")
{
    /// <summary>The agent concerned, or "all".</summary>
    public string Agent { get; } = agent;

    /// <summary>What is not finite.</summary>
    public string Quantity { get; } = quantity;

    /// <summary>Environment steps taken so far.</summary>
    public long Step { get; } = step;
}
