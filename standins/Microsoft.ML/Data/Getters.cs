namespace Microsoft.ML.Data;

internal static class Getters
{
    public static ValueGetter<TValue> Typed<TValue>(Delegate getter, DataViewSchema.Column column) => getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException($"Column '{column.Name}' is {column.Type} and is read as {column.Type.RawType}, not as {typeof(TValue)}.");
}
