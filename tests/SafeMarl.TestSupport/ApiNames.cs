using System.Reflection;

namespace SafeMarl.TestSupport;

/// <summary>Types as the lines of an API write them: C# names, with their namespaces.</summary>
internal static class ApiNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(sbyte)] = "sbyte", [typeof(byte)] = "byte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double",
        [typeof(decimal)] = "decimal", [typeof(nint)] = "nint", [typeof(nuint)] = "nuint",
    };

    /// <summary>A use of the type.</summary>
    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword;
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsPointer)
            return Of(type.GetElementType()!) + "*";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Of(value) + "?";
        return Write(type, type.GetGenericArguments(), Of);
    }

    /// <summary>The type where it is declared: its parameters with their variance.</summary>
    public static string Declaration(Type type) => Write(type, type.GetGenericArguments(), parameter =>
        (parameter.GenericParameterAttributes & GenericParameterAttributes.VarianceMask) switch
        {
            GenericParameterAttributes.Covariant => "out " + parameter.Name,
            GenericParameterAttributes.Contravariant => "in " + parameter.Name,
            _ => parameter.Name,
        });

    /// <summary>The type's arguments without those of the type that it is nested in.</summary>
    public static Type[] OwnArguments(Type type) => type.GetGenericArguments()[(type.DeclaringType?.GetGenericArguments().Length ?? 0)..];

    /// <summary>The where clauses of type parameters.</summary>
    public static string Constraints(Type[] parameters) => string.Concat(parameters.Select(parameter =>
    {
        GenericParameterAttributes flags = parameter.GenericParameterAttributes;
        bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        string kind = flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? "class"
            : !isStruct ? "" : parameter.CustomAttributes.Any(a => a.AttributeType.Name == "IsUnmanagedAttribute") ? "unmanaged" : "struct";
        string[] parts =
        [
            kind,
            .. parameter.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(Of).Order(StringComparer.Ordinal),
            flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct ? "new()" : "",
            flags.HasFlag(GenericParameterAttributes.AllowByRefLike) ? "allows ref struct" : "",
        ];
        return string.Join(", ", parts.Where(p => p.Length > 0)) is { Length: > 0 } text ? $" where {parameter.Name} : {text}" : "";
    }));

    private static string Write(Type type, Type[] arguments, Func<Type, string> argument)
    {
        int outer = type.IsNested ? type.DeclaringType!.GetGenericArguments().Length : 0;
        string prefix = type.IsNested ? Write(type.DeclaringType!, arguments[..outer], argument) + "."
            : string.IsNullOrEmpty(type.Namespace) ? "" : type.Namespace + ".";
        string own = arguments.Length == outer ? "" : $"<{string.Join(", ", arguments[outer..].Select(argument))}>";
        return prefix + type.Name.Split('`')[0] + own;
    }
}
