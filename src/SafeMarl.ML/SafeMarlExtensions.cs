using Microsoft.ML;

namespace SafeMarl.ML;

/// <summary>Where the library joins ML.NET.</summary>
public static class SafeMarlExtensions
{
    /// <summary>Safe multi-agent reinforcement learning in this context.</summary>
    public static SafeMarlCatalog SafeMarl(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new SafeMarlCatalog(mlContext);
    }
}
