#nullable disable
namespace Microsoft.ML;

/// <summary>Takes what one transformer saves: itself, and the parts that it consists of.</summary>
public sealed class ModelSaveContext : IDisposable
{
    private readonly int _depth;
    private SavedModel _saved;
    private ModelSaveContext(int depth) => _depth = depth;

    internal static SavedModel Save(ITransformer transformer) => SaveAt(0, transformer);

    /// <summary>Called once by the transformer that is saved, or by the one that it delegates to.</summary>
    internal void Save(string kind, Action<ModelWriter> write, params ITransformer[] parts)
    {
        if (_saved is not null)
            throw new InvalidOperationException("A transformer has saved itself twice.");
        var writer = new ModelWriter();
        write(writer);
        _saved = new SavedModel(kind, writer.ToArray(), [.. parts.Select(part => SaveAt(_depth + 1, part))]);
    }

    private static SavedModel SaveAt(int depth, ITransformer transformer)
    {
        if (depth > SavedModel.MaxDepth)
            throw new InvalidOperationException($"Transformers are nested more than {SavedModel.MaxDepth} deep.");
        using var context = new ModelSaveContext(depth);
        transformer.Save(context);
        return context._saved ?? throw new InvalidOperationException($"{transformer.GetType()} has saved nothing: its Save has to call that of a transformer of this library.");
    }

    public void Dispose() { }
}
