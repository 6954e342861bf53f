#nullable disable
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Looks the values of a column up in a table.</summary>
public class ValueMappingEstimator : TrivialEstimator<ValueMappingTransformer>
{
    private protected ValueMappingEstimator(ValueMappingTransformer transformer)
        : base(transformer) { }

    public sealed override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column source = Transformer.Source(inputSchema);
        ValueMap map = Transformer.Map;
        if (source.Kind != SchemaShape.Column.VectorKind.Scalar || !source.ItemType.Equals(map.KeyType))
            throw Errors.MistypedColumn(nameof(inputSchema), "input", source.Name, map.KeyType.ToString(), source.Describe());
        return inputSchema.With(SchemaShape.Column.Of(Transformer.OutputColumnName, map.ValueType, new SchemaShape([])));
    }
}

/// <summary>Looks the values of a column up in a table that was given as pairs.</summary>
public sealed class ValueMappingEstimator<TKey, TValue> : ValueMappingEstimator
{
    internal ValueMappingEstimator(string outputColumnName, string inputColumnName, IEnumerable<KeyValuePair<TKey, TValue>> pairs)
        : base(new ValueMappingTransformer(outputColumnName, inputColumnName, ValueMap.Of(pairs))) { }
}

/// <summary>Looks the values of a column up in a table; what is not there becomes the missing value.</summary>
public class ValueMappingTransformer : OneToOneTransformerBase
{
    internal const string Kind = "MapValue";

    internal ValueMappingTransformer(string outputColumnName, string inputColumnName, ValueMap map)
        : base(outputColumnName, inputColumnName)
    {
        Map = map;
    }

    internal ValueMap Map { get; }

    private protected override RowMapper MakeMapper(DataViewSchema inputSchema)
    {
        DataViewSchema.Column source = Source(inputSchema);
        if (!source.Type.Equals(Map.KeyType))
            throw Errors.MistypedColumn(nameof(inputSchema), "source", source.Name, Map.KeyType.ToString(), source.Type.ToString());
        var added = new OutputColumn(new DataViewSchema.DetachedColumn(OutputColumnName, Map.ValueType), ~0);
        return new RowMapper(inputSchema, OutputColumn.After(inputSchema, added), new LookedUpColumn(Map, source));
    }

    private protected override void SaveModel(ModelSaveContext context) => context.Save(Kind, writer =>
    {
        writer.Text(OutputColumnName);
        writer.Text(InputColumnName);
        Map.Save(writer);
    });

    internal static ValueMappingTransformer Load(ModelReader reader) => new(reader.Name(), reader.Name(), ValueMap.Load(reader));

    private sealed class LookedUpColumn(ValueMap map, DataViewSchema.Column source) : ComputedColumns
    {
        public override IEnumerable<DataViewSchema.Column> Inputs => [source];
        public override Delegate[] CreateGetters(DataViewRow input) => [map.CreateGetter(input, source)];
    }
}
