using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Calls a generic method whose type arguments are known only at run time.</summary>
internal static class Generic
{
    /// <param name="sample">The method, closed over any type arguments.</param>
    public static TResult Invoke<TResult>(Delegate sample, Type[] typeArguments, params object?[] arguments) =>
        (TResult)sample.Method.GetGenericMethodDefinition().MakeGenericMethod(typeArguments)
            .Invoke(sample.Target, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
}
