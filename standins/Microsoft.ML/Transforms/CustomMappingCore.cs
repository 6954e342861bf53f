using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>What both kinds of custom mapping do.</summary>
/// <param name="action">The user's function: its assembly is where a saved model looks for the contract.</param>
/// <param name="start">Gives every row or cursor a function with a state of its own.</param>
/// <param name="contract">The contract's name, without which the transformer cannot be saved.</param>
internal sealed class CustomMapping<TSrc, TDst>(Delegate action, Func<Action<TSrc, TDst>> start, string? contract,
    SchemaDefinition? sourceDefinition = null, SchemaDefinition? addedDefinition = null)
    where TSrc : class, new()
    where TDst : class, new()
{
    private readonly RowColumn[] _source = RowColumn.Of<TSrc>(sourceDefinition, SchemaDefinition.Direction.Write);
    private readonly RowColumn[] _added = RowColumn.Of<TDst>(addedDefinition, SchemaDefinition.Direction.Write);

    public SchemaShape OutputShape(SchemaShape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        foreach (RowColumn column in _source)
        {
            SchemaShape.Column actual = input.Find(column.Column.Name) ?? throw Errors.MissingColumn("inputSchema", "input", column.Column.Name);
            SchemaShape.Column expected = SchemaShape.Column.Of(column.Column.Name, column.Column.Type, actual.Annotations);
            bool fits = expected.Kind == SchemaShape.Column.VectorKind.VariableVector
                ? actual.Kind != SchemaShape.Column.VectorKind.Scalar : actual.Kind == expected.Kind;
            if (!fits || !actual.ItemType.Equals(expected.ItemType))
                throw Errors.MistypedColumn("inputSchema", "input", actual.Name, column.Column.Type.ToString()!, actual.Describe());
        }
        return input.With(SchemaShape.Of(RowColumn.Schema(_added)));
    }

    public RowMapper MakeMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var filler = new RowFiller<TSrc>(inputSchema, _source, ignoreMissingColumns: false);
        IEnumerable<OutputColumn> added = _added.Select((column, i) => new OutputColumn(column.Column, ~i));
        return new RowMapper(inputSchema, OutputColumn.After(inputSchema, added), new MappedColumns(filler, _added, start));
    }

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(input, MakeMapper(input.Schema));
    }

    public void Save(ModelSaveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (string.IsNullOrEmpty(contract))
            throw new InvalidOperationException("A custom mapping without a contract name cannot be saved.");
        context.Save(CustomMappingContract.Kind, writer =>
        {
            writer.Text(contract);
            writer.Text(action.Method.Module.Assembly.FullName!);
        });
    }

    private sealed class MappedColumns(RowFiller<TSrc> filler, RowColumn[] added, Func<Action<TSrc, TDst>> start) : ComputedColumns
    {
        private readonly DataViewSchema _schema = RowColumn.Schema(added);

        public override IEnumerable<DataViewSchema.Column> Inputs => filler.Sources;

        public override Delegate[] CreateGetters(DataViewRow input)
        {
            Action<TSrc> fill = filler.Bind(input);
            Action<TSrc, TDst> map = start();
            var source = new TSrc();
            var destination = new TDst();
            var row = new ObjectRow<TDst>(added, _schema, new ActiveColumns(_schema, _schema));
            long mapped = -1;
            return [.. added.Select((column, i) => Generic.Invoke<Delegate>(Mapped<int>, [column.Column.Type.RawType], (Action)MapCurrentRow, row.GetterOf(i)))];

            void MapCurrentRow()
            {
                if (mapped == input.Position)
                    return;
                fill(source);
                map(source, destination);
                row.MoveTo(destination);
                mapped = input.Position;
            }
        }

        private static ValueGetter<T> Mapped<T>(Action mapCurrentRow, ValueGetter<T> get) => (ref T value) =>
        {
            mapCurrentRow();
            get(ref value);
        };
    }
}

/// <summary>Finds a saved custom mapping again, by the name of its contract.</summary>
internal static class CustomMappingContract
{
    public const string Kind = "CustomMapping";

    public static ITransformer Load(ModelReader reader, ComponentCatalog catalog)
    {
        string contract = reader.Name();
        string assembly = reader.Name();
        reader.End();
        Exception? failure = null;
        try
        {
            catalog.RegisterAssembly(System.Reflection.Assembly.Load(assembly));
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or ArgumentException)
        {
            failure = e;
        }
        Type? type = catalog.ExtensionOrNull<CustomMappingFactoryAttributeAttribute>(contract);
        if (type is null)
        {
            throw new InvalidOperationException(
                $"The model needs the custom mapping '{contract}' of assembly '{assembly}', which " + (failure is null ? "has none of that name." : "cannot be loaded.")
                + " Reference the assembly, or register one that has it by ComponentCatalog.RegisterAssembly.", failure);
        }
        return Activator.CreateInstance(type, nonPublic: true) is ICustomMappingFactory factory ? factory.Create(contract)
            : throw new InvalidOperationException($"{type} has the contract '{contract}' but derives neither from CustomMappingFactory nor from StatefulCustomMappingFactory.");
    }
}
