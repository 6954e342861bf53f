namespace SafeMarl.ML;

/// <summary>The folder of a training run cannot be used: it is read-only, full, not a folder, or another run's.</summary>
public sealed class RunFolderException(string message, Exception? inner = null) : SafeMarlException(message, inner);
