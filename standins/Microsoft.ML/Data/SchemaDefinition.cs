#nullable disable
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>How the members of a row class are bound to columns.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition() { }

    public Column this[string columnName]
    {
        get => this[IndexOf(columnName)];
        set
        {
            if (value?.ColumnName != columnName)
                throw new ArgumentOutOfRangeException(nameof(columnName), "The column name must be that of the column.");
            this[IndexOf(columnName)] = value;
        }
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        ArgumentNullException.ThrowIfNull(userType);
        var definition = new SchemaDefinition();
        IEnumerable<PropertyInfo> properties = userType.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property =>
            property.GetIndexParameters().Length == 0
            && ((direction.HasFlag(Direction.Read) && property.GetGetMethod() is not null)
                || (direction.HasFlag(Direction.Write) && property.GetSetMethod() is not null)));
        foreach (MemberInfo member in userType.GetFields(BindingFlags.Public | BindingFlags.Instance).Concat<MemberInfo>(properties))
        {
            if (member.IsDefined(typeof(NoColumnAttribute)))
                continue;
            string name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            if (definition.Exists(column => column.ColumnName == name))
                throw new ArgumentOutOfRangeException(nameof(userType), $"Two members of {userType.Name} are bound to column '{name}'.");
            definition.Add(new Column(member.Name, RowColumn.DeclaredType(member), name));
        }
        return definition;
    }

    private int IndexOf(string columnName) => FindIndex(column => column.ColumnName == columnName) is var index and >= 0
        ? index : throw new ArgumentOutOfRangeException(nameof(columnName), $"Column '{columnName}' not found");

    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    public sealed class Column
    {
        private readonly DataViewSchema.Annotations.Builder _annotations = new();

        internal Column(string memberName, DataViewType columnType, string columnName)
        {
            MemberName = memberName;
            ColumnType = columnType;
            ColumnName = columnName;
        }

        public string MemberName { get; }
        public string ColumnName { get; set; }
        public DataViewType ColumnType { get; set; }
        public DataViewSchema.Annotations Annotations => _annotations.ToAnnotations();

        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType) =>
            _annotations.Add(kind, annotationType, (ref T destination) => destination = value);

        internal void AddAnnotations(DataViewSchema.Annotations annotations) => _annotations.Add(annotations, static _ => true);
    }
}
