#nullable disable
namespace Microsoft.ML;

/// <summary>Where the extension methods that make estimators are found.</summary>
public sealed class TransformsCatalog
{
    internal TransformsCatalog() { }

    public ConversionTransforms Conversion { get; } = new();

    public sealed class ConversionTransforms
    {
        internal ConversionTransforms() { }
    }
}
