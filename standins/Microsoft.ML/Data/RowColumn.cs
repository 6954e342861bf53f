using System.Linq.Expressions;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>A member of a row class, bound to a column. Its accessors are compiled once and serve every cursor.</summary>
internal sealed class RowColumn
{
    private Delegate? _getter;
    private Delegate? _setter;

    private RowColumn(MemberInfo member, string name, DataViewType type, DataViewSchema.Annotations annotations)
    {
        Member = member;
        Column = new DataViewSchema.DetachedColumn(name, type, annotations);
    }

    public MemberInfo Member { get; }
    public Type MemberType => TypeOf(Member);
    public DataViewSchema.DetachedColumn Column { get; }

    public static RowColumn[] Of<TRow>(SchemaDefinition? definition, SchemaDefinition.Direction direction)
    {
        definition ??= SchemaDefinition.Create(typeof(TRow), direction);
        return [.. definition.Select(column => Of(typeof(TRow), column))];
    }

    private static RowColumn Of(Type rowType, SchemaDefinition.Column column)
    {
        const BindingFlags Instance = BindingFlags.Public | BindingFlags.Instance;
        MemberInfo? member = (MemberInfo?)rowType.GetField(column.MemberName, Instance) ?? rowType.GetProperty(column.MemberName, Instance);
        if (member is null)
            throw new ArgumentException($"{rowType.Name} has no public field or property '{column.MemberName}'.");
        DataViewType type = column.ColumnType ?? DeclaredType(member);
        if (!Fits(type, member))
            throw new ArgumentException($"Column '{column.ColumnName}' of type {type} cannot be bound to member '{member.Name}' of type {TypeOf(member)}.");
        return new RowColumn(member, column.ColumnName ?? member.Name, type, column.Annotations);
    }

    public static DataViewSchema Schema(RowColumn[] columns)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns.Select(column => column.Column));
        return builder.ToSchema();
    }

    /// <summary>The column type that a member stands for by itself.</summary>
    public static DataViewType DeclaredType(MemberInfo member)
    {
        Type item = ItemType(TypeOf(member), out bool isVector);
        PrimitiveDataViewType type = PrimitiveTypes.OrNull(item) ?? throw new ArgumentOutOfRangeException(
            nameof(member), $"Member '{member.Name}' of {member.DeclaringType?.Name} has type {TypeOf(member)}, which no column type stands for.");
        int[]? dimensions = member.GetCustomAttribute<VectorTypeAttribute>()?.Dimensions;
        if (isVector)
            return dimensions is { Length: > 0 } ? new VectorDataViewType(type, dimensions) : new VectorDataViewType(type);
        return dimensions is null ? type
            : throw new ArgumentOutOfRangeException(nameof(member), $"Member '{member.Name}' has a [VectorType] but is no vector.");
    }

    /// <summary>Whether a column of that type can be read into or from the member: sizes need not agree.</summary>
    public static bool Fits(DataViewType type, MemberInfo member)
    {
        Type item = ItemType(TypeOf(member), out bool isVector);
        return isVector ? type is VectorDataViewType vector && vector.ItemType.RawType == item : type.RawType == item;
    }

    public Func<TRow, TValue> Getter<TRow, TValue>()
    {
        if (_getter is null)
        {
            ParameterExpression row = Expression.Parameter(typeof(TRow));
            _getter = Expression.Lambda<Func<TRow, TValue>>(Expression.MakeMemberAccess(row, Member), row).Compile();
        }
        return (Func<TRow, TValue>)_getter;
    }

    public Action<TRow, TValue> Setter<TRow, TValue>()
    {
        if (_setter is null)
        {
            if (Member is FieldInfo { IsInitOnly: true } or PropertyInfo { CanWrite: false })
                throw new InvalidOperationException($"Member '{Member.Name}' of {Member.DeclaringType?.Name} cannot be written.");
            ParameterExpression row = Expression.Parameter(typeof(TRow));
            ParameterExpression value = Expression.Parameter(typeof(TValue));
            BinaryExpression assignment = Expression.Assign(Expression.MakeMemberAccess(row, Member), value);
            _setter = Expression.Lambda<Action<TRow, TValue>>(assignment, row, value).Compile();
        }
        return (Action<TRow, TValue>)_setter;
    }

    private static Type TypeOf(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    private static Type ItemType(Type type, out bool isVector)
    {
        Type? item = type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>) ? type.GetGenericArguments()[0] : null;
        isVector = item is not null;
        item ??= type;
        return item == typeof(string) && (!isVector || type.IsArray) ? typeof(ReadOnlyMemory<char>) : item;
    }
}
