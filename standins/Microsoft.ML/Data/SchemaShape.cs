#nullable disable
using System.Collections;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>What is known of a schema before there are data: names, item types and kinds of the visible columns.</summary>
public sealed class SchemaShape : IReadOnlyList<SchemaShape.Column>
{
    private readonly Column[] _columns;

    public SchemaShape(IEnumerable<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = [.. columns];
    }

    public int Count => _columns.Length;
    public Column this[int index] => _columns[index];
    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static SchemaShape Of(DataViewSchema schema) =>
        new(schema.Where(column => !column.IsHidden).Select(column => Column.Of(column.Name, column.Type, Of(column.Annotations.Schema))));

    internal Column? Find(string name)
    {
        int index = Array.FindIndex(_columns, column => column.Name == name);
        return index < 0 ? null : _columns[index];
    }

    /// <summary>This shape with a column that is added, or takes the place of the one of the same name.</summary>
    internal SchemaShape With(params IEnumerable<Column> added)
    {
        Dictionary<string, Column> columns = _columns.ToDictionary(column => column.Name);
        foreach (Column column in added)
            columns[column.Name] = column;
        return new SchemaShape(columns.Values);
    }

    public struct Column
    {
        public readonly string Name;
        public readonly VectorKind Kind;
        public readonly DataViewType ItemType;
        public readonly bool IsKey;
        public readonly SchemaShape Annotations;

        internal Column(string name, VectorKind kind, DataViewType itemType, SchemaShape annotations)
        {
            Name = name;
            Kind = kind;
            ItemType = itemType;
            IsKey = false;
            Annotations = annotations;
        }

        internal static Column Of(string name, DataViewType type, SchemaShape annotations) => type is VectorDataViewType vector
            ? new(name, vector.IsKnownSize ? VectorKind.Vector : VectorKind.VariableVector, vector.ItemType, annotations)
            : new(name, VectorKind.Scalar, type, annotations);

        internal readonly string Describe() => Kind == VectorKind.Scalar ? $"{ItemType}" : $"{Kind}<{ItemType}>";

        public enum VectorKind
        {
            Scalar = 0,
            Vector = 1,
            VariableVector = 2,
        }
    }
}
