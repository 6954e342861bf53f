using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>The table of a value mapping.</summary>
internal abstract class ValueMap
{
    public abstract PrimitiveDataViewType KeyType { get; }
    public abstract PrimitiveDataViewType ValueType { get; }

    public static ValueMap Of<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ValueMap map = Create(TypeOf(typeof(TKey)), TypeOf(typeof(TValue)));
        foreach ((TKey key, TValue value) in pairs)
            map.Add(Raw(key), Raw(value));
        return map;
    }

    public abstract Delegate CreateGetter(DataViewRow input, DataViewSchema.Column source);

    public void Save(ModelWriter writer)
    {
        writer.Type(KeyType);
        writer.Type(ValueType);
        SavePairs(writer);
    }

    public static ValueMap Load(ModelReader reader)
    {
        if (reader.Type() is not PrimitiveDataViewType keyType || reader.Type() is not PrimitiveDataViewType valueType)
            throw new FormatException("The model holds a value mapping whose keys or values are vectors.");
        ValueMap map = Create(keyType, valueType);
        map.LoadPairs(reader);
        return map;
    }

    protected abstract void Add(object key, object value);

    protected abstract void SavePairs(ModelWriter writer);

    protected abstract void LoadPairs(ModelReader reader);

    private static ValueMap Create(PrimitiveDataViewType keyType, PrimitiveDataViewType valueType) =>
        Generic.Invoke<ValueMap>(Create<int, int>, [keyType.RawType, valueType.RawType], keyType, valueType);

    private static ValueMap<TKey, TValue> Create<TKey, TValue>(PrimitiveDataViewType keyType, PrimitiveDataViewType valueType)
        where TKey : notnull => new(keyType, valueType);

    private static PrimitiveDataViewType TypeOf(Type type) =>
        PrimitiveTypes.OrNull(type == typeof(string) ? typeof(ReadOnlyMemory<char>) : type)
        ?? throw new NotSupportedException($"A value mapping of {type} is not supported.");

    private static object Raw(object? value) => value is null or string ? ((string?)value).AsMemory() : value;
}

/// <summary>Values are stored as they were given: equal keys get the same text, not a copy of it.</summary>
internal sealed class ValueMap<TKey, TValue>(PrimitiveDataViewType keyType, PrimitiveDataViewType valueType) : ValueMap
    where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> _values = new(typeof(TKey) == typeof(ReadOnlyMemory<char>)
        ? (IEqualityComparer<TKey>)(object)new TextComparer() : EqualityComparer<TKey>.Default);
    private readonly TValue _missing = Missing();

    public override PrimitiveDataViewType KeyType => keyType;
    public override PrimitiveDataViewType ValueType => valueType;

    public override Delegate CreateGetter(DataViewRow input, DataViewSchema.Column source)
    {
        ValueGetter<TKey> get = input.GetGetter<TKey>(source);
        TKey key = default!;
        return (ValueGetter<TValue>)((ref TValue value) =>
        {
            get(ref key);
            value = _values.TryGetValue(key, out TValue? found) ? found : _missing;
        });
    }

    protected override void Add(object key, object value)
    {
        if (!_values.TryAdd((TKey)key, (TValue)value))
            throw new InvalidOperationException($"Duplicate keys in data '{key}'");
    }

    protected override void SavePairs(ModelWriter writer)
    {
        writer.Count(_values.Count);
        foreach ((TKey key, TValue value) in _values)
        {
            writer.Value(key);
            writer.Value(value);
        }
    }

    protected override void LoadPairs(ModelReader reader)
    {
        for (int left = reader.Count(); left > 0; left--)
        {
            if (!_values.TryAdd(reader.Value<TKey>(), reader.Value<TValue>()))
                throw new FormatException("The model holds a value mapping with a key that occurs twice.");
        }
    }

    // ML.NET's rule is "what an empty text converts to": not a number, zero, false or the empty text.
    private static TValue Missing() =>
        typeof(TValue) == typeof(float) ? (TValue)(object)float.NaN : typeof(TValue) == typeof(double) ? (TValue)(object)double.NaN : default!;

    private sealed class TextComparer : IEqualityComparer<ReadOnlyMemory<char>>
    {
        public bool Equals(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceEqual(y.Span);
        public int GetHashCode(ReadOnlyMemory<char> obj) => string.GetHashCode(obj.Span);
    }
}
