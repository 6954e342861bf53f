#nullable disable
using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>The contracts that a saved model may name, by the assemblies that were registered.</summary>
public sealed class ComponentCatalog
{
    private readonly Lock _lock = new();
    private readonly HashSet<Assembly> _assemblies = [];
    private readonly Dictionary<(Type Attribute, string Contract), Type> _extensions = [];

    internal ComponentCatalog() { }

    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        lock (_lock)
        {
            if (!_assemblies.Add(assembly))
                return;
            foreach (Type type in LoadableTypes(assembly))
            {
                if (type.GetCustomAttribute<ExtensionBaseAttribute>(inherit: false) is not { } attribute)
                    continue;
                if (!_extensions.TryAdd((attribute.GetType(), attribute.ContractName), type) && throwOnError)
                    throw new InvalidOperationException($"Contract '{attribute.ContractName}' of {type} is already that of another class.");
            }
        }
    }

    internal Type ExtensionOrNull<TAttribute>(string contract)
        where TAttribute : ExtensionBaseAttribute
    {
        lock (_lock)
            return _extensions.GetValueOrDefault((typeof(TAttribute), contract));
    }

    // An assembly may hold types whose own dependencies are not deployed; the contract is found all the same.
    private static IEnumerable<Type> LoadableTypes(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return e.Types.Where(type => type is not null);
        }
    }
}
