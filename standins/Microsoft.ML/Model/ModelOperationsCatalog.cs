#nullable disable
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

/// <summary>Saving, loading and applying models.</summary>
public sealed class ModelOperationsCatalog
{
    private readonly IHostEnvironment _environment;

    internal ModelOperationsCatalog(IHostEnvironment environment) => _environment = environment;

    public void Save(ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(ToBytes(model, inputSchema));
    }

    /// <summary>Writes a file beside the path and moves it there: the path holds the old model or the new one, never a part of one.</summary>
    public void Save(ITransformer model, DataViewSchema inputSchema, string filePath)
    {
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        byte[] bytes = ToBytes(model, inputSchema);
        string path = Path.GetFullPath(filePath);
        string temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    public ITransformer Load(string filePath, out DataViewSchema inputSchema)
    {
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        return FromBytes(File.ReadAllBytes(filePath), out inputSchema);
    }

    /// <summary>Reads the whole stream, wherever it stands.</summary>
    public ITransformer Load(Stream stream, out DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.CanSeek)
            stream.Position = 0;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return FromBytes(bytes.ToArray(), out inputSchema);
    }

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, bool ignoreMissingColumns = true,
        SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
        where TSrc : class
        where TDst : class, new() => CreatePredictionEngine<TSrc, TDst>(transformer, new PredictionEngineOptions
        {
            IgnoreMissingColumns = ignoreMissingColumns,
            InputSchemaDefinition = inputSchemaDefinition,
            OutputSchemaDefinition = outputSchemaDefinition,
        });

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, DataViewSchema inputSchema)
        where TSrc : class
        where TDst : class, new()
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return CreatePredictionEngine<TSrc, TDst>(transformer, new PredictionEngineOptions
        {
            IgnoreMissingColumns = false,
            InputSchemaDefinition = DataOperationsCatalog.DefinitionWithAnnotations<TSrc>(inputSchema),
        });
    }

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, PredictionEngineOptions options)
        where TSrc : class
        where TDst : class, new() => PredictionEngine<TSrc, TDst>.Create(transformer, options);

    private static byte[] ToBytes(ITransformer model, DataViewSchema inputSchema) => ModelArchive.Write(
        ModelSaveContext.Save(model ?? new TransformerChain<ITransformer>()), inputSchema is null ? null : SavedSchema.Write(inputSchema));

    private ITransformer FromBytes(byte[] file, out DataViewSchema inputSchema)
    {
        (SavedModel model, byte[] schema) = ModelArchive.Read(file);
        inputSchema = schema is null ? null : SavedSchema.Read(schema);
        return Restore(model);
    }

    private ITransformer Restore(SavedModel saved)
    {
        ITransformer[] parts = [.. saved.Parts.Select(Restore)];
        if (parts.Length > 0 && saved.Kind != SavedChain.Kind)
            throw new FormatException($"The model is damaged: a transformer of kind '{saved.Kind}' has parts.");
        var reader = new ModelReader(saved.Data);
        ITransformer transformer = saved.Kind switch
        {
            SavedChain.Kind => SavedChain.Load(reader, parts),
            ColumnCopyingTransformer.Kind => ColumnCopyingTransformer.Load(reader),
            ColumnSelectingTransformer.Kind => ColumnSelectingTransformer.Load(reader),
            ValueMappingTransformer.Kind => ValueMappingTransformer.Load(reader),
            CustomMappingContract.Kind => CustomMappingContract.Load(reader, _environment.ComponentCatalog),
            _ => throw new FormatException($"The model holds a transformer of the unknown kind '{saved.Kind}'."),
        };
        reader.End();
        return transformer;
    }
}
