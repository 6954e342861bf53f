using System.Collections;

namespace SafeMarl.ML.Algorithms;

/// <summary>Named numbers in the order in which they were added. Parts of an update that run on different threads add to their own.</summary>
internal sealed class Metrics : IEnumerable<KeyValuePair<string, double>>
{
    private readonly List<KeyValuePair<string, double>> _values = [];

    public void Add(string name, double value) => _values.Add(new(name, value));

    public void AddRange(Metrics other) => _values.AddRange(other._values);

    public IEnumerator<KeyValuePair<string, double>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
