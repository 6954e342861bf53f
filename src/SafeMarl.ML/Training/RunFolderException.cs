namespace SafeMarl.ML;

/// <summary>The folder of a training run cannot be written: it is read-only, full, or not a folder.</summary>
public sealed class RunFolderException(string message, Exception inner) : SafeMarlException(message, inner);
