using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace SafeMarl.StandIns.Tests.Surface;

/// <summary>
/// Writes the public and protected surface of an assembly in the lines of shared/api/torchsharp-*.txt: <c>Type :: member</c>, with names
/// relative to System, System.Collections.Generic, TorchSharp and TorchSharp.torch, and with <c>?</c> where the nullable annotations say so.
/// The format shows neither generic constraints nor variance nor readonly, and writes a nested type's type arguments at its own name.
/// </summary>
internal sealed class TorchApiLines
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short", [typeof(int)] = "int", [typeof(long)] = "long", [typeof(float)] = "float", [typeof(double)] = "double",
    };

    // Longest first, so that what is left is as short as the files have it.
    private static readonly string[] Relative = ["TorchSharp.torch.", "TorchSharp.", "System.Collections.Generic.", "System."];

    private readonly NullabilityInfoContext _nullability = new();

    public static IReadOnlyList<string> Of(Assembly assembly)
    {
        var writer = new TorchApiLines();
        return [.. assembly.GetTypes().Where(IsVisible).SelectMany(writer.OfType).Order(StringComparer.Ordinal)];
    }

    /// <summary>As a declaration is named: TorchSharp.torch.nn.Module`2.</summary>
    public static string Declaration(Type type) =>
        type.DeclaringType is { } outer ? $"{Declaration(outer)}.{type.Name}" : $"{type.Namespace}.{type.Name}";

    private IEnumerable<string> OfType(Type type)
    {
        string prefix = Declaration(type) + " :: ";
        yield return prefix + TypeLine(type);
        foreach (MemberInfo member in type.GetMembers(Declared))
        {
            string? line = member switch
            {
                ConstructorInfo { IsStatic: false } constructor when IsVisible(constructor) => Access(constructor) + "ctor" + Parameters(constructor.GetParameters(), "()"),
                MethodInfo method when IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) => MethodLine(method),
                PropertyInfo property when Accessors(property).Any() => PropertyLine(property),
                FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly => FieldLine(field),
                _ => null,
            };
            if (line is not null)
                yield return prefix + line + (member.IsDefined(typeof(ObsoleteAttribute), false) ? " [obsolete]" : "");
        }
    }

    private static string TypeLine(Type type)
    {
        if (type.IsEnum)
            return "type enum : Enum";
        string kind = type.IsInterface ? "interface" : type.IsValueType ? "struct"
            : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        string parent = type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) ? " : " + Name(b) : "";
        string[] interfaces = [.. type.GetInterfaces().Where(IsVisible).Select(i => Name(i)).Order(StringComparer.Ordinal)];
        return $"type {kind}{parent}" + (interfaces.Length == 0 ? "" : " impl " + string.Join(',', interfaces));
    }

    private string MethodLine(MethodInfo method)
    {
        string extension = method.IsDefined(typeof(ExtensionAttribute), false) ? "ext " : "";
        string generic = method.IsGenericMethodDefinition ? $"<{string.Join(',', method.GetGenericArguments().Select(a => a.Name))}>" : "";
        string returned = Name(method.ReturnType, method.ReturnParameter, _nullability.Create(method.ReturnParameter));
        return $"{Access(method)}{Shape(method)}{extension}method {returned} {method.Name}{generic}{Parameters(method.GetParameters(), "()")}";
    }

    private string PropertyLine(PropertyInfo property)
    {
        MethodInfo main = Accessors(property).First();
        string name = property.GetIndexParameters() is { Length: > 0 } index ? "this" + Parameters(index, "[]") : property.Name;
        string accessors = string.Concat(Accessors(property).Select(a => (a == main ? "" : AccessWhereLess(a, main)) + (a == property.GetMethod ? "get; " : "set; ")));
        return $"{Access(main)}{Shape(main)}property {Name(property.PropertyType, property, _nullability.Create(property))} {name} {{ {accessors}}}";
    }

    private string FieldLine(FieldInfo field)
    {
        string access = field.IsPublic ? "" : "protected ";
        string value = field.IsLiteral ? " = " + Literal(field.GetRawConstantValue()) : "";
        return $"{access}{(field.IsStatic ? "static " : "")}field {Name(field.FieldType, field, _nullability.Create(field))} {field.Name}{value}";
    }

    private string Parameters(ParameterInfo[] parameters, string brackets) => brackets[0] + string.Join(", ", parameters.Select(Parameter)) + brackets[1];

    private string Parameter(ParameterInfo parameter)
    {
        string modifier = parameter.IsDefined(typeof(ParamArrayAttribute), false) ? "params " : !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : "ref ";
        Type type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        string value = !parameter.IsOptional ? ""
            : " = " + (parameter.RawDefaultValue is null && type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : Literal(parameter.RawDefaultValue));
        return $"{modifier}{Name(type, parameter, _nullability.Create(parameter))} {parameter.Name}{value}";
    }

    private static string Literal(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => '"' + text.Replace("\n", "\\n", StringComparison.Ordinal) + '"',
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>The use of a type. Names of tuple elements are shown where the tuple is the whole type, as in the files.</summary>
    private static string Name(Type type, ICustomAttributeProvider? declaration = null, NullabilityInfo? nullability = null)
    {
        string mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value, declaration) + "?";
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword + mark;
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return $"{Name(type.GetElementType()!, null, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";

        Type[] arguments = type.GetGenericArguments();
        string[] names = [.. arguments.Select((argument, i) => Name(argument, null, nullability?.GenericTypeArguments.ElementAtOrDefault(i)))];
        if (type.IsAssignableTo(typeof(ITuple)) && type.IsValueType && !type.ContainsGenericParameters)
        {
            object[] attributes = declaration?.GetCustomAttributes(typeof(TupleElementNamesAttribute), false) ?? [];
            IList<string?>? elements = attributes is [TupleElementNamesAttribute named] ? named.TransformNames : null;
            return $"({string.Join(", ", names.Select((n, i) => elements?[i] is { } element ? $"{n} {element}" : n))})";
        }
        string bare = Bare(type);
        return bare + (names.Length == 0 ? "" : $"<{string.Join(',', names)}>") + mark;
    }

    private static string Bare(Type type)
    {
        string full = Declaration(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
        int tick = full.IndexOf('`', StringComparison.Ordinal);
        full = tick < 0 ? full : full[..tick];
        string? prefix = Array.Find(Relative, p => full.StartsWith(p, StringComparison.Ordinal));
        return prefix is null ? full : full[prefix.Length..];
    }

    private static string Shape(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
            return "";
        bool replaces = method.IsVirtual && (method.Attributes & MethodAttributes.NewSlot) == 0;
        return method.IsStatic ? "static " : method.IsAbstract ? "abstract " : replaces ? "override " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string AccessWhereLess(MethodInfo accessor, MethodInfo main) => accessor.IsPublic == main.IsPublic ? "" : "protected ";

    private static IEnumerable<MethodInfo> Accessors(PropertyInfo property) =>
        new[] { property.GetMethod, property.SetMethod }.OfType<MethodInfo>().Where(IsVisible).OrderByDescending(accessor => accessor.IsPublic);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(Type type) =>
        type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!) : type.IsPublic;
}
