using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace SafeMarl.TestSupport;

/// <summary>
/// Writes the public and protected surface of an assembly, one sorted line per type or member, in the format of the api/ files:
/// T type, M method, constructor or operator, P property or indexer, F field or enum member, E event; modifiers in braces at the end.
/// </summary>
public static class ApiLines
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<string> Of(Assembly assembly)
    {
        IEnumerable<string> lines = assembly.GetTypes().Where(IsVisible).SelectMany(type => OfMembers(type).Prepend(OfType(type)));
        return [.. lines.Distinct().Order(StringComparer.Ordinal)];
    }

    private static string OfType(Type type)
    {
        string head = "T:" + ApiNames.Declaration(type);
        if (IsDelegate(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            head += Parameters(invoke.GetParameters(), isExtension: false) + " -> " + Return(invoke);
        }
        else if (Bases(type) is { Count: > 0 } bases)
        {
            head += " : " + string.Join(", ", bases);
        }
        return head + ApiNames.Constraints(ApiNames.OwnArguments(type)) + Braces(TypeModifiers(type));
    }

    private static List<string> Bases(Type type)
    {
        if (type.IsEnum)
            return [ApiNames.Of(Enum.GetUnderlyingType(type))];
        var bases = new List<string>();
        if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object))
            bases.Add(ApiNames.Of(parent));
        Type[] interfaces = [.. type.GetInterfaces().Where(IsVisible)];
        IEnumerable<Type> implied = interfaces.SelectMany(i => i.GetInterfaces()).Concat(type.BaseType?.GetInterfaces() ?? []);
        bases.AddRange(interfaces.Except(implied).Select(ApiNames.Of).Order(StringComparer.Ordinal));
        return bases;
    }

    private static IEnumerable<string> TypeModifiers(Type type)
    {
        bool isDelegate = IsDelegate(type);
        yield return isDelegate ? "delegate" : type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        if (type.IsNestedFamily || type.IsNestedFamORAssem)
            yield return "protected";
        if (type.IsClass && type.IsAbstract)
        {
            yield return type.IsSealed ? "static" : "abstract";
            if (!type.IsSealed && IsClosed(type))
                yield return "closed";
        }
        else if (type.IsClass && type.IsSealed && !isDelegate)
        {
            yield return "sealed";
        }
        if (type.IsByRefLike)
            yield return "ref";
        if (type.IsValueType && !type.IsEnum && HasAttribute(type, "IsReadOnlyAttribute"))
            yield return "readonly";
        foreach (string mark in Marks(type))
            yield return mark;
    }

    /// <summary>Abstract, but no other assembly can derive from it.</summary>
    private static bool IsClosed(Type type) =>
        !type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).Any(IsVisible)
        || type.GetMethods(BindingFlags.NonPublic | BindingFlags.Instance).Any(method => method.IsAbstract && !IsVisible(method));

    private static IEnumerable<string> OfMembers(Type type)
    {
        if (IsDelegate(type))
            return [];
        string owner = ApiNames.Declaration(type);
        return type.GetMembers(Declared).Select(member => member switch
        {
            ConstructorInfo { IsStatic: false } c when IsVisible(c) =>
                $"M:{owner}..ctor{Parameters(c.GetParameters(), isExtension: false)}" + Braces([.. Access(c), .. Marks(c)]),
            MethodInfo m when IsVisible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)) => OfMethod(owner, m),
            PropertyInfo p when Accessors(p).Length > 0 => OfProperty(owner, p),
            EventInfo { AddMethod: { } add } e when IsVisible(add) =>
                $"E:{owner}.{e.Name} : {ApiNames.Of(e.EventHandlerType!)}" + Braces([.. Access(add), .. Shape(add), .. Marks(e)]),
            FieldInfo { IsSpecialName: false } f when f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly => OfField(owner, f),
            _ => null,
        }).OfType<string>();
    }

    private static string OfMethod(string owner, MethodInfo method)
    {
        Type[] arguments = method.IsGenericMethodDefinition ? method.GetGenericArguments() : [];
        string generic = arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(a => a.Name))}>";
        string parameters = Parameters(method.GetParameters(), method.IsDefined(typeof(ExtensionAttribute)));
        return $"M:{owner}.{method.Name}{generic}{parameters} -> {Return(method)}" + ApiNames.Constraints(arguments)
            + Braces([.. Access(method), .. Shape(method), .. Marks(method)]);
    }

    private static string OfProperty(string owner, PropertyInfo property)
    {
        MethodInfo[] accessors = Accessors(property);
        MethodInfo main = accessors[0];
        IEnumerable<string> written = accessors.OrderBy(a => a == property.SetMethod).Select(a =>
            (Access(a).SequenceEqual(Access(main)) ? "" : "protected ") + (a == property.GetMethod ? "get;" : IsInit(a) ? "init;" : "set;"));
        string index = Parameters(property.GetIndexParameters(), isExtension: false);
        string name = property.Name + (index == "()" ? "" : $"[{index[1..^1]}]");
        string type = property.GetMethod is { } get ? Return(get) : ApiNames.Of(property.PropertyType);
        string[] required = HasAttribute(property, "RequiredMemberAttribute") ? ["required"] : [];
        return $"P:{owner}.{name} : {type} {{ {string.Join(' ', written)} }}" + Braces([.. Access(main), .. Shape(main), .. required, .. Marks(property)]);
    }

    private static string OfField(string owner, FieldInfo field)
    {
        if (field.DeclaringType!.IsEnum)
            return $"F:{owner}.{field.Name} = {Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}" + Braces(Marks(field));
        string value = field.IsLiteral ? " = " + Literal(field.GetRawConstantValue(), field.FieldType) : "";
        string[] modifiers =
        [
            field.IsPublic ? "" : "protected", field.IsLiteral ? "const" : field.IsStatic ? "static" : "", field.IsInitOnly ? "readonly" : "", .. Marks(field),
        ];
        return $"F:{owner}.{field.Name} : {ApiNames.Of(field.FieldType)}{value}" + Braces(modifiers);
    }

    private static string Parameters(ParameterInfo[] parameters, bool isExtension) => $"({string.Join(", ", parameters.Select((parameter, i) =>
    {
        Type type = parameter.ParameterType;
        string prefix = (i == 0 && isExtension ? "this " : "")
            + (parameter.IsDefined(typeof(ParamArrayAttribute)) || HasAttribute(parameter, "ParamCollectionAttribute") ? "params " : "");
        if (type.IsByRef)
        {
            type = type.GetElementType()!;
            prefix += parameter.IsOut ? "out " : HasAttribute(parameter, "RequiresLocationAttribute") ? "ref readonly "
                : HasAttribute(parameter, "IsReadOnlyAttribute") ? "in " : "ref ";
        }
        string value = !parameter.IsOptional ? "" : " = " + (parameter.HasDefaultValue ? Literal(parameter.RawDefaultValue, type) : "default");
        return $"{prefix}{ApiNames.Of(type)} {parameter.Name}{value}";
    }))})";

    private static string Return(MethodInfo method)
    {
        if (!method.ReturnType.IsByRef)
            return ApiNames.Of(method.ReturnType);
        bool isReadOnly = method.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "InAttribute");
        return (isReadOnly ? "ref readonly " : "ref ") + ApiNames.Of(method.ReturnType.GetElementType()!);
    }

    private static string Literal(object? value, Type type)
    {
        Type core = Nullable.GetUnderlyingType(type) ?? type;
        if (value is not null and not DBNull and not Missing && core.IsEnum)
        {
            object member = Enum.ToObject(core, value);
            return Enum.IsDefined(core, member) ? $"{ApiNames.Of(core)}.{member}" : $"({ApiNames.Of(core)}){Convert.ToString(value, CultureInfo.InvariantCulture)}";
        }
        return value switch
        {
            null or DBNull or Missing => type.IsGenericParameter || (type.IsValueType && core == type) ? "default" : "null",
            string s => "\"" + s.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\r", "\\r").Replace("\n", "\\n").Replace("\t", "\\t") + "\"",
            char c => char.IsControl(c) ? $"'\\u{(int)c:x4}'" : $"'{c}'",
            bool b => b ? "true" : "false",
            float f => f.ToString("R", CultureInfo.InvariantCulture) + "f",
            double d => d.ToString("R", CultureInfo.InvariantCulture) + "d",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    private static IEnumerable<string> Shape(MethodInfo method)
    {
        bool inInterface = method.DeclaringType!.IsInterface;
        bool replaces = method.IsVirtual && !method.Attributes.HasFlag(MethodAttributes.NewSlot);
        if (method.IsStatic)
            yield return "static";
        if (inInterface)
        {
            if (method.IsAbstract == method.IsStatic)
                yield return method.IsAbstract ? "abstract" : "default-implementation";
        }
        else if (method.IsAbstract)
        {
            yield return replaces ? "abstract override" : "abstract";
        }
        else if (replaces)
        {
            yield return method.IsFinal ? "sealed override" : "override";
        }
        else if (method is { IsVirtual: true, IsFinal: false })
        {
            yield return "virtual";
        }
    }

    private static IEnumerable<string> Marks(MemberInfo member)
    {
        if (member.IsDefined(typeof(ObsoleteAttribute), false) && member is not Type { IsByRefLike: true })
            yield return "obsolete";
        if (member.GetCustomAttribute<EditorBrowsableAttribute>(false) is { State: EditorBrowsableState.Never })
            yield return "hidden";
    }

    private static MethodInfo[] Accessors(PropertyInfo property) =>
        [.. new[] { property.GetMethod, property.SetMethod }.OfType<MethodInfo>().Where(IsVisible).OrderByDescending(m => m.IsPublic)];

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit");

    private static IEnumerable<string> Access(MethodBase method) => method.IsPublic ? [] : ["protected"];

    private static bool IsDelegate(Type type) => type.BaseType == typeof(MulticastDelegate);

    private static bool IsVisible(Type type) =>
        (type.IsGenericTypeDefinition || type.GenericTypeArguments.All(a => a.IsGenericParameter || IsVisible(a)))
        && (type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!) : type.IsPublic);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool HasAttribute(MemberInfo member, string name) => member.CustomAttributes.Any(a => a.AttributeType.Name == name);

    private static bool HasAttribute(ParameterInfo parameter, string name) => parameter.CustomAttributes.Any(a => a.AttributeType.Name == name);

    private static string Braces(IEnumerable<string> modifiers) =>
        string.Join(' ', modifiers.Where(m => m.Length > 0)) is { Length: > 0 } text ? " {" + text + "}" : "";
}
